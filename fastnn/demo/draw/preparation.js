// A drawing becomes a picture as MNIST's are: the digit is cut out, its longer side scaled to 20
// pixels, antialiased, and its centre of mass laid on the middle of 28 x 28.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const [SIDE, BOX, CENTRE] = [28, 20, 14];
  const INK = 128; // half covered: what is less is a line's soft edge, or none

  /** The 784 bytes that a network sees of ink (side * side bytes); null if there is none. */
  function prepare(ink, side) {
    const box = boxOf(ink, side);
    return box && centred(fitted(ink, side, box));
  }

  /** The smallest box that holds all ink, {top, bottom, left, right}; the ends are outside. */
  function boxOf(ink, side) {
    let [top, bottom, left, right] = [-1, 0, side, 0];
    for (let row = 0; row < side; row++) {
      const start = row * side;
      let first = 0;
      while (first < side && ink[start + first] < INK) first++;
      if (first === side) continue;
      let end = side;
      while (ink[start + end - 1] < INK) end--;
      if (top < 0) top = row;
      bottom = row + 1;
      if (first < left) left = first;
      if (end > right) right = end;
    }
    return bottom ? { top, bottom, left, right } : null;
  }

  /** What is in the box, its longer side 20 pixels; the darkest pixel has full ink. */
  function fitted(ink, side, { top, bottom, left, right }) {
    const longer = Math.max(bottom - top, right - left);
    const scaled = (length) => Math.max(1, Math.round((length * BOX) / longer));
    const [height, width] = [scaled(bottom - top), scaled(right - left)];
    const means = new Float64Array(height * width);
    const beside = shares(left, right, width);
    shares(top, bottom, height).forEach((rows, i) =>
      beside.forEach((columns, k) => (means[i * width + k] = mean(ink, side, rows, columns)))
    );
    const most = Math.max(...means);
    return { height, width, bytes: means.map((each) => Math.round((each * 255) / most)) };
  }

  /** Which of the pixels from start to end lie in each of `count` equal parts, and how much. */
  function shares(start, end, count) {
    const step = (end - start) / count;
    return Array.from({ length: count }, (_, i) => {
      const [from, to] = [start + i * step, start + (i + 1) * step];
      const first = Math.floor(from);
      const length = Math.min(Math.ceil(to), end) - first;
      const weights = Array.from({ length }, (_, k) =>
        Math.min(first + k + 1, to) - Math.max(first + k, from)
      );
      return { first, weights, sum: to - from };
    });
  }

  /** The mean of ink over an area: antialiasing that loses nothing and invents nothing. */
  function mean(ink, side, rows, columns) {
    let sum = 0;
    for (let i = 0; i < rows.weights.length; i++) {
      const start = (rows.first + i) * side + columns.first;
      let along = 0;
      for (let k = 0; k < columns.weights.length; k++) along += columns.weights[k] * ink[start + k];
      sum += rows.weights[i] * along;
    }
    return sum / (rows.sum * columns.sum);
  }

  /** In the middle of 28 x 28 pixels, by its centre of mass. */
  function centred({ height, width, bytes }) {
    let [mass, down, across] = [0, 0, 0];
    bytes.forEach((byte, i) => {
      mass += byte;
      down += byte * Math.floor(i / width);
      across += byte * (i % width);
    });
    const place = (sum, size) =>
      Math.min(Math.max(Math.round(CENTRE - sum / mass), 0), SIDE - size);
    const [top, left] = [place(down, height), place(across, width)];
    const picture = new Uint8Array(SIDE * SIDE);
    bytes.forEach((byte, i) => {
      picture[(top + Math.floor(i / width)) * SIDE + left + (i % width)] = byte;
    });
    return picture;
  }

  fastnn.preparation = { SIDE, prepare };
})();
