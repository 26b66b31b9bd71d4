"""Names that people know from elsewhere lead to the right thing, or to none."""

import inspect
import re

import numpy as np
import pytest

import fastnn
from fastnn.arguments import hints
from fastnn.engine import ACTIVATIONS, COSTS
from fastnn.model.initializers import INITIALIZERS
from fastnn.training import monitoring
from fastnn.training.optimizers import _BY_NAME

NAMES = {
    "activation": list(ACTIVATIONS),
    "cost": [name.replace("-", "_") for name in COSTS],
    "optimizer": list(_BY_NAME),
    "initializer": list(INITIALIZERS),
    "dtype": ["float32", "float64"],
    "monitor": monitoring._NAMES,
    "keyword": [
        *inspect.signature(fastnn.Network).parameters,
        *list(inspect.signature(fastnn.Network.fit).parameters)[1:],
    ],
}
MEANT = {
    "activation": {
        "linear": "identity",
        "logistic": "sigmoid",
        "Sigmoid": "sigmoid",
        "ReLU": "relu",
        "swish": "silu",
        "SiLU": "silu",
        "LeakyReLU": "leaky_relu",
        "leaky-relu": "leaky_relu",
        "exp": "exponential",
        "sofmax": "softmax",
        "sigmiod": "sigmoid",
        "gleu": "gelu",
        "Softmax": "softmax",
        "tanH": "tanh",
        "rectifier": "relu",
        "softpluss": "softplus",
    },
    "cost": {
        "mse": "quadratic",
        "MSELoss": "quadratic",
        "mean_squared_error": "quadratic",
        "squared_error": "quadratic",
        "QuadraticCost": "quadratic",
        "l2": "quadratic",
        "mae": "mean_absolute_error",
        "L1Loss": "mean_absolute_error",
        "mean-absolute-error": "mean_absolute_error",
        "SmoothL1Loss": "huber",
        "categorical_crossentropy": "log_likelihood",
        "log_loss": "log_likelihood",
        "sparse_categorical_crossentropy": "log_likelihood",
        "nll": "log_likelihood",
        "NLLLoss": "log_likelihood",
        "CrossEntropyLoss": "log_likelihood",
        "LogLikelihoodCost": "log_likelihood",
        "softmax": "log_likelihood",
        "binary_crossentropy": "cross_entropy",
        "bce": "cross_entropy",
        "BCEWithLogitsLoss": "cross_entropy",
        "logistic": "cross_entropy",
        "cross_entropy": "cross_entropy",
        "crossentropy": "cross_entropy",
        "CrossEntropyCost": "cross_entropy",
        "PoissonNLLLoss": "poisson",
    },
    "optimizer": {
        "SGD": "sgd",
        "Adam": "adam",
        "RMSprop": "rmsprop",
        "rms_prop": "rmsprop",
        "AdamW": "adamw",
        "nag": "nesterov",
        "sgd_nesterov": "nesterov",
        "adm": "adam",
        "sgd_momentum": "momentum",
        "gradient_descent": "sgd",
        "Nesterov": "nesterov",
    },
    "initializer": {
        "xavier": "glorot_uniform",
        "xavier_normal": "glorot_normal",
        "glorot": "glorot_uniform",
        "GlorotUniform": "glorot_uniform",
        "he": "he_normal",
        "HeNormal": "he_normal",
        "kaiming_uniform_": "he_uniform",
        "kaiming": "he_normal",
        "lecun": "lecun_normal",
        "zeros_": "zeros",
        "orthogonal_": "orthogonal",
    },
    "dtype": {"fp32": "float32", "torch.float64": "float64", "flaot32": "float32"},
    "monitor": {
        "val_loss": "validation_data_cost",
        "val_accuracy": "validation_accuracy",
        "loss": "cost",
        "acc": "accuracy",
        "validaton_accuracy": "validation_accuracy",
    },
    "keyword": {
        "lmbda": "l2",
        "lambda_": "l2",
        "alpha": "l2",
        "weight_decay": "l2",
        "eta": "learning_rate",
        "lr": "learning_rate",
        "learning_rate_init": "learning_rate",
        "lerning_rate": "learning_rate",
        "mini_batch_size": "batch_size",
        "batchsize": "batch_size",
        "max_iter": "epochs",
        "n_epochs": "epochs",
        "nb_epoch": "epochs",
        "epoch": "epochs",
        "hidden_layer_sizes": "sizes",
        "random_state": "seed",
        "loss": "cost",
        "solver": "optimizer",
        "momentum": "optimizer",
        "validation_fraction": "validation_split",
        "n_jobs": "n_threads",
        "class_weights": "class_weight",
        "sample_weights": "sample_weight",
        "activations": "activation",
        "X": "x",
        "test_data": "validation_data",
        "lambda1": "l1",
        "evaluation_data": "validation_data",
        "kernel_initializer": "initializer",
        "early_stopping": "callbacks",
        "early_stopping_n": "callbacks",
        "n_iter_no_change": "callbacks",
        "checkpoint": "callbacks",
        "resume": "callbacks",
        "on_progress": "callbacks",
        "clip_norm": "optimizer",
        "max_grad_norm": "optimizer",
        "l1_mode": "l1",
        "label_smoothing": "cost",
        "dropout_rate": "dropout",
        "callback": "callbacks",
    },
}
# What stands for something else, or for nothing here, though some of it looks alike.
NONE = {
    "activation": "celu prelu relu6 hard_sigmoid hardtanh softsign LogSoftmax qqq x step",
    "cost": (
        "rmse mape msle hinge kl_divergence log_cosh cosine_similarity "
        "mean_absolute_percentage_error mean_squared_logarithmic_error root_mean_squared_error qqq"
    ),
    "optimizer": "adagrad adadelta adamax nadam radam rprop ftrl lion amsgrad qqq",
    "initializer": "normal uniform random_normal random_uniform truncated_normal ones constant qqq",
    "dtype": "float16 float62 half bfloat16 float128 int32 int64 uint8 complex64 qqq",
    "monitor": "f1 auc mse qqq epoch",
    "keyword": (
        "validation_steps validation_freq validation_batch_size steps_per_epoch initial_epoch "
        "device tol warm_start use_bias n_classes metrics bias batch_norm l1_ratio max_fun "
        "learning_rate_decay dropout_seed power_t qqq"
    ),
}


def cases(table):
    return [(kind, name) for kind, names in table.items() for name in names]


@pytest.mark.parametrize(("kind", "name"), cases(MEANT))
def test_what_is_meant(kind, name):
    assert hints.nearest(name, NAMES[kind]) == MEANT[kind][name]


@pytest.mark.parametrize(
    ("kind", "name"), cases({kind: names.split() for kind, names in NONE.items()})
)
def test_what_nobody_can_tell_has_no_hint(kind, name):
    assert hints.hint(name, NAMES[kind]) == ""


def test_every_alias_leads_to_what_is_there():
    for meant, others in hints._ALIASES.items():
        kinds = [kind for kind, names in NAMES.items() if meant in names]
        assert kinds, meant
        for other in others.split():
            assert other == hints._plain(other)
            assert all(hints.nearest(other, NAMES[kind]) == meant for kind in kinds)


def test_no_alias_is_known_to_mean_nothing():
    aliases = {other for others in hints._ALIASES.values() for other in others.split()}
    assert not aliases & hints._UNKNOWN
    assert all(name == hints._plain(name) for name in hints._UNKNOWN)


def test_what_is_known_to_mean_nothing_has_no_hint_anywhere():
    for names in NAMES.values():
        assert [name for name in hints._UNKNOWN if hints.hint(name, names)] == []


def test_each_name_is_its_own():
    for names in NAMES.values():
        assert [hints.nearest(name, names) for name in names] == names


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"activation": "linear"}, "^activation: .*; got 'linear'; did you mean 'identity'[?]$"),
        ({"activation": ["relu", "swish"]}, r"^activation\[1\]: .*; did you mean 'silu'[?]$"),
        ({"cost": "mse"}, "^cost: .*; did you mean 'quadratic'[?]$"),
        ({"initializer": "xavier"}, "^initializer: .*; did you mean 'glorot_uniform'[?]$"),
        ({"initializer": "normal"}, "^initializer: .*; got 'normal'$"),
        ({"dtype": "float16"}, "^dtype: expected one of float32, float64; got 'float16'$"),
        (
            {"output_activation": "softmax"},
            "with the cross_entropy cost, got softmax; softmax outputs go with cost='log_likelih",
        ),
        (
            {"cost": "log_likelihood", "output_activation": "sigmoid"},
            "; sigmoid outputs go with cost='cross_entropy'$",
        ),
        ({"output_activation": "tanh"}, "with the cross_entropy cost, got tanh$"),
    ],
)
def test_hints_of_networks(settings, message):
    with pytest.raises(ValueError, match=message):
        fastnn.Network([5, 4, 4, 3], **settings)


def test_a_dtype_of_another_library():
    class Dtype:
        def __str__(self):
            return "torch.float32"

    with pytest.raises(ValueError, match="got 'torch.float32'; did you mean 'float32'[?]$"):
        fastnn.Network([2, 1], dtype=Dtype())


def test_figures_of_the_history():
    history = fastnn.Network([2, 1]).history
    with pytest.raises(AttributeError, match="has no 'val_loss'; .*; did you mean 'validation_d"):
        _ = history.val_loss
    assert not hasattr(history, "__array__")


# --- keywords ---

NET = fastnn.Network([5, 3], seed=0)
X, LABELS = np.zeros((3, 5)), np.arange(3)
UNEXPECTED = "got an unexpected keyword argument"


@pytest.mark.parametrize(
    ("keyword", "hint"),
    [
        ("lmbda", "; did you mean 'l2'[?]$"),
        ("eta", "; did you mean 'learning_rate'[?]$"),
        (
            "alpha",
            r"; did you mean 'l2'[?] \(l2 is scikit-learn's alpha n / batch_size, see fastnn",
        ),
        ("weight_decay", r"; did you mean 'l2'[?] \(l2 is PyTorch's weight_decay n, see fastnn"),
        ("momentum", r"; did you mean 'optimizer'[?] \(optimizer=fastnn.Momentum\(mu=...\)\)$"),
        ("seed", r"; Network\(\) takes it$"),
        ("loss", r"; did you mean 'cost'[?] Network\(\) takes it$"),
        ("validation_steps", "$"),
        ("qqq", "$"),
    ],
)
def test_unknown_keywords_of_fit(keyword, hint):
    with pytest.raises(TypeError, match=rf"^Network.fit\(\) {UNEXPECTED} '{keyword}'{hint}"):
        NET.fit(X, LABELS, epochs=1, **{keyword: 1})
    assert NET.history.epoch == []


@pytest.mark.parametrize(
    ("keyword", "hint"),
    [
        ("hidden_layer_sizes", r"; did you mean 'sizes'[?] \(it holds the sizes of the input and"),
        ("random_state", "; did you mean 'seed'[?]$"),
        ("loss", "; did you mean 'cost'[?]$"),
        ("epochs", r"; Network.fit\(\) takes it$"),
        ("max_iter", r"; did you mean 'epochs'[?] Network.fit\(\) takes it$"),
        ("qqq", "$"),
    ],
)
def test_unknown_keywords_of_networks(keyword, hint):
    with pytest.raises(TypeError, match=rf"^Network\(\) {UNEXPECTED} '{keyword}'{hint}"):
        fastnn.Network(**{keyword: 1})


@pytest.mark.parametrize(
    "call",
    [
        lambda: fastnn.grid(lmbda=[1, 2]),
        lambda: fastnn.random_draws(2, lmbda=[1, 2]),
        lambda: fastnn.fit_many([{"sizes": [5, 3], "lmbda": 1}], X, LABELS),
        lambda: fastnn.fit_many([{"sizes": [5, 3]}], X, LABELS, lmbda=1),
    ],
)
def test_unknown_keywords_of_specs(call):
    with pytest.raises(ValueError, match="^[a-z_0-9\\[\\]]+: .*got 'lmbda'; did you mean 'l2'[?]$"):
        call()


def test_specs_have_no_data():
    for name in ("x", "validation_data", "verbose"):
        with pytest.raises(ValueError, match=f"^grid: .*got '{name}', which fit_many takes for al"):
            fastnn.grid(**{name: [1]})


def test_the_signatures_are_still_there():
    parameters = inspect.signature(fastnn.Network.fit).parameters
    assert list(parameters)[:4] == ["self", "x", "y", "epochs"]
    assert parameters["epochs"].default == 10
    assert "sizes" in inspect.signature(fastnn.Network).parameters
    assert re.match("Train for `epochs` epochs", fastnn.Network.fit.__doc__)


def test_what_python_says_of_other_calls():
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'sizes'"):
        fastnn.Network()
    with pytest.raises(TypeError, match="multiple values for argument 'y'"):
        NET.fit(X, LABELS, y=LABELS)
