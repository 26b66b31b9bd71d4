"""`from_onnx` reads what PyTorch's exporter writes."""

import numpy as np
import pytest
from exported import rows

from fastnn.export.onnx import from_onnx

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("onnx", reason="onnx is not installed")  # torch's exporter needs it

X = rows().astype(np.float32)


@pytest.mark.filterwarnings("ignore")  # of the exporter
@pytest.mark.parametrize("activation", ["GELU", "Mish", "Softplus"])
def test_a_model_of_pytorch(activation, tmp_path):
    nn, path = torch.nn, tmp_path / "net.onnx"
    hidden = getattr(nn, activation)
    module = nn.Sequential(
        nn.Flatten(), nn.Linear(4, 7), hidden(), nn.Dropout(), nn.Linear(7, 3), nn.Softmax(1)
    ).eval()
    x = torch.from_numpy(X).reshape(-1, 2, 2)
    torch.onnx.export(module, (x[:5],), path, opset_version=13, dynamo=False)
    net = from_onnx(path)
    assert (net.activation, net.output_activation) == (activation.lower(), "softmax")
    np.testing.assert_array_equal(net.weights[0], module[1].weight.detach().numpy())
    expected = module(x).detach().numpy()
    np.testing.assert_allclose(net.feedforward(X), expected, rtol=0, atol=1e-6)
