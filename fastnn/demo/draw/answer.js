// What a network's outputs say, in words.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});

  const percent = (score) => `${(100 * score).toFixed(1)}%`;
  const decimal = (score) => score.toFixed(2).replace("-", "−");

  /**
   * For what feedforward returned, or null where nothing is drawn:
   *
   * scores   of each class, null if there are none; says: how one is written
   * named    the numbers of the classes that the network names; leading: the first of all
   * title, detail   the answer
   */
  function of(network, run) {
    const none = { scores: null, says: percent, named: [], leading: 0 };
    if (!run) return { ...none, title: "Draw a digit:", detail: "an empty drawing says nothing." };
    const outputs = run.a.at(-1);
    if (!outputs.every(Number.isFinite)) {
      return { ...none, title: "Nothing:", detail: "its outputs are no finite numbers." };
    }
    const scores = fastnn.network.scores(outputs);
    const says = ["sigmoid", "softmax"].includes(network.activations.at(-1)) ? percent : decimal;
    const leading = fastnn.network.leading(outputs);
    const found = { scores, says, leading };
    return network.multi_label ? several(network, found) : one(network, found);
  }

  function one({ classes }, found) {
    const { scores, says, leading } = found;
    const others = [...scores.keys()].filter((k) => k !== leading);
    const second = others.reduce((best, k) => (scores[k] > scores[best] ? k : best), others[0]);
    return {
      ...found,
      named: [leading],
      title: classes[leading],
      detail: `${says(scores[leading])}, then ${classes[second]} with ${says(scores[second])}`,
    };
  }

  /** Each output decides for itself. */
  function several({ classes }, found) {
    const named = [...found.scores.keys()].filter((k) => found.scores[k] > 0.5);
    const title = named.map((k) => classes[k]).join(", ") || "None";
    const detail = named.length ? "each above one half" : "is above one half";
    return { ...found, named, title, detail };
  }

  fastnn.answer = { of };
})();
