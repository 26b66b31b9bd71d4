// What is said of a training beside its pictures: how far it is, what lambda does, what goes wrong.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});
  const { figure } = train.numbers;

  function show(part, training, settings) {
    const { rows, n, m } = training;
    const epoch = Math.floor(training.epoch);
    write(part("progress"), `Epoch ${figure(epoch)}.`);
    write(
      part("counts"),
      `n = ${figure(n)} training rows ●, ${figure(rows.test.length)} test rows ○; ` +
        (n
          ? `${figure(training.updatesAnEpoch)} updates an epoch, m = ${figure(m)}`
          : "add points"),
    );
    showVerdict(part, train.verdict(settings, training));
    showTable(part("lambda"), train.explain.arithmetic(settings, training));
    const names = train.explain.elsewhere(settings, training);
    const told = names.map(([name, value]) => `${name} ${figure(value)}`).join(", ");
    write(part("elsewhere"), told && `The same λ elsewhere: ${told}.`);
    part("no-lambda").hidden = Boolean(settings.l1 || settings.l2);
  }

  function showVerdict(part, verdict) {
    part("verdict").hidden = !verdict;
    part("fine").hidden = Boolean(verdict);
    if (!verdict) return;
    write(part("verdict-title"), verdict.title);
    write(part("verdict-text"), verdict.text);
    part("mend").hidden = !verdict.mend;
    write(part("mend"), verdict.label ?? "");
  }

  function showTable(table, rows) {
    while (table.rows.length > rows.length) table.deleteRow(-1);
    rows.forEach(([name, arithmetic, result, isMistake], i) => {
      const row = table.rows[i] ?? newRow(table);
      row.classList.toggle("mistake", isMistake);
      [name, arithmetic, result].forEach((text, k) => write(row.cells[k], text));
    });
  }

  function newRow(table) {
    const row = table.insertRow();
    for (let k = 0; k < 3; k++) row.insertCell();
    return row;
  }

  /** A text that is there already is not written again: it would be laid out again. */
  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  train.report = { show };
})();
