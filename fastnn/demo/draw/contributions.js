// What speaks for a class and against it: z_k = b_k + sum_j w_kj a_j, one term for each neuron of
// the last hidden layer.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});

  /** The weights w_kj to class k. Those to a single output are for the second class. */
  function weightsTo(network, k) {
    const { inputs, outputs, weights } = network.layers.at(-1);
    if (outputs > 1) return weights.subarray(k * inputs, (k + 1) * inputs);
    return k ? weights : weights.map((weight) => -weight);
  }

  /** The terms of class k, {bias, terms, sum}. */
  function of(network, { a }, k) {
    const { outputs, biases } = network.layers.at(-1);
    const bias = outputs > 1 ? biases[k] : k ? biases[0] : -biases[0];
    const terms = Float64Array.from(weightsTo(network, k), (weight, j) => weight * a.at(-2)[j]);
    return { bias, terms, sum: terms.reduce((total, term) => total + term, bias) };
  }

  /**
   * What neuron j of the last hidden layer looks for: how much each pixel moves its z.
   *
   * In the first layer those are its weights. Above that they are pulled back through the layers
   * below, as these are for this drawing, as backpropagation does.
   */
  function picture(network, { z, a }, j) {
    const hidden = network.layers.slice(0, -1);
    const { inputs, weights } = hidden.pop();
    let slopes = weights.subarray(j * inputs, (j + 1) * inputs);
    for (let l = hidden.length - 1; l >= 0; l--) {
      const { activation } = hidden[l];
      const errors = fastnn.activations.pulledBack(activation, z[l], a[l + 1], slopes);
      slopes = weighBack(hidden[l], errors);
    }
    return slopes;
  }

  /** w^T delta of one layer. */
  function weighBack({ inputs, weights }, errors) {
    const slopes = new Float64Array(inputs);
    errors.forEach((error, k) => {
      if (!error) return; // of relu half are
      const row = k * inputs;
      for (let i = 0; i < inputs; i++) slopes[i] += error * weights[row + i];
    });
    return slopes;
  }

  fastnn.contributions = { weightsTo, of, picture };
})();
