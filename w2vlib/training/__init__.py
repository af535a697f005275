"""Training, beside the closed form: on statistics, on tokens, on subwords, on counts as GloVe.

A module for each trainer; each returns a :class:`w2vlib.TrainingResult`. What they share begins
with an underscore: the weights of pairs, the history being made, the watch for divergence.
"""
