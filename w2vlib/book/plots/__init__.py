"""Figures of matplotlib as the book shows them: drawn for the page, for print, and as a table.

`plot` has the noun and puts the page together, `drawing` writes the SVG, with `colors` and `texts`
for what it is made of, `narrow` lays a figure out for phones, and `data` reads its numbers.
"""
