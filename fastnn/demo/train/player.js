// Plays a training: as many updates in each frame as the speed asks for, and as there is time for.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  const budget = 6; // ms of a frame's 16 for updates; the rest is for drawing

  /**
   * update()          one update, or other work that takes no longer; false if it was the last
   * draw()            shows what has become of it
   * updatesASecond()  Infinity: as many as there is time for
   * changed()         is called when it begins or ends to play
   */
  class Player {
    constructor({ update, draw, updatesASecond, changed }) {
      Object.assign(this, { update, draw, updatesASecond, changed });
      this.playing = false;
      this.asked = null; // the frame that has been asked for
      this.due = 0; // updates, of which a part may be left over
      this.last = null; // when the last frame was
    }

    play(playing) {
      if (playing === this.playing) return;
      this.playing = playing;
      [this.due, this.last] = [0, null];
      this.changed();
      this.refresh();
    }

    /** Draw in the next frame. */
    refresh() {
      this.asked ??= requestAnimationFrame((now) => this.frame(now));
    }

    frame(now) {
      this.asked = null;
      if (this.playing) this.advance(now);
      this.draw();
      if (this.playing) this.refresh();
    }

    advance(now) {
      const until = performance.now() + budget;
      const passed = Math.min(0.1, (now - (this.last ?? now)) / 1000); // s, of a hidden page many
      this.last = now;
      this.due += passed * this.updatesASecond();
      while (this.playing && this.due >= 1) {
        if (!this.update()) this.play(false);
        this.due--;
        if (performance.now() > until) this.due = 0; // what there is no time for is left out
      }
    }
  }

  train.Player = Player;
})();
