"""Lambda explained: what penalties will do to the weights, before they do it.

explain      `explain_regularization`
effect       what it returns, and the table that this prints
check        what `fit` refuses, and what it warns of
conventions  lambda in the units of other libraries
"""
