"""Cases of what a training can have beyond plain descent: what it costs, beside plain descent.

Each optimizer, dropout and max-norm on 784-256-10 with mini-batches of 128, in the same rounds
as fastnn's plain descent and as JAX at the same work; checkpoints; many networks at once.
"""

from dataclasses import replace

from bench.suite.case import Bar, Case
from bench.suite.task import Task

__all__ = ["FEATURE_CASES", "PLAIN"]

PLAIN = Task(
    "mnist", 60_000, (784, 256, 10), "relu", "log-likelihood", batch_size=128, learning_rate=0.1
)

_SHARE = 0.6  # of plain descent's speed, at least


def _beside_plain(name: str, title: str, task: Task, cost_tolerance: float = 0.01) -> Case:
    return Case(
        name=name,
        title=f"784-256-10 ReLU, softmax, batch 128, 60,000 rows, {title}",
        kind="train",
        unit="s / epoch",
        task=task,
        beside=PLAIN,
        peers=("jax",),
        bars=(Bar("plain", _SHARE), Bar("jax", 1)),
        cost_tolerance=cost_tolerance,
    )


FEATURE_CASES = (
    _beside_plain("momentum", "momentum", replace(PLAIN, optimizer="momentum", learning_rate=0.01)),
    _beside_plain(
        "nesterov", "Nesterov's momentum", replace(PLAIN, optimizer="nesterov", learning_rate=0.01)
    ),
    _beside_plain("rmsprop", "RMSProp", replace(PLAIN, optimizer="rmsprop", learning_rate=0.001)),
    _beside_plain("adam", "Adam", replace(PLAIN, optimizer="adam", learning_rate=0.001)),
    _beside_plain(
        "adamw", "AdamW", replace(PLAIN, optimizer="adamw", learning_rate=0.001, l2=600.0)
    ),
    # Everyone drops other neurons, so that costs agree only as far as chance lets them.
    _beside_plain(
        "dropout", "SGD, half of the hidden neurons dropped", replace(PLAIN, dropout=0.5), 0.1
    ),
    _beside_plain("max-norm", "SGD, max-norm 1", replace(PLAIN, max_norm=1.0)),
    Case(
        name="checkpoint",
        title="saving a checkpoint of 784-800-800-10 with Adam, as a share of an epoch",
        kind="alone",
        unit="%",
        stage="checkpoint",
        bars=(Bar(limit=5.0),),
    ),
    Case(
        name="fit-many",
        title="fit_many of 16 networks 784-30-10, as a share of one after the other",
        kind="alone",
        unit="%",
        stage="fit many",
        bars=(Bar(limit=55.0),),
    ),
    Case(
        name="regularized",
        title="784-1024-1024-10 ReLU, dropout, max-norm: test images classified wrongly",
        kind="alone",
        unit="%",
        stage="regularized",
        bars=(Bar(limit=1.1),),
        usual=False,
    ),
)
