"""What the commands of `w2v` do, take and say; the command line itself is :mod:`w2vlib.cli`."""
