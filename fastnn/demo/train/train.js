// The tab: settings from the address, a training from the settings, and all that shows it.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  const updatesAtMost = 1e9; // a second: more than there is ever time for
  const patience = 500; // ms: some browsers refuse more than a hundred changes of address in 30 s

  /** Parts of the section by their `data-part`; "section" is all of it. */
  function partsOf(section) {
    const parts = new Map([["section", section]]);
    for (const element of section.querySelectorAll("[data-part]")) {
      parts.set(element.dataset.part, element);
    }
    return (name) => parts.get(name);
  }

  function toNextEpoch(training) {
    const { epoch } = training;
    training.finish();
    while (training.epoch === epoch && training.update());
  }

  class Tab {
    constructor(section) {
      const part = (this.part = partsOf(section));
      this.surface = new train.Surface(part("surface"));
      this.diagram = new train.Diagram(part("diagram"));
      this.player = new train.Player({
        update: () => this.update(),
        draw: () => this.draw(),
        updatesASecond: () => this.updatesASecond(),
        changed: () => this.showTransport(),
      });
      this.fields = new train.Fields(section, (changes) => this.change(changes));
      const current = () => ({
        settings: this.settings,
        training: this.training,
        rows: this.training.rows,
        classes: train.experiment.namesOf(this.settings).slice(0, this.training.rows.outputs),
      });
      this.points = new train.OwnPoints(part, current, (changes) => this.change(changes));
      this.saving = new train.Saving(part, current);
      this.listen();
      this.showPresets();
      this.fromAddress();
    }

    listen() {
      const { part } = this;
      const onClick = (name, f) => part(name).addEventListener("click", f);
      onClick("play", () => this.player.play(!this.player.playing && this.training.n > 0));
      onClick("update", () => this.step((training) => training.update()));
      onClick("epoch", () => this.step(toNextEpoch));
      onClick("anew", () => this.begin());
      onClick("mend", () => this.mend());
      fastnn.address.onChange(() => this.fromAddress());
      fastnn.colours.onChange(() => {
        train.canvas.forgetPalette();
        this.showAll();
      });
      new ResizeObserver(() => this.showAll()).observe(part("section"));
    }

    // Settings: the address is where they are kept.

    fromAddress() {
      clearTimeout(this.writing);
      const { settings, notes } = train.settings.fromAddress((name) => fastnn.address.get(name));
      const texts = JSON.stringify(train.settings.toAddress(settings));
      this.part("notes").textContent = notes.join("\n");
      this.part("notes").hidden = !notes.length;
      if (texts === this.texts) return; // what changed is another tab's
      this.settings = settings;
      this.begin();
      this.showSettings();
    }

    /** Settings of the reader's: go on with them if that can be, else begin anew. */
    change(changes) {
      const before = this.settings;
      this.settings = { ...before, ...changes };
      this.writeSoon();
      this.part("notes").hidden = true;
      if (train.experiment.goesOn(this.training, before, this.settings)) {
        train.experiment.goOn(this.training, before, this.settings);
      } else this.begin();
      this.showSettings();
    }

    /** At once, if the last time is long ago. */
    writeSoon() {
      clearTimeout(this.writing);
      const passed = performance.now() - (this.written ?? -patience);
      this.writing = setTimeout(() => this.writeAddress(), Math.max(0, patience - passed));
    }

    writeAddress() {
      this.written = performance.now();
      fastnn.address.set(train.settings.toAddress(this.settings));
    }

    /** Begin anew with settings of a link's, and play. */
    visit(texts) {
      this.remember(texts);
      this.texts = null; // they may be the same
      this.fromAddress();
      this.player.play(this.training.n > 0);
    }

    /** Write settings to the address, with a step in the browser's history. */
    remember(texts) {
      const hash = new URLSearchParams(location.hash.slice(1));
      for (const [name, text] of Object.entries(texts)) {
        if (text === null) hash.delete(name);
        else hash.set(name, text);
      }
      history.pushState(null, "", `#${hash}`);
    }

    /** What only concerns the curves needs no new training. */
    mend() {
      const { mend, anew } = train.verdict(this.settings, this.training);
      const texts = train.settings.toAddress({ ...this.settings, ...mend });
      if (anew) return this.visit(texts);
      this.remember(texts);
      return this.change(mend);
    }

    showPresets() {
      const links = train.presets.map(({ name, label, settings }) => {
        const texts = train.settings.toAddress({ ...train.settings.usual(), ...settings });
        const given = Object.entries(texts).filter(([, text]) => text !== null);
        const link = document.createElement("a");
        [link.dataset.preset, link.textContent] = [name, label];
        link.href = `#${new URLSearchParams([["tab", "train"], ...given])}`;
        link.addEventListener("click", (event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          this.visit(texts);
        });
        return link;
      });
      this.part("presets").replaceChildren(...links);
    }

    // Training.

    begin() {
      this.training = train.experiment.begin(this.settings);
      train.training = this.training; // for the curious, who have opened the console
      if (!this.training.n) this.player.play(false);
      this.showAll();
    }

    update() {
      const { training, settings } = this;
      const before = training.epoch;
      const isWell = training.work();
      const isEnough =
        settings.pause && training.epoch > before && training.epoch % settings.pause === 0;
      return isWell && !isEnough;
    }

    step(f) {
      const { player, training } = this;
      player.play(false);
      if (training.n) f(training);
      training.record();
      this.showAll();
    }

    updatesASecond() {
      const { speed } = this.settings;
      return speed === "most" ? updatesAtMost : Number(speed) * this.training.updatesAnEpoch;
    }

    // Showing.

    /** After a change of settings. */
    showSettings() {
      const { settings, training } = this;
      const texts = train.settings.toAddress(settings);
      this.texts = JSON.stringify(texts);
      this.fields.show(texts);
      this.points.show(settings);
      this.saving.show();
      const isNumber = !training.rows.classes;
      this.part("cost-choice").disabled = isNumber;
      this.part("cost-note").hidden = !isNumber;
      train.experiment.namesOf(settings).forEach((name, c) => {
        this.part(`class-${c}`).textContent = name;
      });
      this.showAll();
    }

    /** In the next frame, the points too. */
    showAll() {
      this.pointsAreOld = true;
      this.player.refresh();
    }

    showTransport() {
      this.part("play").textContent = this.player.playing ? "Pause" : "Play";
    }

    draw() {
      const { part, training, settings } = this;
      if (!part("surface").clientWidth) return; // not shown
      this.surface.draw(training.network, training.rows);
      if (this.pointsAreOld) train.markers.draw(part("points"), training.rows);
      this.pointsAreOld = false;
      const others = [
        () => train.curves.draw(part, training, settings),
        () => this.diagram.draw(training.network),
        () => train.report.show(part, training, settings),
      ];
      this.turn = ((this.turn ?? 0) + 1) % others.length;
      if (this.player.playing)
        others[this.turn](); // a frame has no time for all of them
      else others.forEach((show) => show());
    }

    shown(visible) {
      if (visible) this.showAll();
      else this.player.play(false);
    }
  }

  let tab = null;
  train.start = (section) => (tab = new Tab(section));
  train.shown = (visible) => tab.shown(visible);
})();
