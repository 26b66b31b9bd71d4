"""`fastnn demo`: the page that it writes, and opens."""

import webbrowser

import pytest

import fastnn
from fastnn.cli import demo


@pytest.fixture
def opened(monkeypatch):
    """The addresses that a browser was asked for; none is there unless a test says so."""
    asked = []
    monkeypatch.setattr(webbrowser, "open", lambda address: asked.append(address) or True)
    return asked


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model.npz"
    fastnn.Network([784, 4, 3], "relu", "log_likelihood", seed=0).save(path)
    return path


def test_without_a_model_one_is_trained(command, opened, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = command("demo")
    assert (done.returncode, done.stderr) == (0, "")
    page = tmp_path / "fastnn-demo.html"
    assert opened == [page.as_uri()]
    assert page.stat().st_size < 1_000_000
    name, _, rest = done.stdout.partition(": ")
    assert name == "fastnn-demo.html"
    size, about = rest.strip().split("; ", 1)
    assert size == f"{page.stat().st_size / 1000:,.0f} kB"
    assert about.startswith("784-100-10, trained on 60,000 digits of MNIST in ")
    share = float(about.partition("reads ")[2].partition("%")[0])
    assert 97.5 < share < 99
    assert about in page.read_text()


def test_a_model_of_the_users(command, opened, model, tmp_path):
    page = tmp_path / "page.html"
    done = command("demo", model, "-o", page, "--no-open", "--classes", "cat", "dog", "owl")
    assert (done.returncode, done.stderr) == (0, "")
    assert opened == []
    assert done.stdout.startswith(f"{page}: ")
    assert '"784-4-3, relu and softmax"' in page.read_text()
    assert '["cat", "dog", "owl"]' in page.read_text()


def test_where_there_is_no_browser(command, model, tmp_path, monkeypatch):
    monkeypatch.setattr(webbrowser, "open", lambda _: False)
    page = tmp_path / "page.html"
    done = command("demo", model, "-o", page)
    assert done.returncode == 0
    assert done.stderr == f"fastnn: warning: found no browser; open {page} in one\n"
    assert page.exists()


def test_failures(command, opened, model, tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "mnist_network", lambda: pytest.fail("it trains in vain"))
    other = tmp_path / "other.npz"
    fastnn.Network([4, 3, 2], seed=0).save(other)
    page = tmp_path / "page.html"
    for arguments, message in (
        (("-o", tmp_path / "no" / "page.html"), "--output: expected an existing folder"),
        ((tmp_path / "none.npz",), "No such file"),
        ((other, "-o", page), "network: expected one with 784 inputs"),
        ((model, "-o", page, "--classes", "a"), "classes: expected 3 names, got 1"),
    ):
        done = command("demo", *arguments)
        assert done.returncode == 1
        assert done.stderr.startswith("fastnn: error: ")
        assert message in done.stderr
        assert done.stderr.count("\n") == 1
        assert not page.exists()
    assert opened == []
