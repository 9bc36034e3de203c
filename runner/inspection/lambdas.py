"""From which Python the bytecode of a Lambda layer is, as exactly as it can be told without running it."""

import base64
import binascii
import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from runner.inspection.marshalled import LAYOUTS, Code, Layout, NotCode, codes

#: Where Keras keeps functions, in the configuration of a Lambda layer.
_FUNCTIONS = ("function", "output_shape", "mask")
#: Characters of a dump that are decoded.
_LONGEST = 2 << 20
#: RESUME, with which functions begin since 3.11.
_RESUME = {"3.11": 151, "3.12": 151, "3.13": 149}


@dataclass(frozen=True, kw_only=True)
class Bytecode:
    """What a dump of a function says of its Python."""

    #: Minor versions that write exactly such a dump, as far as known: ``("3.6", "3.7")``. Empty where none does.
    versions: tuple[str, ...]
    #: Minor versions that can read the dump at all; whether they can run what they read is another matter.
    readable: tuple[str, ...]

    @property
    def told(self) -> str:
        """Words for it: ``Python 3.6 or 3.7``."""
        if self.versions:
            return "Python " + " or ".join(self.versions)
        if self.readable == LAYOUTS[-1].versions:
            return "a Python after 3.13"
        return "Python 3.5 or earlier" if self.readable else "no Python that is known here"


def of_layer(config: Any) -> Iterator[Bytecode]:
    """The bytecode in the configuration of a Lambda layer, or of a function that was written down as one."""
    if not isinstance(config, dict):
        return
    places = [config.get(name) for name in _FUNCTIONS] + [config]
    for place in places:
        for text in _dumps(place):
            found = bytecode(text)
            if found is not None:
                yield found


def bytecode(text: str) -> Bytecode | None:
    """What the dump is from; None where the text is no dump of a function."""
    for data in _decoded(text):
        for layout in LAYOUTS:
            try:
                parts = codes(data, layout)
            except NotCode:
                continue
            fitting = tuple(
                version for version in layout.versions if all(_fits(version, part) for part in parts)
            )
            return Bytecode(versions=_by_lines(fitting, parts, layout), readable=layout.versions)
    return None


def _dumps(place: Any) -> Iterator[str]:
    """Keras 2: ``[code, defaults, closure]``, from 2.12 on in ``{"value": …}``; Keras 3: ``{"code": …}``."""
    if isinstance(place, list) and place and isinstance(place[0], str):
        yield place[0]
    if isinstance(place, dict):
        for inner in (place.get("code"), place.get("value"), place.get("config")):
            if isinstance(inner, str):
                yield inner
            elif isinstance(inner, list) or (isinstance(inner, dict) and inner is not place):
                yield from _dumps(inner)


def _decoded(text: str) -> Iterator[bytes]:
    """The bytes of a dump: in base64, or as Keras 2.0 wrote them."""
    if len(text) > _LONGEST:
        return
    with contextlib.suppress(binascii.Error, UnicodeEncodeError):
        yield base64.b64decode("".join(text.split()).encode("ascii"), validate=True)
    with contextlib.suppress(UnicodeEncodeError):
        yield text.encode("raw_unicode_escape")


def _fits(version: str, code: Code) -> bool:
    """Whether this Python has every instruction, and leaves room behind each (since 3.11) as it is found here."""
    table = _tables()[version]
    instructions = code.instructions
    if version == "2.7":
        place = 0
        while place < len(instructions):
            if instructions[place] not in table.known:
                return False
            place += 3 if instructions[place] >= table.operands_from else 1
        return place == len(instructions)
    if len(instructions) % 2:
        return False
    operations = instructions[::2]
    if version in _RESUME and _RESUME[version] not in operations:
        return False
    place = 0
    while place < len(operations):
        operation = operations[place]
        room = table.caches.get(operation, 0)
        if operation not in table.known or any(operations[place + 1 : place + 1 + room]):
            return False
        place += 1 + room
    return place == len(operations)


def _by_lines(versions: tuple[str, ...], parts: tuple[Code, ...], layout: Layout) -> tuple[str, ...]:
    """3.10 lists the lines of every instruction, 3.9 and before only where a line begins."""
    if "3.10" not in layout.versions:
        return versions
    whole = all(sum(part.lines[::2]) == len(part.instructions) for part in parts)
    return tuple(version for version in versions if (version == "3.10") == whole)


@dataclass(frozen=True, kw_only=True)
class _Table:
    operands_from: int
    known: frozenset[int]
    #: Instruction -> how many empty ones follow it.
    caches: dict[int, int]


@cache
def _tables() -> dict[str, _Table]:
    """The instructions of each Python, from its own ``opcode`` module."""
    data = json.loads((Path(__file__).parent / "opcodes.json").read_text("utf-8"))
    return {
        version: _Table(
            operands_from=item["operands_from"],
            known=frozenset(item["known"]),
            caches={int(operation): room for operation, room in item["caches"].items()},
        )
        for version, item in data.items()
    }
