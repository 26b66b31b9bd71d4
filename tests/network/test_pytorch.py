"""The same training in PyTorch, where it is installed: optimizers, costs, activations, and so on.

Each takes three epochs of three mini-batches from the same parameters, and must end at PyTorch's
weights and biases. `test_conventions` has what lambda is there.
"""

import numpy as np
import pytest
from tolerance import assert_close

import fastnn
from fastnn.training.optimizers import as_optimizer

torch = pytest.importorskip("torch")
F = torch.nn.functional

N, M, EPOCHS, ETA, L2 = 24, 8, 3, 0.05, 2.0
RNG = np.random.default_rng(0)
X = RNG.standard_normal((N, 6))
LABELS = RNG.permutation(np.arange(N) % 3)
NUMBERS, COUNTS = RNG.standard_normal((N, 3)), RNG.poisson(2.0, (N, 3)).astype(float)
SEVERAL = (RNG.random((N, 3)) < 0.4).astype(float)


def of_a_row(loss):
    """PyTorch's loss, summed over a row's outputs as fastnn's is: the mean over the rows."""
    return lambda z, y: loss(z, y, reduction="none").sum(1).mean()


cross_entropy = torch.nn.CrossEntropyLoss()
sgd = torch.optim.SGD
OPTIMIZERS = {
    "sgd": sgd,
    "momentum": lambda groups, lr: sgd(groups, lr, momentum=0.9),
    "nesterov": lambda groups, lr: sgd(groups, lr, momentum=0.9, nesterov=True),
    "rmsprop": lambda groups, lr: torch.optim.RMSprop(groups, lr, alpha=0.9),
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
}


def compare(
    y=LABELS,
    cost="log_likelihood",
    loss=cross_entropy,
    *,
    activation="tanh",
    sigma=torch.tanh,
    theirs=sgd,
    schedule=None,
    scale=1.0,
    **settings,
):
    """Train in both and compare; `settings` are fit's, `scale` is tolerance.assert_close's."""
    settings = {"learning_rate": ETA, **settings}
    clip_norm = as_optimizer(settings.get("optimizer", "sgd")).clip_norm
    net = fastnn.Network(
        [6, 5, 3], activation, cost, seed=2, dtype="float64", multi_label=y is SEVERAL
    )
    first = [w.copy() for w in net.weights]
    weights = [torch.tensor(w.copy(), requires_grad=True) for w in net.weights]
    biases = [torch.tensor(b[:, 0].copy(), requires_grad=True) for b in net.biases]
    net.fit(X, y, epochs=EPOCHS, batch_size=M, shuffle=False, **settings)

    decay = settings.get("l2", 0.0) / N
    groups = [{"params": weights, "weight_decay": decay}, {"params": biases, "weight_decay": 0.0}]
    step = theirs(groups, lr=ETA)
    rates = schedule(step) if schedule else None
    for start in [*range(0, N, M)] * EPOCHS:
        rows = slice(start, start + M)
        z = sigma(torch.tensor(X[rows]) @ weights[0].T + biases[0]) @ weights[1].T + biases[1]
        step.zero_grad()
        loss(z, torch.tensor(y[rows])).backward()
        if clip_norm is not None:
            torch.nn.utils.clip_grad_norm_([*weights, *biases], clip_norm)
        step.step()
        if rates:
            rates.step()
    for before, w, b, our_w, our_b in zip(
        first, weights, biases, net.weights, net.biases, strict=True
    ):
        assert np.abs(our_w - before).max() > 1e-3
        assert_close(our_w, w.detach().numpy(), scale)
        assert_close(our_b[:, 0], b.detach().numpy(), scale)


@pytest.mark.parametrize("l2", [0.0, 2.0])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers(name, l2):
    compare(optimizer=name, theirs=OPTIMIZERS[name], l2=l2, scale=10)


@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_clipping(name):
    """PyTorch adds 1e-6 to the norm, so the two are a little apart."""
    ours = as_optimizer(name)._replace(clip_norm=0.1)
    compare(optimizer=ours, theirs=OPTIMIZERS[name], scale=1e6)


@pytest.mark.parametrize(
    "name", ["relu", "leaky_relu", "elu", "gelu", "silu", "softplus", "sigmoid", "selu", "mish"]
)
def test_activations(name):
    compare(activation=name, sigma=getattr(F, name))


COSTS = {
    "cross_entropy": (SEVERAL, of_a_row(F.binary_cross_entropy_with_logits)),
    "huber": (NUMBERS, of_a_row(F.huber_loss)),
    "mean_absolute_error": (NUMBERS, of_a_row(F.l1_loss)),
    "poisson": (COUNTS, of_a_row(F.poisson_nll_loss)),  # of the logarithm of the rate
}


@pytest.mark.parametrize("cost", COSTS)
def test_costs(cost):
    compare(COSTS[cost][0], cost, COSTS[cost][1])


def test_label_smoothing():
    cost = fastnn.LogLikelihood(label_smoothing=0.2)
    compare(cost=cost, loss=torch.nn.CrossEntropyLoss(label_smoothing=0.2))


schedulers = torch.optim.lr_scheduler
UPDATES = EPOCHS * N // M
SCHEDULES = {
    "cosine": (fastnn.Cosine(ETA), lambda s: schedulers.CosineAnnealingLR(s, UPDATES)),
    "step": (fastnn.Step(ETA, 1, 0.3), lambda s: schedulers.StepLR(s, N // M, 0.3)),
    "exponential": (
        fastnn.Exponential(ETA, 0.3),
        lambda s: schedulers.ExponentialLR(s, 0.3 ** (M / N)),
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules(name):
    rate, schedule = SCHEDULES[name]
    compare(learning_rate=rate, schedule=schedule)


def test_one_cycle():
    """PyTorch's reaches its end at the last update, fastnn's after it: so ours is 1 shorter."""
    step = sgd([torch.zeros(1, requires_grad=True)], lr=ETA)
    theirs = schedulers.OneCycleLR(step, 0.3, total_steps=101, pct_start=41 / 101)
    rates = [theirs.get_last_lr()[0]]
    for _ in range(100):
        step.step()
        theirs.step()
        rates.append(theirs.get_last_lr()[0])
    ours = fastnn.OneCycle(0.3, rise=0.4).rates(np.arange(101.0), 100)
    assert_close(ours, np.array(rates))
    assert rates[40] == max(rates) == pytest.approx(0.3)
