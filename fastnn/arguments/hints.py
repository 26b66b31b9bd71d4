"""What a name that people know from elsewhere is called here: `did you mean 'l2'?`.

A wrong hint is worse than none: names that are close to one of ours and stand for something else
lead to none.
"""

import re
from collections.abc import Iterable

__all__ = ["hint", "nearest"]

# Our name: what others call the same, in lower case and without all but letters and digits.
# An alias may stand for several: it leads to the one that is among the names to choose from.
_ALIASES = {
    # activations
    "identity": "linear none noactivation",
    "sigmoid": "logistic expit logsig",
    "tanh": "hyperbolictangent tansig tanhactivation",
    "relu": "rectifier rectifiedlinear relulayer",
    "leaky_relu": "lrelu",
    "silu": "swish swish1",
    "softplus": "softrelu",
    "exponential": "exp",
    # costs
    "quadratic": (
        "mse mseloss meansquarederror meansquareerror squarederror squaredloss squareloss sse l2 "
        "l2loss quadraticcost leastsquares"
    ),
    "mean_absolute_error": "mae l1 l1loss absoluteerror absoluteloss",
    "huber": "huberloss smoothl1 smoothl1loss",
    "pinball": "quantile quantileloss pinballloss",
    "poisson": "poissonloss poissonnll poissonnllloss",
    "log_likelihood": (
        "categoricalcrossentropy sparsecategoricalcrossentropy crossentropyloss logloss nll "
        "nllloss negativeloglikelihood loglikelihoodcost softmax softmaxcrossentropy "
        "multinomial multinomialcrossentropy"
    ),
    "cross_entropy": (
        "binarycrossentropy bce bceloss bcewithlogits bcewithlogitsloss logistic logisticloss "
        "binarylogloss sigmoid sigmoidcrossentropy crossentropycost xent ce"
    ),
    # optimizers
    "sgd": "gd gradientdescent stochasticgradientdescent vanilla vanillasgd minibatch plain",
    "momentum": "sgdmomentum sgdwithmomentum momentumsgd heavyball",
    "nesterov": "nag sgdnesterov sgdwithnesterov nesterovmomentum nesterovacceleratedgradient",
    # initializers
    "glorot_normal": "xaviernormal",
    "glorot_uniform": "glorot xavier xavieruniform",
    "he_normal": "he kaiming kaimingnormal heetal msra",
    "he_uniform": "kaiminguniform",
    "lecun_normal": "lecun",
    "zeros": "zero",
    # dtypes
    "float32": "fp32 f32 torchfloat32 torchfloat",
    "float64": "fp64 f64 torchfloat64 torchdouble",
    # figures to monitor
    "validation_data_cost": "valloss validationloss testloss",
    "validation_accuracy": "valaccuracy valacc testaccuracy validationscore",
    "accuracy": "acc trainaccuracy trainacc",
    # keywords
    "sizes": "hiddenlayersizes layers layersizes units architecture inputdim inputshape",
    "activation": "activations activationfunction hiddenactivation nonlinearity act",
    "output_activation": "outactivation finalactivation lastactivation outputnonlinearity",
    "cost": (
        "loss lossfunction lossfn criterion objective costfunction labelsmoothing smoothing "
        "labelsmooth"
    ),
    "initializer": "kernelinitializer init weightinit weightinitializer initialization",
    "seed": "randomstate randomseed rng",
    "epochs": "maxiter maxepochs nepochs nbepoch nbepochs numepochs niter",
    "batch_size": "minibatchsize minibatch m",
    "learning_rate": "eta lr learningrateinit stepsize learningrateschedule lrschedule",
    "l2": (
        "lmbda lambda lambda2 lam reg reglambda alpha weightdecay l2reg l2lambda l2penalty "
        "regularization regularizationstrength kernelregularizer"
    ),
    "l1": "lambda1 l1reg l1lambda l1penalty l1mode proximal",
    "max_norm": "maxweightnorm kernelconstraint",
    "dropout": "dropoutrate dropoutrates",
    "optimizer": (
        "solver opt momentum nesterov nesterovsmomentum beta1 beta2 rho mu clipnorm maxgradnorm "
        "clipgradnorm gradientclipping globalclipnorm"
    ),
    "validation_data": "valdata validationset evaluationdata testdata evalset",
    "validation_split": "validationfraction valsplit",
    "callbacks": (
        "callback earlystopping patience niternochange earlystoppingn earlystoppingrounds "
        "checkpoint checkpoints checkpointpath resume resumefrom onprogress progress"
    ),
    "n_threads": "njobs threads numthreads nthreads workers",
}

# What else is known of them, where the name alone misleads.
_REMARKS = {
    "alpha": "l2 is scikit-learn's alpha n / batch_size, see fastnn.conventions",
    "weightdecay": "l2 is PyTorch's weight_decay n, see fastnn.conventions",
    "kernelregularizer": "l2 is Keras's factor times 2 n, see fastnn.conventions",
    "hiddenlayersizes": "it holds the sizes of the input and the output as well",
    "momentum": "optimizer=fastnn.Momentum(mu=...)",
    "nesterov": "optimizer='nesterov'",
    "nesterovsmomentum": "optimizer='nesterov'",
    "beta1": "optimizer=fastnn.Adam(beta1=...)",
    "beta2": "optimizer=fastnn.Adam(beta2=...)",
    "rho": "optimizer=fastnn.RMSProp(rho=...)",
    "mu": "optimizer=fastnn.Momentum(mu=...)",
    **dict.fromkeys(
        ("clipnorm", "maxgradnorm", "clipgradnorm", "gradientclipping", "globalclipnorm"),
        "of the optimizer: fastnn.SGD(clip_norm=...), fastnn.Adam(clip_norm=...) and so on",
    ),
    **dict.fromkeys(("l1mode", "proximal"), "l1=fastnn.Proximal(...)"),
    **dict.fromkeys(
        ("labelsmoothing", "labelsmooth", "smoothing"),
        "of the cost: fastnn.CrossEntropy(label_smoothing=...) or fastnn.LogLikelihood(...)",
    ),
    **dict.fromkeys(
        ("earlystopping", "patience", "niternochange", "earlystoppingn", "earlystoppingrounds"),
        "callbacks=[fastnn.EarlyStopping(patience=...)]",
    ),
    **dict.fromkeys(
        ("checkpoint", "checkpoints", "checkpointpath"), "callbacks=[fastnn.Checkpoint(path)]"
    ),
    **dict.fromkeys(("resume", "resumefrom"), "callbacks=[fastnn.Checkpoint(path, resume=True)]"),
    **dict.fromkeys(("onprogress", "progress"), "callbacks=[fastnn.Progress(function)]"),
}

# What is known by these names is not to be had here, though some look like a name of ours.
_NOT_HERE = {
    "activations": (
        "celu prelu rrelu relu6 crelu thresholdedrelu hardsigmoid hardtanh hardswish "
        "hardsilu hardshrink softshrink tanhshrink softsign softmin logsoftmax logsigmoid "
        "sparsemax maxout glu geglu swiglu squareplus"
    ),
    "costs": (
        "rmse msle mape meanabsolutepercentageerror meansquaredlogarithmicerror "
        "rootmeansquarederror hinge squaredhinge categoricalhinge kldivergence kullbackleibler "
        "logcosh cosine cosinesimilarity focal binaryfocalcrossentropy ctc gamma tweedie"
    ),
    "optimizers": (
        "adagrad adadelta adamax nadam radam amsgrad adafactor adabelief adam8bit rprop "
        "ftrl lion lamb lars asgd sparseadam"
    ),
    "initializers": (
        "normal uniform randomnormal randomuniform truncatednormal ones constant variancescaling"
    ),
    "dtypes": "float16 half bfloat16 float128 longdouble float8 int8 int16 int32 int64 uint8",
    "keywords": (
        "validationsteps validationfreq validationfrequency validationbatchsize stepsperepoch "
        "initialepoch dropoutseed learningratedecay"
    ),
}

_UNKNOWN = {name for names in _NOT_HERE.values() for name in names.split()}
_MEANT: dict[str, list[str]] = {}
for _name, _others in _ALIASES.items():
    for _other in _others.split():
        _MEANT.setdefault(_other, []).append(_name)

_ALIKE = 0.75  # of two words' letters; with less, others than typing errors are among them


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The one of `names` that is surely or likely meant; None if there is none."""
    plain = {_plain(each): each for each in names}
    given = _plain(name)
    if given in plain:
        return plain[given]
    for meant in _MEANT.get(given, ()):
        if _plain(meant) in plain:
            return meant
    if given in _UNKNOWN:
        return None
    import difflib

    # A number in a name is no typing error: float16 is not float64.
    typed = [each for each in plain if _digits(each) == _digits(given)]
    alike = difflib.get_close_matches(given, typed, 1, _ALIKE)
    return plain[alike[0]] if alike else None


def hint(name: object, names: Iterable[str]) -> str:
    """What to add to an error: `; did you mean 'l2'?`, and what else is to know, or nothing."""
    meant = nearest(name, names) if isinstance(name, str) else None
    if meant is None:
        return ""
    remark = _REMARKS.get(_plain(str(name)), "")
    return f"; did you mean {meant!r}?" + (f" ({remark})" if remark else "")


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())


def _digits(name: str) -> str:
    return re.sub("[^0-9]", "", name)
