"""Numbers by which kernels know activations, costs and optimizers, and the names of all of them.

What most networks use is a part of the kernels. The rest is called through an address: CALLED
stands for all of these, see kernels.functions.
"""

__all__ = [
    "ACTIVATIONS",
    "ACTIVATION_CODES",
    "CALLED_ACTIVATION",
    "CALLED_COST",
    "CALLED_COST_WITH_Z",
    "CLIPPED_COSTS",
    "COSTS",
    "COST_CODES",
    "OPTIMIZERS",
    "RARE_ACTIVATIONS",
    "RARE_COSTS",
]

SIGMOID, TANH, RELU, IDENTITY, SOFTMAX, CALLED_ACTIVATION = range(6)
ACTIVATION_CODES = {
    "sigmoid": SIGMOID,
    "tanh": TANH,
    "relu": RELU,
    "identity": IDENTITY,
    "softmax": SOFTMAX,
}
RARE_ACTIVATIONS = ("leaky_relu", "elu", "gelu", "silu", "softplus", "exponential", "selu", "mish")
ACTIVATIONS = (*ACTIVATION_CODES, *RARE_ACTIVATIONS)

# CALLED_COST_WITH_Z is called with z, others with a; where sigma' cancels, it has no derivative.
QUADRATIC, CROSS_ENTROPY, LOG_LIKELIHOOD, CALLED_COST, CALLED_COST_WITH_Z = range(5)
COST_CODES = {
    "quadratic": QUADRATIC,
    "cross-entropy": CROSS_ENTROPY,
    "log-likelihood": LOG_LIKELIHOOD,
}
RARE_COSTS = {
    "mean-absolute-error": CALLED_COST,
    "huber": CALLED_COST,
    "pinball": CALLED_COST,
    "poisson": CALLED_COST_WITH_Z,
}
COSTS = (*COST_CODES, *RARE_COSTS)
# What trainings may count in place of the cost of that name: see functions.rare_costs.
CLIPPED_COSTS: dict[object, str] = {
    "cross-entropy": "clipped-cross-entropy",
    "log-likelihood": "clipped-log-likelihood",
}

# ACCUMULATE only adds the gradient to State.first.
SGD, MOMENTUM, NESTEROV, RMSPROP, ADAM, ADAMW, ACCUMULATE = range(7)
OPTIMIZERS = {
    "sgd": SGD,
    "momentum": MOMENTUM,
    "nesterov": NESTEROV,
    "rmsprop": RMSPROP,
    "adam": ADAM,
    "adamw": ADAMW,
    "accumulate": ACCUMULATE,
}
