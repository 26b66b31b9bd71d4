"""Pickles that the book's code wrote, or will read, handled without executing anything.

source     a file's bytes: a regular one, unpacked, and never too many
machine    follows a pickle's instructions as data: names stay names
arrays     the few calls of NumPy's that arrays consist of
networks   `load_pickle`: a network of such a pickle
data_file  the book's `mnist.pkl.gz`, read and written
"""
