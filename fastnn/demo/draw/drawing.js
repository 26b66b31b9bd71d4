// A drawing: its strokes, and the ink that they leave. It knows no mouse and no screen.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const { SIDE } = fastnn.ink;
  const NEAR = 5; // pixels: what moved less is no new point
  const STEPS = 4095 / (3 * SIDE); // a pixel: places are rounded so that links hold them exactly

  /** A place as links hold it: a whole number of steps, at most SIDE beside the square. */
  function rounded(place) {
    const steps = (at) => Math.round((Math.min(Math.max(at, -SIDE), 2 * SIDE) + SIDE) * STEPS);
    return place.map((at) => steps(at) / STEPS - SIDE);
  }

  const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];

  /**
   * A stroke is {width, points}: a curve through the middles between its points, from the first
   * point to the last, so that the few points of a quick hand make no corners.
   */
  class Drawing {
    strokes = [];
    ink = fastnn.ink.create();
    #past = []; // the strokes before each change
    #open = null; // the stroke that is being drawn

    get isEmpty() {
      return !this.strokes.length;
    }

    get canUndo() {
      return this.#past.length > 0;
    }

    begin(point, width) {
      this.end();
      this.#past.push(this.strokes);
      this.#open = { width, points: [rounded(point)] };
      this.strokes = [...this.strokes, this.#open];
      this.#drawDot(this.#open);
    }

    /** Go on to a point; returns whether it is far enough from the last one to be drawn. */
    extend(point) {
      if (!this.#open) return false;
      const { points, width } = this.#open;
      const [x, y] = points.at(-1);
      if (Math.hypot(point[0] - x, point[1] - y) < NEAR) return false;
      points.push(rounded(point));
      this.#drawLast(points.slice(-3), width);
      return true;
    }

    end() {
      if (this.#open) this.#drawEnd(this.#open);
      this.#open = null;
    }

    /** Take back the last stroke, or the last clearing. */
    undo() {
      if (this.canUndo) this.#replace(this.#past.pop());
    }

    clear() {
      this.end();
      if (this.isEmpty) return;
      this.#past.push(this.strokes);
      this.#replace([]);
    }

    /** Show these strokes instead of all that was there. */
    show(strokes) {
      this.#replace(strokes);
      this.#past = strokes.map((_, i) => strokes.slice(0, i));
    }

    #replace(strokes) {
      this.#open = null;
      this.strokes = strokes;
      this.ink.fill(0);
      for (const stroke of strokes) {
        const { points, width } = stroke;
        this.#drawDot(stroke);
        for (let n = 2; n <= points.length; n++) {
          this.#drawLast(points.slice(Math.max(n - 3, 0), n), width);
        }
        this.#drawEnd(stroke);
      }
    }

    #drawDot({ points, width }) {
      fastnn.ink.line(this.ink, points[0], points[0], width);
    }

    /** What the last of two or three points adds: up to the middle before it. */
    #drawLast([a, b, c], width) {
      if (c) fastnn.ink.curve(this.ink, middle(a, b), b, middle(b, c), width);
      else fastnn.ink.line(this.ink, a, middle(a, b), width);
    }

    #drawEnd({ points, width }) {
      if (points.length < 2) return;
      const [a, b] = points.slice(-2);
      fastnn.ink.line(this.ink, middle(a, b), b, width);
    }
  }

  fastnn.Drawing = Object.assign(Drawing, { STEPS });
})();
