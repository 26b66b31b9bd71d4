// Ink on a square of pixels: lines with round ends, antialiased.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const SIDE = 448; // pixels; places on it are [x, y], 0 to SIDE

  /** An empty square: SIDE * SIDE bytes, row by row, 0 without ink and 255 in full ink. */
  function create() {
    return new Uint8ClampedArray(SIDE * SIDE);
  }

  /** Draw from a to b. Ink on ink stays as it is: strokes may cross and be drawn in any order. */
  function line(ink, a, b, width) {
    const radius = width / 2;
    const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
    const square = dx * dx + dy * dy;
    const [left, right] = reach(a[0], b[0], radius);
    const [top, bottom] = reach(a[1], b[1], radius);
    for (let row = top; row < bottom; row++) {
      for (let column = left; column < right; column++) {
        const [x, y] = [column + 0.5 - a[0], row + 0.5 - a[1]]; // a pixel's middle, seen from a
        const along = square ? Math.min(Math.max((x * dx + y * dy) / square, 0), 1) : 0;
        const [across, down] = [x - along * dx, y - along * dy];
        const distance = Math.sqrt(across * across + down * down); // hypot takes much longer
        const covered = 255 * (radius + 0.5 - distance); // of the pixel, at the line's edge
        const pixel = row * SIDE + column;
        if (covered > ink[pixel]) ink[pixel] = covered;
      }
    }
  }

  /** The pixels from the first to behind the last that a line between two places may touch. */
  function reach(a, b, radius) {
    const first = Math.floor(Math.min(a, b) - radius - 1);
    const end = Math.ceil(Math.max(a, b) + radius + 1);
    return [Math.max(first, 0), Math.min(end, SIDE)];
  }

  /** Draw a curve from a to b that leaves and arrives in the direction of `corner`. */
  function curve(ink, a, corner, b, width) {
    const length =
      Math.hypot(corner[0] - a[0], corner[1] - a[1]) +
      Math.hypot(b[0] - corner[0], b[1] - corner[1]);
    const pieces = Math.ceil(length / 8) || 1;
    let from = a;
    for (let i = 1; i <= pieces; i++) {
      const t = i / pieces;
      const at = (axis) =>
        (1 - t) ** 2 * a[axis] + 2 * t * (1 - t) * corner[axis] + t * t * b[axis];
      const to = [at(0), at(1)];
      line(ink, from, to, width);
      from = to;
    }
  }

  fastnn.ink = { SIDE, create, line, curve };
})();
