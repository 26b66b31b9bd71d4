"""The effect of the initial weights (the book, chapter 3, "Weight initialization").

python -m bench.book.initial_weights [--seeds 5] [--out PICTURE.png]

Weights of standard deviation 1 ("large", chapter 1) saturate the hidden neurons, and it takes
epochs until the decay has made them smaller. 1 / sqrt(inputs) ("default") begins where they
arrive.
"""

import fastnn
from bench.book.experiment import data, draw, figure, fit_all, options, save

COMMON = {"learning_rate": 0.1, "l2": 5.0, "batch_size": 10, "epochs": 30}
LEGENDS = {"large": "standard deviation 1", "default": "1 / sqrt(inputs)"}


def main(argv=None):
    chosen = options(__file__, __doc__, argv)
    training, validation, _ = data(chosen.quick)
    picture, (panels,) = figure(columns=2)
    for hidden, panel in zip((30, 100), panels, strict=True):
        specs = fastnn.grid(
            sizes=[784, hidden, 10], initializer=["large", "default"], seed=range(chosen.seeds)
        )
        results = fit_all(specs, training, validation, chosen.quick, **COMMON)
        draw(panel, results, "validation_accuracy", lambda s: LEGENDS[s["initializer"]], scale=100)
        panel.set_title(f"accuracy on the validation data, %, {hidden} hidden neurons")
        panel.set_ylim(85, 100)
    save(picture, chosen.out)


if __name__ == "__main__":
    main()
