"""`to_c`: what it refuses, and what it makes of names."""

import re

import numpy as np
import pytest
from c_programs import compiled, outputs, run

import fastnn
from fastnn.export.c99 import to_c
from fastnn.export.c99.literals import as_prefix, number, table

NASTY = [
    'quotes " and \\ backslashes',
    "trigraphs ??/ and ??= and ??'",
    "*/ ends /* begins // a comment",
    "new\nline, tab\t, return\r and bell\a",
    "caf\N{LATIN SMALL LETTER E WITH ACUTE}7 \N{CJK UNIFIED IDEOGRAPH-4E2D}\N{GRINNING FACE}",
    "\N{RIGHT-TO-LEFT OVERRIDE}reversed",
    "%s %n {0} nn_predict NN_INPUTS THIS_FILE",
    "",
    "\x01" + "8\x7f9",
    "x" * 4095,
]


def net(**options):
    return fastnn.Network([4, 3, len(NASTY)], cost="log_likelihood", seed=0, **options)


def test_names_of_classes_come_out_as_they_went_in(tmp_path):
    to_c(net(), tmp_path / "net.h", prefix="net", classes=NASTY)
    text = (
        '#include <stdio.h>\n#include <string.h>\n#include "net.h"\nint main(void)\n{\n    int i;\n'
        "    for (i = -1; i <= NET_CLASSES; ++i)\n"
        "        fwrite(net_class_name(i), strlen(net_class_name(i)) + 1, 1, stdout);\n"
        "    return 0;\n}\n"
    )
    for options in (["-std=c99", "-O2"], ["-std=gnu17", "-trigraphs"]):
        written = run(compiled(tmp_path, text, *options))
        assert [part.decode() for part in written.split(b"\0")] == ["", *NASTY, "", ""]
    assert (tmp_path / "net.h").read_bytes().isascii()


@pytest.mark.parametrize(
    "name", ["nn_net.h", "a */ b.h", "caf\N{LATIN SMALL LETTER E WITH ACUTE}.h", "??/.h"[2:]]
)
def test_any_name_of_a_file_will_do(tmp_path, name):
    path = tmp_path / name.replace("/", "")
    to_c(net(), path, prefix="net")
    assert path.read_bytes().isascii()
    assert f'"{path.name}"' in path.read_text() or '"net.h"' in path.read_text()
    (tmp_path / "net.h").write_bytes(path.read_bytes())
    outputs(tmp_path, [("net", np.ones((1, 4)), "net_label(output)")])


@pytest.mark.parametrize(
    "prefix",
    [
        "",
        "1st",
        "a-b",
        "a b",
        "int",
        "class",
        "co_await",
        "_a",
        "a_",
        "a__b",
        "\u00e9",
        "a\n",
        "a" * 32,
    ],
)
def test_prefixes_that_are_no_names_are_refused(tmp_path, prefix):
    with pytest.raises(ValueError, match="prefix: expected a name for C"):
        to_c(net(), tmp_path / "net.h", prefix=prefix)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("prefix", ["a", "Digits", "net_2", "a1b2", "integer", "a" * 31])
def test_prefixes_that_are(prefix):
    assert as_prefix("prefix", prefix) == prefix


BAD = {
    "net": (dict(net=3), TypeError, "net: expected a fastnn.Network, got 3"),
    "prefix": (dict(prefix=3), TypeError, "prefix: expected a text, got 3"),
    "int8": (dict(int8="yes"), TypeError, "int8: expected True or False"),
    "few classes": (dict(classes=["a"]), ValueError, "classes: expected 10 names, got 1"),
    "a text": (dict(classes="abcdefghij"), TypeError, "classes: expected a list"),
    "surrogates": (dict(classes=[*"abcdefghi", "\ud800"]), ValueError, r"classes\[9\]: expected a"),
    "long": (dict(classes=[*"abcdefghi", "x" * 4096]), ValueError, r"classes\[9\]: .* got 4,096"),
    "rows": (dict(rows=3), TypeError, r"rows: expected \(x, y\), got 3"),
    "three": (dict(rows=([[1]], [1], [1])), TypeError, r"rows: expected \(x, y\)"),
    "x": (dict(rows=(np.ones((2, 3)), [1, 2])), ValueError, "rows' x: expected shape .rows, 4."),
    "y": (dict(rows=(np.ones((2, 4)), [1])), ValueError, "rows' y: expected 2 rows"),
    "labels": (dict(rows=(np.ones((2, 4)), [1, 10])), ValueError, "rows' y: expected labels from"),
}


@pytest.mark.parametrize(("options", "error", "message"), BAD.values(), ids=BAD)
def test_what_is_refused_leaves_the_old_file(tmp_path, options, error, message):
    path = tmp_path / "net.h"
    path.write_text("as it was")
    given = {"net": net(), "path": path, **options}
    with pytest.raises(error, match=message):
        to_c(given.pop("net"), given.pop("path"), **given)
    assert path.read_text() == "as it was"
    assert list(tmp_path.iterdir()) == [path]


def test_networks_that_c_does_not_have(tmp_path):
    huge = fastnn.Network([2, 1], dtype="float64")
    huge.weights[0][0, 0] = 1e300
    with pytest.raises(ValueError, match=r"weights\[0\]: expected finite .* float32 wide enough"):
        to_c(huge, tmp_path / "net.h")
    tiny = fastnn.Network([2, 1], dtype="float64", input_scale=1e-300)
    with pytest.raises(ValueError, match="input_scale: expected a number that float32 can hold"):
        to_c(tiny, tmp_path / "net.h")
    regression = fastnn.Network([2, 2], cost="quadratic", output_activation="identity")
    with pytest.raises(ValueError, match="classes: expected None, .* identity"):
        to_c(regression, tmp_path / "net.h", classes=["a", "b"])
    with pytest.raises(FileNotFoundError, match="nowhere"):
        to_c(net(), tmp_path / "nowhere" / "net.h")
    assert list(tmp_path.iterdir()) == []


def test_sparse_rows_are_refused(tmp_path):
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(TypeError, match=r"rows' x: expected an array.*toarray"):
        to_c(net(), tmp_path / "net.h", rows=(sparse.csr_array(np.eye(4)), [0, 1, 2, 3]))


def test_the_same_network_gives_the_same_file(tmp_path):
    for name in ("one", "other"):
        to_c(net(), tmp_path / f"{name}.h")
    one, other = ((tmp_path / f"{name}.h").read_text() for name in ("one", "other"))
    assert one.replace('"one.h"', "") == other.replace('"other.h"', "")


def test_regression_is_measured_by_its_error(tmp_path):
    regression = fastnn.Network([2, 8, 2], activation="tanh", cost="quadratic", seed=0)
    x = np.random.default_rng(0).standard_normal((1500, 2)).astype(np.float32)
    y = regression.feedforward(x) + np.float32(0.25)
    found = to_c(regression, tmp_path / "net.h", int8=True, rows=(x, y)).measured
    assert not found.accuracy
    assert found.rows == 1500
    assert found.network == pytest.approx(0.25, rel=1e-5)
    assert found.header == pytest.approx(0.25, rel=0.05)
    assert found.header != found.network
    assert "is the root mean square on 1,500 rows" in (tmp_path / "net.h").read_text()


@pytest.mark.parametrize("kind", ["one output", "several labels"])
def test_accuracy_is_that_of_evaluate(tmp_path, kind):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((1500, 4)).astype(np.float32)
    if kind == "one output":
        made, y = fastnn.Network([4, 1], seed=0), rng.integers(0, 2, 1500)
    else:
        made = fastnn.Network([4, 3], seed=0, multi_label=True)
        y = rng.integers(0, 2, (1500, 3))
    found = to_c(made, tmp_path / "net.h", rows=(x, y)).measured
    assert found.accuracy
    assert found.network == made.evaluate(x, y).accuracy == found.header
    assert 0 < found.network < 1


def test_numbers_and_columns():
    assert [number(value) for value in (0.1, 1, -0.0, 1e-5, 3e20)] == [
        "0.1f",
        "1.0f",
        "-0.0f",
        "1e-05f",
        "3e+20f",
    ]
    assert table(np.array([[1, -10], [100, 2]], np.int8)) == "      1, -10,\n    100,   2,"
    wide = table(np.arange(60).reshape(2, 30).astype(np.int8))
    assert re.findall(r"/\* \d+ \*/", wide) == ["/* 0 */", "/* 1 */"]
