// From settings to the rows, the network and the training that they mean.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  /** What is seen, and scaled: the reader's own choice where there is nothing else. */
  function viewOf({ data, points, view }) {
    if (data === "own") return view ?? train.viewOf(points);
    return train.datasets.sets[data].view ?? train.datasets.usualView;
  }

  /** The Rows of settings: those of the data set, then the reader's own that are in its view. */
  function rowsOf(settings) {
    const { data, rows, noise, dataseed, test } = settings;
    const set = train.datasets.sets[data];
    const view = viewOf(settings);
    const [left, right, bottom, top] = view;
    const isSeen = ([x, y]) => x >= left && x <= right && y >= bottom && y <= top;
    const own = set.classes ? settings.points.filter(isSeen) : [];
    const all = train.datasets.points(data, rows, noise, dataseed).concat(own);
    const classes = set.classes && Math.max(set.classes, ...own.map((point) => point[2] + 1));
    return new train.Rows(all, classes, view, test);
  }

  /** What classes are called. */
  function namesOf({ data, classes }) {
    const names = data === "own" ? classes : (train.datasets.sets[data].names ?? []);
    return ["0", "1", "2"].map((usual, c) => names[c] ?? usual);
  }

  const ruleOf = ({ eta, l1, l2, m, bym }) => ({ eta, l1, l2, m, byMiniBatch: bym });

  /** A number is learned by the quadratic cost and identity outputs, whatever is set. */
  function networkOf(settings, rows) {
    const sizes = [2, ...settings.hidden, rows.outputs];
    const network = rows.classes
      ? new train.Network(sizes, settings.activation, settings.cost)
      : new train.Network(sizes, settings.activation, "quadratic", "identity");
    network.initialize(new train.Random(settings.seed, "weights"), settings.init === "large");
    return network;
  }

  /** A Training with all of that, before its first update. */
  function begin(settings) {
    const rows = rowsOf(settings);
    const random = new train.Random(settings.seed, "order");
    return new train.Training(networkOf(settings, rows), rows, ruleOf(settings), random);
  }

  /** Go on with settings that differ in what may change in a training only. */
  function goOn(training, before, settings) {
    training.rule = ruleOf(settings);
    training.failure = null;
    if (before.points !== settings.points) training.replaceRows(rowsOf(settings));
  }

  /** Whether a training with settings `before` can go on: all that changes may, outputs stay. */
  function goesOn(training, before, settings) {
    return (
      train.settings.goesOn(before, settings) &&
      (before.points === settings.points || rowsOf(settings).outputs === training.rows.outputs)
    );
  }

  train.experiment = { begin, goOn, goesOn, namesOf };
})();
