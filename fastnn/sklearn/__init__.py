"""`MLPClassifier` and `MLPRegressor` of scikit-learn, on fastnn's kernels (extra `sklearn`).

    from fastnn.sklearn import MLPClassifier    # instead of sklearn.neural_network

The same `random_state` gives the same `coefs_` as scikit-learn's, to rounding. On the way of data:

    classifier, regressor   what targets are, and what outputs mean
    perceptron              fit, partial_fit: checks and random numbers as scikit-learn's
    rows                    X as the engine takes it, and the rows that are kept for validation
    parameters              coefs_ and intercepts_, and the network whose memory they are
    optimizers              learning rates and moments from one partial_fit to the next
    stochastic              epochs of mini-batches, for the solvers sgd and adam
    stopping                when these end, and with which weights
    watching, scoring       what each epoch achieved, and who is told
    lbfgs                   the whole data set at once, by SciPy
    library                 what is scikit-learn's own
"""

try:
    from fastnn.sklearn.classifier import MLPClassifier
    from fastnn.sklearn.regressor import MLPRegressor
except ImportError as error:
    if "sklearn" not in str(error.name):
        raise
    raise ImportError(
        "fastnn.sklearn needs scikit-learn 1.6 or newer; pip install 'fastnn[sklearn]' brings it "
        f"({error})"
    ) from error

__all__ = ["MLPClassifier", "MLPRegressor"]
