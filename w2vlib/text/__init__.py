"""From the bytes of a text to numbered words: sources, blocks, words, facts."""
