// The network: what each neuron says of each place, and the weights as lines.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  const [smallest, usual] = [9, 34]; // pixels of such a picture's side
  const thickest = 5;

  /** Boxes {left, top, side} of each layer's neurons, the input's first. */
  function layOut(sizes, width, height) {
    const gap = 4;
    return sizes.map((count, l) => {
      const side = Math.max(smallest, Math.min(usual, height / count - gap));
      const left = 2 + (l * (width - usual - 4)) / (sizes.length - 1) + (usual - side) / 2;
      const spread = Math.min(side + 3 * gap, (height - side) / Math.max(1, count - 1));
      const top = (height - side - spread * (count - 1)) / 2;
      return Array.from({ length: count }, (_, k) => ({ left, top: top + k * spread, side }));
    });
  }

  class Diagram {
    constructor(canvas) {
      this.canvas = canvas;
      this.small = document.createElement("canvas");
      this.fineness = new train.Fineness([8, 24], 3);
    }

    draw(network) {
      this.fineness.draw((places) => this.drawFinely(network, places));
    }

    drawFinely(network, places) {
      [this.small.width, this.small.height] = [places, places];
      const { context, width, height } = train.canvas.cleared(this.canvas);
      const boxes = layOut(network.sizes, width, height);
      network.weights.forEach((w, l) => drawWeights(context, w, boxes[l], boxes[l + 1]));
      const pictures = picturesOf(network, places);
      boxes.forEach((layer, l) =>
        layer.forEach((box, k) => this.drawNeuron(context, box, pictures[l][k])),
      );
    }

    drawNeuron(context, { left, top, side }, image) {
      this.small.getContext("2d").putImageData(image, 0, 0);
      context.drawImage(this.small, left, top, side, side);
      [context.strokeStyle, context.lineWidth] = [train.canvas.palette().muted, 1];
      context.strokeRect(left, top, side, side);
    }
  }

  function drawWeights(context, w, from, to) {
    const [below, above] = train.canvas.palette().classes.slice(0, 2);
    to.forEach((target, k) => {
      from.forEach((source, j) => {
        const value = w[k * from.length + j];
        const width = Math.min(thickest, Math.abs(value) * 1.2);
        if (!(width > 0.02)) return;
        [context.lineWidth, context.strokeStyle] = [width, value > 0 ? below : above];
        context.globalAlpha = Math.min(1, 0.25 + width / 3);
        const middle = (source.left + source.side + target.left) / 2;
        const [y0, y1] = [source.top + source.side / 2, target.top + target.side / 2];
        context.beginPath();
        context.moveTo(source.left + source.side, y0);
        context.bezierCurveTo(middle, y0, middle, y1, target.left, y1);
        context.stroke();
      });
    });
    context.globalAlpha = 1;
  }

  /** Each neuron's activations over the view: an output's in its class's colour. */
  function picturesOf(network, places) {
    const pictures = network.a.map((a) => Array.from(a, () => new ImageData(places, places)));
    const { surface, classes } = train.canvas.palette().rgb;
    const last = network.a.length - 1;
    const colours = (l, k) =>
      l === last && network.output !== "identity" ? [classes[k]] : classes;
    train.surface.pictureOf(places, network, (_, at) => {
      network.a.forEach((a, l) => {
        for (let k = 0; k < a.length; k++)
          shade(pictures[l][k].data, at, a[k], surface, colours(l, k));
      });
    });
    return pictures;
  }

  /** tanh and inputs have a sign; sigmoid and relu are not below 0. */
  function shade(pixels, at, value, surface, [above, below]) {
    const strength = Math.min(1, Math.abs(value)) || 0;
    const colour = value < 0 ? below : above;
    for (let c = 0; c < 3; c++) pixels[at + c] = surface[c] + strength * (colour[c] - surface[c]);
    pixels[at + 3] = 255;
  }

  train.Diagram = Diagram;
})();
