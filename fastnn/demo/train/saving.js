// Taking the trained network along: as a file, or copied.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  class Saving {
    /** part(name) are the page's elements, current() is {training, classes} as they are. */
    constructor(part, current) {
      Object.assign(this, { part, current });
      part("format").addEventListener("change", () => this.show());
      part("download").addEventListener("click", () => this.download());
      part("copy").addEventListener("click", () => this.copy());
    }

    /** {text} of the network in the format that is chosen, or {why} there is none. */
    made() {
      const { training, classes } = this.current();
      const { network, rows } = training;
      try {
        const content =
          this.part("format").value === "book"
            ? train.portable.forBook(network, rows.scaling)
            : train.portable.forFastnn(network, rows.scaling, classes);
        return { text: JSON.stringify(content) };
      } catch (error) {
        return { why: `${error.message}: take the other format.` };
      }
    }

    /** Whether there is such a file, after a change of settings. */
    show() {
      const { why } = this.made();
      this.part("saving-note").textContent = why ?? "";
      this.part("download").disabled = this.part("copy").disabled = why !== undefined;
      this.part("copied").hidden = true;
    }

    download() {
      const link = document.createElement("a");
      link.href = `data:application/json,${encodeURIComponent(this.made().text)}`;
      link.download = "network.json";
      link.click();
    }

    async copy() {
      const { text } = this.made();
      try {
        await navigator.clipboard.writeText(text);
        this.part("saving-note").textContent = "Copied.";
      } catch {
        const shown = this.part("copied"); // some browsers let no file write to the clipboard
        [shown.value, shown.hidden] = [text, false];
        shown.select();
        this.part("saving-note").textContent = "Press Ctrl+C to copy it.";
      }
    }
  }

  train.Saving = Saving;
})();
