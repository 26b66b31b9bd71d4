// Data sets in two dimensions. A point is [x, y, target]: a class, 0, 1 or 2, or a number to learn.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  /** What one sees without anything else: [left, right, bottom, top]. */
  const usualView = [-1.25, 1.25, -1.25, 1.25];

  /** Points of `shape`, which has one of a class for each call; the classes take turns. */
  const taken = (count, classes, shape) =>
    Array.from({ length: count }, (_, i) => [...shape(i % classes), i % classes]);

  /** The same, each coordinate with noise from N(0, noise^2). */
  function blurred(random, noise, points) {
    return points.map(([x, y, c]) => [x + noise * random.normal(), y + noise * random.normal(), c]);
  }

  function moons(random, count, noise) {
    const points = taken(count, 2, (c) => {
      const t = Math.PI * random.uniform();
      return c
        ? [0.3 - 0.6 * Math.cos(t), 0.15 - 0.6 * Math.sin(t)]
        : [0.6 * Math.cos(t) - 0.3, 0.6 * Math.sin(t) - 0.15];
    });
    return blurred(random, noise, points);
  }

  function circles(random, count, noise) {
    const points = taken(count, 2, (c) => {
      const t = 2 * Math.PI * random.uniform();
      return [(c ? 0.4 : 0.9) * Math.cos(t), (c ? 0.4 : 0.9) * Math.sin(t)];
    });
    return blurred(random, noise, points);
  }

  function blobs(random, count, noise) {
    const points = taken(count, 3, (c) => {
      const t = (2 * Math.PI * c) / 3 + Math.PI / 2;
      return [
        0.65 * Math.cos(t) + 0.12 * random.normal(),
        0.65 * Math.sin(t) + 0.12 * random.normal(),
      ];
    });
    return blurred(random, noise, points);
  }

  function checkers(random, count, noise) {
    const points = taken(count, 2, (c) => {
      const [u, v] = [0.1 + 0.9 * random.uniform(), 0.1 + 0.9 * random.uniform()];
      const side = random.uniform() < 0.5 ? 1 : -1;
      return [side * u, (c ? -side : side) * v];
    });
    return blurred(random, noise, points);
  }

  function spiral(random, count, noise) {
    const points = taken(count, 2, (c) => {
      const part = Math.sqrt(0.02 + 0.98 * random.uniform()); // evenly along the arm
      const t = 3 * Math.PI * part + Math.PI * c;
      return [part * Math.cos(t), part * Math.sin(t)];
    });
    return blurred(random, noise, points);
  }

  function iris(random, count, noise) {
    const flowers = random.shuffle(train.irises.slice()).slice(0, count);
    return flowers.map(([x, y, c]) => [
      x + 2 * noise * random.normal(),
      y + noise * random.normal(),
      c,
    ]);
  }

  function hills(random, count, noise) {
    return Array.from({ length: count }, () => {
      const [x, y] = [2 * random.uniform() - 1, 2 * random.uniform() - 1];
      const height = Math.sin(Math.PI * x) * Math.cos((Math.PI * y) / 2);
      return [x, y, height + noise * random.normal()];
    });
  }

  /** classes: how many; 0 where a number is to be learned. names, view: where they are not usual. */
  const sets = {
    moons: { classes: 2, draw: moons },
    circles: { classes: 2, draw: circles },
    blobs: { classes: 3, draw: blobs },
    checkers: { classes: 2, draw: checkers },
    spiral: { classes: 2, draw: spiral },
    iris: {
      classes: 3,
      names: ["setosa", "versicolor", "virginica"],
      view: [0, 8, -0.75, 3.25],
      draw: iris,
    },
    hills: { classes: 0, draw: hills },
    own: { classes: 2, draw: () => [] },
  };

  /** The points of a set, drawn with a seed. */
  function points(name, count, noise, seed) {
    return sets[name].draw(new train.Random(seed, "points"), count, noise);
  }

  train.datasets = { sets, points, usualView };
})();
