"""Reads the layout of code objects in Python's ``marshal`` format, and makes none: nothing of it can run.

The format has no version in it. What a code object is made of changed in 3.0, 3.8 and 3.11, so which layout fits to
the last byte says how old it is. Source: ``Python/marshal.c`` of each release.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

#: Bytes of one code object that are looked at, values in it, and how deep they are nested.
_LARGEST, _MOST, _DEEPEST = 1 << 20, 100_000, 60
_FLAG = 0x80
#: Type -> bytes of its value.
_FIXED = {"i": 4, "I": 8, "g": 8, "y": 16, "R": 4}
#: Type -> bytes of its length.
_LENGTHS = {"s": 4, "t": 4, "u": 4, "a": 4, "A": 4, "z": 1, "Z": 1, "f": 1}
_SEQUENCES = {"(": 4, ")": 1, "[": 4, "<": 4, ">": 4}


class NotCode(ValueError):
    """The bytes are no code object of that layout."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a range of Python versions writes a code object down."""

    #: Versions of Python, such as ``3.8``, that are known to write it so.
    versions: tuple[str, ...]
    #: How many numbers come first.
    numbers: int
    #: How many values come after the number of the first line.
    tables: int
    #: Whether the fifth value is bytes (the kinds of local variables), and not a tuple of names.
    kinds: bool


LAYOUTS = (
    Layout(versions=("2.7",), numbers=4, tables=1, kinds=False),
    Layout(versions=("3.6", "3.7"), numbers=5, tables=1, kinds=False),
    Layout(versions=("3.8", "3.9", "3.10"), numbers=6, tables=1, kinds=False),
    Layout(versions=("3.11", "3.12", "3.13"), numbers=5, tables=2, kinds=True),
)


@dataclass(frozen=True, kw_only=True)
class Code:
    """What tells of the version in one code object."""

    instructions: bytes
    #: The table of line numbers.
    lines: bytes


def codes(data: bytes, layout: Layout) -> tuple[Code, ...]:
    """Every code object of a dump, those inside of it first. Raises NotCode when the layout does not fit exactly."""
    reader = _Reader(data, layout)
    if not data or chr(data[0] & ~_FLAG) != "c":
        raise NotCode("It does not begin as a code object.")
    reader.value(0)
    if reader.place != len(data):
        raise NotCode("There is something behind it.")
    return tuple(reader.found)


class _Reader:
    def __init__(self, data: bytes, layout: Layout) -> None:
        if len(data) > _LARGEST:
            raise NotCode("It is too large.")
        self.data, self.layout, self.place, self.count = data, layout, 0, 0
        self.found: list[Code] = []
        self._shared: list[Any] = []

    def value(self, depth: int) -> Any:
        """One value: bytes and tuples as they are, of all else only that it was there."""
        self.count += 1
        if depth > _DEEPEST or self.count > _MOST:
            raise NotCode("It is nested too deeply, or holds too much.")
        first = self._take(1)[0]
        kind = chr(first & ~_FLAG)
        slot = -1
        if first & _FLAG:
            slot = len(self._shared)
            self._shared.append(None)
        found = self._of(kind, depth)
        if slot >= 0:
            self._shared[slot] = found
        return found

    def _of(self, kind: str, depth: int) -> Any:
        if kind in "NFTS.":
            return None
        if kind == "r":
            index = self._number(4)
            if not 0 <= index < len(self._shared):
                raise NotCode("It refers to nothing.")
            return self._shared[index]
        if kind in _FIXED:
            self._take(_FIXED[kind])
            return b"" if kind == "R" else None
        if kind in _LENGTHS:
            content = self._take(self._number(_LENGTHS[kind]))
            return content if kind in "st" else kind
        if kind == "l":
            self._take(2 * abs(self._number(4)))
            return None
        if kind == "x":
            for _ in range(2):
                self._take(self._number(1))
            return None
        if kind in _SEQUENCES:
            return tuple(self.value(depth + 1) for _ in range(self._size(_SEQUENCES[kind])))
        if kind == "c":
            return self._code(depth)
        raise NotCode(f"{kind!r} is no kind of value.")

    def _code(self, depth: int) -> None:
        self._take(4 * self.layout.numbers)
        values: Sequence[Any] = [self.value(depth + 1) for _ in range(8)]
        self._take(4)
        tables = [self.value(depth + 1) for _ in range(self.layout.tables)]
        instructions, constants, names = values[0], values[1], values[2]
        fifth = bytes if self.layout.kinds else tuple
        if not (
            isinstance(instructions, bytes)
            and isinstance(constants, tuple)
            and isinstance(names, tuple)
            and isinstance(values[4], fifth)
            and all(isinstance(table, bytes) for table in tables)
        ):
            raise NotCode("Its parts are not those of a code object.")
        self.found.append(Code(instructions=instructions, lines=tables[0]))

    def _size(self, width: int) -> int:
        size = self._number(width)
        if size > len(self.data) - self.place:  # each value takes a byte at least
            raise NotCode("It is cut off.")
        return size

    def _number(self, width: int) -> int:
        return int.from_bytes(self._take(width), "little", signed=width == 4)

    def _take(self, size: int) -> bytes:
        taken = self.data[self.place : self.place + size] if size >= 0 else b""
        if len(taken) != size:
            raise NotCode("It is cut off.")
        self.place += size
        return taken
