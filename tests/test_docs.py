"""README and pages: every block of code runs, and what they name is there.

A page's blocks run in one namespace, in their order and in an empty folder, as one reads them.
MNIST is cut to some hundred rows (`few_digits`), and commands that train get `SMALL` settings.
"""

import importlib.util
import logging
import re
import shlex
import webbrowser
from pathlib import Path

import pytest
from interpreted import KERNELS_ARE_INTERPRETED

import fastnn
from fastnn import datasets
from fastnn.book import mnist_loader
from fastnn.cli import digits as digits_of_the_command
from fastnn.cli import main
from fastnn.cli.docs import FOLDER, topics
from fastnn.datasets import MNIST

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
CONTRIBUTING = ROOT / ".github" / "CONTRIBUTING.md"
PAGES = [README, *sorted((ROOT / "fastnn" / "docs").glob("*.md"))]
ROWS, TEST_ROWS = 300, 100
SMALL = ["--rows", "300", "--epochs", "1"]

# Blocks that are no code to run here, by how they begin.
NOT_RUN = {
    "pip install . && fastnn train mnist\n": "CI runs the two commands as they stand",
    "from fastnn.sklearn import MLPClassifier": "needs the extra sklearn; the page does it",
    "pip install '.[sklearn]'\n": "CI installs all extras",
    "pip install '.[test,peers,plot]'\n": "hours; tests/bench runs these commands on small cases",
    "eta 0.5, n = 50,000 rows": "printed; tests/bench/test_book_questions.py runs what prints it",
}

NEEDS = {"many-networks": "pandas", "scikit-learn": "sklearn"}  # what is no part of fastnn

FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page):
    """(language, text) of each block of code."""
    return FENCED.findall(page.read_text(encoding="utf-8"))


def commands(text):
    """The words of each `$ fastnn ...` in a session."""
    joined = text.replace("\\\n", "")
    return [shlex.split(line[1:]) for line in joined.splitlines() if line.startswith("$ ")]


@pytest.fixture(scope="module")
def digits():
    """MNIST's first rows: as bytes and as floats, by `raw`; and those that the book's code has."""
    whole = {raw: datasets.load_mnist(raw=raw) for raw in (True, False)}
    few = {
        raw: MNIST(*(a[:ROWS] for a in mnist[:2]), *(a[:TEST_ROWS] for a in mnist[2:]))
        for raw, mnist in whole.items()
    }
    x, y = whole[True].train_images, whole[False].train_labels
    return few, [(x[k : k + ROWS], y[k : k + ROWS]) for k in (0, ROWS, 2 * ROWS)]


@pytest.fixture
def few_digits(digits, monkeypatch):
    """Those in place of all, for fastnn's own code and the book's."""
    native, book = digits
    for module in (datasets, digits_of_the_command):
        monkeypatch.setattr(module, "load_mnist", lambda *, raw=False: native[raw])
    monkeypatch.setattr(mnist_loader, "_raw", lambda: book)


@pytest.fixture
def logging_as_before():
    """A page shows how to hear the logger."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.skipif(KERNELS_ARE_INTERPRETED, reason="not a task for this: it trains networks")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_blocks_run(page, few_digits, logging_as_before, tmp_path, monkeypatch, capsys):
    if page.stem in NEEDS:
        pytest.importorskip(NEEDS[page.stem])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(webbrowser, "open", lambda _: True)
    names = {"__name__": "page"}
    for language, text in blocks(page):
        if language == "python":
            exec(compile(text, f"{page.name}: {text.partition(chr(10))[0]}", "exec"), names)
            continue
        for program, *arguments in commands(text):
            assert program == "fastnn"
            small = SMALL if arguments[0] == "train" else []
            assert main([*arguments, *small]) == 0, capsys.readouterr().err


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_block_is_left_out_without_a_reason(page):
    for language, text in blocks(page):
        run = language == "python" or commands(text)
        assert run or text.startswith(tuple(NOT_RUN)), f"{page.name}: {language!r} {text}"
    fences = re.findall("^```", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(fences) == 2 * len(blocks(page))


def test_the_reasons_are_of_blocks_that_exist():
    texts = [text for page in PAGES for _, text in blocks(page)]
    for beginning in NOT_RUN:
        assert any(text.startswith(beginning) for text in texts), beginning


@pytest.mark.parametrize("page", [*PAGES, CONTRIBUTING], ids=lambda page: page.stem)
def test_links_pictures_and_files_are_there(page):
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        assert (page.parent / target).resolve().is_file(), f"{page.name}: {target}"
    for path in re.findall(r"`((?:fastnn|tests|bench)/[\w/.-]*)`", text):
        assert (ROOT / path).exists(), f"{page.name}: {path}"


@pytest.mark.parametrize("page", [*PAGES, CONTRIBUTING], ids=lambda page: page.stem)
def test_what_they_name_is_there(page, capsys):
    text = page.read_text(encoding="utf-8")
    new = text.partition("## 0.1")[0]  # of changes: 0.1's names are gone
    for name in set(re.findall(r"\bfastnn\.([A-Z]\w*)", new)):
        assert hasattr(fastnn, name), f"{page.name}: fastnn.{name}"
    for module in set(re.findall(r"python -m (bench[\w.]*)", text)):
        assert importlib.util.find_spec(module), f"{page.name}: {module}"
    for script in set(re.findall(r"python (bench/\S+\.py)", text)):
        assert (ROOT / script).is_file(), f"{page.name}: {script}"
    assert main(["--help"]) == 0
    known = set(re.findall(r"^    ([a-z]+) ", capsys.readouterr().out, re.MULTILINE))
    asked = set(re.findall(r"(?:`|\$ |&& )fastnn ([a-z]+)", text))
    removed = {"bench"} if page.stem == "changes" else set()
    assert asked <= known | removed


def test_the_readme_is_short():
    """A newcomer scrolls through no map and no matrix."""
    lines = README.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 160
    assert max(line.count("|") for line in lines) <= 6  # columns of a table, and one more


def test_the_readme_leads_to_every_page():
    linked = re.findall(r"\]\(fastnn/docs/([a-z-]+)\.md\)", README.read_text(encoding="utf-8"))
    assert set(linked) == set(topics())


def test_each_page_is_a_topic_and_part_of_the_package():
    assert sorted(page.stem for page in PAGES[1:]) == sorted(topics())
    for page in PAGES[1:]:
        assert (FOLDER / page.name).read_text("utf-8") == page.read_text("utf-8")
        assert page.read_text("utf-8").startswith("# ")
