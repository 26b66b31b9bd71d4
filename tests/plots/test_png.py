import io
import struct
import zlib

import numpy as np
import pytest

from fastnn.plots.png import png

CHANNELS = pytest.mark.parametrize("channels", [1, 2, 3, 4])


def noise(channels):
    return np.random.default_rng(channels).integers(0, 256, (5, 7, channels), np.uint8)


@CHANNELS
def test_every_chunk_as_the_standard_has_it(channels):
    picture, data = noise(channels), png(noise(channels))
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, place = {}, 8
    while place < len(data):
        (size,) = struct.unpack(">I", data[place : place + 4])
        kind, content = data[place + 4 : place + 8], data[place + 8 : place + 8 + size]
        (check,) = struct.unpack(">I", data[place + 8 + size : place + 12 + size])
        assert check == zlib.crc32(kind + content)
        chunks[kind], place = content, place + 12 + size
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    assert struct.unpack(">IIBBBBB", chunks[b"IHDR"]) == (7, 5, 8, colour, 0, 0, 0)
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(5, -1)
    assert (lines[:, 0] == 0).all()
    assert (lines[:, 1:].reshape(5, 7, channels) == picture).all()


@CHANNELS
def test_another_program_reads_the_same(channels):
    image = pytest.importorskip("PIL.Image")
    with image.open(io.BytesIO(png(noise(channels)))) as read:
        assert read.mode == {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels]
        assert (np.asarray(read).reshape(5, 7, channels) == noise(channels)).all()
