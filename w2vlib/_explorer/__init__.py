"""The parts of each interactive figure.

`<name>.py` checks the data, draws the still picture and says it in words; `<name>.js` and
`<name>.css` draw the figure in the page, with the help of `core.js` and `style.css`. In
`w2vlib.explorer`, `explore_<name>` hands them to `_render`. Panels have more parts: their nouns
in `panels.py`, all frames with what they share in `films.py`, axes in `ticks.py`, the still
picture in `stills.py`.
"""
