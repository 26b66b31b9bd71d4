// From settings to the rows, the network and the training that they mean.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  /** The Rows of settings: those of the data set, then the reader's own. */
  function rowsOf(settings) {
    const { sets, points, usualView } = train.datasets;
    const { data, rows, noise, dataseed, points: own, view, test } = settings;
    const set = sets[data];
    const all = points(data, rows, noise, dataseed).concat(set.classes ? own : []);
    const classes = set.classes && Math.max(set.classes, ...own.map((point) => point[2] + 1));
    return new train.Rows(all, classes, view ?? set.view ?? usualView, test);
  }

  /** What classes are called. */
  function namesOf({ data, classes }) {
    const names = train.datasets.sets[data].names ?? [];
    return ["0", "1", "2"].map((usual, c) => names[c] ?? classes[c] ?? usual);
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
    if (before.points === settings.points) return;
    const rows = rowsOf(settings);
    training.replaceRows(rows);
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
