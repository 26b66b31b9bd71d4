"""The table of dense products: it measures what it says, and a worker's figures arrive."""

import json

import numpy as np
import pytest

from bench import product_figures, products
from fastnn.machine.choice import CHOICE, INTERPRETED

pytestmark = pytest.mark.skipif(CHOICE.mode == INTERPRETED, reason="it compiles kernels")

CELL = 37, 51, 29  # m, depth, n


def matrix(memory, start, stride, rows, width):
    return np.lib.stride_tricks.as_strided(
        memory[start:], (rows, width), (stride * memory.itemsize, memory.itemsize)
    )


@pytest.mark.parametrize("threads", [1, 2])
def test_what_is_timed_is_the_product(threads, monkeypatch):
    made = []
    make = products._arrays
    monkeypatch.setattr(products, "_arrays", lambda *given: made.append(make(*given)) or made[-1])
    m, depth, n = CELL
    for kind in products.PRODUCTS:
        fastnn, _ = products._candidates(kind, CELL, "float64", threads)
        own = made[-1]
        a = matrix(own.scratch, own.a, own.a_stride, m, depth)
        c = matrix(own.scratch, own.c, own.c_stride, m, n)
        w = matrix(own.parameters, own.w, own.c_stride, depth, n)
        before = w.copy()
        fastnn(1)
        if kind == products.GRADIENT:
            np.testing.assert_allclose(w, 0.999 * before - 1e-9 * (a.T @ c), rtol=1e-14)
        else:
            b = own.parameters[own.b : own.b + n] if kind == products.FORWARD else 0
            np.testing.assert_allclose(c, a @ w + b, rtol=1e-12)


def test_the_table(tmp_path, capsys):
    figures = tmp_path / "products.json"
    options = [
        "--sizes",
        "33",
        "--no-ragged",
        "--products",
        "forward",
        "--dtypes",
        "float32",
        "--threads",
        "1",
    ]
    assert products.main([*options, f"--json={figures}"]) == 0
    (line,) = json.loads(figures.read_text())["products"]
    assert (line["kind"], line["m"], line["depth"], line["n"]) == ("forward", 33, 33, 33)
    assert 0 < line["share"] < 1.5
    assert line["ratio"] > 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[1] == product_figures.HEAD
    assert printed[2].startswith("float32       1 forward     33    33    33")
    assert printed[3].startswith(
        f"{int(line['ratio'] >= product_figures.FAST)} of 1 have 0.95 of OpenBLAS"
    )
    written = product_figures.Products.read(figures)
    assert written.lines == [product_figures.Line(**line)]
    about, _, head, _, row = product_figures.markdown(written, "figures.json")
    assert "[1 products](figures.json)" in about
    assert row.startswith("| float32 | 1 | forward |")
    assert head.count("|") == row.count("|")


@pytest.mark.parametrize("option", ["--sizes=0", "--threads=0", "--cpu-level=v9", "--json=/"])
def test_what_makes_no_sense_is_refused_in_one_line(option, capsys):
    try:
        code = products.main([option])
    except SystemExit as stopped:
        code = stopped.code
    assert code in (1, 2)
    out, error = capsys.readouterr()
    assert out == ""
    assert len(error.splitlines()) == 1
    assert option.partition("=")[0] in error
