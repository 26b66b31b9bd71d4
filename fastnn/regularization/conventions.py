"""The book's lambda, as other libraries count it.

The book's cost is a mean over the n rows of the training set plus a penalty,

    C = 1/n sum_x C_x + lambda2 / (2 n) sum w^2 + lambda1 / n sum |w|,

and one step of stochastic gradient descent, on a mini-batch of m rows, is

    w <- (1 - eta lambda2 / n) w - (eta lambda1 / n) sgn(w) - (eta / m) sum dC_x/dw.

Each function here gives the number with which another library's SGD takes this very step at the
same learning rate. Two things can still differ:

biases   are never regularized in the book, nor in scikit-learn; in Keras only if asked for by
         `bias_regularizer`. PyTorch decays whatever is in the optimizer's parameter group: give
         the biases a group of their own with weight_decay=0.
loss     must be the mean over rows of fastnn's cost of a row. If it is c times that, the same
         step takes the learning rate eta / c, and c times the number that is returned here.
         With k outputs, c is 2 / k for a mean squared error and 1 / k for a binary
         cross-entropy, as both libraries' defaults also average over the outputs; it is 1 for
         cross-entropy over classes, and for all of scikit-learn.
"""

from fastnn.arguments import checks

__all__ = ["keras_l1", "keras_l2", "pytorch_weight_decay", "sklearn_alpha"]


def pytorch_weight_decay(lmbda: float, n: int) -> float:
    """lmbda / n: the `weight_decay` of torch.optim's optimizers for l2=lmbda on n rows.

    PyTorch adds weight_decay * w to the gradient g of the loss: w <- w - eta (g + weight_decay w)
    = (1 - eta weight_decay) w - eta g. With g the mini-batch's mean this is the book's step if
    weight_decay = lmbda / n. The same number holds for momentum, RMSprop and Adam, whose gradient
    fastnn, too, adds the penalty to, and for AdamW, which in both shrinks the weights beside the
    gradient; for Keras's AdamW as well.

    There is no such option for L1: add `l1 / n * w.abs().sum()` of every weight to the loss.
    """
    return checks.number("lmbda", lmbda) / checks.count("n", n)


def sklearn_alpha(lmbda: float, n: int, m: int) -> float:
    """Lmbda m / n: the `alpha` of MLPClassifier and MLPRegressor for l2=lmbda.

    n is the number of training rows, m the `batch_size`. It holds for solver="sgd", of which
    momentum=0 is fastnn's "sgd", and for "adam". scikit-learn adds
    alpha w to the sum of the mini-batch's gradients and divides both by m:
    w <- w - eta (sum dC_x/dw + alpha w) / m. This is the book's step if alpha / m = lmbda / n.
    A short last mini-batch divides alpha, too, by its own length and so decays more than in the
    book: the two agree exactly only if m divides n. There is no L1.
    """
    n = checks.count("n", n)
    return checks.number("lmbda", lmbda) * min(checks.count("m", m), n) / n


def keras_l2(lmbda: float, n: int) -> float:
    """lmbda / (2 n): the factor of keras.regularizers.L2 for l2=lmbda on n training rows.

    Keras adds l2 sum w^2, without the 1/2, to the loss of every mini-batch, and so 2 l2 w to
    the gradient: w <- w - eta (g + 2 l2 w). This is the book's step if 2 l2 = lmbda / n.
    """
    return checks.number("lmbda", lmbda) / (2 * checks.count("n", n))


def keras_l1(lmbda: float, n: int) -> float:
    """lmbda / n: the factor of keras.regularizers.L1 for l1=lmbda on n training rows.

    Keras adds l1 sum |w| to the loss of every mini-batch, and so l1 sgn(w) to the gradient.
    """
    return checks.number("lmbda", lmbda) / checks.count("n", n)
