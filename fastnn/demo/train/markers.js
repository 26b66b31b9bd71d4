// The points on the picture: a shape for each class, full if the network learns from it.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  /** Paths around 0 with radius 1; a colour is not all that tells classes apart. */
  const shapes = [
    (path) => path.arc(0, 0, 1, 0, 2 * Math.PI),
    (path) => path.rect(-0.9, -0.9, 1.8, 1.8),
    (path) => {
      path.moveTo(0, -1.25);
      path.lineTo(1.15, 0.85);
      path.lineTo(-1.15, 0.85);
      path.closePath();
    },
  ];

  function draw(canvas, rows) {
    const { context, width, height } = train.canvas.cleared(canvas);
    const colours = train.canvas.palette();
    const radius = rows.points.length > 600 ? 2.6 : 4;
    rows.points.forEach(([x, y, target], i) => {
      const [left, top] = placeOf(rows.view, x, y, width, height);
      const colour = rows.classes ? colours.classes[target] : between(target);
      const shape = shapes[rows.classes ? target : 0];
      mark(context, [left, top, radius], shape, colour, rows.isTest[i]);
    });
    labelView(context, rows.view, width, height);
  }

  function mark(context, [left, top, radius], shape, colour, isTest) {
    const { surface } = train.canvas.palette();
    context.save();
    context.translate(left, top);
    context.scale(radius, radius);
    context.beginPath();
    shape(context);
    context.restore();
    context.fillStyle = isTest ? surface : colour;
    context.strokeStyle = isTest ? colour : surface;
    context.lineWidth = isTest ? 1.6 : 1;
    context.fill();
    context.stroke();
  }

  /** The colour of a number to learn. */
  function between(value) {
    const { classes } = train.canvas.palette().rgb;
    const share = train.surface.toShare(value);
    const mixed = classes[0].map((low, c) => Math.round(low + share * (classes[1][c] - low)));
    return `rgb(${mixed})`;
  }

  /** The numbers at the picture's edges. */
  function labelView(context, [left, right, bottom, top], width, height) {
    context.fillStyle = train.canvas.palette().ink;
    context.font = "11px system-ui, sans-serif";
    const write = (text, x, y, align, baseline) => {
      [context.textAlign, context.textBaseline] = [align, baseline];
      context.fillText(train.numbers.figure(text), x, y);
    };
    write(left, 3, height - 3, "left", "bottom");
    write(right, width - 3, height - 3, "right", "bottom");
    write(bottom, 3, height - 18, "left", "bottom");
    write(top, 3, 3, "left", "top");
  }

  function placeOf([left, right, bottom, top], x, y, width, height) {
    return [((x - left) / (right - left)) * width, ((top - y) / (top - bottom)) * height];
  }

  /** The point under a place of the picture, with as many digits as one can point at. */
  function pointAt([left, right, bottom, top], x, y, width, height) {
    const digits = (size) => Math.max(0, 3 - Math.floor(Math.log10(size)));
    const rounded = (value, size) => Number(value.toFixed(Math.min(12, digits(size))));
    return [
      rounded(left + (x / width) * (right - left), right - left),
      rounded(top - (y / height) * (top - bottom), top - bottom),
    ];
  }

  /** The index of the last of some points within `reach` pixels of a place, or -1. */
  function nearest(points, view, [x, y], width, height, reach = 12) {
    const distances = points.map((point) => {
      const [left, top] = placeOf(view, point[0], point[1], width, height);
      return Math.hypot(left - x, top - y);
    });
    const least = Math.min(...distances);
    return least <= reach ? distances.lastIndexOf(least) : -1;
  }

  train.markers = { draw, pointAt, nearest };
})();
