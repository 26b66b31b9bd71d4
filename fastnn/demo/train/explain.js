// What lambda does at these settings, in figures.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  const leastDecay = 0.9; // below it a weight forgets in some ten mini-batches what one taught it

  /** What verdicts speak of. */
  function stateOf(settings, training) {
    const { penalty } = train;
    const { n, m, rule, updatesAnEpoch } = training;
    const right = penalty.effect(rule, n, updatesAnEpoch);
    const wrong = penalty.effect(rule, m, updatesAnEpoch);
    const figures = training.figures.at(-1);
    return {
      settings,
      training,
      n,
      m,
      right,
      wrong,
      actual: settings.bym ? wrong : right,
      figures,
      measured: figures[settings.watch],
      get typical() {
        return penalty.typical(training.network.weights); // which takes a while
      },
      // What weights are at first, where a layer has the fewest inputs.
      usual: 1 / Math.sqrt(Math.min(...training.network.sizes.slice(0, -1))),
    };
  }

  /**
   * Rows [name, arithmetic, result, whether it is the mistake] of a table: what an update and an
   * epoch do to weights, and the penalty.
   */
  function arithmetic(settings, training) {
    if (!training.n) return [];
    const state = stateOf(settings, training);
    return [...decayRows(state), ...shrinkRows(state), ...penaltyRows(state)];
  }

  const { figure, factor } = train.numbers;

  function decayRows({ settings, training, n, m, right, wrong }) {
    const { eta, l2, bym } = settings;
    if (!l2) return [];
    const start = `1 − ${figure(eta)} · ${figure(l2)} /`;
    const epoch = bym ? wrong.epochDecay : right.epochDecay;
    return [
      ["λ₂: an update multiplies w by", `${start} ${figure(n)}`, factor(right.decay), false],
      ["divided by m", `${start} ${figure(m)}`, factor(wrong.decay), true],
      ["an epoch", `to the power of ${figure(training.updatesAnEpoch)}`, factor(epoch), bym],
    ];
  }

  function shrinkRows({ settings, training, n, m, right, wrong, typical }) {
    const { eta, l1, bym } = settings;
    if (!l1) return [];
    const start = `${figure(eta)} · ${figure(l1)} /`;
    const epoch = bym ? wrong.epochShrink : right.epochShrink;
    return [
      ["λ₁: an update takes off |w|", `${start} ${figure(n)}`, figure(right.shrink), false],
      ["divided by m", `${start} ${figure(m)}`, figure(wrong.shrink), true],
      ["an epoch", `times ${figure(training.updatesAnEpoch)}`, figure(epoch), bym],
      ["|w|: median, largest", "", `${figure(typical.median)}, ${figure(typical.largest)}`, false],
    ];
  }

  function penaltyRows({ settings, figures, n, measured }) {
    const { l1, l2, bymeasured, watch } = settings;
    if (!l1 && !l2) return [];
    const rows = [penaltyRow("the penalty", settings, figures.sums, n, false)];
    if (bymeasured && watch === "test" && measured.rows) {
      rows.push(penaltyRow("as watched", settings, figures.sums, measured.rows, true));
    }
    return rows;
  }

  function penaltyRow(name, { l1, l2 }, sums, divisor, isMistake) {
    const terms = [];
    if (l2) terms.push(`${figure(l2)} / (2 · ${figure(divisor)}) · ${figure(sums.squares)}`);
    if (l1) terms.push(`${figure(l1)} / ${figure(divisor)} · ${figure(sums.sizes)}`);
    return [
      name,
      terms.join(" + "),
      figure(train.penalty.penalty(sums, { l1, l2 }, divisor)),
      isMistake,
    ];
  }

  /** What other libraries call the same lambda: [name, number], as in fastnn.conventions. */
  function elsewhere({ l1, l2 }, { n, m }) {
    if (!n) return [];
    const of2 = [
      ["PyTorch weight_decay", l2 / n],
      ["Keras L2", l2 / (2 * n)],
      ["scikit-learn alpha", (l2 * m) / n],
    ];
    const of1 = [
      ["Keras L1", l1 / n],
      ["PyTorch, times w.abs().sum()", l1 / n],
    ];
    return [...(l2 ? of2 : []), ...(l1 ? of1 : [])];
  }

  train.explain = { leastDecay, stateOf, arithmetic, elsewhere };
})();
