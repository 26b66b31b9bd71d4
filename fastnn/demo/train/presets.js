// The mistakes that are made again and again, with settings that show them; the verdict mends them.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  const many = { rows: 2000, test: 20, eta: 0.5, m: 10, speed: "5" };

  /** name, label of its button, and settings that are not as usual, of each. */
  train.presets = [
    {
      name: "measured",
      label: "I added L2: the loss blows up, while the accuracy rises",
      settings: { ...many, test: 1, l2: 5, bymeasured: true, watch: "test" },
    },
    {
      name: "chance",
      label: "I changed L2 to L1: the accuracy falls to chance",
      settings: { ...many, l2: 0, l1: 5, bym: true },
    },
    {
      name: "nothing",
      label: "I divided λ by m: the weights shrink to nothing",
      settings: { ...many, l2: 5, bym: true, axis: "log" },
    },
    {
      name: "infinity",
      label: "With mini-batches of one row: the loss is infinite",
      settings: {
        data: "blobs",
        rows: 500,
        test: 20,
        eta: 0.5,
        m: 1,
        l2: 4.2,
        bym: true,
        axis: "log",
        speed: "5",
      },
    },
  ];
})();
