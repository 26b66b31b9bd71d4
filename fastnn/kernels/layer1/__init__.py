"""Layer 1, the ways that it can take the training rows.

dense      all inputs, as matrix products
compressed  rows that are mostly zeros, as their non-zeros
sparse     how the two ways that take these share an update:
scaled     one row after the other, with a common factor for L2
sorted     a mini-batch's non-zeros, sorted by input
shares     what part of the weights is whose
"""
