"""Layer 1, the ways that it can take the training rows.

Each is a file with the same three functions, which `ways` chooses among by type:

    weigh     z = x w + b, and who meets whom before that
    update    a step of the weights
    complete  what the weights still lack when an epoch ends

| way    | rows                 | taken where it is estimated to be fastest, and        | gains   |
|--------|----------------------|-------------------------------------------------------|---------|
| dense  | all inputs           | always possible; in two halves for few rows and many  | 1.2-1.3 |
|        |                      | inputs, on two threads against sharing the rows        |         |
| scaled | their non-zeros, one | plain SGD without L1, clipping and input dropout      | see     |
|        | row after the other  |                                                       | below   |
| sorted | their non-zeros,     | any optimizer                                         | see     |
|        | sorted by input      |                                                       | below   |

The gain is the time without it by the time with it, interleaved, medians of 7 on two cores of an
AMD EPYC (Zen 3, AVX2). Dense rows in halves: 1.30 for 784-30-10, 1.27 for 784-100-10 and 1.20
for 300 inputs and 50 neurons, mini-batches of 10. What scaled and sorted gain depends on the
zeros; `python bench/first_layer.py` prints it for a grid.

Three more ways were measured and dropped. Weights that were regularized when their input was next
not 0, for L1, gained nothing on MNIST (0.95 to 1.02), where sorted takes their place; only rows of
10,000 inputs with 0.8 % non-zeros are slower without them, by 1.8. Non-zeros as a byte each: 0.97
to 1.03, of rows of bytes 0.8 to 1.1. Each thread by itself above layer 1: 0.96 to 1.07.

compressed  rows that are mostly zeros, as their non-zeros
shares      what part of the weights is whose
ways        the way that a training has
"""
