// A training: epochs of mini-batches, their figures, and an end if numbers are no numbers any more.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  const mostFigures = 500; // of which every other one is dropped when there are as many
  const piece = 200; // rows that are measured at once

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
      this.measuring = null; // the generator that does, after the last update
      this.order = null; // drawn by the first update, for none may follow
      this.next = 0;
      this.kept = this.network.parameters();
    }

    /** One update, and the figures if it was an epoch's last. Returns whether all is well. */
    update() {
      return this.finish() && this.learn() && this.finish();
    }

    /** To the end of an epoch that only lacks its figures, which `work` has begun. */
    finish() {
      let isWell = true;
      while (this.measuring) isWell = this.goOnMeasuring();
      return isWell;
    }

    /** One update, or a part of the measuring after an epoch: what is quick. Is all well? */
    work() {
      return this.measuring ? this.goOnMeasuring() : this.learn();
    }

    /** From the next mini-batch; an epoch's last one may be short. */
    learn() {
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
      if (this.next < this.n) return true;
      this.measuring = this.measure(this.epoch + 1);
      return this.goOnMeasuring();
    }

    goOnMeasuring() {
      const { done, value } = this.measuring.next();
      return !done || this.endEpoch(value);
    }

    endEpoch(found) {
      const costs = [found.training.dataCost, train.penalty.penalty(found.sums, this.rule, this.n)];
      if (!costs.every(Number.isFinite)) return this.fail();
      this.epoch++;
      if (this.epoch % this.stride === 0) this.keep(found);
      this.beginEpoch();
      return true;
    }

    /** The figures as they are now; within an epoch after a step, say. */
    record() {
      const share = this.updates && Math.min(1, this.updates / this.updatesAnEpoch);
      const measuring = this.measure(this.epoch + share);
      let step = measuring.next();
      while (!step.done) step = measuring.next();
      this.keep(step.value);
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
     * Yields between pieces of work, and returns
     *
     * epoch           as given: so many are done, with the share of the one that has begun
     * training, test  {dataCost, accuracy, rows} of these rows, see `measureRows`
     * sums            sum w^2 and sum |w|
     * l1, l2, n       with which the penalty of that time is worked out
     */
    *measure(epoch) {
      const { rows, rule, n, network } = this;
      const training = yield* this.measureRows(rows.training);
      const test = yield* this.measureRows(rows.test);
      const sums = train.penalty.sums(network.weights);
      return { epoch, training, test, sums, l1: rule.l1, l2: rule.l2, n };
    }

    /**
     * The mean data cost, and the share of rows that are right: whose largest output, the first of
     * such, is their class's. Where a number is learned there is no share; null where no rows are.
     */
    *measureRows(numbers) {
      if (!numbers.length) return { dataCost: null, accuracy: null, rows: 0 };
      let [cost, right] = [0, 0];
      for (let k = 0; k < numbers.length; k++) {
        const i = numbers[k];
        const a = this.network.feedforward(this.rows.inputs, 2 * i);
        cost += this.network.dataCost(this.rows.target(i));
        right += a.indexOf(train.functions.largestOf(a)) === this.rows.targets[i];
        if ((k + 1) % piece === 0) yield;
      }
      const accuracy = this.rows.classes ? right / numbers.length : null;
      return { dataCost: cost / numbers.length, accuracy, rows: numbers.length };
    }
  }

  train.Training = Training;
})();
