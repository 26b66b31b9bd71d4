// A lambda that must fail, or is hardly meant so, although it is divided by n: as fit's check.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});
  const { figure } = train.numbers;

  const bookPull = 5 / 50000; // the book's lambda / n
  const mostPull = 0.1; // of lambda / n

  /** null, or what there is to say, see verdict. */
  function doubts(state) {
    const { settings, n, m } = state;
    if (settings.bym && m !== n) return null;
    return hopeless(state) ?? veryLarge(state) ?? heavy(state, "l2") ?? heavy(state, "l1");
  }

  function hopeless(state) {
    const { said, decayOf, shrinkOf } = train.wording;
    const { right, usual } = state;
    if (right.decay < 0) {
      const end = right.decay < -1 ? "and grow without bound" : "at each update";
      const text = `Weights change their sign ${end}.`;
      return asBook(state, "l2", said("λ₂ must fail:", decayOf(state)), text);
    }
    if (right.shrink > usual) {
      const text = "Weights are smaller than that, and only jump around 0.";
      return asBook(state, "l1", said("λ₁ must fail:", shrinkOf(state)), text);
    }
    return null;
  }

  function veryLarge(state) {
    const { said, decayOf } = train.wording;
    if (state.right.decay >= train.explain.leastDecay) return null;
    return asBook(state, "l2", said("λ₂ is very large:", decayOf(state)), "");
  }

  function heavy(state, name) {
    const pull = state.settings[name] / state.n;
    if (pull < mostPull) return null;
    const [letter, of] = { l2: ["λ₂", "w"], l1: ["λ₁", "sgn(w)"] }[name];
    const text = train.wording.said(
      `The penalty adds ${letter} / n ${of} = ${figure(pull)} ${of} to the gradient,`,
      "which the data can hardly outweigh.",
    );
    return asBook(state, name, `${letter} is very large for ${figure(state.n)} rows.`, text);
  }

  /** What the book's lambda would be. */
  function asBook({ n }, name, title, text) {
    const value = bookPull * n;
    const book = `The book's λ / n = 5 / 50,000 is λ = ${figure(value, 3)} here.`;
    return { title, text: `${text} ${book}`.trim(), ...train.wording.take(name, value) };
  }

  train.doubts = doubts;
})();
