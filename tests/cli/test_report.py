"""`fastnn report`, and `fastnn train --report`."""

import platform
import re
import sys

import numpy as np
import pytest

import fastnn
from fastnn.cli import main
from fastnn.datasets import load_mnist

pytest.importorskip("matplotlib")

FEW = ("--rows", "500", "--epochs", "2", "--hidden", "12")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def table(here):
    """A data set of 6 columns with classes that words name, and a network trained on it."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((60, 6))
    np.savez("table.npz", x=x, y=(x[:, 0] > 0).astype(int))
    net = fastnn.Network([6, 4, 2], cost="log_likelihood", seed=0)
    net.fit(x, (x[:, 0] > 0).astype(int), epochs=2, l2=0.1)
    net.save("table-net.npz")
    return "table-net.npz"


def test_mnists_test_set_is_what_digits_are_measured_on(trained, here, capsys):
    assert main(["report", str(trained)]) == 0
    assert capsys.readouterr() == (f"saved to            {trained.stem}.html\n", "")
    page = (here / f"{trained.stem}.html").read_text("utf-8")
    mnist, net = load_mnist(), fastnn.load(trained)
    measured = net.evaluate(mnist.test_images, mnist.test_labels)
    assert f"accuracy on MNIST&#x27;s test set: {round(measured.accuracy * 10_000):,} of" in page
    assert f"{measured.accuracy:.2%}" in page
    assert page.count('alt="neuron ') == 48
    assert page.count('alt="row ') == 24
    assert "with λ₂ = 1, and n = 10,000" in page
    for said in (fastnn.__version__, np.__version__, platform.python_version()):
        assert f"<dd>{said}</dd>" in page
    assert str(trained.parent) not in page
    assert str(here) not in page
    assert len(platform.node()) < 3 or not re.search(rf"\b{re.escape(platform.node())}\b", page)
    assert [path.name for path in here.iterdir()] == [f"{trained.stem}.html"]


def test_data_and_classes_of_ones_own(table, here, command):
    names = ["<i>no</i>", "yes"]
    line = ["report", table, "--data", "table.npz", "-o", "out.html", "--classes", *names]
    done = command(*line)
    assert (done.returncode, done.stdout, done.stderr) == (0, "saved to            out.html\n", "")
    page = (here / "out.html").read_text("utf-8")
    assert "accuracy on table.npz: " in page
    assert '<th scope="col">&lt;i&gt;no&lt;/i&gt;</th>' in page
    assert "<i>" not in page


def test_without_data_it_tells_what_the_file_knows(table, here, command):
    assert command("report", table).returncode == 0
    page = (here / "table-net.html").read_text("utf-8")
    assert "training accuracy" in page
    assert 'id="confusion"' not in page
    assert 'id="lambda"' in page


def test_pictures_that_are_not_square(table, here, command):
    assert command("report", table, "--shape", 2, 3).returncode == 0
    assert (here / "table-net.html").read_text("utf-8").count('alt="neuron ') == 4


def test_to_standard_output(table, here, command):
    done = command("report", table, "--output", "-")
    assert done.stdout.startswith("<!DOCTYPE html>\n<html")
    assert done.stdout.endswith("</html>\n")
    assert not list(here.glob("*.html"))


def test_a_hostile_name(table, here, command):
    name = "<script>alert(1)<'script>"
    (here / table).rename(here / name)
    assert command("report", name).returncode == 0
    page = (here / f"{name}.html").read_text("utf-8")
    assert "<script" not in page
    assert "<h1>&lt;script&gt;alert(1)&lt;&#x27;script&gt;</h1>" in page


def test_a_browser_is_asked_for_the_page(table, here, command, monkeypatch):
    asked = []
    monkeypatch.setattr("webbrowser.open", lambda address: asked.append(address) or True)
    assert command("report", table, "--browser").returncode == 0
    assert asked == [(here / "table-net.html").as_uri()]
    monkeypatch.setattr("webbrowser.open", lambda address: False)
    done = command("report", table, "--browser")
    assert (done.returncode, done.stderr.count("found none; the page: table-net.html")) == (1, 1)


@pytest.mark.parametrize(
    ("line", "message", "code"),
    [
        ("nothing.npz", "nothing.npz: No such file", 1),
        ("table.npz", "table.npz: expected a network that fastnn saved", 1),
        ("table-net.npz -o table-net.npz", "--output: expected another file than table-net", 2),
        ("table-net.npz --data table.npz -o ./table.npz", "--output: expected another file", 2),
        ("table-net.npz -o nowhere/page.html", "--output: ", 1),
        ("table-net.npz --data a b c", "--data: expected one or two files, got 3", 2),
        ("table-net.npz --data nothing.npz", "nothing.npz: No such file", 1),
        ("table-net.npz --data table.npz --classes a", "--classes: expected 2 names, got 1", 1),
        ("table-net.npz --shape 2 2", "--shape: expected height x width = 6", 1),
        ("table-net.npz --shape 2 x", "argument --shape: expected a whole number", 2),
        ("table-net.npz -o - --browser", "--browser: expected a file to show", 2),
    ],
)
def test_bad_input(table, here, refused, line, message, code):
    before = {path.name: path.read_bytes() for path in here.iterdir()}
    assert refused("report", *line.split(), code=code).startswith(message)
    assert {path.name: path.read_bytes() for path in here.iterdir()} == before


def test_without_matplotlib(table, refused, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "fastnn.plots.library", raising=False)
    monkeypatch.delattr("fastnn.plots.library", raising=False)
    needed = "a report needs plots, and plots need Matplotlib: pip install 'fastnn[plot]'"
    assert refused("report", table) == needed
    assert refused("train", "mnist", *FEW, "--report", "page.html") == needed


def test_of_a_training(here, command):
    done = command("train", "mnist", *FEW, "--report", "page.html", "--l2", 1, "--seed", 3)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "report              page.html"
    accuracy = re.search(r"test accuracy +([\d.]+%)", done.stdout)[1]
    page = (here / "page.html").read_text("utf-8")
    assert "<h1>MNIST, 784-12-10</h1>" in page
    assert f"<dd>{accuracy}</dd>" in page
    assert "accuracy on MNIST&#x27;s test images" in page
    for name, value in (("seed", "3"), ("initial weights", "he_normal"), ("data", "MNIST")):
        assert f"<dt>{name}</dt><dd>{value}</dd>" in page
    assert str(here) not in page


def test_of_a_training_on_data_of_ones_own(table, here, command):
    folder = here / "deep" / "down"
    folder.mkdir(parents=True)
    (here / "table.npz").rename(folder / "table.npz")
    data = str(folder / "table.npz")
    line = ["train", data, "--hidden", 4, "--validation-split", 0.2, "--early-stopping", 3]
    assert command(*line, "--report", "page.html", "--quiet").returncode == 0
    page = (here / "page.html").read_text("utf-8")
    assert "<dt>early stopping</dt><dd>after 3 epochs</dd>" in page
    assert "<dt>validation split</dt><dd>20%</dd>" in page
    assert "deep" not in page


@pytest.mark.parametrize(
    ("line", "message", "code"),
    [
        ("--report -", "--report: expected a file, got -", 2),
        ("--report nowhere/page.html", "--report: ", 1),
        ("--report a --save a", "--save and --report: expected two files, got a for both", 2),
    ],
)
def test_a_report_that_can_not_be_left(here, refused, line, message, code):
    assert refused("train", "mnist", *FEW, *line.split(), code=code).startswith(message)


def test_a_full_disk_loses_nothing_else(here, command, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device", "page.html")

    monkeypatch.setattr("fastnn.report.page.write_page", refuse)
    line = ["train", "mnist", *FEW, "--quiet", "--report", "page.html", "--save", "net.npz"]
    done = command(*line, "--json", "figures.json")
    assert done.returncode == 1
    assert done.stderr == "fastnn: error: page.html: No space left on device\n"
    assert {path.name for path in here.iterdir()} == {"net.npz", "figures.json"}
