"""A pickle read as data: its instructions are followed, nothing is imported and nothing called.

Python's own unpickler imports what the file names and calls what the file calls. Here a name
stays a `Name`, an object an `Instance` with the state that the file has for it, and the few calls
that arrays consist of are functions of the caller's. Protocols 0 to 5, of Python 2 as well, whose
strings become text as with encoding="latin1".
"""

import os
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fastnn.book.pickles.source import Source

__all__ = ["Instance", "Name", "RefusedError", "explained", "read_pickle"]

_LONGEST_NAME, _LONGEST_NUMBER = 1_000, 40  # bytes in text
_LARGEST_INTEGER = 8  # bytes
_FEW_STEPS, _BYTES_OF_A_STEP = 1_000_000, 8  # so many objects for a small file, and for a large one


class RefusedError(ValueError):
    """The file asks for something that is not allowed; says for what."""


@dataclass(frozen=True)
class Name:
    """A class or function that a pickle names."""

    module: str
    name: str

    def __str__(self) -> str:
        text = f"{self.module}.{self.name}"
        return text if text.isprintable() and len(text) <= 200 else f"{text[:200]!a}"


@dataclass(eq=False)
class Instance:
    """An object that a pickle makes: of which class, and its state, None if there was none."""

    kind: Name
    state: Any = None


def read_pickle(
    source: Source,
    allowed: Callable[[Name], bool],
    calls: Mapping[Name, Callable[..., Any]],
    build: Callable[[Any, Any], None],
) -> Any:
    """What the pickle holds: numbers, text, bytes, lists, tuples, dicts; names, instances.

    allowed     which names may occur, besides those of `calls`
    calls       what to call in place of what the file calls by this name
    build       (object, state): gives its state to what one of `calls` made, or raises ValueError

    Raises RefusedError where the file asks for more, before it goes on, and ValueError, TypeError
    or LookupError for what is no pickle. Dicts have names for keys, and integers are of 64 bits.
    What is made of a file is not much larger than the file.
    """
    return _Machine(source, allowed, {**_CALLS, **calls}, build).run()


@contextmanager
def explained(path: str | os.PathLike[str], expected: str) -> Iterator[None]:
    """Whatever is wrong with a pickle as one ValueError: file, what was expected and what came."""
    try:
        yield
    except RefusedError as error:
        raise ValueError(
            f"{os.fsdecode(path)}: expected {expected}, got a pickle that is refused: {error},"
            " which is not needed for that; nothing was executed"
        ) from None
    except (ValueError, TypeError, LookupError, ArithmeticError) as error:
        raise ValueError(
            f"{os.fsdecode(path)}: expected {expected}, got another or a damaged file ({error})"
        ) from None


def _reconstructor(*arguments: Any) -> Instance:
    """copyreg._reconstructor(class, object, None): an instance without its state."""
    kind, base, nothing = arguments
    if not isinstance(kind, Name) or base not in _OBJECT or nothing is not None:
        raise ValueError("an object of a built-in class")
    return Instance(kind)


_OBJECT = (Name("builtins", "object"), Name("__builtin__", "object"))
_CALLS = {Name(module, "_reconstructor"): _reconstructor for module in ("copyreg", "copy_reg")}


class _Machine:
    """The stack, its part above each mark, and the memo, as pickletools describes them."""

    def __init__(
        self,
        source: Source,
        allowed: Callable[[Name], bool],
        calls: Mapping[Name, Callable[..., Any]],
        build: Callable[[Any, Any], None],
    ):
        self._source, self._allowed, self._calls, self._build = source, allowed, calls, build
        self._stack: list[Any] = []
        self._below: list[list[Any]] = []
        self._memo: dict[int, Any] = {}
        self._made = 0  # bytes of what calls and states made

    def run(self) -> Any:
        source, steps = self._source, _STEPS
        step = allowance = 0
        while (code := bytes(source.read(1))) != b".":
            if step == allowance:
                allowance = _FEW_STEPS + source.taken // _BYTES_OF_A_STEP
                if step == allowance:
                    raise ValueError(f"more than {step} instructions in {source.taken} bytes")
            if code not in steps:
                raise ValueError(f"an instruction that is not known here: {code!r}")
            steps[code](self)
            step += 1
        return self._stack.pop()

    def push(self, value: Any) -> None:
        self._stack.append(value)

    def pop(self, i: int = -1) -> Any:
        return self._stack.pop(i)

    def top(self) -> Any:
        return self._stack[-1]

    # Numbers and strings, each behind the code of its kind.

    def number(self, form: str) -> int:
        value: int = struct.unpack(form, self._source.read(struct.calcsize(form)))[0]
        return value

    def decimal(self) -> None:
        """INT and LONG: also 00 and 01 for False and True; Python 2 ends longs with L."""
        text = self._source.line(_LONGEST_NUMBER)
        if text in (b"00", b"01"):
            self.push(text == b"01")
            return
        value = int(text.removesuffix(b"L"))
        if abs(value) >> 63:
            raise ValueError("an integer of more than 64 bits")
        self.push(value)

    def long(self, form: str) -> None:
        size = self.number(form)
        if not 0 <= size <= _LARGEST_INTEGER:
            raise ValueError(f"an integer of {size} bytes")
        self.push(int.from_bytes(self._source.read(size), "little", signed=True))

    def float_text(self) -> None:
        self.push(float(self._source.line(_LONGEST_NUMBER)))

    def float_bytes(self) -> None:
        self.push(struct.unpack(">d", self._source.read(8))[0])

    def string_text(self) -> None:
        """STRING: Python 2's repr of a str, in quotes."""
        text = self._source.line().strip()
        if len(text) < 2 or text[:1] != text[-1:] or text[:1] not in (b"'", b'"'):
            raise ValueError("a string without its quotes")
        self.push(text[1:-1].decode("unicode_escape"))

    def unicode_text(self) -> None:
        self.push(self._source.line().decode("raw_unicode_escape"))

    def text(self, form: str, encoding: str) -> None:
        length = self.number(form)
        if length < 0:
            raise ValueError("a string of negative length")
        errors = "surrogatepass" if encoding == "utf-8" else "strict"
        self.push(self._source.read(length).decode(encoding, errors))

    def bytes_(self, form: str) -> None:
        self.push(bytes(self._source.read(self.number(form))))

    def bytearray_(self) -> None:
        self.push(bytearray(self._source.read(self.number("<Q"))))

    # Containers.

    def mark(self) -> None:
        self._below.append(self._stack)
        self._stack = []

    def items(self) -> list[Any]:
        """What lies above the last mark, taken off."""
        items, self._stack = self._stack, self._below.pop()
        return items

    def tuple_of(self, n: int) -> None:
        if len(self._stack) < n:
            raise ValueError("a stack too short")
        self._stack[-n:] = [tuple(self._stack[-n:])]

    def extend(self, values: list[Any]) -> None:
        if not isinstance(self._stack[-1], list):
            raise ValueError("items for what is no list")
        self._stack[-1].extend(values)

    def update(self, items: list[Any]) -> None:
        _update(self._stack[-1], items)

    def new_dict(self) -> None:
        items = self.items()
        self.push({})
        self.update(items)

    # The memo. Its numbers are the file's; a dict makes no room for those that are left out.

    def put(self, i: int) -> None:
        self._memo[i] = self._stack[-1]

    def memoize(self) -> None:
        self.put(len(self._memo))

    def get(self, i: int) -> None:
        self.push(self._memo[i])

    def index_text(self) -> int:
        return int(self._source.line(_LONGEST_NUMBER))

    # Names, calls and instances.

    def name(self, module: Any, name: Any) -> Name:
        if not isinstance(module, str) or not isinstance(name, str):
            raise ValueError("a name that is no text")
        if len(module) + len(name) > _LONGEST_NAME:
            raise ValueError("a name too long")
        found = Name(module, name)
        if found not in self._calls and found not in _OBJECT and not self._allowed(found):
            raise RefusedError(f"it asks for {found}")
        return found

    def name_text(self) -> Name:
        module, name = (self._source.line(_LONGEST_NAME).decode("utf-8") for _ in range(2))
        return self.name(module, name)

    def name_from_stack(self) -> None:
        name, module = self._stack.pop(), self._stack.pop()
        self.push(self.name(module, name))

    def reduce(self) -> None:
        arguments, function = self._stack.pop(), self._stack.pop()
        if not isinstance(function, Name) or not isinstance(arguments, tuple):
            raise ValueError("a call of what is no function")
        if function not in self._calls:
            raise RefusedError(f"it calls {function}")
        self.push(self._calls[function](*arguments))
        self.count(self._stack[-1])

    def count(self, made: Any) -> None:
        """Refuse more arrays and bytes than came from the file: the same data again and again.

        Twice as much is what Python 3's own bytes for Python 2 need, first text, then an array.
        """
        self._made += len(made) if isinstance(made, bytes) else getattr(made, "nbytes", 0)
        if self._made > 2 * self._source.taken:
            raise ValueError(f"{self._made} bytes of arrays from {self._source.taken} of the file")

    def instance(self, kind: Any, arguments: Any) -> None:
        if not isinstance(kind, Name) or len(arguments):
            raise ValueError("an object of no class, or one made with arguments")
        self.push(Instance(kind))

    def new_object(self) -> None:
        arguments, kind = self._stack.pop(), self._stack.pop()
        self.instance(kind, arguments)

    def old_object(self) -> None:
        kind, *arguments = self.items()
        self.instance(kind, arguments)

    def build(self) -> None:
        state, value = self._stack.pop(), self._stack[-1]
        if not isinstance(value, Instance):
            self._build(value, state)
            self.count(value)
        elif value.state is not None or not isinstance(state, dict):
            raise ValueError("an object whose state is not the names of its attributes")
        else:
            value.state = state


def _update(target: Any, items: list[Any]) -> None:
    if not isinstance(target, dict) or len(items) % 2:
        raise ValueError("keys and values for what is no dict")
    for key, value in zip(items[0::2], items[1::2]):
        # Other keys could be chosen so that a dict of them takes time by the square.
        if not isinstance(key, str):
            raise ValueError("a dict with a key that is no name")
        target[key] = value


_STEPS: dict[bytes, Callable[[_Machine], Any]] = {
    b"\x80": lambda m: m.number("<B"),  # PROTO
    b"\x95": lambda m: m.number("<Q"),  # FRAME: only a help for readers
    b"N": lambda m: m.push(None),
    b"\x88": lambda m: m.push(True),
    b"\x89": lambda m: m.push(False),
    b"I": _Machine.decimal,
    b"L": _Machine.decimal,
    b"J": lambda m: m.push(m.number("<i")),
    b"K": lambda m: m.push(m.number("<B")),
    b"M": lambda m: m.push(m.number("<H")),
    b"\x8a": lambda m: m.long("<B"),
    b"\x8b": lambda m: m.long("<i"),
    b"F": _Machine.float_text,
    b"G": _Machine.float_bytes,
    b"S": _Machine.string_text,
    b"T": lambda m: m.text("<i", "latin-1"),
    b"U": lambda m: m.text("<B", "latin-1"),
    b"V": _Machine.unicode_text,
    b"X": lambda m: m.text("<I", "utf-8"),
    b"\x8c": lambda m: m.text("<B", "utf-8"),
    b"\x8d": lambda m: m.text("<Q", "utf-8"),
    b"B": lambda m: m.bytes_("<I"),
    b"C": lambda m: m.bytes_("<B"),
    b"\x8e": lambda m: m.bytes_("<Q"),
    b"\x96": _Machine.bytearray_,
    b"(": _Machine.mark,
    b"0": _Machine.pop,
    b"1": lambda m: m.items(),
    b"2": lambda m: m.push(m.top()),
    b")": lambda m: m.push(()),
    b"t": lambda m: m.push(tuple(m.items())),
    b"\x85": lambda m: m.tuple_of(1),
    b"\x86": lambda m: m.tuple_of(2),
    b"\x87": lambda m: m.tuple_of(3),
    b"]": lambda m: m.push([]),
    b"l": lambda m: m.push(m.items()),
    b"a": lambda m: m.extend([m.pop()]),
    b"e": lambda m: m.extend(m.items()),
    b"}": lambda m: m.push({}),
    b"d": _Machine.new_dict,
    b"s": lambda m: m.update([m.pop(-2), m.pop()]),
    b"u": lambda m: m.update(m.items()),
    b"p": lambda m: m.put(m.index_text()),
    b"q": lambda m: m.put(m.number("<B")),
    b"r": lambda m: m.put(m.number("<I")),
    b"\x94": _Machine.memoize,
    b"g": lambda m: m.get(m.index_text()),
    b"h": lambda m: m.get(m.number("<B")),
    b"j": lambda m: m.get(m.number("<I")),
    b"c": lambda m: m.push(m.name_text()),
    b"\x93": _Machine.name_from_stack,
    b"R": _Machine.reduce,
    b"\x81": _Machine.new_object,
    b"o": _Machine.old_object,
    b"i": lambda m: m.instance(m.name_text(), m.items()),
    b"b": _Machine.build,
}
