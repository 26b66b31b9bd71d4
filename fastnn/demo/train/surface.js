// What a network says of each place: the picture behind the points, and those of single neurons.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  const strongest = 0.6; // opacity of a colour where the network is sure, so that points are seen

  /** How many places a picture has in each direction: fewer where they take longer than `ms`. */
  class Fineness {
    constructor([coarsest, finest], ms) {
      Object.assign(this, { coarsest, finest, ms });
      this.side = (coarsest + finest) / 2;
    }

    /** f(side), which draws so many; the next time there may be other ones. */
    draw(f) {
      const started = performance.now();
      f(this.side);
      const took = Math.max(0.1, performance.now() - started);
      const fitting = this.side * Math.sqrt(this.ms / took);
      // A little at a time, for a single measurement is hardly to be trusted.
      if (fitting > this.side + 4) this.side = Math.min(this.finest, this.side + 4);
      if (fitting < this.side - 4) this.side = Math.max(this.coarsest, this.side - 4);
    }
  }

  /** Draws the outputs over the view. */
  class Surface {
    constructor(canvas) {
      this.canvas = canvas;
      this.fineness = new Fineness([24, 96], 4);
      this.small = document.createElement("canvas");
    }

    draw(network, rows) {
      this.fineness.draw((side) => {
        const image = pictureOf(side, network, (pixels, at) => paint(pixels, at, network, rows));
        show(image, this.small, this.canvas);
      });
    }
  }

  /** ImageData of side x side places of the view, in reading order; paint(pixels, at) does each. */
  function pictureOf(side, network, paint) {
    const image = new ImageData(side, side);
    const place = new Float64Array(2);
    const edge = train.datasets.usualView[1];
    for (let i = 0, at = 0; i < side; i++) {
      place[1] = edge * (1 - (2 * i + 1) / side);
      for (let j = 0; j < side; j++, at += 4) {
        place[0] = edge * ((2 * j + 1) / side - 1);
        network.feedforward(place, 0);
        paint(image.data, at);
      }
    }
    return image;
  }

  function show(image, small, canvas) {
    [small.width, small.height] = [image.width, image.height];
    small.getContext("2d").putImageData(image, 0, 0);
    const { context, width, height } = train.canvas.cleared(canvas);
    context.imageSmoothingQuality = "high";
    context.drawImage(small, 0, 0, width, height);
  }

  /** The classes' colours by their outputs; the surface's where no class is before the others. */
  function paint(pixels, at, network, rows) {
    const { surface, classes } = train.canvas.palette().rgb;
    const a = network.a.at(-1);
    const count = rows.classes || 2;
    const share = rows.classes ? sharesOf(a) : (k) => (k ? toShare(a[0]) : 1 - toShare(a[0]));
    let most = 0;
    for (let k = 0; k < count; k++) most = Math.max(most, share(k));
    const sure = strongest * Math.max(0, (most - 1 / count) / (1 - 1 / count));
    for (let c = 0; c < 3; c++) {
      let colour = 0;
      for (let k = 0; k < count; k++) colour += share(k) * classes[k][c];
      pixels[at + c] = surface[c] + sure * (colour - surface[c]);
    }
    pixels[at + 3] = 255;
  }

  /** Outputs as shares of their sum, equal ones if that is 0 or no number. */
  function sharesOf(a) {
    let sum = 0;
    for (let k = 0; k < a.length; k++) sum += a[k];
    return sum > 0 ? (k) => a[k] / sum : () => 1 / a.length;
  }

  /** A number to learn lies between -1 and 1; of the way from the one to the other. */
  const toShare = (value) =>
    Number.isNaN(value) ? 0.5 : Math.min(1, Math.max(0, (value + 1) / 2));

  Object.assign(train, { Fineness, Surface, surface: { pictureOf, toShare } });
})();
