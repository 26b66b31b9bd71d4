"""What a row of the benchmark table is: what is measured, beside whom, and the bars."""

from dataclasses import dataclass

from bench.suite.task import Task

__all__ = ["Bar", "Case"]


@dataclass(frozen=True)
class Bar:
    """What fastnn shall reach.

    against     a competitor's name, or "best" for the best peer, at whatever number of threads it
                does best; fastnn, at all cores with its own choice of threads, shall be `factor`
                times better. "plain": fastnn at work on the case's `beside`, at all cores as well.
                None: fastnn shall take at most `limit`, in the case's unit
    one_thread  whether fastnn and the peer have one thread each instead
    """

    against: str | None = None
    factor: float = 0.0
    limit: float = 0.0
    one_thread: bool = False


@dataclass(frozen=True)
class Case:
    """One row of the table.

    kind            what is measured:
                    "train"    seconds of an epoch
                    "predict"  seconds of a call that gives the outputs of some rows
                    "reach"    seconds of a whole training, which must reach an accuracy
                    "memory"   peak resident memory of a process that trains
                    "estimate" seconds of what is done with estimators, see `stage`
                    "alone"    what fastnn alone can be measured on, see `stage`
    task            what is trained; None for "alone" and "estimate"
    ours            which of fastnn's faces is measured
    peers           names from peers.COMPETITORS
    scale           what a figure in seconds, or bytes, is multiplied by to be in `unit`
    check_epochs    epochs after which results are compared, before anything is timed
    cost_tolerance  how much the costs may differ then, relatively. All take the rows in the
                    same order, so they differ by rounding, which grows with each update
    call_epochs     for how many epochs one calls `fit` in real use
    rows            "predict": how many at once
    accuracy        "reach": of the test rows, which the median of all seeds must have
    seeds           "reach": of first weights and order, one each round
    stage           "alone": a name from starts.STAGES or features.STAGES; "estimate": from
                    estimators.JOBS
    beside          another task that fastnn does in the same rounds, for bars against "plain"
    usual           whether it is measured where no cases are named; not if it takes long
    """

    name: str
    title: str
    kind: str
    unit: str
    bars: tuple[Bar, ...]
    task: Task | None = None
    ours: str = "fastnn"
    peers: tuple[str, ...] = ()
    scale: float = 1.0
    check_epochs: int = 1
    cost_tolerance: float = 0.01
    call_epochs: int = 10
    rows: int = 0
    accuracy: float = 0.0
    seeds: int = 10
    stage: str = ""
    beside: Task | None = None
    usual: bool = True
