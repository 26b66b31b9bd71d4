// The reader's own points as text: a line each, "x, y, class".
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  const most = 2000; // points; more would make the address too long to send
  const classes = 3;
  const largest = 1e6;

  /**
   * {points, names, errors} of a text. Cells are parted by commas, semicolons, tabs or blanks;
   * between semicolons or tabs, a comma may stand for the decimal point. Empty lines, lines that
   * begin with "#" and a first line that names the columns are left out. Classes are any words: in
   * the order of their numbers if all are numbers, else as they come. Each error names its line,
   * counted from 1; with errors there are no points.
   */
  function parse(text) {
    const rows = [];
    const errors = [];
    let first = true;
    text.split(/\r\n|\r|\n/).forEach((line, i) => {
      const cells = cellsOf(line);
      if (!cells.length) return;
      const header =
        first && cells.length === 3 && !cells.slice(0, 2).some((cell) => isNumber(cell));
      first = false;
      if (header) return;
      const wrong = whatIsWrong(cells);
      if (wrong) errors.push(`line ${i + 1}: ${wrong}`);
      else rows.push([Number(cells[0]), Number(cells[1]), cells[2]]);
    });
    if (rows.length > most) errors.push(`expected at most ${most} points, got ${rows.length}`);
    const names = namesOf(rows.map((row) => row[2]));
    if (names.length > classes) {
      const found = names.slice(0, 6).join(", ");
      errors.push(`expected at most ${classes} classes, got ${names.length}: ${found}`);
    }
    if (errors.length) return { points: [], names: [], errors };
    return { points: rows.map(([x, y, c]) => [x, y, names.indexOf(c)]), names, errors };
  }

  function cellsOf(line) {
    const text = line.trim();
    if (!text || text.startsWith("#")) return [];
    const plain = (cell) => cell.trim().replace(/^"(.*)"$/, "$1");
    if (!/[;\t]/.test(text)) return text.split(text.includes(",") ? "," : /\s+/).map(plain);
    const [x, y, ...others] = text.split(/[;\t]/).map(plain);
    return [x, y].map((cell) => cell?.replace(",", ".") ?? "").concat(others);
  }

  const isName = (text) => /^[^\s*,;"]{1,20}$/.test(text);

  const isNumber = (cell) => cell !== "" && Number.isFinite(Number(cell));

  function whatIsWrong(cells) {
    if (cells.length !== 3) {
      return `expected x, y, class, got ${cells.length} ${cells.length === 1 ? "cell" : "cells"}`;
    }
    for (const [k, name] of ["x", "y"].entries()) {
      if (!isNumber(cells[k])) return `${name}: expected a number, got "${cells[k]}"`;
      if (Math.abs(cells[k]) > largest) {
        return `${name}: expected a number from -${largest} to ${largest}, got ${cells[k]}`;
      }
    }
    if (!isName(cells[2])) {
      return `class: expected one word of at most 20 letters, got "${cells[2]}"`;
    }
    return null;
  }

  /** Classes 0, 1 and 2 stand for themselves, even if nobody is in a lower one. */
  function namesOf(found) {
    const names = [...new Set(found)];
    if (!names.length || !names.every(isNumber)) return names;
    if (names.every((name) => /^[012]$/.test(name))) {
      return ["0", "1", "2"].slice(0, Math.max(1, ...names) + 1);
    }
    return names.sort((a, b) => a - b);
  }

  /** Points as such a text. */
  function format(points, names) {
    return points.map(([x, y, c]) => `${x}, ${y}, ${names[c] ?? c}`).join("\n");
  }

  train.csv = { parse, format, isName, most, largest };
})();
