"""Keras's files that are damaged, of others, or that lie."""

import json
import random
import struct
import tracemalloc
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from models_of_keras import (
    CONFIG,
    METADATA,
    PICTURES,
    SMALL,
    WEIGHTS,
    as_functional,
    members,
    rewritten,
    small_arrays,
    zipped,
)

from fastnn.export.keras import from_keras


def assert_refused(path, reason=""):
    with pytest.raises(ValueError, match="another or a damaged file") as caught:
        from_keras(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert reason in message


def test_what_is_no_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        from_keras(tmp_path / "nowhere.keras")
    with pytest.raises(OSError, match=str(tmp_path)):
        from_keras(tmp_path)
    with pytest.raises(ValueError, match="^/dev/zero: expected a file, got a device"):
        from_keras("/dev/zero")


@pytest.mark.parametrize("part", [0.0, 0.01, 0.5, 0.9, 0.999])
def test_truncated_files(tmp_path, part):
    path = tmp_path / "model.keras"
    path.write_bytes(SMALL.read_bytes()[: int(part * SMALL.stat().st_size)])
    assert_refused(path)


@pytest.mark.parametrize("name", [WEIGHTS, CONFIG, METADATA])
def test_members_that_are_missing_or_there_twice(tmp_path, name):
    contents = members()
    left = {other: content for other, content in contents.items() if other != name}
    assert_refused(zipped(tmp_path / "less.keras", left), f"expected one {name} in it, found 0")
    path = zipped(tmp_path / "more.keras", contents)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(name, contents[name])
    assert_refused(path, f"expected one {name} in it, found 2")


def test_compressed_members(tmp_path):
    """A thousand times as large as the file, some are."""
    contents = {**members(), WEIGHTS: bytes(5_000_000)}
    path = zipped(tmp_path / "model.keras", contents, zipfile.ZIP_DEFLATED)
    tracemalloc.start()
    assert_refused(path, "expected it uncompressed, as Keras writes it")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_a_directory_that_claims_more_than_the_file_has(tmp_path):
    content = bytearray(SMALL.read_bytes())
    entry = content.rindex(b"PK\1\2", 0, content.rindex(WEIGHTS.encode()))
    content[entry + 20 : entry + 28] = 2 * struct.pack("<I", 10**9)
    path = tmp_path / "model.keras"
    path.write_bytes(content)
    assert_refused(path, "expected 1000000000 bytes, more than the file has")


@pytest.mark.parametrize(
    ("member", "content"),
    [
        (CONFIG, b"[" * 100_000),
        (CONFIG, b"null"),
        (CONFIG, b'{"class_name": "Sequential", "config": {"layers": []}}'),
        (CONFIG, b"\xff\xfe"),
        (METADATA, b'{"keras_version": 3}'),
        (METADATA, b"{}"),
        (WEIGHTS, b""),
        (WEIGHTS, b"\x89HDF\r\n\x1a\n" + bytes(200)),
    ],
)
def test_members_of_other_content(tmp_path, member, content):
    assert_refused(zipped(tmp_path / "model.keras", {**members(), member: content}))


@pytest.mark.parametrize("number", [3, 5, 7])
def test_weights_that_are_not_finite(tmp_path, number):
    weights = bytearray(members()[WEIGHTS])
    at = weights.index(small_arrays()[number - 3].tobytes())
    weights[at : at + 4] = struct.pack("<f", float("nan"))
    with pytest.raises(ValueError, match=r"\(Dense\): expected weights that are finite"):
        from_keras(rewritten(tmp_path / "model.keras", weights=bytes(weights)))


def test_a_flipped_byte_is_noticed(tmp_path):
    """Zip has a checksum of each member; the dates and names of others don't matter."""
    content, expected, noticed = SMALL.read_bytes(), from_keras(SMALL), 0
    places = range(0, len(content), 211)
    path = tmp_path / "model.keras"
    for place in places:
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        try:
            net = from_keras(path)
        except ValueError:
            noticed += 1
        else:
            assert net.feedforward(PICTURES).tobytes() == expected.feedforward(PICTURES).tobytes()
    assert noticed > 0.9 * len(places)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.sampled_from(["Dense", "relu", "keras.layers", "dense", "Functional", "0", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


def mutate(config, seed, value):
    """Put a value in place of anything, or take it away, somewhere in the config."""
    rng = random.Random(seed)
    while True:
        keys = list(config) if isinstance(config, dict) else list(range(len(config)))
        key = rng.choice(keys)
        deeper = config[key]
        if not isinstance(deeper, (dict, list)) or not deeper or rng.random() < 0.2:
            break
        config = deeper
    if rng.random() < 0.2:
        del config[key]
    else:
        config[key] = value


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), VALUES, st.booleans())
def test_configs_with_anything_anywhere(folder, seed, value, functional):
    """Nothing but a ValueError, in little memory."""
    contents = members()
    config = json.loads(contents[CONFIG])
    if functional:
        as_functional()(config)
    mutate(config, seed, value)
    path = zipped(folder / "model.keras", {**contents, CONFIG: json.dumps(config)})
    tracemalloc.start()
    try:
        from_keras(path)
    except ValueError as error:
        assert "\n" not in str(error)  # noqa: PT017
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000
