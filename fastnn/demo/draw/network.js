// A network's arithmetic: a = sigma(w a + b), layer by layer, in double precision.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});

  /** A network from what the page holds of it as JSON, see fastnn/demo/network_data.py. */
  function decode(data) {
    const bytes = Uint8Array.from(atob(data.parameters), (letter) => letter.charCodeAt(0));
    const parameters = data.dtype === "float16" ? fromHalves(bytes) : fromSingles(bytes);
    const layers = [];
    let first = 0;
    const take = (count) => parameters.subarray(first, (first += count));
    data.activations.forEach((activation, l) => {
      const [inputs, outputs] = [data.sizes[l], data.sizes[l + 1]];
      const weights = take(inputs * outputs);
      layers.push({ inputs, outputs, weights, biases: take(outputs), activation });
    });
    return { ...data, layers, parameters: undefined };
  }

  function fromSingles(bytes) {
    const view = new DataView(bytes.buffer);
    return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
  }

  /** IEEE 754's binary16: a sign, five bits of exponent, ten of fraction. */
  function fromHalves(bytes) {
    const view = new DataView(bytes.buffer);
    return Float32Array.from({ length: bytes.length / 2 }, (_, i) => {
      const bits = view.getUint16(2 * i, true);
      const [exponent, fraction] = [(bits >> 10) & 31, (bits & 1023) / 1024];
      const size = exponent ? (1 + fraction) * 2 ** (exponent - 15) : fraction * 2 ** -14;
      return bits >> 15 ? -size : size;
    });
  }

  /** z = w a + b of one layer. Inputs that are 0, most of a picture's, cost nothing. */
  function weigh({ inputs, outputs, weights, biases }, a) {
    const there = [];
    for (let j = 0; j < inputs; j++) if (a[j]) there.push(j);
    const z = Float64Array.from(biases);
    for (let k = 0; k < outputs; k++) {
      const row = k * inputs;
      let sum = 0;
      for (const j of there) sum += weights[row + j] * a[j];
      z[k] += sum;
    }
    return z;
  }

  /** All layers' z and a for 784 pixels, 0 to 255; a[0] is the input. */
  function feedforward(network, pixels) {
    const z = [];
    const a = [Float64Array.from(pixels, (pixel) => pixel * network.scale)];
    network.layers.forEach((layer, l) => {
      z.push(weigh(layer, a[l]));
      a.push(fastnn.activations.of(layer.activation, z[l]));
    });
    return { z, a };
  }

  /** What each class gets of the outputs: a single one stands for the second of two classes. */
  function scores(outputs) {
    return outputs.length === 1 ? [1 - outputs[0], outputs[0]] : [...outputs];
  }

  /** The index of the class that Network.predict names; the first of equals. */
  function leading(outputs) {
    if (outputs.length === 1) return outputs[0] > 0.5 ? 1 : 0;
    return outputs.reduce((best, a, k) => (a > outputs[best] ? k : best), 0);
  }

  fastnn.network = { decode, feedforward, scores, leading };
})();
