"""Files that are changed by hand, and lies about a network that both load and resume must see."""

import json

import numpy as np


def savez(path, **arrays):
    with open(path, "wb") as file:
        np.savez(file, **arrays)


def header_of(path):
    with np.load(path) as archive:
        return json.loads(str(archive["header"]))


def rewrite(path, change=lambda header: None, change_arrays=lambda arrays: None):
    """Let the functions change the header, and the arrays, which are writable."""
    with np.load(path) as archive:
        arrays = dict(archive)
    header = json.loads(str(arrays["header"]))
    change(header)
    change_arrays(arrays)
    savez(path, **{**arrays, "header": np.array(json.dumps(header))})


def set_history(name, value, row=0):
    def change(arrays):
        arrays["history"][name][row] = value

    return change


def retype(arrays):
    layers = arrays["history"].dtype["weight_norms"].shape
    arrays["history"] = arrays["history"].astype(
        [
            (n, t, layers) if n in ("weight_norms", "zero_shares", "largest_weights") else (n, t)
            for n, t in zip(arrays["history"].dtype.names, ["<i8"] + 10 * ["<f4"] + ["<u8"])
        ]
    )


# Of a network that was trained by momentum.
HEADER_LIES = {
    "n": lambda header: header["regularization"].update(n=0),
    "huge n": lambda header: header["regularization"].update(n=10**400),
    "l2": lambda header: header["regularization"].update(l2="5"),
    "NaN for l1": lambda header: header["regularization"].update(l1=float("nan")),
    "no regularization": lambda header: header.update(regularization=None),
    "history's kind": lambda header: header.update(history=[]),
    "best epoch": lambda header: header.update(best_epoch=0),
    "best epoch's kind": lambda header: header.update(best_epoch="1"),
    "optimizer": lambda header: header.update(optimizer="eval"),
    "other optimizer": lambda header: header.update(optimizer="adam", hyperparameters={}),
    "arrays of no use": lambda header: header.update(optimizer="sgd", hyperparameters={}),
    "hyperparameters": lambda header: header["hyperparameters"].update(mu=2.0),
    "hyperparameters' kind": lambda header: header["hyperparameters"].update(mu="0.9"),
    "no hyperparameters": lambda header: header.update(hyperparameters={}),
    "unknown hyperparameters": lambda header: header["hyperparameters"].update(nu=0.5),
    "updates": lambda header: header.update(updates=-1),
    "more updates than can be counted": lambda header: header.update(updates=10**18),
    "updates' kind": lambda header: header.update(updates=1.5),
    "dropout seed": lambda header: header.update(dropout_seed=-1),
    "huge dropout seed": lambda header: header.update(dropout_seed=2**32),
    "flat targets": lambda header: header.update(flat_targets=1),
    "what fit was asked for": lambda header: header.update(asked=0),
    "epochs that were asked for": lambda header: header["asked"].update(epochs=0),
    "learning rate": lambda header: header["asked"].update(learning_rate=-0.5),
    "schedule's kind": lambda header: header["asked"].update(schedule=["constant"]),
    "schedule's length": lambda header: header["asked"].update(schedule="-" * 201),
    "dropout of too few layers": lambda header: header["asked"].update(dropout=[0.5]),
    "max-norm of no layers": lambda header: header["asked"].update(max_norm=3.0),
    "no batch size": lambda header: header["asked"].pop("batch_size"),
    "no random state": lambda header: header.update(random_state={}),
    "random state": lambda header: header["random_state"].update(bit_generator="MT19937"),
    "random state's size": lambda header: header["random_state"]["state"].update(state=2**200),
    "random state's kind": lambda header: header["random_state"]["state"].update(inc=1.5),
    "random state's rest": lambda header: header["random_state"].update(uinteger=2**40),
    "deep": lambda header: header.update(random_state=nested(900)),
}

ARRAY_LIES = {
    "no history": lambda arrays: arrays.pop("history"),
    "history in columns": lambda arrays: arrays.update(history=np.zeros((2, 14))),
    "history of another type": retype,
    "history of more axes": lambda arrays: arrays.update(history=arrays["history"][None]),
    "epoch 0": set_history("epoch", 0),
    "epochs that floats can't count": set_history("epoch", 2**53 + 1),
    "seconds that lack": set_history("lacking", 1 << 1),
    "unknown figures that lack": set_history("lacking", 1 << 11),
    "NaN": lambda arrays: arrays["weights_1"].__setitem__((1, 2), np.nan),
    "infinity": lambda arrays: arrays["weights_0"].__setitem__((0, 0), np.inf),
    "NaN in the optimizer's memory": lambda arrays: arrays["first_biases_1"].__setitem__(0, np.nan),
    "another shape": lambda arrays: arrays.update(weights_0=arrays["weights_0"].T),
    "another dtype": lambda arrays: arrays.update(biases_0=np.zeros((4, 1), np.int64)),
    "floats of another width": lambda arrays: arrays.update(biases_0=np.zeros((4, 1), "float16")),
    "an array missing": lambda arrays: arrays.pop("first_weights_1"),
}


def nested(depth):
    value = {}
    for _ in range(depth):
        value = {"state": value}
    return value
