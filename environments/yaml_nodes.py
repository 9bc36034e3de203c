"""YAML read through its nodes: scalars as they were typed, and where each thing stands in the file.

``yaml.load`` reads ``tensorflow: 2.10`` as the number 2.1, ``on`` as True, and lets the last of two equal
keys win without a word. Here a scalar is its source text (or None where nothing was written), and a key that
is written twice is a mistake. The file may come from anyone, so its size, its depth and what its aliases
unfold to are bounded.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from environments.errors import ConfigurationError

#: What a document is made of after reading.
Plain = str | None | list["Plain"] | dict[str, "Plain"]
#: The way to a value: keys and indices from the top.
Location = tuple[str | int, ...]

#: A matrix that people edit has a few hundred lines; these bounds only stop files made to do harm.
MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
MAX_NODES = 20_000

_CORE_TAGS = {
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "null", "bool", "int", "float", "timestamp", "map", "seq", "value")
}
_NULL = "tag:yaml.org,2002:null"
_MERGE = "tag:yaml.org,2002:merge"


@dataclass(frozen=True, kw_only=True, order=True)
class Position:
    """A place in a file; both numbers start at 1, as editors count."""

    line: int
    column: int


_START = Position(line=1, column=1)


@dataclass(frozen=True, kw_only=True, order=True)
class Problem:
    """One mistake in a file and where it stands."""

    position: Position
    message: str


@dataclass(frozen=True, kw_only=True)
class Document:
    """A YAML file as plain values, with the position of every value and every key."""

    name: str
    value: Plain
    values: Mapping[Location, Position]
    keys: Mapping[Location, Position]
    #: Mistakes that did not keep the rest from being read: keys written twice, tags.
    problems: tuple[Problem, ...]

    def where(self, location: Location, *, key: bool = False) -> Position:
        """The position of a value, or of its key; of the nearest thing around it when it is not there."""
        for length in range(len(location), -1, -1):
            found = (self.keys if key and length == len(location) else self.values).get(location[:length])
            if found is not None:
                return found
        return _START


def read(text: bytes, name: str) -> Document:
    """Read YAML. Raises ConfigurationError (``name:line:column: …``) when it is not YAML within bounds."""
    loader: _Loader | None = None
    source = _decode(text, name)
    try:
        loader = _Loader(source)
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = _position(mark) if mark else _START
        raise complaint(name, [Problem(position=at, message=_syntax(error))]) from error
    except yaml.reader.ReaderError as error:
        at = _at_offset(source, error.position)
        said = f"the character U+{_code(error.character):04X} is not allowed in YAML; remove it"
        raise complaint(name, [Problem(position=at, message=said)]) from error
    except (ValueError, OverflowError) as error:
        # The scanner gives numbers it has matched itself (\UFFFFFFFF, %YAML 99…9.1) to chr() and int().
        at = Position(line=loader.line + 1, column=loader.column + 1) if loader else _START
        said = "this number or escape is out of range"
        raise complaint(name, [Problem(position=at, message=said)]) from error
    if node is None:
        said = "the file is empty; begin with version: 1"
        raise complaint(name, [Problem(position=_START, message=said)])
    walk = _Walk(name)
    value = walk.plain(node, ())
    return Document(name=name, value=value, values=walk.values, keys=walk.keys, problems=tuple(walk.problems))


def read_bytes(path: Path) -> bytes:
    """The bytes of a file. Raises ConfigurationError when it cannot be opened or is far too big."""
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise ConfigurationError(f"There is no file {path}. Name the one you mean.") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ConfigurationError(f"{path} cannot be read: {reason}.") from error
    return text


def complaint(name: str, problems: list[Problem]) -> ConfigurationError:
    """All problems of one file as one error, in the order of the file, one line each."""
    lines = [
        f"{name}:{problem.position.line}:{problem.position.column}: {_one_line(problem.message)}"
        for problem in sorted(set(problems))
    ]
    return ConfigurationError("\n".join(lines))


class _Loader(yaml.SafeLoader):
    """Composes nodes and nothing more; stops at the bounds before Python's own stack does."""

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self._depth = 0
        self._count = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        self._depth += 1
        self._count += 1
        if self._depth > MAX_DEPTH:
            raise yaml.MarkedYAMLError(problem=f"nested more than {MAX_DEPTH} levels deep", problem_mark=mark)
        if self._count > MAX_NODES:
            raise yaml.MarkedYAMLError(problem=f"more than {MAX_NODES} values", problem_mark=mark)
        node: yaml.Node | None = super().compose_node(parent, index)
        self._depth -= 1
        return node


class _Walk:
    """Turns nodes into plain values and notes where each stood."""

    def __init__(self, name: str) -> None:
        self.values: dict[Location, Position] = {}
        self.keys: dict[Location, Position] = {}
        self.problems: list[Problem] = []
        self._name = name

    def plain(self, node: yaml.Node, location: Location) -> Plain:
        at = _position(node.start_mark)
        # Aliases are followed, so a node counts as often as it is reached: this is what bounds them.
        if len(self.values) >= MAX_NODES or len(location) > MAX_DEPTH:
            said = f"aliases unfold to more than {MAX_NODES} values or {MAX_DEPTH} levels; write them out"
            raise complaint(self._name, [Problem(position=at, message=said)])
        self.values[location] = at
        if node.tag not in _CORE_TAGS:
            said = f"the tag {node.tag} is not supported; remove it"
            self.problems.append(Problem(position=at, message=said))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, location)
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(item, (*location, index)) for index, item in enumerate(node.value)]
        # Only what is written plainly can be a null: "null" in quotes is a word.
        return None if node.tag == _NULL else str(node.value)

    def _mapping(self, node: yaml.MappingNode, location: Location) -> dict[str, Plain]:
        found: dict[str, Plain] = {}
        for key, value in node.value:
            at = _position(key.start_mark)
            if not isinstance(key, yaml.ScalarNode):
                said = "a key must be a word, not a list or a map; quote it if it is text"
                self.problems.append(Problem(position=at, message=said))
                continue
            if key.tag == _MERGE:
                said = "merge keys (<<) are not supported; write the keys out"
                self.problems.append(Problem(position=at, message=said))
                continue
            if key.tag not in _CORE_TAGS:
                said = f"the tag {key.tag} is not supported; remove it"
                self.problems.append(Problem(position=at, message=said))
            name = str(key.value)
            inner = (*location, name)
            if name in found:
                first = self.keys[inner].line
                said = f"the key {name!r} is written twice (first on line {first}); keep one"
                self.problems.append(Problem(position=at, message=said))
                continue
            self.keys[inner] = at
            found[name] = self.plain(value, inner)
        return found


def _decode(text: bytes, name: str) -> str:
    if len(text) > MAX_BYTES:
        said = f"the file is bigger than {MAX_BYTES // 1024} KiB; is it the matrix?"
        raise complaint(name, [Problem(position=_START, message=said)])
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = text[: error.start].decode("utf-8-sig", errors="replace")
        said = f"the byte 0x{text[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise complaint(name, [Problem(position=_at_offset(before, len(before)), message=said)]) from error


def _at_offset(source: str, offset: int) -> Position:
    before = re.split(r"\r\n|[\n\r\x85\u2028\u2029]", source[:offset])
    return Position(line=len(before), column=len(before[-1]) + 1)


def _code(character: str | int) -> int:
    return character if isinstance(character, int) else ord(character)


def _position(mark: yaml.Mark) -> Position:
    return Position(line=mark.line + 1, column=mark.column + 1)


def _syntax(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "this is not YAML"
    if "'\\t'" in problem:
        return "YAML does not allow tabs for indentation; use spaces"
    if "expected a single document" in (error.context or ""):
        return "a second document begins here (---); keep one"
    said = f"not valid YAML: {problem}"
    if error.context and error.context_mark:
        said += f" ({error.context} that begins on line {error.context_mark.line + 1})"
    return said


def _one_line(message: str) -> str:
    """Text from the file is quoted in messages; nothing in it may move the terminal's cursor."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in message)
    return shown if len(shown) <= 500 else shown[:497] + "..."
