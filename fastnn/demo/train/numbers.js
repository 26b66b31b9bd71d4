// Numbers as the page shows them.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  const raised = (exponent) =>
    [...String(exponent)].map((sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign])).join("");

  /** A round number, in few letters. */
  function short(value) {
    const text = figure(value, 3).replaceAll(" ", "");
    return text.replace(/^1\.0·/, "").replace(".0·", "·");
  }

  /** Four digits, without a power of ten where it can be read so. */
  function figure(value, digits = 4) {
    if (value === null || value === undefined) return "–";
    if (Number.isNaN(value)) return "NaN";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
    const size = Math.abs(value);
    const sign = value < 0 ? "−" : "";
    if (size !== 0 && (size < 1e-4 || size >= 1e9)) {
      const [mantissa, exponent] = size.toExponential(1).split("e");
      return `${sign}${mantissa} · 10${raised(Number(exponent))}`;
    }
    const rounded = size >= 10 ** digits ? Math.round(size) : Number(size.toPrecision(digits));
    return sign + rounded.toLocaleString("en-US", { maximumFractionDigits: 10 });
  }

  /** A factor of weights; one that is nearly 1 as 1 less its difference. */
  function factor(value) {
    const rest = 1 - value;
    return rest > 0 && rest < 1e-3 ? `1 − ${figure(rest)}` : figure(value);
  }

  const percent = (share) => (share === null ? "–" : `${(100 * share).toFixed(1)}%`);

  train.numbers = { figure, short, factor, percent };
})();
