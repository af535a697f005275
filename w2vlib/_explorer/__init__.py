"""Each interactive figure: `<name>.py` holds its data, `<name>.js` and `.css` draw its page."""
