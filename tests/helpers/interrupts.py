"""Interrupts of predictions, evaluations and trainings, at every place and at any time.

    python tests/helpers/interrupts.py places                # network/test_interrupt.py runs both
    python tests/helpers/interrupts.py timers
    python tests/helpers/interrupts.py timers --count 20000  # by hand, some minutes

`places` interrupts one step of Python after the other, wherever Python looks for signals: once by a
signal, in all files that a fit goes through; once by an exception, whatever raised it, in the file
with the threads. `timers` sends signals after random times, one or a few in quick succession.

After each interrupt the network must be one that a training without it passes through, history and
memory must belong to it, and later calls must give what they give otherwise. The first mistake
ends the program with 1; what hangs, with a traceback of all threads, after a minute without news.
"""

import argparse
import dis
import faulthandler
import gc
import random
import signal
import sys
import threading
import time
from collections import Counter

import numpy as np
from samples import with_callbacks

import fastnn
from fastnn import interrupts
from fastnn import network as networks
from fastnn.engine import being_trained, threads, trainer
from fastnn.engine import engine as engine_module
from fastnn.training import early_stopping, history, loop, pieces, state

BATCH, EPOCHS = 32, 3
SILENCE = 60.0  # seconds without news, after which the program takes itself to hang
FILES = {
    module.__file__
    for module in (
        being_trained,
        early_stopping,
        history,
        interrupts,
        networks,
        threads,
        trainer,
        loop,
        state,
    )
}


def data(rows, zeros=0.0):
    rng = np.random.default_rng(0)
    x = rng.random((rows, 20), np.float32)
    x[rng.random(x.shape) < zeros] = 0
    return x, rng.integers(0, 3, rows)


class Enough(Exception):
    pass


class Fit:
    """A short training, and all networks that it passes through."""

    def __init__(self, name, rows=100, zeros=0.0, **settings):
        self.name, self.rows, self.data = name, rows, data(rows, zeros)
        self.settings = {"batch_size": BATCH, "epochs": EPOCHS, "n_threads": 2, **settings}
        self.passed, self.checks = {}, 0
        self.batches = -(-rows // BATCH)
        for updates in range(self.batches * self.settings["epochs"] + 1):
            self.passed[updates] = parameters(self.stopped_after(updates))
        self.ends = {parameters(self.network_after_all())}

    def network(self):
        return fastnn.Network([20, 24, 3], "relu", "log_likelihood", seed=1)

    def network_after_all(self):
        net = self.network()
        net.fit(*self.data, **self.settings)
        return net

    def stopped_after(self, updates):
        """A network after so many updates, by an exception where the training allows one."""
        net, seen = self.network(), []

        def count(done, total):
            seen.append(1)
            if len(seen) == updates:
                raise Enough

        if updates:
            work, pieces._PIECE_WORK = pieces._PIECE_WORK, 1
            try:
                net.fit(*self.data, **with_callbacks(self.settings, fastnn.Progress(count)))
            except Enough:
                pass
            finally:
                pieces._PIECE_WORK = work
            assert net._state.memory.updates == updates
        return net

    def prepare(self):
        self.net = self.network()

    def act(self):
        self.net.fit(*self.data, **self.settings)

    def mistakes(self):
        net, lengths = self.net, {len(figures) for figures in self.net.history.values()}
        updates = net._state.memory.updates
        if parameters(net) not in {self.passed.get(updates), *self.ends}:
            yield f"no network that the training passes through, by its {updates} updates"
        if len(lengths) != 1 or net.history.epoch != list(range(1, max(lengths) + 1)):
            yield f"a history of {lengths} epochs: {net.history.epoch}"
        if not updates // self.batches - 1 <= len(net.history.epoch) <= updates // self.batches:
            yield f"{len(net.history.epoch)} epochs in the history after {updates} updates"
        self.checks += 1
        if self.checks % 5 == 0 and parameters(self.network_after_all()) not in self.ends:
            yield "the next training is another one"
        net.fit(*self.data, **{**self.settings, "epochs": 1})


class Pass:
    """A prediction or an evaluation on all threads."""

    def __init__(self, name, rows=700):
        self.name, self.x, self.y = name, *data(rows)
        self.net = fastnn.Network([20, 24, 3], "relu", "log_likelihood", seed=1)
        self.expected = self.outcome()

    def outcome(self):
        if self.name == "predict":
            return self.net.feedforward(self.x).tobytes()
        return self.net.evaluate(self.x, self.y)

    def prepare(self):
        pass

    def act(self):
        self.outcome()

    def mistakes(self):
        if any(self.outcome() != self.expected for _ in range(3)):
            yield "wrong results"


def parameters(net):
    return b"".join(array.tobytes() for array in (*net.weights, *net.biases))


def actions():
    return [
        Pass("predict"),
        Pass("evaluate"),
        Fit("fit"),
        Fit("fit sparse rows", zeros=0.9, l2=1.0),
        Fit("fit short epochs", rows=BATCH, epochs=40),
        Fit(
            "fit validated",
            optimizer="adam",
            learning_rate=0.01,
            callbacks=fastnn.EarlyStopping(patience=2),
            validation_data=data(300),
        ),
    ]


def check(action, where, usual=signal.default_int_handler, number=signal.SIGINT):
    """End the program unless everything is as it should be."""
    mistakes = list(action.mistakes())
    if signal.getsignal(number) is not usual or interrupts._installed:
        mistakes.append(f"the handler of signals is {signal.getsignal(number)}")
    if not gc.isenabled():
        mistakes.append("the search for garbage is still paused")
    if sum(thread.name == "fastnn" for thread in threading.enumerate()) > 1:
        mistakes.append("threads are left")
    if mistakes:
        print(f"{action.name}, interrupted at {where}: {'; '.join(mistakes)}", flush=True)
        sys.exit(1)
    faulthandler.dump_traceback_later(SILENCE, exit=True)


class AtPlace:
    """A trace function that interrupts the first visit of a place that was not visited before."""

    def __init__(self, files, seen, interrupt):
        self.files, self.seen, self.interrupt = files, seen, interrupt
        self.where, self._before = None, {}

    def __call__(self, frame, event, argument):
        if frame.f_code.co_filename not in self.files:
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return self._step

    def _step(self, frame, event, argument):
        if event != "opcode" or self.where:
            return self._step
        operation = dis.opname[frame.f_code.co_code[frame.f_lasti]]
        before = self._before.get(frame, "")
        self._before[frame] = operation
        place = frame.f_code, frame.f_lasti
        looks = operation in ("RESUME", "JUMP_BACKWARD", "JUMP_ABSOLUTE") or before.startswith(
            "CALL"
        )
        if looks and place not in self.seen:
            self.seen.add(place)
            self.where = f"{frame.f_code.co_filename}:{frame.f_lineno}"
            self.interrupt()
        return self._step


def raise_exception():
    raise KeyboardInterrupt


def raise_signal():
    signal.raise_signal(signal.SIGINT)


def at_every_place():
    count, by_signal = Counter(), set()
    for action in actions():
        for files, interrupt, seen in (
            (FILES, raise_signal, by_signal),  # all that only the other actions pass through
            ({threads.__file__}, raise_exception, set()),
        ):
            while True:
                tracer = AtPlace(files, seen, interrupt)
                action.prepare()
                sys.settrace(tracer)
                try:
                    action.act()
                except KeyboardInterrupt:
                    count["interrupts"] += 1
                finally:
                    sys.settrace(None)
                if tracer.where is None:
                    break
                count["places"] += 1
                check(action, tracer.where)
    return count


def at_any_time(number):
    count, draw = Counter(), random.Random(0)
    todo = actions()
    seconds = [min(timed(action) for _ in range(5)) for action in todo]
    left = armed = 0

    def interrupt(_, frame):
        nonlocal left
        left -= 1
        if left <= 0:
            signal.setitimer(signal.ITIMER_REAL, 0)
        if armed:
            raise KeyboardInterrupt

    signal.signal(signal.SIGALRM, interrupt)
    while count["interrupts"] < number:
        i = draw.randrange(len(todo))
        left = draw.choice([1, 1, 1, 2, 5])
        again = 0 if left == 1 else draw.choice([2e-4, 1e-3])
        delay = draw.uniform(1e-5, 1.2 * seconds[i])
        todo[i].prepare()
        armed = 1
        try:
            signal.setitimer(signal.ITIMER_REAL, delay, again)
            todo[i].act()
        except KeyboardInterrupt:
            count["interrupts"] += 1
        finally:
            armed = 0
        signal.setitimer(signal.ITIMER_REAL, 0)
        count["calls"] += 1
        check(todo[i], f"{1e3 * delay:.3f} ms", interrupt, signal.SIGALRM)
    return count


def timed(action):
    action.prepare()
    began = time.perf_counter()
    action.act()
    return time.perf_counter() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["places", "timers"])
    parser.add_argument("--count", type=int, default=250, help="interrupts, of timers")
    arguments = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have it ignored
    engine_module._WORTH_THREADS = 0.0  # however short
    faulthandler.dump_traceback_later(SILENCE, exit=True)
    count = at_every_place() if arguments.what == "places" else at_any_time(arguments.count)
    print(", ".join(f"{number} {name}" for name, number in count.items()))


if __name__ == "__main__":
    main()
