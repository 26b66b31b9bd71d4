"""What is in a file.

npz           settings and arrays in NumPy's format; archive reads them with suspicion
networks      a network as settings and arrays, and back
checkpoints   what a fit needs to go on
fingerprint   whether two fits were asked for the same
history_rows  the history as rows of numbers
"""
