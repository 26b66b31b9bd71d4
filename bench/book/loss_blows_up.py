""" "I added L2 and my loss blows up while accuracy rises": it was the penalty that they watched.

    python -m bench.book.loss_blows_up

The book's network2, as chapter 3 trains it with lambda = 5. The loss is watched on 100 validation
digits, because that is quick. `total_cost` divides lambda by the number of digits that it is given,
100, while the training divides it by 50,000. Writes the picture, and the page's block.
"""

import sys

import numpy as np

from bench.book.questions import ETA, LMBDA, SIZES, M, arguments, axes, digits, finish, table
from fastnn.book import network2

NAME, FEW = "loss_blows_up", 100


def sum_of_squares(net):
    return sum(float(np.square(w).sum()) for w in net.weights)


def train(options):
    """A row of figures before training and after each epoch."""
    training, validation = digits(options.seed, options.rows)
    few, n, rows = validation[:FEW], len(training), []
    net = network2.Network(SIZES, cost=network2.CrossEntropyCost)
    for epoch in range(options.epochs + 1):
        if epoch:
            net.SGD(training, 1, M, ETA, lmbda=LMBDA, verbose=False)
        squares = sum_of_squares(net)
        rows.append(
            {
                "epoch": epoch,
                "accuracy": net.accuracy(validation) / len(validation),
                "watched": net.total_cost(few, LMBDA, convert=True),
                "data_cost": net.total_cost(few, 0.0, convert=True),
                "squares": squares,
                "penalty": LMBDA / (2 * n) * squares,
            }
        )
    return rows, n


def large_weights(seed):
    """The sum of squares of network2's large initial weights."""
    np.random.seed(seed)  # noqa: NPY002 as above
    net = network2.Network(SIZES)
    net.large_weight_initializer()
    return sum_of_squares(net)


def describe(rows, n, seed):
    """The page's block: figures, and the arithmetic of the last row."""
    header = [
        "epoch",
        "accuracy",
        "loss as watched",
        "its data cost",
        "Σ w²",
        f"λ / (2 · {n:,}) Σ w²",
    ]
    shown = [rows[0], rows[1], *rows[2::2]] if len(rows) > 4 else rows
    cells = [
        [
            str(r["epoch"]),
            f"{r['accuracy']:.1%}",
            f"{r['watched']:.2f}",
            f"{r['data_cost']:.2f}",
            f"{r['squares']:,.0f}",
            f"{r['penalty']:.4f}",
        ]
        for r in shown
    ]
    last, large = rows[-1], large_weights(seed)
    wrong, right = (LMBDA / (2 * k) * last["squares"] for k in (FEW, n))
    return [
        *table(header, cells),
        "",
        f"The penalty after epoch {last['epoch']}, as watched and as trained with:",
        "",
        f"    {LMBDA:g} / (2 · {FEW}) · {last['squares']:,.0f} = {wrong:.2f}",
        f"    {LMBDA:g} / (2 · {n:,}) · {last['squares']:,.0f} = {right:.4f}",
        "",
        f"With `large_weight_initializer`, whose Σ w² is {large:,.0f} before the first update, the "
        f"loss as watched begins at {LMBDA / (2 * FEW) * large:,.0f} already.",
    ]


def draw(rows, path):
    figure, (left, right) = axes(2)
    epochs = [r["epoch"] for r in rows]
    left.plot(epochs, [r["watched"] for r in rows], "o-", color="tab:red", label="loss as watched")
    left.plot(epochs, [r["data_cost"] for r in rows], "o-", color="tab:blue", label="its data cost")
    left.set(xlabel="epoch", ylabel=f"cost of {FEW} digits (log scale)", yscale="log")
    left.yaxis.set_major_formatter("{x:g}")
    left.set_title("What one sees: the loss blows up ...", fontsize=10)
    left.legend()
    right.plot(epochs, [100 * r["accuracy"] for r in rows], "o-", color="tab:green")
    right.set(xlabel="epoch", ylabel="accuracy, %", ylim=(0, 100))
    right.set_title("... while the network learns", fontsize=10)
    for axis in (left, right):
        axis.grid(alpha=0.3)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)


def main(argv=None):
    options = arguments(NAME, __doc__.split("\n")[0], argv, epochs=8)
    rows, n = train(options)
    finish(NAME, options, describe(rows, n, options.seed), lambda path: draw(rows, path))


if __name__ == "__main__":
    sys.exit(main())
