// A training: epochs of mini-batches, their figures, and an end if numbers are no numbers any more.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  const mostFigures = 500; // of which every other one is dropped when there are as many

  /**
   * network  a Network, which is trained
   * rows     Rows; none of its training rows are needed at once, but then nothing is trained
   * rule     {eta, l1, l2, m, byMiniBatch}: learning rate, penalties, rows of a mini-batch, and
   *          whether lambda is divided, by mistake, by these; it may be changed between updates
   * random   a Random: the order of rows
   *
   * figures  what `measure` found before training and after each epoch
   * failure  null, or {epoch, update, layer, what} where a number became NaN or infinite
   */
  class Training {
    constructor(network, rows, rule, random) {
      Object.assign(this, { network, rule, random });
      this.epoch = 0; // whole ones
      this.updates = 0; // of the epoch that has begun
      this.figures = [];
      this.stride = 1; // epochs between two figures
      this.failure = null;
      this.replaceRows(rows);
    }

    /** Go on with other rows, from the beginning of an epoch, and from the weights as they are. */
    replaceRows(rows) {
      this.rows = rows;
      this.beginEpoch();
      this.record();
    }

    get n() {
      return this.rows.training.length;
    }

    /** Rows of a mini-batch; not more than there are. */
    get m() {
      return Math.min(this.rule.m, this.n);
    }

    get updatesAnEpoch() {
      return Math.ceil(this.n / this.m);
    }

    beginEpoch() {
      this.updates = 0;
      this.order = null; // drawn by the first update, for none may follow
      this.next = 0;
      this.kept = this.network.parameters();
    }

    /** One update from the next mini-batch; an epoch's last one may be short. Is all well? */
    update() {
      this.order ??= this.random.shuffle(this.rows.training.slice());
      const batch = this.order.slice(this.next, this.next + this.m);
      for (const i of batch) {
        this.network.feedforward(this.rows.inputs, 2 * i);
        this.network.backpropagate(this.rows.target(i));
      }
      const divisor = train.penalty.divisorOfUpdate(this.rule, this.n, batch.length);
      const finite = this.network.update(this.rule, batch.length, divisor);
      this.updates++;
      this.next += batch.length;
      if (!finite) return this.fail();
      return this.next < this.n || this.endEpoch();
    }

    endEpoch() {
      this.epoch++;
      const found = this.measure();
      const costs = [found.training.dataCost, train.penalty.penalty(found.sums, this.rule, this.n)];
      if (!costs.every(Number.isFinite)) {
        this.epoch--;
        return this.fail();
      }
      if (this.epoch % this.stride === 0) this.keep(found);
      this.beginEpoch();
      return true;
    }

    /** The figures as they are now; within an epoch after a step, say. */
    record() {
      this.keep(this.measure());
    }

    keep(found) {
      const { figures } = this;
      if (figures.at(-1)?.epoch === found.epoch) figures.pop();
      figures.push(found);
      if (figures.length < mostFigures) return;
      this.figures = figures.filter((_, i) => i % 2 === 0);
      this.stride *= 2;
    }

    /** Say where, and go back to the weights with which the epoch began. */
    fail() {
      const layer = this.network.weights.findIndex(
        (w, l) => ![...w, ...this.network.biases[l]].every(Number.isFinite),
      );
      this.failure = {
        epoch: this.epoch + 1,
        update: this.updates,
        layer: layer + 1, // 0: the weights are finite, but not the cost
        last: this.figures.at(-1),
      };
      this.network.restore(this.kept);
      this.beginEpoch();
      return false;
    }

    /**
     * epoch           so many are done, with the share of the one that has begun
     * training, test  {dataCost, accuracy, rows} of these rows, see `measureRows`
     * sums            sum w^2 and sum |w|
     * l1, l2, n       with which the penalty of that time is worked out
     */
    measure() {
      const { epoch, updates, rows, rule, n, network } = this;
      return {
        epoch: epoch + (updates && this.next < n ? updates / this.updatesAnEpoch : 0),
        training: this.measureRows(rows.training),
        test: this.measureRows(rows.test),
        sums: train.penalty.sums(network.weights),
        l1: rule.l1,
        l2: rule.l2,
        n,
      };
    }

    /**
     * The mean data cost, and the share of rows that are right: whose largest output, the first of
     * such, is their class's. Where a number is learned there is no share; null where no rows are.
     */
    measureRows(numbers) {
      if (!numbers.length) return { dataCost: null, accuracy: null, rows: 0 };
      let [cost, right] = [0, 0];
      for (const i of numbers) {
        const a = this.network.feedforward(this.rows.inputs, 2 * i);
        cost += this.network.dataCost(this.rows.target(i));
        right += a.indexOf(train.functions.largestOf(a)) === this.rows.targets[i];
      }
      const accuracy = this.rows.classes ? right / numbers.length : null;
      return { dataCost: cost / numbers.length, accuracy, rows: numbers.length };
    }
  }

  train.Training = Training;
})();
