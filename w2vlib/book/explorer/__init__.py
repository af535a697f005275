"""The parts of each interactive figure.

`panels.py` has the nouns: what a panel shows, checked. `films.py` draws all frames of a panel and
finds what they share, `ticks.py` its axes; `writing.py` writes numbers for readers. `figures.py`
puts the three forms of a figure together: `page/` draws it in the page, `stills.py` for print.
`live.py` computes a figure anew, in a running kernel.
"""
