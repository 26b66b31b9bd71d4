"""The code of Michael Nielsen's book "Neural Networks and Deep Learning", on the kernels.

    from fastnn.book import mnist_loader, network2

    training_data, validation_data, test_data = mnist_loader.load_data_wrapper()
    net = network2.Network([784, 30, 10], cost=network2.CrossEntropyCost)
    net.SGD(training_data, 30, 10, 0.5, lmbda=5.0, evaluation_data=validation_data,
            monitor_evaluation_accuracy=True)

network       chapter 1: `Network` with the quadratic cost
network2      chapter 3: cross-entropy, regularization, monitoring, saving
mnist_loader  the data, from the package; `write_pickle` and `expand` make them the book's files
load_pickle   a network that the book's own code pickled, read without executing anything

Names, arguments, defaults, random numbers, results and printed lines are those of the book's
code, as it runs on Python 3; only the loops over the samples are not in Python. Chapters,
equation numbers (BP1 to BP4 above all) and letters in these modules are the book's too. Methods
and costs that a user replaces are obeyed, slower, with a SlowPathWarning. What the book's code
goes on with though it is surely a mistake (NaN, labels that are no output's, one output's argmax,
a negative learning rate), ours goes on with too, to the same result, with a MistakeWarning.

"The same results" ends where rounding is not forgotten: sums are taken in another order here, which
changes the last place of a float64. A training whose steps are not too long forgets that, and its
accuracies are equal epoch by epoch; with a large eta, or large weights that nothing holds back, one
unit in the last place of one weight grows until accuracies differ, in the book's own code as well.
"""

from typing import TYPE_CHECKING, Any

from fastnn.book._mistakes import MistakeWarning
from fastnn.book._overrides import SlowPathWarning

if TYPE_CHECKING:
    from fastnn.book.pickles.networks import load_pickle

__all__ = [
    "MistakeWarning",
    "SlowPathWarning",
    "load_pickle",
    "mnist_loader",
    "network",
    "network2",
]

if not TYPE_CHECKING:  # or type checkers would take any name for one of these

    def __getattr__(name: str) -> Any:
        """load_pickle at its first use: most programs have no need of it."""
        if name != "load_pickle":
            raise AttributeError(f"module 'fastnn.book' has no attribute {name!r}")
        from fastnn.book.pickles.networks import load_pickle

        globals()[name] = load_pickle
        return load_pickle
