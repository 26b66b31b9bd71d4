// Canvases as sharp as the screen, and the colours of what is drawn on them.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  /** {context, width, height}, cleared, lengths being CSS pixels. */
  function cleared(canvas) {
    const { clientWidth: width, clientHeight: height } = canvas;
    const ratio = globalThis.devicePixelRatio || 1;
    const [columns, lines] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== columns || canvas.height !== lines) {
      [canvas.width, canvas.height] = [columns, lines];
    }
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = "12px system-ui, sans-serif";
    return { context, width, height };
  }

  const names = ["surface", "ink", "muted", "line", "curve-1", "curve-2", "curve-3"];
  const classNames = ["class-0", "class-1", "class-2"];
  let read = null;

  /** Colours by their names in the styles, and {rgb: {surface, classes}} for single pixels. */
  function palette() {
    if (read === null) {
      read = Object.fromEntries(names.map((name) => [name, fastnn.colours.get(name)]));
      read.classes = classNames.map(fastnn.colours.get);
      read.rgb = {
        surface: fastnn.colours.rgb("surface"),
        classes: classNames.map(fastnn.colours.rgb),
      };
    }
    return read;
  }

  /** Light became dark, or dark light. */
  function forgetPalette() {
    read = null;
  }

  train.canvas = { cleared, palette, forgetPalette };
})();
