// fastnn's activations sigma(z); formulas and constants are those of fastnn/reference/network.py.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});

  const sigmoid = (z) => 1 / (1 + Math.exp(-z));
  const softplus = (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));

  const functions = {
    sigmoid,
    tanh: Math.tanh,
    relu: (z) => Math.max(z, 0),
    leaky_relu: (z) => (z > 0 ? z : 0.01 * z),
    elu: (z) => (z > 0 ? z : Math.expm1(z)),
    selu: (z) => 1.0507009873554805 * (z > 0 ? z : 1.6732632423543772 * Math.expm1(z)),
    gelu: (z) => z * normal(z),
    silu: (z) => z * sigmoid(z),
    softplus,
    mish: (z) => z * Math.tanh(softplus(z)),
    identity: (z) => z,
    exponential: Math.exp,
  };

  /** The standard normal distribution function. */
  function normal(z) {
    if (Math.abs(z) < 3) {
      // Phi(z) = 1/2 + phi(z) (z + z^3/3 + z^5/15 + ...): all terms have one sign.
      let [term, sum] = [z, z];
      for (let n = 3; Math.abs(term) > 1e-17 * Math.abs(sum); n += 2) sum += term *= (z * z) / n;
      return 0.5 + density(z) * sum;
    }
    // The tail as a continued fraction: phi(z) / (z + 1 / (z + 2 / (z + 3 / ...))).
    const size = Math.abs(z);
    let below = size;
    for (let n = 60; n > 0; n--) below = size + n / below;
    const tail = density(z) / below;
    return z > 0 ? 1 - tail : tail;
  }

  const density = (z) => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);

  /** The largest z is subtracted first, so that no exponential overflows. */
  function softmax(z) {
    const largest = Math.max(...z);
    const e = Float64Array.from(z, (each) => Math.exp(each - largest));
    const sum = e.reduce((total, each) => total + each, 0);
    return e.map((each) => each / sum);
  }

  /** A layer's activations for its weighted inputs z. */
  function of(name, z) {
    return name === "softmax" ? softmax(z) : Float64Array.from(z, functions[name]);
  }

  /**
   * v^T da/dz: how much each z moves the sum of v a; where there is a kink, its mean slope.
   *
   * A central difference in double precision: its error is of no weight in a picture.
   */
  function pulledBack(name, z, a, v) {
    if (name === "softmax") {
      const mean = v.reduce((sum, each, k) => sum + each * a[k], 0);
      return v.map((each, k) => a[k] * (each - mean));
    }
    const [sigma, h] = [functions[name], 1e-5];
    return v.map((each, k) => (each * (sigma(z[k] + h) - sigma(z[k] - h))) / (2 * h));
  }

  fastnn.activations = { names: [...Object.keys(functions), "softmax"], of, pulledBack };
})();
