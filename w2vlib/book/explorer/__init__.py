"""The parts of each interactive figure.

In `figures.py`, `explore_<name>` puts the three forms of a figure together. `<name>.py` checks the
data; `page/<name>.js` and `page/<name>.css` draw the figure in the page, with the help of
`core.js` and `style.css`. Panels have more parts: their nouns in `panels.py`, all frames with what
they share in `films.py`, axes in `ticks.py`, the still picture in `stills.py`.
"""
