"""What is in a file.

stored_network  a network that can be put down and taken up again
networks        a network as settings and arrays, and back
npz             settings and arrays in NumPy's format; archive reads them with suspicion
checkpoints     what a fit needs to go on
fingerprint     whether two fits were asked for the same
history_rows    the history as rows of numbers
"""
