// The tab: a drawing, what the network makes of it, and why.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const PEN = 36; // pixels: as wide as lines of MNIST's digits, on a drawing of usual size
  const WARM_UP = 20; // strokes

  function start(section) {
    const find = (id) => section.querySelector(`#${id}`);
    const data = document.getElementById("network").textContent;
    const network = fastnn.network.decode(JSON.parse(data));
    const names = network.classes;
    const drawing = new fastnn.Drawing();
    const pen = () => Number(find("pen").value);
    const board = fastnn.board.create(find("board"), drawing, pen, changed);
    const bars = fastnn.bars.create(find("bars"), names, ask);
    const explanation = fastnn.explanation.create(section, network, names);
    let seen = null; // by the network: 784 bytes
    let run = null; // and what it made of them

    /** Ink has changed: all that is shown follows at once, what is spoken when a stroke is done. */
    function changed(done) {
      const before = performance.now();
      board.paint();
      seen = fastnn.preparation.prepare(drawing.ink, fastnn.ink.SIDE);
      run = seen && fastnn.network.feedforward(network, seen);
      const answer = show();
      const took = performance.now() - before;
      find("pace").textContent = run ? `${took.toFixed(1)} ms from the pen to here.` : "";
      if (!done) return;
      find("spoken").textContent = answer;
      fastnn.address.set({ drawing: fastnn.link.encode(drawing.strokes) || null });
    }

    /** Show what the network says; returns it as a sentence. */
    function show() {
      const answer = fastnn.answer.of(network, run);
      const asked = Number(fastnn.address.get("why", NaN));
      const explained = asked in names ? asked : answer.leading;
      fastnn.pictures.grey(find("seen"), seen);
      find("leading").textContent = answer.title;
      find("leading").classList.toggle("short", answer.title.length < 4);
      find("sure").textContent = answer.detail;
      bars.update(answer.scores, answer.says, answer.named, explained);
      explanation.update(answer.scores && run, explained);
      find("undo").disabled = !drawing.canUndo;
      find("clear").disabled = drawing.isEmpty;
      return `${answer.title} ${answer.detail}`;
    }

    /** Explain class k, or, if it is explained already, whichever leads. */
    function ask(k) {
      const asked = fastnn.address.get("why") === String(k);
      fastnn.address.set({ why: asked ? null : k });
      show();
    }

    function undo() {
      drawing.undo();
      changed(true);
    }

    function fromAddress() {
      const width = Number(fastnn.address.get("pen", PEN));
      find("pen").value = Number.isFinite(width) ? width : PEN;
      drawing.show(fastnn.link.decode(fastnn.address.get("drawing", "")));
      changed(false);
    }

    find("undo").addEventListener("click", undo);
    find("clear").addEventListener("click", () => {
      drawing.clear();
      changed(true);
    });
    find("pen").addEventListener("change", () => {
      fastnn.address.set({ pen: pen() === PEN ? null : pen() });
    });
    document.addEventListener("keydown", (event) => {
      const asked = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key === "z";
      if (!asked || section.hidden) return;
      event.preventDefault();
      undo();
    });
    fastnn.colours.onChange(() => {
      board.paint();
      show();
    });
    fastnn.address.onChange(fromAddress);
    find("about").textContent = network.about;
    // A script gets fast when it has run for a while: before the first stroke, not in it.
    for (let i = 0; i < WARM_UP; i++) {
      drawing.begin([i * 9, i * 9], PEN);
      drawing.extend([i * 9 + 40, i * 7]);
      changed(false);
    }
    fromAddress();
  }

  fastnn.draw = { start };
})();
