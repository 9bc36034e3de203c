"""Probe files as the host sees them: found, read and described, never imported (they run only in environments)."""

import ast
import errno
import fnmatch
import hashlib
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from environments.errors import ConfigurationError
from environments.explain import did_you_mean
from runner.agent.faults import FAULTS

BUILT_IN = Path(__file__).parent / "probes"
REQUIRED = ("build_model", "inputs")
#: Before the name of a tag, where a probe is chosen.
_TAG = "tag:"
#: Bytes of a probe file; a larger one is a model, or a mistake.
_LARGEST = 4 * 1024**2
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True, kw_only=True)
class ProbeFile:
    """One probe: its name is the file's name without the ending, and what is broken on purpose after a plus."""

    name: str
    path: Path
    #: The first line of the file's docstring.
    why: str
    sha256: str
    #: How the user knows it: a built-in's name, or the path that was given.
    source: str
    #: What it exercises: the folder of a built-in, then its ``TAGS``.
    tags: tuple[str, ...] = ()
    #: The formats that it is about (``FORMATS``); all where it names none.
    formats: tuple[str, ...] = ()
    #: ``tensorflow`` or ``keras`` -> the versions that can build it (``REQUIRES``).
    requires: Mapping[str, str] = field(default_factory=dict)
    #: What is broken on purpose between saving and loading, or while saving.
    fault: str = ""
    #: A model file that exists already: nothing has to be able to save it.
    adopted: bool = False

    @property
    def unbroken(self) -> str:
        """The name of the same probe without its fault."""
        return self.name.partition("+")[0]


def find(words: Sequence[str], base: Path) -> tuple[ProbeFile, ...]:
    """The probes that words name: built-in names, globs, ``tag:NAME``, or paths of ``.py`` files relative to ``base``.

    After any of these may stand ``+FAULT``, a name or glob: then it is those probes, broken in those ways.
    Raises ConfigurationError for a word that names nothing and for a file that cannot be a probe.
    """
    built_in = {path.stem: path for path in sorted(BUILT_IN.rglob("[!_]*.py"))}
    found: dict[str, ProbeFile] = {}
    for word in words:
        whole, _, faults = (
            word.rpartition("+") if "+" in word and not word.endswith(".py") else (word, "", "")
        )
        read_files = _named(whole, built_in, base)
        if faults:
            read_files = [broken for probe in read_files for broken in _broken(probe, faults)]
        for probe in read_files:
            other = found.get(probe.name)
            if other is not None and other.path != probe.path:
                raise ConfigurationError(
                    f"Two probes are called {probe.name!r}: {other.source} and {probe.source}. Rename one of the files."
                )
            found[probe.name] = probe
    return tuple(found.values())


def with_faults(probes: Sequence[ProbeFile], faults: Mapping[str, Sequence[str]]) -> tuple[ProbeFile, ...]:
    """The probes, and after each the same broken on purpose; ``faults``: glob of probes -> globs of faults.

    Raises ConfigurationError for a glob that matches nothing.
    """
    names = [probe.name for probe in probes]
    for glob in faults:
        if not fnmatch.filter(names, glob):
            raise ConfigurationError(
                f"Under faults, {glob!r} matches no probe{did_you_mean(glob, names)}. "
                "Write the name of a probe that is run, or remove the line."
            )
    found: dict[str, ProbeFile] = {}
    for probe in probes:
        found[probe.name] = probe
        for glob, of_faults in faults.items():
            if not probe.fault and fnmatch.fnmatchcase(probe.name, glob):
                found.update((item.name, item) for word in of_faults for item in _broken(probe, word))
    return tuple(found.values())


def _broken(probe: ProbeFile, word: str) -> list[ProbeFile]:
    """The probe with each fault that a name or glob names."""
    names = fnmatch.filter(FAULTS, word)
    if not names:
        raise ConfigurationError(
            f"There is no fault {word!r}{did_you_mean(word, FAULTS)}. Known are: {', '.join(FAULTS)}."
        )
    return [
        replace(
            probe,
            name=f"{probe.name}+{name}",
            why=FAULTS[name],
            sha256=hashlib.sha256(f"{probe.sha256} {name}".encode()).hexdigest(),
            source=f"{probe.source}+{name}",
            fault=name,
        )
        for name in names
    ]


def _named(word: str, built_in: Mapping[str, Path], base: Path) -> list[ProbeFile]:
    if word.endswith(".py") or "/" in word:
        return [_read(base / _at_home(word), word)]
    if word.startswith(_TAG):
        return _tagged(built_in, word.removeprefix(_TAG))
    names = fnmatch.filter(built_in, word)
    if not names:
        raise ConfigurationError(
            f"There is no built-in probe {word!r}{did_you_mean(word, sorted(built_in))}. "
            f"See all {len(built_in)}: crossload plan --probe '*'. A file of your own is named by its path: ./{word}.py"
        )
    return [_read(built_in[name], name) for name in sorted(names)]


def _tagged(built_in: Mapping[str, Path], tag: str) -> list[ProbeFile]:
    probes = [_read(path, name) for name, path in sorted(built_in.items())]
    chosen = [probe for probe in probes if tag in probe.tags]
    if not chosen:
        known = sorted({name for probe in probes for name in probe.tags})
        raise ConfigurationError(
            f"No built-in probe has the tag {tag!r}{did_you_mean(tag, known)}. Tags are: {', '.join(known)}."
        )
    return chosen


def _at_home(word: str) -> Path:
    try:
        return Path(word).expanduser()
    except RuntimeError:  # no such user, or nobody knows where home is
        return Path(word)


def _read(path: Path, source: str) -> ProbeFile:
    if not path.stem.isprintable():
        raise ConfigurationError(f"The probe {source!r} has a name that cannot be shown. Rename the file.")
    try:
        text = _bytes(path)
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or str(error)
        raise ConfigurationError(
            f"The probe {source} cannot be read: {reason} ({path}). "
            "A probe is a Python file with build_model() and inputs()."
        ) from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a probe's own, such as an invalid escape sequence
            tree = ast.parse(text, filename=str(path))
    except (RecursionError, MemoryError) as error:
        raise ConfigurationError(f"The probe {source} is nested too deeply to be read ({path}).") from error
    except (SyntaxError, ValueError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        message = error.msg if isinstance(error, SyntaxError) else str(error)
        raise ConfigurationError(f"The probe {source} is not Python: {message} ({path}{line}).") from error
    missing = [name for name in REQUIRED if name not in _names(tree)]
    if missing:
        raise ConfigurationError(
            f"The probe {source} has no {' and no '.join(f'{name}()' for name in missing)} ({path}). "
            "A probe defines build_model() and inputs(), and may define targets(), train(model) and CUSTOM_OBJECTS."
        )
    why = (ast.get_docstring(tree) or "").strip().split("\n")[0]
    group = (path.parent.name,) if path.parent.parent == BUILT_IN else ()
    return ProbeFile(
        name=path.stem,
        path=path.resolve(),
        why=why,
        sha256=hashlib.sha256(text).hexdigest(),
        source=source,
        tags=tuple(dict.fromkeys(group + _words(tree, "TAGS", source))),
        formats=_words(tree, "FORMATS", source),
        requires=_requires(tree, source),
    )


def _words(tree: ast.Module, name: str, source: str) -> tuple[str, ...]:
    value = _constant(tree, name, source, ())
    if not isinstance(value, tuple | list) or not all(isinstance(item, str) for item in value):
        raise ConfigurationError(f"The probe {source} has a {name} that is no tuple of strings.")
    return tuple(value)


def _requires(tree: ast.Module, source: str) -> Mapping[str, str]:
    value = _constant(tree, "REQUIRES", source, {})
    try:
        if not isinstance(value, dict) or not set(value) <= {"tensorflow", "keras"}:
            raise TypeError
        for versions in value.values():
            SpecifierSet(versions)
    except (TypeError, AttributeError, InvalidSpecifier) as error:
        example = '{"keras": ">=2.9", "tensorflow": ""}'
        raise ConfigurationError(
            f"The probe {source} has a REQUIRES that cannot be read. It is a dictionary such as {example}."
        ) from error
    return value


def _constant(tree: ast.Module, name: str, source: str, default: Any) -> Any:
    """The value that the module gives a constant; it is read and never run."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(to, ast.Name) and to.id == name for to in node.targets
        ):
            try:
                return ast.literal_eval(node.value)
            except (ValueError, TypeError, RecursionError, MemoryError) as error:
                raise ConfigurationError(
                    f"The probe {source} has a {name} that has to be run to be known. Write it out."
                ) from error
    return default


def _bytes(path: Path) -> bytes:
    """What is in a plain file; a device or a pipe would never end."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is not a file")
    if path.is_file() and path.stat().st_size > _LARGEST:
        raise OSError(errno.EFBIG, f"it has more than {_LARGEST >> 20} MiB")
    return path.read_bytes()


def _names(tree: ast.Module) -> set[str]:
    """Names that the module binds outside of its functions and classes, imports included."""
    names: set[str] = set()
    nodes: list[ast.AST] = [tree]
    while nodes:
        node = nodes.pop()
        if not isinstance(node, _SCOPES):
            nodes += ast.iter_child_nodes(node)
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.ImportFrom | ast.Import):
            names |= {alias.asname or alias.name for alias in node.names}
            if any(alias.name == "*" for alias in node.names):
                names |= set(REQUIRED)
    return names
