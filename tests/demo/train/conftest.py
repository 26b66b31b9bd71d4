"""The tab, by itself for its arithmetic in Node, and in the whole page for a browser."""

import pytest

import fastnn
from fastnn.demo.page import assemble, write_page
from fastnn.demo.tabs import TABS, TRAIN
from fastnn.model.portable import PortableNetwork


@pytest.fixture(scope="session")
def tab():
    """The HTML of a page with no other tab."""
    return assemble((TRAIN,), "Train", {})


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    """Of the whole page's file, with this tab shown; settings may follow."""
    path = tmp_path_factory.mktemp("page") / "page.html"
    net = fastnn.Network([784, 4, 10], seed=0)
    write_page(PortableNetwork.of(net), path, tabs=TABS)
    return f"{path.as_uri()}#tab=train"
