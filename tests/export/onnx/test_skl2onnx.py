"""`from_onnx` reads what skl2onnx makes of scikit-learn's networks."""

import numpy as np
import pytest
from exported import rows

from fastnn.export.onnx import from_onnx, read_onnx

skl2onnx = pytest.importorskip("skl2onnx", reason="skl2onnx is not installed")
from sklearn.neural_network import MLPClassifier, MLPRegressor  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402

X = rows().astype(np.float32)


@pytest.mark.filterwarnings("ignore")  # of few iterations
@pytest.mark.parametrize("kind", ["classes", "two", "several labels", "regression", "standardized"])
def test_a_model_of_skl2onnx(kind, tmp_path):
    y = {
        "classes": np.array(["a", "b", "c"])[X[:, :3].argmax(axis=1)],
        "two": (X[:, 0] > 0).astype(int),
        "several labels": (X[:, :3] > 0).astype(int),
    }.get(kind, X[:, 0] ** 2)
    estimator = MLPClassifier if kind in ("classes", "two", "several labels") else MLPRegressor
    model = estimator(hidden_layer_sizes=(6,), max_iter=3, activation="tanh", random_state=0)
    if kind == "standardized":
        model = make_pipeline(StandardScaler(), model)
    model.fit(X * 3 + 1, y)
    (tmp_path / "net.onnx").write_bytes(skl2onnx.to_onnx(model, X[:1]).SerializeToString())
    net = from_onnx(tmp_path / "net.onnx")
    values = net.feedforward(X * 3 + 1)
    expected = model.predict_proba if estimator is MLPClassifier else model.predict
    expected = expected(X * 3 + 1).reshape(len(X), -1)
    np.testing.assert_allclose(values, expected[:, -values.shape[1] :], rtol=1e-5, atol=1e-5)
    assert net.multi_label == (kind == "several labels")
    assert read_onnx(tmp_path / "net.onnx").classes is None
