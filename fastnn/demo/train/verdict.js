// What goes wrong at these settings, in words, and how to mend it; much is worded as fit's errors.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});
  const { figure, factor } = train.numbers;

  const said = (...sentences) => sentences.join(" ");
  const divideByN = { mend: { bym: false }, label: "Divide λ by n, and start anew", anew: true };
  const chance = "and the accuracy falls to chance.";

  /**
   * What goes wrong, or must: null if nothing, else {title, text, mend, label, anew}: `mend` are
   * the settings that mend it, `label` says so, `anew` whether that takes a new training.
   */
  function verdict(settings, training) {
    if (!training.n) {
      const text = "Click into the picture, paste some below, or choose a data set.";
      return { title: "There are no training rows.", text };
    }
    const state = train.explain.stateOf(settings, training);
    for (const look of [failed, dividedByMiniBatch, dividedByMeasured, train.doubts]) {
      const found = look(state);
      if (found) return found;
    }
    return null;
  }

  function failed(state) {
    const { settings, actual, training } = state;
    const { failure } = training;
    if (!failure) return null;
    const what = failure.layer ? `the weights of layer ${failure.layer}` : "the cost";
    const place = `in epoch ${failure.epoch}, at update ${failure.update}`;
    const title = `Training stopped: ${what} became infinite or NaN ${place}.`;
    const { last } = failure;
    const penalty = train.penalty.penalty(last.sums, last, last.n);
    const rest = said(
      `The last figures are a data cost of ${figure(last.training.dataCost)} and a penalty of`,
      `${figure(penalty)}. The network is as it was before that epoch.`,
    );
    if (actual.decay < -1) {
      const text = said(
        decayOf(state),
        "Weights change their sign at each update and grow",
        "without bound.",
        rest,
      );
      return { title, text, ...(settings.bym ? divideByN : take("l2", settings.l2 / 10)) };
    }
    const cause = `Likely the learning rate is too large: η = ${figure(settings.eta)}.`;
    return { title, text: said(cause, rest), ...take("eta", settings.eta / 10) };
  }

  /** To mend it by another value of a setting. */
  function take(name, value) {
    const letter = { l1: "λ₁", l2: "λ₂", eta: "η" }[name];
    const short = Number(value.toPrecision(3));
    const label = `Take ${letter} = ${figure(short)}, and start anew`;
    return { mend: { [name]: short }, label, anew: true };
  }

  /** What lambda is divided by: its letter and its value. */
  const under = ({ settings, n, m }) => (settings.bym ? ["m", figure(m)] : ["n", figure(n)]);

  function decayOf(state) {
    const [letter, divisor] = under(state);
    const { eta, l2 } = state.settings;
    return said(
      `Each update multiplies every weight by 1 − η λ₂ / ${letter} =`,
      `1 − ${figure(eta)} · ${figure(l2)} / ${divisor} = ${factor(state.actual.decay)}.`,
    );
  }

  function shrinkOf(state) {
    const [letter, divisor] = under(state);
    const { eta, l1 } = state.settings;
    return said(
      `Each update takes η λ₁ / ${letter} = ${figure(eta)} · ${figure(l1)} / ${divisor} =`,
      `${figure(state.actual.shrink)} off every weight.`,
    );
  }

  function dividedByMiniBatch(state) {
    const { settings, n, m, right, wrong } = state;
    if (!settings.bym || (!settings.l1 && !settings.l2) || m === n) return null;
    const isOfL2 = settings.l2 && (!settings.l1 || wrong.decay < train.explain.leastDecay);
    const title = said(
      `λ is divided by the mini-batch's m = ${figure(m)} rows,`,
      `not by the training set's n = ${figure(n)}.`,
    );
    const text = said(
      isOfL2 ? decaying(state) : shrinking(state),
      "The penalty is added anew by every update, so λ has n under it; the data's gradient is a",
      "sum over the mini-batch, and has m. Divided by n, it would be",
      `${isOfL2 ? factor(right.decay) : figure(right.shrink)}.`,
    );
    return { title, text, ...divideByN };
  }

  function decaying(state) {
    const { decay, epochDecay } = state.actual;
    if (decay < -1) {
      const end =
        "Weights change their sign at each update and grow without bound: the loss blows up.";
      return said(decayOf(state), end);
    }
    if (decay >= train.explain.leastDecay) return said(decayOf(state), tooMuch(state));
    return said(
      decayOf(state),
      `An epoch's ${figure(state.training.updatesAnEpoch)} updates leave`,
      `${figure(Math.abs(epochDecay))} of what a weight has learned: the weights shrink to nothing,`,
      `the network answers the same everywhere, ${chance}`,
    );
  }

  function shrinking(state) {
    const { actual, typical, usual } = state;
    if (actual.shrink <= 0.1 * usual) return said(shrinkOf(state), tooMuch(state));
    return said(
      shrinkOf(state),
      `Half of them are smaller than ${figure(typical.median)}: they jump from one side of zero to`,
      `the other, nothing that is learned lasts, ${chance}`,
    );
  }

  const tooMuch = ({ n, m }) => `That is ${figure(n / m)} times as much shrinking as is meant.`;

  function dividedByMeasured({ settings, figures, measured, n }) {
    if (!settings.bymeasured || (!settings.l1 && !settings.l2) || !measured.rows) return null;
    if (settings.watch === "training") {
      const title = "The penalty is divided by the rows measured. Here it does not show.";
      const text = "The curves are of the training rows, whose number is n. On others it would.";
      return { title, text, mend: { watch: "test" }, label: "Look at the test rows" };
    }
    const penalty = (divisor) => figure(train.penalty.penalty(figures.sums, settings, divisor));
    const title = said(
      `The penalty is divided by the ${figure(measured.rows)} rows measured,`,
      `not by the training set's n = ${figure(n)}.`,
    );
    const text = said(
      `It is shown as ${penalty(measured.rows)}, ${figure(n / measured.rows)} times too large: the`,
      "network learns, its weights grow with what they learn, and the loss is nearly all penalty,",
      "so it rises with the accuracy. What the data say is the data cost,",
      `${figure(measured.dataCost)}. Updates divide by n all the while, so the training is well:`,
      `with n under it, the penalty is ${penalty(n)}.`,
    );
    return { title, text, mend: { bymeasured: false }, label: "Divide the penalty by n" };
  }

  Object.assign(train, { verdict, wording: { said, take, decayOf, shrinkOf } });
})();
