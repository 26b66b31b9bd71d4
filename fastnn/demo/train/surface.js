// What a network says of each place: the picture behind the points, and those of single neurons.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  const patience = 4; // ms for a picture, on average; a slow machine gets a coarser one
  const [coarsest, finest] = [24, 96];
  const strongest = 0.6; // opacity of a colour where the network is sure, so that points are seen

  /** Draws the outputs over the view; `side` places in each direction. */
  class Surface {
    constructor(canvas) {
      this.canvas = canvas;
      this.side = 56;
      this.small = document.createElement("canvas");
    }

    draw(network, rows) {
      const started = performance.now();
      const image = pictureOf(this.side, network, (pixels, at) => paint(pixels, at, network, rows));
      show(image, this.small, this.canvas);
      const took = performance.now() - started;
      const fitting = this.side * Math.sqrt(patience / Math.max(took, 0.1));
      // A little at a time, as a single measurement is hardly to be trusted.
      this.side += Math.sign(Math.round(fitting - this.side) >> 2) * 4;
      this.side = Math.min(finest, Math.max(coarsest, this.side));
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

  Object.assign(train, { Surface, surface: { pictureOf, toShare } });
})();
