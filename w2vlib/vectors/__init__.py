"""Files of word vectors: their sources, layouts and rows, and how they are written."""
