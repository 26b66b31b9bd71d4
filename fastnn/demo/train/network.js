// A feedforward network: BP1 to BP4 and the regularized update, in the book's letters.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  /**
   * sizes       neurons of each layer, the input's first
   * activation  of hidden layers, cost, output: names, see functions.js
   * weights     an array a layer, w[k * j_count + j] from neuron j of the layer before to neuron k
   * biases      an array a layer, b[k]
   *
   * All numbers are of double precision. z, a and delta are those of the row at hand; a[0] is the
   * input, a[l + 1] = sigma(z[l]) what layer l makes of a[l].
   */
  class Network {
    constructor(sizes, activation, cost, output = train.functions.costs[cost].outputs) {
      Object.assign(this, { sizes, activation, cost, output });
      const layers = sizes.slice(1);
      const zeros = (count) => new Float64Array(count);
      this.weights = layers.map((k, l) => zeros(k * sizes[l]));
      this.biases = layers.map(zeros);
      this.nablaW = layers.map((k, l) => zeros(k * sizes[l]));
      this.nablaB = layers.map(zeros);
      this.a = sizes.map(zeros);
      this.z = layers.map(zeros);
      this.delta = layers.map(zeros);
    }

    /**
     * Random parameters: first all biases, from N(0, 1), then all weights, from N(0, 1 / inputs),
     * as in the book's chapter 3; "large" takes N(0, 1), as in chapter 1.
     */
    initialize(random, large = false) {
      for (const b of this.biases) b.forEach((_, k) => (b[k] = random.normal()));
      this.weights.forEach((w, l) => {
        const spread = large ? 1 : 1 / Math.sqrt(this.sizes[l]);
        w.forEach((_, i) => (w[i] = spread * random.normal()));
      });
    }

    /** The outputs for inputs[first], inputs[first + 1], ...: an array that the next call fills. */
    feedforward(inputs, first) {
      const { a, z, weights, biases } = this;
      const { activations, outputs } = train.functions;
      const sigma = activations[this.activation].of;
      for (let j = 0; j < a[0].length; j++) a[0][j] = inputs[first + j];
      for (let l = 0; l < weights.length; l++) {
        weigh(weights[l], biases[l], a[l], z[l]);
        if (l < weights.length - 1)
          for (let k = 0; k < z[l].length; k++) a[l + 1][k] = sigma(z[l][k]);
      }
      outputs[this.output](z.at(-1), a.at(-1));
      return a.at(-1);
    }

    /** The cost of the row that feedforward saw last, without the penalty; y(k): its targets. */
    dataCost(y) {
      return train.functions.costs[this.cost].of(this.z.at(-1), this.a.at(-1), y);
    }

    /** Add dC/dw and dC/db of the row that feedforward saw last to nablaW and nablaB. */
    backpropagate(y) {
      const { a, delta, weights, nablaW, nablaB } = this;
      const slope = train.functions.activations[this.activation].slope;
      this.outputError(y);
      for (let l = weights.length - 1; l >= 0; l--) {
        accumulate(delta[l], a[l], nablaW[l], nablaB[l]);
        if (l > 0) pullBack(delta[l], weights[l], a[l], slope, delta[l - 1]);
      }
    }

    /** delta = dC/dz of the output layer (BP1). */
    outputError(y) {
      const a = this.a.at(-1);
      const delta = this.delta.at(-1);
      const { costs, activations } = train.functions;
      const slope = costs[this.cost].cancels ? () => 1 : activations[this.output].slope;
      for (let k = 0; k < a.length; k++) delta[k] = (a[k] - y(k)) * slope(a[k]);
    }

    /**
     * The update, after which the gradients are 0 again; biases are not regularized:
     *
     *   w <- (1 - eta l2 / divisor) w - (eta l1 / divisor) sgn(w) - (eta / m) sum dC/dw
     *   b <- b - (eta / m) sum dC/db
     *
     * m rows were backpropagated. The divisor is the training set's n, if one does it right.
     * Returns whether all parameters are finite.
     */
    update({ eta, l1, l2 }, m, divisor) {
      const [decay, shrink, step] = [1 - (eta * l2) / divisor, (eta * l1) / divisor, eta / m];
      let sum = 0; // NaN or infinite if one of its terms is
      this.weights.forEach((w, l) => {
        const nabla = this.nablaW[l];
        for (let i = 0; i < w.length; i++) {
          w[i] = decay * w[i] - shrink * Math.sign(w[i]) - step * nabla[i];
          sum += w[i];
        }
        nabla.fill(0);
      });
      this.biases.forEach((b, l) => {
        const nabla = this.nablaB[l];
        for (let k = 0; k < b.length; k++) sum += b[k] -= step * nabla[k];
        nabla.fill(0);
      });
      return Number.isFinite(sum);
    }

    /** A copy of all parameters, for `restore`. */
    parameters() {
      return [...this.weights, ...this.biases].map((array) => array.slice());
    }

    restore(parameters) {
      [...this.weights, ...this.biases].forEach((array, i) => array.set(parameters[i]));
    }
  }

  /** z = w a + b. */
  function weigh(w, b, a, z) {
    for (let k = 0, i = 0; k < z.length; k++) {
      let sum = b[k];
      for (let j = 0; j < a.length; j++, i++) sum += w[i] * a[j];
      z[k] = sum;
    }
  }

  /** dC/db = delta (BP3), dC/dw = delta a^T (BP4), added. */
  function accumulate(delta, a, nablaW, nablaB) {
    for (let k = 0, i = 0; k < delta.length; k++) {
      nablaB[k] += delta[k];
      for (let j = 0; j < a.length; j++, i++) nablaW[i] += delta[k] * a[j];
    }
  }

  /** The error of the layer before: (w^T delta) * sigma'(z) (BP2). */
  function pullBack(delta, w, a, slope, before) {
    for (let j = 0; j < before.length; j++) {
      let sum = 0;
      for (let k = 0; k < delta.length; k++) sum += w[k * before.length + j] * delta[k];
      before[j] = sum * slope(a[j]);
    }
  }

  train.Network = Network;
})();
