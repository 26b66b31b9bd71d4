// The reader's own points: added by a click or a tap, taken away again, or pasted as text.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  /**
   * part(name) are the page's elements, current() is {settings, rows} as they are, and
   * change(settings) is called with what the reader's points have become.
   */
  class OwnPoints {
    constructor(part, current, change) {
      Object.assign(this, { part, current, change });
      part("points").addEventListener("click", (event) => this.click(event));
      part("use").addEventListener("click", () => this.use());
      part("clear").addEventListener("click", () =>
        this.change({ points: [], classes: [], view: null }),
      );
    }

    click(event) {
      const { settings, rows } = this.current();
      const { clientWidth: width, clientHeight: height } = this.part("points");
      const place = [event.offsetX, event.offsetY];
      const chosen = this.part("section").querySelector("[name=pointer]:checked").value;
      if (!rows.classes)
        return this.say("Here a number is to be learned: choose data with classes.");
      if (chosen === "none") return this.remove(settings.points, rows.view, place, [width, height]);
      if (settings.points.length >= train.csv.most)
        return this.say(`There are ${train.csv.most} already.`);
      const [x, y] = train.markers.pointAt(rows.view, ...place, width, height);
      this.say("");
      return this.change({ points: [...settings.points, [x, y, Number(chosen)]] });
    }

    remove(points, view, place, [width, height]) {
      const i = train.markers.nearest(points, view, place, width, height);
      if (i < 0) return this.say("There is no point of yours.");
      this.say("");
      return this.change({ points: points.filter((_, other) => other !== i) });
    }

    /** Take the text's points, and no others; or say what is wrong with it. */
    use() {
      const { points, names, errors } = train.csv.parse(this.part("text").value);
      const shown = errors
        .slice(0, 5)
        .concat(errors.length > 5 ? [`and ${errors.length - 5} more`] : []);
      this.part("errors").textContent = shown.join("\n");
      if (errors.length) return;
      const isUsual = names.every((name, c) => name === String(c));
      const view = train.viewOf(points);
      const isUsualView = view === train.datasets.usualView;
      this.change({
        data: "own",
        points,
        classes: isUsual ? [] : names,
        view: isUsualView ? null : view,
      });
    }

    say(text) {
      this.part("pointer-note").textContent = text;
    }

    /** What is being typed stays, unless it is about other points. */
    show({ points, classes }) {
      if (points === this.points && classes === this.classes) return;
      Object.assign(this, { points, classes });
      this.part("text").value = train.csv.format(points, classes);
      this.part("errors").textContent = "";
      this.part("clear").disabled = !points.length;
    }
  }

  train.OwnPoints = OwnPoints;
})();
