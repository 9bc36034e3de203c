"""Which environments cannot load a file, for a reason that is known in advance: ``known.yaml``, and how old code is.

What no rule names may still fail: only loading it tells.
"""

import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict

from runner.agent.capabilities import numbers
from runner.inspection import needs
from runner.inspection.architecture import Architecture
from runner.symptoms import Stack
from runner.versions import within


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class Rule(BaseModel):
    """One reason and when it holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cause: str
    kind: Words
    producer: str = ""
    consumer: str = ""
    backend: Words = ()
    keys: Words = ()
    classes: Words = ()
    suffix: Words = ()
    modules: Words = ()
    has: Literal["", "lambda", "weights_only", "slots", "uncounted_calls"] = ""
    why: str
    avoid: str = ""


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a file does not load in an environment."""

    #: An id of ``runner/causes``.
    cause: str
    why: str
    #: What to type so that it loads all the same; empty where the file itself would have to change.
    avoid: str = ""


def reasons(
    kind: str, keras: str, found: Architecture, classes: frozenset[str], stack: Stack, suffix: str = ""
) -> tuple[Reason, ...]:
    """Every reason known in advance why a file of that kind, written by that Keras, does not load there.

    ``classes`` are those that the file names where its architecture is not read whole; ``suffix`` is of its name.
    """
    told = [
        Reason(cause=rule.cause, why=rule.why, avoid=rule.avoid)
        for rule in rules()
        if (not rule.suffix or suffix in rule.suffix) and _holds(rule, kind, keras, found, classes, stack)
    ]
    told += _other_python(found, stack)
    if kind in ("zip", "hdf5", "json"):
        told += _not_there(found, stack)
        told += _not_brought(found, kind, stack)
    return tuple({reason.cause: reason for reason in reversed(told)}.values())[::-1]


@cache
def rules() -> tuple[Rule, ...]:
    """The rules of ``known.yaml``. Raises ValueError when they are not as they should be."""
    listed = yaml.load((Path(__file__).parent / "known.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader)
    return tuple(Rule.model_validate(entry) for entry in listed)


def _holds(
    rule: Rule, kind: str, keras: str, found: Architecture, classes: frozenset[str], stack: Stack
) -> bool:
    names = classes | {item.name for item in found.objects} | {found.optimizer}
    return (
        kind in rule.kind
        and _within(keras, rule.producer)
        and _within(stack.keras, rule.consumer)
        and (not rule.backend or stack.backend in rule.backend)
        and _any(rule.keys, found.keys)
        and _any(rule.classes, names)
        and _any(rule.modules, found.modules)
        and (rule.has != "lambda" or bool(found.bytecode))
        and (rule.has != "weights_only" or not found.kind)
        and (rule.has != "slots" or found.slots)
        and (rule.has != "uncounted_calls" or found.uncounted_calls)
    )


def _within(version: str, versions: str) -> bool:
    """Whether a version, as a file states it, is in a range; one that is not known is in none."""
    return within(".".join(str(number) for number in numbers(version)), versions, unreadable=False)


def _any(globs: tuple[str, ...], names: frozenset[str] | set[str]) -> bool:
    return not globs or any(fnmatch.fnmatchcase(name, glob) for glob in globs for name in names)


def _other_python(found: Architecture, stack: Stack) -> Iterator[Reason]:
    """Bytecode that this Python cannot even read; where it can, it may still run otherwise, which is not known here."""
    minor = ".".join(stack.python.split(".")[:2])
    for code in found.bytecode:
        if minor and code.readable and minor not in code.readable and _is_known(minor):
            why = f"A Lambda's code is bytecode of {code.told}, which the Python there cannot read."
            yield Reason(cause="lambda_bytecode", why=why)
            return


def _is_known(minor: str) -> bool:
    """Whether the layout of that Python's bytecode is known: what is newer may read what is newest here."""
    return (3, 6) <= numbers(minor)[:2] <= (3, 13)


def _not_there(found: Architecture, stack: Stack) -> Iterator[Reason]:
    missing = needs.missing_in(found, ".".join(str(number) for number in numbers(stack.keras)))
    inside = sorted({item.name for item in missing if not item.compile_only})
    if inside:
        yield Reason(
            cause="builtin_of_another_version",
            why=f"This Keras does not have {', '.join(inside[:3])}{' and more' if len(inside) > 3 else ''}.",
            avoid="custom_objects",
        )
    elif missing:
        names = ", ".join(sorted({item.name for item in missing})[:3])
        why = f"This Keras does not have {names}, of the compile settings."
        yield Reason(cause="builtin_of_another_version", why=why, avoid="compile=False")


def _not_brought(found: Architecture, kind: str, stack: Stack) -> Iterator[Reason]:
    """What is nobody's but the file's author's. Of compile settings in HDF5, words alone stop the loading."""
    wanted = needs.of(found)
    words = {item.name for item in found.objects if not item.configured}
    whole = kind == "zip" and _within(stack.keras, ">=3")  # reads all compile settings, or none
    for need in wanted:
        if need.compile_only and not whole and not (kind == "hdf5" and need.name in words):
            continue
        cause = "custom_function_missing" if need.name in words else "custom_class_missing"
        avoid = "custom_objects, or compile=False" if need.compile_only else "custom_objects"
        yield Reason(cause=cause, why=f"Keras does not have {need.name}.", avoid=avoid)


def certain(reasons_: tuple[Reason, ...]) -> bool:
    """Whether no argument of the loader helps."""
    return any(not reason.avoid for reason in reasons_)
