// The colours of style.css, for what is drawn by scripts.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const listeners = [];

  /** The value of a variable, "#rrggbb": get("ink") is --ink. */
  function get(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  }

  /** The same as [red, green, blue], 0 to 255. */
  function rgb(name) {
    const number = parseInt(get(name).slice(1), 16);
    return [number >> 16, (number >> 8) & 255, number & 255];
  }

  /** Call f when light becomes dark or dark light: what is drawn has to be drawn anew. */
  function onChange(f) {
    listeners.push(f);
  }

  globalThis
    .matchMedia?.("(prefers-color-scheme: dark)")
    .addEventListener("change", () => listeners.forEach((f) => f()));
  fastnn.colours = { get, rgb, onChange };
})();
