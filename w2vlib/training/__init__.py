"""Training, beside the closed form: on statistics, on tokens, on subwords, on counts as GloVe.

Each trainer has a module and returns a :class:`w2vlib.TrainingResult`. What they share is in
modules with an underscore: the weights of pairs, the history being made, the watch for divergence.
"""
