"""`python -m w2vlib` is the command `w2v`."""

import sys

from w2vlib.cli import main

sys.exit(main())
