import pytest
from samples import trained_small


@pytest.fixture(scope="module")
def net():
    """A network with a history; nobody may change it."""
    return trained_small()


@pytest.fixture
def saved(net, tmp_path):
    """Its file."""
    net.save(tmp_path / "net.npz")
    return tmp_path / "net.npz"
