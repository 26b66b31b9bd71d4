"""Trainings of the demo page, run by Node, as arrays that fastnn takes."""

from itertools import pairwise

import numpy as np
from page_scripts import in_node

__all__ = ["PageTraining", "page_trainings"]

# For each [epochs, settings], settings being texts as they stand in the address.
_PROGRAM = """
const { train } = fastnn;
const copy = (arrays) => arrays.map((array) => Array.from(array));
const arraysOf = ({ weights, biases }) => ({ weights: copy(weights), biases: copy(biases) });

function record([epochs, texts]) {
  const { settings, notes } = train.settings.fromAddress((name) => texts[name] ?? null);
  if (notes.length) throw new Error(notes.join());
  const training = train.experiment.begin(settings);
  const { network, rows, random } = training;
  const first = arraysOf(network);
  const orders = [];
  const shuffle = random.shuffle.bind(random);
  random.shuffle = (numbers) => {
    orders.push(shuffle(numbers).slice());
    return numbers;
  };
  while (training.epoch < epochs && !training.failure) training.update();
  const verdict = train.verdict(settings, training);
  const mended = train.settings.toAddress({ ...settings, ...verdict?.mend });
  const { sizes, activation, cost, output } = network;
  const { n, m, figures, failure } = training;
  return {
    settings: train.settings.toAddress(settings),
    sizes, activation, cost, output, n, m, figures, failure, orders, first, last: arraysOf(network),
    classes: rows.classes, inputs: Array.from(rows.inputs), targets: Array.from(rows.targets),
    training: rows.training, test: rows.test, points: rows.points,
    series: train.curves.seriesOf(figures, settings),
    verdict: verdict && { ...verdict, mended },
    table: train.explain.arithmetic(settings, training),
    elsewhere: train.explain.elsewhere(settings, training),
  };
}

return given.map(record);
"""


def page_trainings(tab, cases):
    """{name: PageTraining} of {name: (epochs, {setting: value})}, by one run of Node."""
    given = [(epochs, _texts(settings)) for epochs, settings in cases.values()]
    return dict(zip(cases, map(PageTraining, in_node(tab, _PROGRAM, given)), strict=True))


def _texts(settings):
    return {name: str(value) for name, value in settings.items() if value is not None}


class PageTraining:
    """A network before and after its epochs, and all that the page says of them.

    x (rows, 2), y   of all rows, targets being labels or (rows, 1) numbers
    training, test   numbers of rows
    orders           of each epoch, its rows
    first, last      (weights, biases) as fastnn has them
    """

    def __init__(self, found):
        vars(self).update(found)
        self.training, self.test = (np.array(rows, int) for rows in (self.training, self.test))
        self.x = np.array(self.inputs).reshape(-1, 2)
        targets = np.array(self.targets)
        self.y = targets.astype(int) if self.classes else targets[:, None]
        self.first, self.last = self._arrays(self.first), self._arrays(self.last)

    def _arrays(self, stored):
        layers = zip(stored["weights"], pairwise(self.sizes), strict=True)
        weights = [np.array(w).reshape(k, j) for w, (j, k) in layers]
        return weights, [np.array(b)[:, None] for b in stored["biases"]]

    @property
    def activations(self):
        """Of each layer."""
        return [self.activation] * (len(self.sizes) - 2) + [self.output]
