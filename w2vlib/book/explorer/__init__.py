"""The parts of each interactive figure.

`panels.py` has the nouns: what a panel shows, checked. `films.py` draws all frames of a panel and
finds what they share, `ticks.py` its axes. `figures.py` puts the three forms of a figure together:
`page/` draws it in the page, `stills.py` for print.
"""
