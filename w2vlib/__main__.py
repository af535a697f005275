"""`python -m w2vlib` is the command `w2v`."""

import sys

from w2vlib.cli import main

if __name__ == "__main__":
    sys.exit(main())
