"""Small data sets and networks that the tests of `fastnn.Network` share."""

import copy
import signal
import subprocess
import sys
import time

import numpy as np

import fastnn
from fastnn.reference.network import Reference


def labelled(rows=23, inputs=5, classes=3, seed=0, dtype="float64"):
    """Random x (rows, inputs) and integer labels (rows,), every class among them."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((rows, inputs)).astype(dtype)
    return x, rng.permutation(np.arange(rows) % classes)


def one_hot(labels, classes=3, dtype="float64"):
    return np.eye(classes, dtype=dtype)[labels]


def small(seed=1, dtype="float64", **options):
    return fastnn.Network([5, 4, 3], seed=seed, dtype=dtype, **options)


def trained_small(optimizer="momentum", **options):
    """A small network after two epochs on what `labelled` gives, with both penalties."""
    net, data = small(**options), labelled()
    net.fit(
        *data,
        epochs=2,
        batch_size=4,
        learning_rate=0.1,
        l1=0.1,
        l2=1.0,
        optimizer=optimizer,
        validation_data=data,
    )
    return net


def with_callbacks(settings, *callbacks):
    """The settings of a fit, with these among its callbacks."""
    own = settings.get("callbacks", [])
    return {**settings, "callbacks": [*(own if isinstance(own, list) else [own]), *callbacks]}


def reference(net):
    """The network's twin in NumPy, of the same dtype, with copies of its parameters."""
    one, layers = net.activation, len(net.sizes) - 2
    hidden = one if isinstance(one, list) else [one] * layers
    activations = [*hidden, net.output_activation]
    cost = net.cost if isinstance(net.cost, str) else net.cost.name
    return Reference(net.weights, net.biases, activations, cost, net.input_scale)


def same_bits(one, other):
    """Whether two networks' parameters are equal to the last bit."""
    pairs = zip([*one.weights, *one.biases], [*other.weights, *other.biases], strict=True)
    return all(a.dtype == b.dtype and a.tobytes() == b.tobytes() for a, b in pairs)


def everything(net):
    """All that a failed call must leave as it was, to be compared by ==."""
    state = copy.deepcopy(net.__getstate__())
    arrays = {name: [a.tobytes() for a in layers] for name, layers in state.pop("arrays").items()}
    trained = vars(state.pop("_state"))
    rng, updates = trained.pop("rng").bit_generator.state, trained.pop("memory").updates
    return {**state, **trained, "arrays": arrays, "rng": rng, "updates": updates}


def without_seconds(history):
    return {name: figures for name, figures in history.items() if name != "seconds"}


def output_after_a_signal(program):
    """What a Python program prints after "ready" if SIGINT comes half a second later."""
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    program = heard + program  # a shell may have it ignored
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout.readline() == "ready\n"
        time.sleep(0.5)
        child.send_signal(signal.SIGINT)
        output, _ = child.communicate(timeout=600)
    finally:
        child.kill()
        child.wait()
    return output
