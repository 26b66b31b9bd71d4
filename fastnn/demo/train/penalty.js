// What lambda does: the penalty of a cost, and what an update takes off weights because of it.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  /** Sum w^2 and sum |w|, of all weights; biases are not regularized. */
  function sums(weights) {
    let [squares, sizes] = [0, 0];
    for (const w of weights) {
      for (const value of w) {
        squares += value * value;
        sizes += Math.abs(value);
      }
    }
    return { squares, sizes };
  }

  /**
   * l2 / (2 divisor) sum w^2 + l1 / divisor sum |w| (the book's eqs. 87 and 95). The divisor is n,
   * the rows of the training set, whatever rows the cost is measured on.
   */
  const penalty = ({ squares, sizes }, { l1, l2 }, divisor) =>
    (l2 / (2 * divisor)) * squares + (l1 / divisor) * sizes;

  /** What lambda is divided by in an update: n; m, the mini-batch's rows, is the usual mistake. */
  const divisorOfUpdate = ({ byMiniBatch }, n, m) => (byMiniBatch ? m : n);

  /**
   * What an update, and an epoch of n rows, do to a weight that the data do not hold.
   *
   * decay, epochDecay    what it is multiplied by, because of l2
   * shrink, epochShrink  what is taken off it, because of l1
   */
  function effect({ eta, l1, l2 }, divisor, updates) {
    const decay = 1 - (eta * l2) / divisor;
    const shrink = (eta * l1) / divisor;
    return { decay, epochDecay: decay ** updates, shrink, epochShrink: shrink * updates };
  }

  /** The largest |w| of all layers, and the median. */
  function typical(weights) {
    const sizes = weights.flatMap((w) => Array.from(w, Math.abs)).sort((a, b) => a - b);
    return { largest: sizes.at(-1), median: sizes[sizes.length >> 1] };
  }

  train.penalty = { sums, penalty, divisorOfUpdate, effect, typical };
})();
