// From points to what a network reads: inputs, targets, and which rows it learns from.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  /**
   * The rows of points.
   *
   * points      [x, y, target] of each
   * classes     how many; 0 if the target is the number to learn
   * view        [left, right, bottom, top] of what is seen
   * percentage  of each class that is kept for the test, at equal distances, so that who adds a
   *             point moves no other one
   *
   * inputs (rows, 2) are x and y, moved and scaled so that the view is as large as the usual one.
   */
  class Rows {
    constructor(points, classes, view, percentage) {
      Object.assign(this, { points, classes, view });
      this.outputs = classes || 1;
      this.scaling = scalingOf(view);
      this.inputs = Float64Array.from(points.flatMap(([x, y]) => this.scaled(x, y)));
      this.targets = Float64Array.from(points, (point) => point[2]);
      this.isTest = heldOut(points, classes, percentage);
      const numbers = points.map((_, i) => i);
      this.training = numbers.filter((i) => !this.isTest[i]);
      this.test = numbers.filter((i) => this.isTest[i]);
    }

    /** A point's inputs [x, y]. */
    scaled(x, y) {
      const { centre, half } = this.scaling;
      return [(x - centre[0]) / half[0], (y - centre[1]) / half[1]];
    }

    /** The function y(k), the target of output k for row i: 1 for the row's class, else 0. */
    target(i) {
      const target = this.targets[i];
      return this.classes ? (k) => (k === target ? 1 : 0) : () => target;
    }
  }

  /** Inputs are (x - centre) / half: x and y themselves in the usual view. */
  function scalingOf([left, right, bottom, top]) {
    const size = train.datasets.usualView[1];
    return {
      centre: [(left + right) / 2, (bottom + top) / 2],
      half: [(right - left) / 2 / size, (top - bottom) / 2 / size],
    };
  }

  /** Whether each point is a test row; so many of each class as their number has hundreds. */
  function heldOut(points, classes, percentage) {
    const seen = [];
    return points.map(([, , target]) => {
      const c = classes ? target : 0;
      seen[c] = (seen[c] ?? 0) + 1;
      const until = (count) => Math.floor((count * percentage) / 100);
      return until(seen[c]) > until(seen[c] - 1);
    });
  }

  /** A view with all points in it: the usual one if it has them, else round numbers around them. */
  function viewOf(points) {
    const usual = train.datasets.usualView;
    const range = (k) => {
      const values = points.map((point) => point[k]);
      return [Math.min(...values), Math.max(...values)];
    };
    if (!points.length) return usual;
    const ranges = [range(0), range(1)];
    if (ranges.every(([least, most]) => least >= usual[0] && most <= usual[1])) return usual;
    return ranges.flatMap(([least, most]) => around(least, most));
  }

  function around(least, most) {
    const size = most - least || Math.abs(most) || 1;
    const step = 10 ** Math.floor(Math.log10(size)) / 2;
    const rounded = (value) => Number(value.toPrecision(12));
    return [
      rounded(step * Math.floor((least - 0.05 * size) / step)),
      rounded(step * Math.ceil((most + 0.05 * size) / step)),
    ];
  }

  Object.assign(train, { Rows, viewOf });
})();
