// All that the reader can set, its limits, and how it stands in the page's address.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  // Kinds. read(text) returns the value, or throws what was expected; write(value) returns a text.

  /** NaN if there is nothing, which Number takes for 0. */
  const numberOf = (text) => (text.trim() === "" ? NaN : Number(text));

  const number = (least, most) => ({
    least,
    most,
    read(text) {
      const value = numberOf(text);
      if (!(value >= least && value <= most)) {
        throw new Error(`a number from ${least} to ${most}`);
      }
      return value;
    },
    write: String,
  });

  const count = (least, most) => ({
    ...number(least, most),
    read(text) {
      const value = numberOf(text);
      if (!Number.isInteger(value) || value < least || value > most) {
        throw new Error(`a whole number from ${least} to ${most}`);
      }
      return value;
    },
  });

  const choice = (...values) => ({
    values,
    read(text) {
      if (!values.includes(text)) throw new Error(`one of ${values.join(", ")}`);
      return text;
    },
    write: String,
  });

  const flag = {
    read(text) {
      if (text !== "0" && text !== "1") throw new Error("0 or 1");
      return text === "1";
    },
    write: (value) => (value ? "1" : "0"),
  };

  const mostLayers = 4;
  const mostNeurons = 32;

  /** Neurons of the hidden layers: 8, or 8-4; "none" for no layer. */
  const layers = {
    read(text) {
      if (text === "none") return [];
      const sizes = text.split("-").map(numberOf);
      const fits = (size) => Number.isInteger(size) && size >= 1 && size <= mostNeurons;
      if (sizes.length > mostLayers || !sizes.every(fits)) {
        throw new Error(
          `at most ${mostLayers} numbers from 1 to ${mostNeurons} with "-" between them, or none`,
        );
      }
      return sizes;
    },
    write: (sizes) => sizes.join("-") || "none",
  };

  /** The reader's own points: x_y_class of each, with "*" between them. */
  const points = {
    read(text) {
      const { most, largest } = train.csv;
      const found =
        text === "" ? [] : text.split("*").map((point) => point.split("_").map(numberOf));
      const fits = ([x, y, c], length) =>
        length === 3 && Math.abs(x) <= largest && Math.abs(y) <= largest && [0, 1, 2].includes(c);
      if (found.length > most || !found.every((point) => fits(point, point.length))) {
        throw new Error(
          `at most ${most} points x_y_class, classes being 0, 1, 2, with * between them`,
        );
      }
      return found;
    },
    write: (found) => found.map((point) => point.join("_")).join("*"),
  };

  /** What the reader's own classes are called. */
  const names = {
    read(text) {
      const found = text === "" ? [] : text.split("*");
      if (found.length > 3 || !found.every((name) => train.csv.isName(name))) {
        throw new Error("at most three words with * between them");
      }
      return found;
    },
    write: (found) => found.join("*"),
  };

  /** What is seen: left_right_bottom_top; empty for the usual view. */
  const view = {
    read(text) {
      if (text === "") return null;
      const sides = text.split("_").map(numberOf);
      const [left, right, bottom, top] = sides;
      if (sides.length !== 4 || !sides.every(Number.isFinite) || !(left < right && bottom < top)) {
        throw new Error("four numbers left_right_bottom_top");
      }
      return sides;
    },
    write: (sides) => sides?.join("_") ?? "",
  };

  /** By its name in the address: the kind, and the usual value as it would stand there. */
  const kinds = {
    data: [choice(...Object.keys(train.datasets.sets)), "moons"],
    rows: [count(10, 3000), "300"],
    noise: [number(0, 1), "0.12"],
    dataseed: [count(0, 999999), "0"],
    test: [count(0, 90), "30"],
    points: [points, ""],
    classes: [names, ""],
    view: [view, ""],
    hidden: [layers, "8"],
    activation: [choice(...Object.keys(train.functions.activations)), "tanh"],
    cost: [choice(...Object.keys(train.functions.costs)), "cross_entropy"],
    init: [choice("default", "large"), "default"],
    seed: [count(0, 999999), "0"],
    eta: [number(0, 100), "0.5"],
    l1: [number(0, 10000), "0"],
    l2: [number(0, 10000), "0.1"],
    m: [count(1, 3000), "10"],
    bym: [flag, "0"], // lambda is divided by m: a mistake
    bymeasured: [flag, "0"], // the penalty is divided by the rows measured: a mistake
    watch: [choice("training", "test"), "training"], // rows that the curves are of
    axis: [choice("linear", "log"), "linear"],
    pause: [count(0, 100000), "0"], // after so many epochs; 0: never
    speed: [choice("1", "5", "20", "60", "most"), "20"], // epochs a second
  };

  // A change of these goes on from the weights as they are; any other begins anew.
  const live = [
    "points",
    "eta",
    "l1",
    "l2",
    "m",
    "bym",
    "bymeasured",
    "watch",
    "axis",
    "pause",
    "speed",
  ];

  const usual = () =>
    Object.fromEntries(
      Object.entries(kinds).map(([name, [kind, text]]) => [name, kind.read(text)]),
    );

  /**
   * {settings, notes} of an address, get(name) being the text of a setting there, or null. What
   * does not fit is left out, with a note that says so; its usual value takes its place.
   */
  function fromAddress(get) {
    const settings = usual();
    const notes = [];
    for (const [name, [kind, text]] of Object.entries(kinds)) {
      const given = get(name);
      if (given === null) continue;
      try {
        settings[name] = kind.read(given);
      } catch (error) {
        const shown = given.length > 40 ? `${given.slice(0, 40)}...` : given;
        const instead = text === "" ? "it is left out" : `it is ${text} now`;
        notes.push(`${name}: expected ${error.message}, got "${shown}"; ${instead}`);
      }
    }
    return { settings, notes };
  }

  /** {name: text} of all settings; null for those that are as usual. */
  function toAddress(settings) {
    const written = Object.entries(kinds).map(([name, [kind, text]]) => {
      const value = kind.write(settings[name]);
      return [name, value === text ? null : value];
    });
    return Object.fromEntries(written);
  }

  /** Whether a training with settings `a` can go on with `b`. */
  function goesOn(a, b) {
    const [before, after] = [toAddress(a), toAddress(b)];
    const changed = Object.keys(kinds).filter((name) => before[name] !== after[name]);
    return changed.every((name) => live.includes(name));
  }

  train.settings = { kinds, usual, fromAddress, toAddress, goesOn };
})();
