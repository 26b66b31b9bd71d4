"""Pages that tests of this folder look at."""

import numpy as np
import pytest
from browser import browser, page
from interpreted import KERNELS_ARE_INTERPRETED

import fastnn
from fastnn.cli.demo import mnist_network
from fastnn.datasets import load_mnist
from fastnn.demo.page import write_page
from fastnn.demo.tabs import TABS
from fastnn.model.portable import PortableNetwork

__all__ = ["browser", "page"]


@pytest.fixture(scope="session")
def test_images():
    """MNIST's 10,000 test images: (10000, 784) uint8, and their labels."""
    mnist = load_mnist(raw=True)
    return mnist.test_images.reshape(-1, 784), mnist.test_labels


@pytest.fixture(scope="session")
def demo_network():
    """That of `fastnn demo`."""
    if KERNELS_ARE_INTERPRETED:
        pytest.skip("not a task for this: it trains networks")
    return mnist_network()[0]


@pytest.fixture(scope="session")
def demo_page(demo_network, tmp_path_factory):
    """The file that `fastnn demo` leaves."""
    path = tmp_path_factory.mktemp("demo") / "demo.html"
    write_page(PortableNetwork.of(demo_network), path, tabs=TABS)
    return path


@pytest.fixture(scope="session")
def plain_page(tmp_path_factory):
    """A page whose network does not matter."""
    path = tmp_path_factory.mktemp("demo") / "plain.html"
    fastnn.Network([784, 3, 2], seed=0).to_html(path)
    return path


@pytest.fixture
def page_of(tmp_path):
    """A function that writes the page of a new network, and returns both."""

    def write(*arguments, classes=None, spread=1.0, **keywords):
        net = fastnn.Network(*arguments, seed=1, **keywords)
        for w in net.weights:
            w *= spread
        path = tmp_path / "page.html"
        net.to_html(path, classes=classes)
        return net, path

    return write


@pytest.fixture
def pixels():
    """Some pictures (20, 784) uint8, of zeros for the most part as drawings are."""
    rng = np.random.default_rng(3)
    return (rng.integers(0, 256, (20, 784)) * (rng.random((20, 784)) < 0.2)).astype(np.uint8)


@pytest.fixture
def opened(page, demo_page):
    page.open(demo_page)
    yield page
    assert page.errors == []
    assert page.requests == []
