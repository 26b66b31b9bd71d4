// The colours of style.css, for what is drawn by scripts.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const listeners = [];
  const known = new Map(); // to ask for a style anew at each stroke takes long

  /** The value of a variable, "#rrggbb": get("ink") is --ink. */
  function get(name) {
    if (!known.has(name)) {
      const style = getComputedStyle(document.documentElement);
      known.set(name, style.getPropertyValue(`--${name}`).trim());
    }
    return known.get(name);
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
    .addEventListener("change", () => {
      known.clear();
      listeners.forEach((f) => f());
    });
  fastnn.colours = { get, rgb, onChange };
})();
