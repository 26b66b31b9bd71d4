"""The list of what libraries have."""

import pytest

from fastnn.native import specializations

TEXT = """
# a comment
[usual]
train(f4*)
finish(i8*,f8*)

[full]
train(f8*)
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "specializations.txt"
    path.write_text(TEXT)
    return path


def test_sets(file):
    assert specializations.read("usual", file) == ["train(f4*)", "finish(i8*,f8*)"]
    assert specializations.read("full", file) == ["train(f4*)", "finish(i8*,f8*)", "train(f8*)"]


def test_the_list_that_comes_with_fastnn():
    usual, full = (specializations.read(name) for name in specializations.SETS)
    assert full[: len(usual)] == usual


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("train(f4*)", r"line 1: expected \[usual\] or \[full\], got 'train\(f4\*\)'"),
        ("[usual]\n[all]", r"line 2: expected \[usual\] or \[full\], got '\[all\]'"),
        ("[usual]\na()\n[full]\na()", r"expected each key once, got a\(\) again"),
    ],
)
def test_mistakes(tmp_path, text, message):
    path = tmp_path / "list.txt"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        specializations.read("full", path)


def test_parts_go_by_dtype_and_lose_nothing():
    keys = ["train(f4*,f8)", "finish(f4*)", "train(f8*)", "shuffle(i8*)"]
    two = specializations.in_parts(keys, 2)
    assert sorted(map(sorted, two)) == [["finish(f4*)", "train(f4*,f8)"], keys[:1:-1]]
    four = specializations.in_parts(keys, 4)
    assert sorted(sum(four, [])) == sorted(keys)
    assert len(four) == 4
