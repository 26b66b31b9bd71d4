"""The effect of lambda (the book, chapter 3, "Overfitting and regularization").

python -m bench.book.overfitting [--seeds 5] [--out PICTURE.png]

Above, 1,000 images and 400 epochs: without lambda the cost of the test data rises from about epoch
15 and accuracy gets stuck; lambda = 0.1 repairs both. Below, 50,000 images and 30 epochs: there
is less to repair, and since n is 50 times as large, lambda = 5 is the same decay.
"""

import fastnn
from bench.book.experiment import data, draw, figure, fit_all, options, save

COMMON = {"sizes": [784, 30, 10], "initializer": "large", "learning_rate": 0.5, "batch_size": 10}
SETTINGS = [(1_000, 400, [0.0, 0.1]), (50_000, 30, [0.0, 5.0])]


def main(argv=None):
    chosen = options(__file__, __doc__, argv)
    (x, y), _, test = data(chosen.quick)
    picture, axes = figure(columns=2, rows=2)
    for (n, epochs, lambdas), (left, right) in zip(SETTINGS, axes, strict=True):
        specs = fastnn.grid(l2=lambdas, seed=range(chosen.seeds), epochs=epochs)
        results = fit_all(specs, (x[:n], y[:n]), test, chosen.quick, **COMMON)
        for panel, column, scale in (
            (left, "validation_data_cost", 1),
            (right, "validation_accuracy", 100),
        ):
            draw(panel, results, column, lambda spec: f"$\\lambda$ = {spec['l2']:g}", scale)
        left.set_title(f"data cost of the test data, {n:,} training images")
        right.set_title("accuracy on the test data, %")
        right.set_ylim(70 if n == 1_000 else 90, 90 if n == 1_000 else 98)
    save(picture, chosen.out)


if __name__ == "__main__":
    main()
