// The curves that this is about: data cost, penalty and their sum; and the accuracy beside them.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  /**
   * Of each figure [epoch, value]: the data cost of the rows watched and of the others, the penalty
   * and the sum, and the accuracies. By mistake, the penalty is divided by the rows watched.
   */
  function seriesOf(figures, { watch, bymeasured }) {
    const other = watch === "test" ? "training" : "test";
    const penalty = (f) =>
      train.penalty.penalty(f.sums, f, bymeasured && f[watch].rows ? f[watch].rows : f.n);
    const sum = (f) => (f[watch].dataCost === null ? null : f[watch].dataCost + penalty(f));
    const of = (value) => figures.map((f) => [f.epoch, value(f)]);
    return {
      dataCost: of((f) => f[watch].dataCost),
      otherDataCost: of((f) => f[other].dataCost),
      penalty: of(penalty),
      sum: of(sum),
      training: of((f) => f.training.accuracy),
      test: of((f) => f.test.accuracy),
    };
  }

  const last = (points) => points.at(-1)[1];

  /** Draws both charts, and writes the last values into their legends. */
  function draw(part, training, settings) {
    const series = seriesOf(training.figures, settings);
    const colours = train.canvas.palette();
    const without = (line) => line.points.some(([, value]) => value !== null);
    train.chart.draw(part("cost"), {
      log: settings.axis === "log",
      lines: [
        { points: series.otherDataCost, colour: colours["curve-1"], width: 1, dash: [2, 3] },
        { points: series.dataCost, colour: colours["curve-1"] },
        { points: series.penalty, colour: colours["curve-2"], dash: [7, 3] },
        { points: series.sum, colour: colours.ink, width: 1.5 },
      ].filter(without),
    });
    part("accuracies").hidden = !training.rows.classes;
    if (training.rows.classes) drawAccuracy(part, series, training, colours);
    writeLegends(part, series, settings);
  }

  function drawAccuracy(part, series, { rows }, colours) {
    train.chart.draw(part("accuracy"), {
      range: [0, 1],
      level: { value: 1 / rows.classes, text: "chance" },
      lines: [
        { points: series.training, colour: colours["curve-3"] },
        { points: series.test, colour: colours["curve-3"], dash: [2, 3] },
      ],
    });
  }

  function writeLegends(part, series, { watch }) {
    const { figure, percent } = train.numbers;
    for (const name of ["dataCost", "otherDataCost", "penalty", "sum"]) {
      write(part(`${name}-now`), figure(last(series[name])));
    }
    for (const name of ["training", "test"])
      write(part(`${name}-now`), percent(last(series[name])));
    write(part("other-name"), watch === "test" ? "on training rows" : "on test rows");
  }

  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  train.curves = { draw, seriesOf };
})();
