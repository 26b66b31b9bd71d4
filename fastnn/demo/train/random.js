// Random numbers from a seed: the same address draws the same rows, weights and orders.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  /** Every bit of a number of 32 bits has a say in every bit of this (Wellons, "lowbias32"). */
  function mixed(x) {
    x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
    x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
    return (x ^ (x >>> 16)) >>> 0;
  }

  /** One stream of a seed: others, such as that of the rows and that of the weights, differ. */
  class Random {
    constructor(seed, stream) {
      this.state = mixed(seed >>> 0);
      for (const letter of stream) this.state = mixed(this.state + letter.charCodeAt(0));
    }

    /** From 0 to below 1, in steps of 2^-32 (mulberry32, Ettinger). */
    uniform() {
      this.state = (this.state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    }

    /** From the normal distribution with mean 0 and variance 1 (Box and Muller). */
    normal() {
      const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
      return radius * Math.cos(2 * Math.PI * this.uniform());
    }

    /** Put an array in another order, all orders being equally likely (Fisher and Yates). */
    shuffle(array) {
      for (let i = array.length - 1; i > 0; i--) {
        const j = Math.floor(this.uniform() * (i + 1));
        [array[i], array[j]] = [array[j], array[i]];
      }
      return array;
    }
  }

  train.Random = Random;
})();
