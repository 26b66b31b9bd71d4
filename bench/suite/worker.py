"""One competitor at work, in a process of its own: the side that obeys.

Commands and answers are JSON, a line each, on standard input and what was standard output;
what libraries print goes to standard error.

prepare   make the problem, choose the variant, train the first epochs, say what they achieved
train     train on; answers with the seconds
whole     train a new network to its end; answers with the seconds and the accuracy
predict   outputs for test rows; answers with the seconds of a call
estimate  do what is done with estimators, the first time; answers with what came of it
estimates do it again; answers with the seconds
code      what CPU fastnn's code is for in this process
meeting   nanoseconds that a meeting of threads takes
peak      multiply-adds, and bytes, a second that this machine can do
"""

import ctypes
import json
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from bench.suite.peers import Trainer, UnsupportedError, competitor
from bench.suite.problem import Problem, pose, quality, reference, test_accuracy
from bench.suite.task import Task

__all__ = ["main"]

# Variants are tried on so many mini-batches; then those that are not much slower than the best on
# about a second's, for what has no room in the cache may turn the tables.
_TRIAL_UPDATES, _TRIAL_SECONDS, _NOT_MUCH = 100, 1.0, 2.0
_TRIAL_REPEATS = 5
_LONGEST_ERROR = 200


def main() -> None:
    """Obey until there are no more commands."""
    answers = _take_standard_output()
    _die_with_parent()
    station = _Station()
    for line in sys.stdin:
        request = json.loads(line)
        command: Callable[..., dict[str, Any]] = getattr(station, request.pop("command"))
        try:
            answer = command(**request)
        except ImportError as error:
            # of fastnn's own modules missing means that this fastnn is older than the case
            status = "unsupported" if "fastnn" in str(error.name) else "missing"
            answer = {"status": status, "error": str(error)}
        except UnsupportedError as error:
            answer = {"status": "unsupported", "error": str(error)}
        except Exception as error:
            answer = {"status": "failed", "error": _one_line(error)}
        print(json.dumps(answer), file=answers, flush=True)


def _one_line(error: Exception) -> str:
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return text if len(text) <= _LONGEST_ERROR else text[: _LONGEST_ERROR - 4] + " ..."


class _Station:
    """The commands, and what they work on."""

    def prepare(
        self,
        name: str,
        task: dict[str, Any],
        check_epochs: int,
        variant: str,
        trial_repeats: int = _TRIAL_REPEATS,
    ) -> dict[str, Any]:
        """Get ready. `variant` is the name of one, "fastest" (of so many repeats) or "first".

        Answers with the seconds that the first epochs took, the most bytes of memory until
        then, and what these epochs achieved.
        """
        library = competitor(name)
        self.task = Task.from_json(task)
        self.problem = pose(self.task)
        variants = library.variants(self.task)
        trials: dict[str, float] = {}
        if variant == "fastest" and len(variants) > 1:
            trials = _trials(variants, self.problem, trial_repeats)
            variant = min(trials, key=trials.__getitem__)
        elif variant not in variants:
            variant = next(iter(variants))
        self.make = variants[variant]
        start = time.perf_counter()
        self.trainer: Trainer = self.make(self.problem)
        if check_epochs:
            self.trainer.train(check_epochs)
        first = time.perf_counter() - start
        memory = _peak_memory()  # before the judges take theirs
        cost, accuracy = quality(self.problem, *self.trainer.parameters())
        return {
            "about": library.about(),
            "variant": variant,
            "trials": trials,
            "first": first,
            "peak_memory": memory,
            "cost": cost,
            "accuracy": accuracy,
        }

    def train(self, epochs: int) -> dict[str, Any]:
        """Seconds an epoch, by the clock and of this process on all cores."""
        start, own = time.perf_counter(), time.process_time()
        self.trainer.train(epochs)
        seconds, own = time.perf_counter() - start, time.process_time() - own
        return {"seconds": seconds / epochs, "cpu_seconds": own / epochs}

    def whole(self, epochs: int, seed: int) -> dict[str, Any]:
        """Train from new weights; answers with the seconds and the test rows' accuracy."""
        problem = pose(replace(self.task, seed=seed))
        trainer = self.make(problem)
        start = time.perf_counter()
        trainer.train(epochs)
        seconds = time.perf_counter() - start
        return {"seconds": seconds, "accuracy": test_accuracy(problem, *trainer.parameters())}

    def predict(self, rows: int, calls: int) -> dict[str, Any]:
        """Seconds a call as for `train`, and the largest difference to the reference's outputs."""
        x = np.ascontiguousarray(self.problem.x_test[:rows])
        outputs = self.trainer.outputs
        found = np.asarray(outputs(x))
        start, own = time.perf_counter(), time.process_time()
        for _ in range(calls):
            outputs(x)
        seconds, own = time.perf_counter() - start, time.process_time() - own
        expected = reference(self.problem, *self.trainer.parameters()).feedforward(x)
        difference = float(np.abs(found - expected).max())
        return {"seconds": seconds / calls, "cpu_seconds": own / calls, "difference": difference}

    def estimate(self, name: str, job: str) -> dict[str, Any]:
        """Do a job of estimators.JOBS once; answers with the seconds and what came of it."""
        from bench.suite.estimators import JOBS, module_of

        module, sparse = module_of(name)
        self.job = JOBS[job](module, sparse)
        seconds = self.estimates(1)["seconds"]
        return {"seconds": seconds, "figures": self.job.figures(), "peak_memory": _peak_memory()}

    def estimates(self, calls: int) -> dict[str, Any]:
        """Do the job again; answers with the seconds that it takes once."""
        start = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # few epochs don't converge
            for _ in range(calls):
                self.job.run()
        return {"seconds": (time.perf_counter() - start) / calls * self.job.share}

    def code(self) -> dict[str, Any]:
        """The level that fastnn's code is for, and the bytes of its registers."""
        from fastnn.machine import registers
        from fastnn.machine.choice import CHOICE

        level = CHOICE.level or "baseline"
        return {"llvm_cpu": level, "simd_bytes": registers.REGISTER_BYTES}

    def meeting(self, threads: int) -> dict[str, Any]:
        """See meeting.nanoseconds."""
        from bench.suite import meeting

        return {"nanoseconds": meeting.nanoseconds(threads)}

    def peak(self, threads: int, dtype: str, size: int, writing: bool) -> dict[str, Any]:
        """See peak.multiply_adds and peak.bandwidth."""
        from bench.suite import peak

        return {
            "operations": peak.multiply_adds(threads, dtype),
            "bytes": peak.bandwidth(size, threads, writing=writing),
        }


def _trials(
    variants: Mapping[str, Callable[[Problem], Trainer]], problem: Problem, repeats: int
) -> dict[str, float]:
    """Seconds a mini-batch that each variant takes, of those that come near the best one."""
    trials = {
        name: _trial(make, problem, _TRIAL_UPDATES, repeats) for name, make in variants.items()
    }
    best, updates = min(trials.values()), problem.task.updates
    enough = min(updates, int(_TRIAL_SECONDS / (best * (repeats + 1))))
    if enough < 2 * _TRIAL_UPDATES:
        return trials
    near = {name: make for name, make in variants.items() if trials[name] < _NOT_MUCH * best}
    if len(near) == 1:
        return trials
    return {name: _trial(make, problem, enough, repeats) for name, make in near.items()}


def _trial(
    make: Callable[[Problem], Trainer], problem: Problem, updates: int, repeats: int
) -> float:
    """Seconds a mini-batch that a variant takes for so many of them."""
    task = problem.task.shortened(updates * problem.task.batch_size)
    trainer = make(
        problem._replace(
            task=task,
            x=problem.x[: task.rows],
            y=problem.y[: task.rows],
            orders=np.random.default_rng(0),
        )
    )
    trainer.train(1)
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        trainer.train(1)
        seconds.append(time.perf_counter() - start)
    return min(seconds) / task.updates


def _peak_memory() -> int:
    """The most bytes of memory that were resident at once since this program began."""
    # On Linux getrusage's figure would include the parent's memory, from before the exec.
    with suppress(OSError), open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    try:
        import resource
    except ImportError:
        return 0  # Windows
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _take_standard_output() -> Any:
    """Keep standard output for answers; whatever else is printed goes to standard error."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return answers


def _die_with_parent() -> None:
    """A stopped process would outlive a killed parent forever. Linux can prevent that."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
