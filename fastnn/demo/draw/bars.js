// A bar for each class, which grows and shrinks while one draws; a click asks why.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});

  /**
   * list    the element that gets the bars
   * names   of the classes
   * asked   called with the number of the class that was clicked on
   */
  function create(list, names, asked) {
    const template = document.getElementById("bar").content;
    const bars = names.map((name, k) => {
      list.append(template.cloneNode(true));
      const item = list.lastElementChild;
      const [button, label, fill, value] = ["", "-name", "-fill", "-value"].map((part) =>
        item.querySelector(`.bar${part}`)
      );
      label.textContent = name;
      button.addEventListener("click", () => asked(k));
      return { button, fill, value };
    });

    const longest = Math.max(...names.map((name) => name.length));
    list.style.setProperty("--name-width", `${Math.min(longest, 16) + 0.5}ch`);
    list.classList.toggle("short", longest < 4);

    /**
     * scores   of each class, null where there is no drawing
     * says     how a score is written
     * named    the classes that the network names
     * pressed  the class that is explained
     */
    function update(scores, says, named, pressed) {
      const most = Math.max(1, ...(scores ?? [])); // outputs of relu have no bound
      bars.forEach(({ button, fill, value }, k) => {
        const length = scores ? Math.min(Math.max(scores[k] / most, 0), 1) : 0;
        fill.style.transform = `scaleX(${length})`;
        value.textContent = scores ? says(scores[k]) : "";
        button.classList.toggle("named", named.includes(k));
        button.setAttribute("aria-pressed", k === pressed);
        button.disabled = !scores;
      });
    }

    return { update };
  }

  fastnn.bars = { create };
})();
