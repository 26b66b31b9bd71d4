"""'I changed L2 to L1 in network2 and accuracy fell to chance': lambda was divided by m, not by n.

    python -m bench.book.l1_to_chance

Three trainings of the book's network2 with lambda = 5: with its L2, with L1 as they wrote it, and
with L1 as it is meant. Writes the picture, and the page's block.
"""

import sys
import warnings

import numpy as np

import fastnn
from bench.book.questions import ETA, LMBDA, SIZES, M, arguments, axes, digits, finish, table
from fastnn.book import SlowPathWarning, network2

NAME = "l1_to_chance"
UPDATES = 60  # whose effect on one weight is drawn


class AsTheyWroteIt(network2.Network):
    """w <- w - (eta lambda / m) sgn(w) - (eta / m) sum dC/dw: the penalty's m should be n."""

    def update_mini_batch(self, mini_batch, eta, lmbda, n):
        super().update_mini_batch(mini_batch, eta, 0.0, n=len(mini_batch), l1=lmbda)


class AsItIsMeant(network2.Network):
    """w <- w - (eta lambda / n) sgn(w) - (eta / m) sum dC/dw."""

    def update_mini_batch(self, mini_batch, eta, lmbda, n):
        super().update_mini_batch(mini_batch, eta, 0.0, n=n, l1=lmbda)


KINDS = {
    "L2, the book's": network2.Network,
    "L1, divided by m": AsTheyWroteIt,
    "L1, divided by n": AsItIsMeant,
}


def train(options):
    """Accuracies after each epoch, and the path of one weight, for each kind."""
    accuracies, paths = {}, {}
    for name, kind in KINDS.items():
        training, validation = digits(options.seed, options.rows)
        net, accuracies[name] = kind(SIZES, cost=network2.CrossEntropyCost), []
        paths[name] = path_of_a_weight(net, training)
        for _ in range(options.epochs):
            net.SGD(training, 1, M, ETA, lmbda=LMBDA, verbose=False)
            accuracies[name].append(net.accuracy(validation) / len(validation))
    return accuracies, paths


def path_of_a_weight(net, training):
    """The output layer's first weight before and after each of the first updates."""
    kept = [[a.copy() for a in arrays] for arrays in (net.weights, net.biases)]
    path = [float(net.weights[-1][0, 0])]
    for k in range(0, UPDATES * M, M):
        net.update_mini_batch(training[k : k + M], ETA, LMBDA, len(training))
        path.append(float(net.weights[-1][0, 0]))
    net.weights, net.biases = kept
    return path


def refusal(n):
    """What fit says to the same update, which is that of lambda n / m."""
    net = fastnn.Network(SIZES, seed=0)
    try:
        net.fit(
            np.zeros((n, 784), "float32"),
            np.zeros(n, int),
            batch_size=M,
            learning_rate=ETA,
            l1=LMBDA * n / M,
        )
    except fastnn.RegularizationError as error:
        return str(error)
    raise AssertionError("fit did not refuse it")


def describe(accuracies, n):
    """The page's block: figures, arithmetic, and what fit would have said."""
    epochs = len(next(iter(accuracies.values())))
    header = ["accuracy after epoch", *(str(e + 1) for e in range(epochs))]
    rows = [[name, *(f"{a:.1%}" for a in each)] for name, each in accuracies.items()]
    effect = fastnn.explain_regularization(ETA, l1=LMBDA, n=n, m=M, weights=SIZES)
    call = f"fastnn.explain_regularization({ETA}, l1={LMBDA}, n={n}, m={M}, weights={SIZES})"
    asked = f"`fit`, asked for the same update by `l1={LMBDA * n / M:g}`,"
    return [
        *table(header, rows),
        "",
        f"`print({call})`:",
        "",
        "```",
        *str(effect).splitlines(),
        "```",
        "",
        f"{asked} refuses before the first one:",
        "",
        f"> RegularizationError: {refusal(n).replace('*', '·')}",
    ]


def draw(accuracies, paths, path):
    figure, (left, right) = axes(2)
    colours = dict(zip(KINDS, ("tab:blue", "tab:red", "tab:green"), strict=True))
    styles = dict(zip(KINDS, ("s--", "o-", "o-"), strict=True))
    for name, each in reversed(accuracies.items()):  # L2 lies above its neighbour
        epochs = [str(e + 1) for e in range(len(each))]
        left.plot(epochs, [100 * a for a in each], styles[name], color=colours[name], label=name)
    left.axhline(10, color="gray", linestyle=":", label="chance")
    left.set(xlabel="epoch", ylabel="accuracy, %", ylim=(0, 100))
    left.set_title("What one sees", fontsize=10)
    left.legend(fontsize=8)
    for name in list(KINDS)[1:]:
        right.plot(paths[name], ".-", color=colours[name], label=name)
    right.axhline(0, color="gray", linewidth=0.8)
    right.set(xlabel="update", ylabel="one weight of the output layer")
    right.set_title(f"Why: {ETA * LMBDA / M:g} off each weight at each update", fontsize=10)
    right.legend(fontsize=8)
    for axis in (left, right):
        axis.grid(alpha=0.3)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)


def main(argv=None):
    options = arguments(NAME, __doc__.split("\n")[0], argv, epochs=3)
    warnings.simplefilter("ignore", SlowPathWarning)
    accuracies, paths = train(options)
    lines = describe(accuracies, options.rows)
    finish(NAME, options, lines, lambda path: draw(accuracies, paths, path))


if __name__ == "__main__":
    sys.exit(main())
