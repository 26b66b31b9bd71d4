// Activations and costs, by the names that fastnn has for them.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  /** 1 / (1 + exp(-z)), without overflow. */
  function sigmoid(z) {
    const e = Math.exp(-Math.abs(z));
    return z >= 0 ? 1 / (1 + e) : e / (1 + e);
  }

  /** ln(1 + exp(z)), without overflow. */
  const softplus = (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));

  /** Of hidden neurons: a = of(z), and sigma'(z) = slope(a). NaN stays NaN. */
  const activations = {
    sigmoid: { of: sigmoid, slope: (a) => a * (1 - a) },
    tanh: { of: Math.tanh, slope: (a) => 1 - a * a },
    relu: { of: (z) => (z < 0 ? 0 : z), slope: (a) => (a > 0 ? 1 : 0) },
    identity: { of: (z) => z, slope: () => 1 },
  };

  /** The output layer's a = sigma(z); both are arrays (outputs). */
  const outputs = {
    sigmoid(z, a) {
      for (let k = 0; k < z.length; k++) a[k] = sigmoid(z[k]);
    },
    identity: (z, a) => a.set(z),
    softmax(z, a) {
      const sum = exponentials(z, a);
      for (let k = 0; k < a.length; k++) a[k] /= sum;
    },
  };

  /** The largest entry; NaN if one is. Math.max(...z) takes much longer. */
  function largestOf(z) {
    let largest = z[0];
    for (let k = 1; k < z.length; k++) largest = Math.max(largest, z[k]);
    return largest;
  }

  /** Write exp(z - max z), return their sum. */
  function exponentials(z, to) {
    const largest = largestOf(z);
    let sum = 0;
    for (let k = 0; k < z.length; k++) sum += to[k] = Math.exp(z[k] - largest);
    return sum;
  }

  /** sum_k f(k), of the outputs of one row. */
  function summed(count, f) {
    let sum = 0;
    for (let k = 0; k < count; k++) sum += f(k);
    return sum;
  }

  /**
   * What a row costs, from z, for a may be rounded to 0 or 1; y(k) is the target of output k.
   * Where `cancels`, sigma' cancels in the output layer's error, which is then a - y (the book's
   * chapter 3); else it is (a - y) sigma'(z) (BP1). `outputs` are those the cost is made for.
   */
  const costs = {
    cross_entropy: {
      outputs: "sigmoid",
      cancels: true,
      of: (z, a, y) => summed(z.length, (k) => softplus(z[k]) - z[k] * y(k)), // eq. 63
    },
    log_likelihood: {
      outputs: "softmax",
      cancels: true,
      of(z, a, y) {
        const largest = largestOf(z);
        const rest = Math.log(summed(z.length, (k) => Math.exp(z[k] - largest)));
        return summed(z.length, (k) => y(k) * (largest - z[k] + rest)); // eq. 80
      },
    },
    quadratic: {
      outputs: "sigmoid",
      cancels: false,
      of: (z, a, y) => summed(z.length, (k) => 0.5 * (a[k] - y(k)) ** 2), // eq. 6
    },
  };

  train.functions = { activations, outputs, costs, largestOf };
})();
