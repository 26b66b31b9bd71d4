"""The bytes of a file that nobody vouches for: a regular one, gunzipped, and never too many."""

import gzip
import io
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

__all__ = ["Source", "open_source"]

_STEP = 1 << 20  # bytes asked for at once: what a file only claims to hold is never allocated
# How much a gzip file may unpack to: Python 2 wrote the zeros of MNIST's floats as "\x00", which
# packs 30 to 1; deflate's most is 1,032 to 1.
_MOST_RATIO, _ALWAYS = 64, 1 << 28
_DAMAGE = (zlib.error, gzip.BadGzipFile, EOFError)


class Source:
    """A stream that gives what is asked for, or a ValueError; `taken` counts the bytes."""

    def __init__(self, stream: BinaryIO, most: int):
        """`most` bytes may be read in all."""
        self._stream, self._most, self.taken = stream, most, 0

    def read(self, n: int) -> bytes | bytearray:
        """Exactly n bytes."""
        if n > self._most - self.taken:
            raise ValueError(f"{n} bytes announced, at most {self._most - self.taken} expected")
        self.taken += n
        try:
            data = self._stream.read(n) if n <= _STEP else self._long(n)
        except _DAMAGE as error:
            raise ValueError(f"damaged gzip data: {error}") from None
        if len(data) < n:
            raise ValueError("cut short")
        return data

    def line(self, most: int | None = None) -> bytes:
        """What comes before the next newline, at most so many bytes."""
        left = self._most - self.taken
        try:
            line = self._stream.readline(left if most is None else min(most, left))
        except _DAMAGE as error:
            raise ValueError(f"damaged gzip data: {error}") from None
        if not line.endswith(b"\n"):
            raise ValueError("cut short, or a line too long")
        self.taken += len(line)
        return line[:-1]

    def _long(self, n: int) -> bytearray:
        data = bytearray()
        while len(data) < n and (piece := self._stream.read(min(_STEP, n - len(data)))):
            data += piece
        return data


@contextmanager
def open_source(path: str | os.PathLike[str]) -> Iterator[Source]:
    """A file's content. OSError as `open`, and for what is no regular file: a pipe, a device."""
    with open(path, "rb", opener=_without_waiting) as file:
        facts = os.fstat(file.fileno())
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(f"{os.fsdecode(path)}: expected a regular file, got a pipe or a device")
        if file.peek(2)[:2] != b"\x1f\x8b":
            yield Source(file, facts.st_size)
            return
        with gzip.GzipFile(fileobj=file) as unpacked:
            most = max(_ALWAYS, _MOST_RATIO * facts.st_size)
            yield Source(io.BufferedReader(unpacked), most)


def _without_waiting(path: str, flags: int) -> int:
    """For `open`: a pipe without a writer is opened at once, to be refused."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
