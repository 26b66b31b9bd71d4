// A trained network as JSON: in the format of the book's network2, or with fastnn's names.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  const bookCosts = { cross_entropy: "CrossEntropyCost", quadratic: "QuadraticCost" };

  /** {w, b, activation} of each layer, w a list of rows, for inputs as they stand in the data. */
  function layersOf(network, { centre, half }) {
    const layers = network.weights.map((weights, l) => {
      const inputs = network.sizes[l];
      const w = Array.from(network.biases[l], (_, k) =>
        Array.from(weights.slice(k * inputs, (k + 1) * inputs)),
      );
      const last = l === network.weights.length - 1;
      return {
        w,
        b: [...network.biases[l]],
        activation: last ? network.output : network.activation,
      };
    });
    const [first] = layers; // which reads (x - centre) / half
    first.w = first.w.map((row) => row.map((value, j) => value / half[j]));
    first.b = first.b.map((value, k) => value - dot(first.w[k], centre));
    return layers;
  }

  const dot = (u, v) => u.reduce((sum, value, j) => sum + value * v[j], 0);

  /**
   * A network for network2.load, all of whose neurons are sigmoid, that computes the same: hidden
   * tanh(z) = 2 sigmoid(2 z) - 1, layers without a function are one with the next, and a softmax of
   * two is a sigmoid of their difference. Throws an Error, which says why, for any other.
   */
  function forBook(network, scaling) {
    let layers = layersOf(network, scaling);
    for (let l = 0; l < layers.length - 1; l++) {
      const [layer, next] = [layers[l], layers[l + 1]];
      if (layer.activation === "relu") throw new Error("network2 has no relu neurons");
      if (layer.activation === "tanh") {
        layer.w = layer.w.map((row) => row.map((value) => 2 * value));
        layer.b = layer.b.map((value) => 2 * value);
        next.b = next.b.map((value, k) => value - next.w[k].reduce((sum, w) => sum + w, 0));
        next.w = next.w.map((row) => row.map((value) => 2 * value));
      }
      if (layer.activation === "identity") {
        next.b = next.b.map((value, k) => value + dot(next.w[k], layer.b));
        next.w = next.w.map((row) =>
          layer.w[0].map((_, j) =>
            dot(
              row,
              layer.w.map((w) => w[j]),
            ),
          ),
        );
      }
    }
    layers = layers.filter(
      (layer, l) => layer.activation !== "identity" || l === layers.length - 1,
    );
    asSigmoid(layers.at(-1));
    const cost = bookCosts[network.cost] ?? bookCosts.cross_entropy;
    return { ...arraysOf(layers), cost };
  }

  function asSigmoid(output) {
    if (output.activation === "sigmoid") return;
    if (output.activation === "identity") throw new Error("network2 learns classes, no numbers");
    if (output.b.length !== 2) throw new Error("network2 has no softmax neurons");
    const [[w0, w1], [b0, b1]] = [output.w, output.b];
    output.w = [w0.map((value, j) => value - w1[j]), w1.map((value, j) => value - w0[j])];
    output.b = [b0 - b1, b1 - b0];
  }

  const arraysOf = (layers) => ({
    sizes: [layers[0].w[0].length, ...layers.map(({ b }) => b.length)],
    weights: layers.map(({ w }) => w),
    biases: layers.map(({ b }) => b.map((value) => [value])),
  });

  /** Any network: arrays, and the arguments of fastnn.Network; the book's `load` refuses it. */
  function forFastnn(network, scaling, classes) {
    const { sizes, weights, biases } = arraysOf(layersOf(network, scaling));
    const { activation, cost, output } = network;
    const kept = {
      sizes,
      activation,
      cost,
      output_activation: output,
      initializer: [weights, biases],
    };
    return { network: kept, classes };
  }

  train.portable = { forBook, forFastnn };
})();
