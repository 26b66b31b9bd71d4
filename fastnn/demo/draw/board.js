// The square that one draws on: by mouse, pen, finger or keyboard.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const { SIDE } = fastnn.ink;
  const STEP = SIDE / 32; // of an arrow key
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  /**
   * canvas   SIDE x SIDE pixels, shown in any size
   * drawing  what it draws on
   * pen      a function that returns the pen's width
   * changed  called when ink has changed, with whether a stroke has come to its end
   */
  function create(canvas, drawing, pen, changed) {
    const context = canvas.getContext("2d");
    const image = context.createImageData(SIDE, SIDE);
    const pixels = new Uint32Array(image.data.buffer);
    let cursor = null; // where the keyboard's pen is, {at, down}

    function paint() {
      const [red, green, blue] = fastnn.colours.rgb("ink");
      const colour = (blue << 16) | (green << 8) | red; // alpha is what is above
      const { ink } = drawing;
      for (let i = 0; i < ink.length; i++) pixels[i] = (ink[i] << 24) | colour;
      context.putImageData(image, 0, 0);
      if (cursor) paintCursor();
    }

    function paintCursor() {
      context.strokeStyle = fastnn.colours.get("accent");
      context.lineWidth = 4;
      context.setLineDash(cursor.down ? [] : [8, 6]);
      context.beginPath();
      context.arc(...cursor.at, Math.max(pen() / 2, 8), 0, 2 * Math.PI);
      context.stroke();
    }

    function end() {
      drawing.end();
      changed(true);
    }

    listenToPointers(canvas, {
      begin(at) {
        cursor = null;
        drawing.begin(at, pen());
        changed(false);
      },
      move(places) {
        const drawn = places.map((at) => drawing.extend(at));
        if (drawn.includes(true)) changed(false);
      },
      end,
    });

    canvas.addEventListener("keydown", (event) => {
      const direction = ARROWS[event.key];
      const isShortcut = event.ctrlKey || event.metaKey || event.altKey;
      if ((!direction && event.key !== " ") || isShortcut) return;
      event.preventDefault();
      cursor ??= { at: [SIDE / 2, SIDE / 2], down: false };
      if (direction) {
        cursor.at = cursor.at.map((at, axis) =>
          Math.min(Math.max(at + STEP * direction[axis], 0), SIDE)
        );
        if (cursor.down) drawing.extend(cursor.at);
        if (cursor.down) changed(false);
      } else {
        cursor.down = !cursor.down;
        if (cursor.down) drawing.begin(cursor.at, pen());
        if (cursor.down) changed(false);
        else end();
      }
      paint();
    });

    canvas.addEventListener("blur", () => {
      if (cursor?.down) end();
      cursor = null;
      paint();
    });

    return { paint };
  }

  /** Tell of one pointer at a time, also when it leaves the square: `begin`, `move`, `end`. */
  function listenToPointers(canvas, { begin, move, end }) {
    let active = null;

    function placeOf({ clientX, clientY }) {
      const { left, top, width, height } = canvas.getBoundingClientRect();
      return [((clientX - left) / width) * SIDE, ((clientY - top) / height) * SIDE];
    }

    function finish(event) {
      if (event.pointerId !== active) return;
      active = null;
      end();
    }

    canvas.addEventListener("pointerdown", (event) => {
      if (active !== null || event.button !== 0) return; // a second finger, another button
      active = event.pointerId;
      canvas.setPointerCapture(active);
      begin(placeOf(event));
    });
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerId !== active) return;
      const between = event.getCoalescedEvents?.() ?? []; // what came since the last frame
      move((between.length ? between : [event]).map(placeOf));
    });
    for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
      canvas.addEventListener(name, finish);
    }
    canvas.addEventListener("contextmenu", (event) => event.preventDefault()); // of a long touch
  }

  fastnn.board = { create };
})();
