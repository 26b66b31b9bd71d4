// Shows one tab at a time, the one that the address names; starts each at its first showing.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const buttons = [...document.querySelectorAll("[role=tab]")];
  const started = new Set();
  const nameOf = (button) => button.getAttribute("aria-controls");
  let shown = null;

  function show(name) {
    if (name === shown) return;
    const before = shown;
    shown = name;
    for (const button of buttons) {
      const own = nameOf(button) === name;
      button.setAttribute("aria-selected", own);
      button.tabIndex = own ? 0 : -1;
      document.getElementById(nameOf(button)).hidden = !own;
    }
    fastnn[before]?.shown?.(false);
    if (!started.has(name)) {
      started.add(name);
      fastnn[name].start(document.getElementById(name));
    }
    fastnn[name].shown?.(true);
  }

  function fromAddress() {
    const names = buttons.map(nameOf);
    const asked = fastnn.address.get("tab");
    show(names.includes(asked) ? asked : names[0]);
  }

  function choose(button) {
    fastnn.address.set({ tab: button === buttons[0] ? null : nameOf(button) });
    show(nameOf(button));
  }

  buttons.forEach((button, i) => {
    button.addEventListener("click", () => choose(button));
    button.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const next = buttons[(i + step + buttons.length) % buttons.length];
      next.focus();
      choose(next);
    });
  });
  fastnn.address.onChange(fromAddress);
  fromAddress();
})();
