// Small pictures of 28 x 28 pixels: what the network sees, and weights.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const { SIDE } = fastnn.preparation;


  /** Paint numbers from -1 to 1: paper, with so much of the colour of their sign in it. */
  function paint(canvas, values, positive, negative) {
    const context = canvas.getContext("2d");
    const image = context.createImageData(SIDE, SIDE);
    const { data } = image;
    const paper = fastnn.colours.rgb("surface");
    for (let i = 0; i < SIDE * SIDE; i++) {
      const share = Math.abs(values[i]);
      const colour = values[i] > 0 ? positive : negative;
      for (let c = 0; c < 3; c++) data[4 * i + c] = paper[c] + share * (colour[c] - paper[c]);
      data[4 * i + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  }

  /** A picture of bytes in ink; of null an empty one. */
  function grey(canvas, bytes) {
    const ink = fastnn.colours.rgb("ink");
    const shares = Float64Array.from({ length: SIDE * SIDE }, (_, i) => (bytes?.[i] ?? 0) / 255);
    paint(canvas, shares, ink, ink);
  }

  /** Numbers with signs: the larger, the fuller the colour of what speaks for or against. */
  function signed(canvas, values) {
    let most = 0;
    for (const value of values) most = Math.max(most, Math.abs(value));
    const shares = Float64Array.from(values, (value) => value / (most || 1));
    paint(canvas, shares, fastnn.colours.rgb("for"), fastnn.colours.rgb("against"));
  }

  fastnn.pictures = { grey, signed };
})();
