// Lines over epochs, with axes; values that are infinite, or no numbers, leave a gap.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  const margin = { left: 48, right: 10, top: 8, bottom: 22 };
  const leastLog = 1e-6; // what is smaller than that lies below a logarithmic axis

  /**
   * lines  {points: [[epoch, value], ...], colour, width, dash} of each
   * range  [least, most] of a linear axis; else null: from 0 to the largest value
   * log    whether the axis is logarithmic
   * level  null, or {value, text}: a dotted line across
   */
  function draw(canvas, { lines, range = null, log = false, level = null }) {
    const { context, width, height } = train.canvas.cleared(canvas);
    const values = lines.flatMap(({ points }) => points.map(([, value]) => value));
    const lastEpoch = Math.max(10, ...lines.map(({ points }) => points.at(-1)?.[0] ?? 0));
    const yTicks = log ? logTicks(values) : linearTicks(...(range ?? [0, largest(values)]), 4);
    const xTicks = linearTicks(0, lastEpoch, Math.max(2, Math.floor(width / 80)));
    const f = log ? Math.log10 : (value) => value;
    const [low, high] = [f(yTicks[0]), f(yTicks.at(-1))];
    const [w, h] = [width - margin.left - margin.right, height - margin.top - margin.bottom];
    const x = (epoch) => margin.left + (epoch / lastEpoch) * w;
    const y = (value) => margin.top + (1 - (f(value) - low) / (high - low)) * h;
    drawAxes(
      context,
      { xTicks: xTicks.filter((tick) => tick <= lastEpoch), yTicks, right: x(lastEpoch) },
      x,
      y,
    );
    context.save();
    context.beginPath();
    context.rect(margin.left, margin.top - 2, w + 2, h + 3);
    context.clip();
    if (level) drawLevel(context, level, x(lastEpoch), y(level.value));
    for (const line of lines) drawLine(context, line, x, y);
    context.restore();
  }

  const largest = (values) => values.reduce((a, b) => (Number.isFinite(b) && b > a ? b : a), 1e-9);

  /** Round numbers from at most `least` to at least `most`, some `count` steps between them. */
  function linearTicks(least, most, count) {
    const rough = (most - least) / count;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) * power;
    const steps = Math.ceil((most - least) / step - 1e-9);
    return Array.from({ length: steps + 1 }, (_, i) => Number((least + i * step).toPrecision(12)));
  }

  /** Powers of ten around all values above 0. */
  function logTicks(values) {
    const shown = values.filter((value) => value > 0 && Number.isFinite(value));
    const low = Math.floor(Math.log10(Math.max(leastLog, Math.min(...shown, 1))));
    const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...shown, leastLog))));
    const step = Math.ceil((high - low) / 6);
    return Array.from(
      { length: Math.ceil((high - low) / step) + 1 },
      (_, i) => 10 ** Math.min(308, low + i * step),
    );
  }

  function drawAxes(context, { xTicks, yTicks, right }, x, y) {
    const { line, muted } = train.canvas.palette();
    [context.strokeStyle, context.fillStyle, context.lineWidth] = [line, muted, 1];
    [context.textAlign, context.textBaseline] = ["right", "middle"];
    for (const tick of yTicks) {
      across(context, x(0), right, y(tick));
      context.fillText(train.numbers.short(tick), x(0) - 6, y(tick));
    }
    [context.textAlign, context.textBaseline] = ["left", "top"];
    context.fillText("epoch", 2, y(yTicks[0]) + 6);
    context.textAlign = "center";
    for (const tick of xTicks) {
      context.fillText(train.numbers.short(tick), x(tick), y(yTicks[0]) + 6);
    }
  }

  function across(context, from, to, y) {
    context.beginPath();
    context.moveTo(from, Math.round(y) + 0.5);
    context.lineTo(to, Math.round(y) + 0.5);
    context.stroke();
  }

  function drawLevel(context, { text }, right, y) {
    const { muted } = train.canvas.palette();
    [context.strokeStyle, context.fillStyle] = [muted, muted];
    context.setLineDash([2, 4]);
    across(context, margin.left, right, y);
    context.setLineDash([]);
    [context.textAlign, context.textBaseline] = ["right", "bottom"];
    context.fillText(text, right - 2, y - 2);
  }

  function drawLine(context, { points, colour, width = 2, dash = [] }, x, y) {
    [context.strokeStyle, context.lineWidth, context.lineJoin] = [colour, width, "round"];
    context.setLineDash(dash);
    context.beginPath();
    let joined = false;
    for (const [epoch, value] of points) {
      const there = Number.isFinite(value) && Number.isFinite(y(value));
      if (there && joined) context.lineTo(x(epoch), y(value));
      else if (there) context.moveTo(x(epoch), y(value));
      joined = there;
    }
    context.stroke();
    context.setLineDash([]);
  }

  train.chart = { draw, linearTicks, logTicks };
})();
