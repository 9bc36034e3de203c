"""The words that a matrix file is made of: versions, durations, sizes, names; each with its own sentence.

Scalars arrive as the text that was typed. Each type here checks that text, and says in ``json_schema_input``
what an editor, which reads ``2.1`` as a number, may see in its place.
"""

import re
from datetime import date
from typing import Annotated, Any, Literal

from packaging.requirements import InvalidRequirement, Requirement
from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from environments.spec import BUNDLED, LEGACY, NIGHTLY

Format = Literal["keras", "h5", "savedmodel", "export", "weights", "checkpoint", "json"]
#: The names of ``runner.agent.faults.FAULTS`` (a test compares them).
FAULTS = (
    "garbage",
    "bit_flip",
    "bit_flip_crc",
    "truncated",
    "emptied",
    "missing_shard",
    "missing_config",
    "missing_weights",
    "lfs_pointer",
    "renamed",
    "disk_full",
    "killed",
    "read_only",
    "out_of_memory",
)
#: The words of ``runner.results.Verdict`` (a test compares them).
VerdictWord = Literal[
    "identical",
    "degraded",
    "divergent",
    "load_failed",
    "crashed",
    "timed_out",
    "save_failed",
    "unsupported",
    "unavailable",
    "not_run",
]
#: What may fail the gate.
GateWord = Literal[
    "regression",
    "new_failure",
    "unexpected_pass",
    "degraded",
    "divergent",
    "load_failed",
    "crashed",
    "timed_out",
    "save_failed",
    "unsupported",
    "unavailable",
    "not_run",
]

_EXACT = re.compile(r"[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}(\.post[0-9]{1,2}|rc[0-9]{1,2})?")
_PARTIAL = re.compile(r"[0-9]+(\.[0-9]+)?")
_PYTHON = re.compile(r"3\.[0-9]{1,2}")
_MEMORY = re.compile(r"([0-9]{1,6})([mgMG])")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_IMAGE = re.compile(r"[a-z0-9][A-Za-z0-9._:/@{}-]{0,254}")
_MIRROR = re.compile(r"[a-z0-9][A-Za-z0-9._:/-]{0,254}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

#: Seconds; a cell that needs longer than a day is a mistake in the unit.
_LONGEST = 86_400
_UNITS = {"m": 1024**2, "g": 1024**3}
_LEAST_MEMORY = 64 * 1024**2


def _version(text: str, words: tuple[str, ...], last: str) -> str:
    if text in words or _EXACT.fullmatch(text):
        return text
    others = f" (or {', '.join(words)})"
    if _PARTIAL.fullmatch(text):
        example = text if "." in text else f"{text}.15"
        raise ValueError(
            f"{text!r} is not a whole version; write the whole version, such as {example}.{last}{others}"
        )
    raise ValueError(
        f"{text!r} is not an exact version; write one such as {'2.15.1' if last == '1' else '3.8.0'}{others}"
    )


def _tensorflow(text: str) -> str:
    return _version(text, (NIGHTLY,), "1")


def _keras(text: str) -> str:
    return _version(text, (BUNDLED, LEGACY, NIGHTLY), "0")


def _python(text: str) -> str:
    if not _PYTHON.fullmatch(text):
        raise ValueError(f"{text!r} is not a Python version; write major.minor, such as 3.11")
    return text


def _timeout(text: Any) -> float:
    if not isinstance(text, str) or not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", text):
        raise ValueError(f"{text!r} is not a number of seconds; write one such as 60")
    if not 0 < float(text) <= _LONGEST:
        raise ValueError(f"{text} seconds is out of range; write more than 0 and at most {_LONGEST}")
    return float(text)


def _memory(text: Any) -> int:
    match = _MEMORY.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"{text!r} is not a size; write one such as 512m or 2g")
    size = int(match[1]) * _UNITS[match[2].lower()]
    if not _LEAST_MEMORY <= size <= 1024**4:
        raise ValueError(f"{text} is out of range; write at least 64m and at most 1024g")
    return size


def _date(text: Any) -> date:
    if isinstance(text, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise ValueError(f"{text!r} is not a day: {error}") from error
    raise ValueError(f"{text!r} is not a day; write it as 2024-07-01")


def _identifier(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError(
            f"{text!r} cannot be a name; use letters, digits, '.', '_' and '-', begin with a letter or digit,"
            " and stay under 64 characters"
        )
    return text


def _image(text: str) -> str:
    if not _IMAGE.fullmatch(text):
        raise ValueError(f"{text!r} is not an image reference; write one such as python:3.11-slim")
    return text


def _base_image(text: str) -> str:
    if re.search(r"[{}]", text.replace("{python}", "")):
        raise ValueError(f"{text!r} has braces other than {{python}}; only {{python}} is filled in")
    return _image(text)


def _mirror(text: str) -> str:
    if not _MIRROR.fullmatch(text) or "//" in text:
        raise ValueError(f"{text!r} is not a prefix; write host[:port][/path] without https://")
    return text.rstrip("/")


def _glob(text: str) -> str:
    if not text.strip():
        raise ValueError(
            "an empty pattern matches nothing; write a name, a glob such as 'tf2.1*', or remove it"
        )
    return text


def _cell(text: str) -> str:
    if text.count("/") != 3 or not all(text.split("/")):
        raise ValueError(
            f"{text!r} is not a cell; write producer/consumer/probe/format, such as 'tf2.12.1-*/*/*/keras'"
        )
    return text


def _package(text: str) -> str:
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        raise ValueError(f"{text!r} is not a requirement; write one such as pandas==2.2.3") from error
    if requirement.url is not None:
        raise ValueError(f"{text!r} names a URL, which a lock cannot hold; write a name and a version")
    return text


def _variable(text: str) -> str:
    if not _VARIABLE.fullmatch(text):
        raise ValueError(f"{text!r} cannot be the name of a variable; use letters, digits and '_'")
    return text


def _variable_value(text: str) -> str:
    if "\x00" in text:
        raise ValueError("a variable cannot hold the character U+0000")
    return text


def _schema_version(text: Any) -> Any:
    if text != "1":
        raise ValueError(f"version {text!r} is not known; this crossload reads version: 1")
    return 1


def _text(pattern: str | None = None, **more: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", **({"pattern": f"^{pattern}$"} if pattern else {}), **more})


def _number_or_text(**more: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": ["string", "number"], **more})


SchemaVersion = Annotated[
    Literal[1], BeforeValidator(_schema_version), WithJsonSchema({"const": 1, "description": "Always 1."})
]
#: An exact version, or a word. Unquoted, an editor sees ``2.1`` as a number: hence both types.
TensorFlow = Annotated[str, AfterValidator(_tensorflow), _number_or_text(examples=["2.15.1", NIGHTLY])]
Keras = Annotated[str, AfterValidator(_keras), _number_or_text(examples=[BUNDLED, LEGACY, NIGHTLY, "3.8.0"])]
Python = Annotated[str, AfterValidator(_python), _number_or_text(examples=["3.11"])]
Seconds = Annotated[
    float,
    BeforeValidator(_timeout),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": _LONGEST, "examples": [60]}),
]
Memory = Annotated[int, BeforeValidator(_memory), _text(_MEMORY.pattern, examples=["2g", "512m"])]
Day = Annotated[date, BeforeValidator(_date), _text(format="date", examples=["2024-07-01"])]
Identifier = Annotated[str, AfterValidator(_identifier), _text(_ID.pattern)]
Image = Annotated[str, AfterValidator(_image), _text(examples=["registry.example/ml/serving:2024-11"])]
BaseImage = Annotated[str, AfterValidator(_base_image), _text(examples=["python:{python}-slim"])]
Mirror = Annotated[str, AfterValidator(_mirror), _text(examples=["mirror.example:5000"])]
Glob = Annotated[str, AfterValidator(_glob), _text(minLength=1)]
#: A pattern for a version in ``exclude``.
VersionGlob = Annotated[str, AfterValidator(_glob), _number_or_text(examples=["2.5.*"])]
Cell = Annotated[str, AfterValidator(_cell), _text("[^/]+/[^/]+/[^/]+/[^/]+")]
Package = Annotated[str, AfterValidator(_package), _text(examples=["pandas==2.2.3"])]
Variable = Annotated[str, AfterValidator(_variable), _text(_VARIABLE.pattern)]
VariableValue = Annotated[
    str, AfterValidator(_variable_value), WithJsonSchema({"type": ["string", "number", "boolean"]})
]
