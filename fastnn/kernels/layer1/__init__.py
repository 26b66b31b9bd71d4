"""Layer 1, the ways that it can take the training rows.

Each is a file with some of these functions, among which `ways` chooses by a run-time code:

    weigh     z = x w + b, and who meets whom before that
    update    a step of the weights, and of all other parameters
    complete  what the weights still lack when an epoch ends

| way    | takes               | for                                   | gains                   |
|--------|---------------------|---------------------------------------|-------------------------|
| dense  | all inputs          | rows of many non-zeros, small layers  |                         |
|        | in halves           | few rows, many inputs, two threads    | 1.3 (a) 1.27 (b) 1.2 (c)|
| scaled | a row's non-zeros   | plain SGD without L1, clipping and    | 2.2 (a) 2.2 (b)         |
|        |                     | dropout of inputs                     |                         |
| sorted | a mini-batch's non- | any optimizer                         | 1.5 (d) 1.2 (e); SGD    |
|        | zeros, by input     |                                       | with L1 1.3 (a) 1.3 (b) |

Which of those that can be is estimated to be fastest, see fastnn.engine.strategy; for other layers
and densities `python bench/first_layer.py` prints what each takes. The gain is the time without the
way by the time with it, interleaved, medians of 7 on an AMD EPYC (Zen 3, AVX2, two cores): of
halves on two threads, of the others on one, for float64 and MNIST's digits, 19 % not 0.
(a) 784-30-10 and (b) 784-100-10, mini-batches of 10; (c) 300 inputs and 50 neurons; Adam, (d)
784-100-10 by 32 and (e) 784-256-10 by 128.

Three more ways were measured and dropped. Weights that were regularized when their input was next
not 0, for L1, gained nothing on MNIST (0.95 to 1.02), where sorted takes their place; only rows of
10,000 inputs with 0.8 % non-zeros are slower without them, by 1.8. Non-zeros as a byte each: 0.97
to 1.03, of rows of bytes 0.8 to 1.1. Each thread by itself above layer 1: 0.96 to 1.07.

compressed  rows that are mostly zeros, as their non-zeros
shares      what part of the weights is whose
ways        the way that a training has
"""
