// A drawing as text that fits into the page's address, and back.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const { SIDE } = fastnn.ink;
  const { STEPS } = fastnn.Drawing;
  const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const STROKE = /^[\w-]([\w-]{4})+$/; // a digit for the width, four for each point
  const MOST = 20000; // letters: what is longer was not drawn here

  /** Strokes joined by dots; [x, y] are two digits of base 64 each. */
  function encode(strokes) {
    const place = (at) => {
      const steps = Math.round((at + SIDE) * STEPS);
      return DIGITS[steps >> 6] + DIGITS[steps & 63];
    };
    return strokes
      .map(({ width, points }) => DIGITS[width] + points.flat().map(place).join(""))
      .join(".");
  }

  /** The strokes; none if the text is nothing that `encode` wrote. */
  function decode(text) {
    const strokes = text.split(".");
    if (text.length > MOST || !strokes.every((stroke) => STROKE.test(stroke))) return [];
    return strokes.map((stroke) => {
      const digits = [...stroke].map((letter) => DIGITS.indexOf(letter));
      const place = (i) => (64 * digits[i] + digits[i + 1]) / STEPS - SIDE;
      const points = [];
      for (let i = 1; i < digits.length; i += 4) points.push([place(i), place(i + 2)]);
      return { width: Math.max(digits[0], 1), points };
    });
  }

  fastnn.link = { encode, decode };
})();
