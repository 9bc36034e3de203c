"""From the symptoms of a cell to its cause: the known one that fits best, or the words that say most. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, lru_cache

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from runner.causes import UNCLASSIFIED, Cause, Evidence, load
from runner.results import CHECKS, Verdict
from runner.symptoms import Stack, Symptoms
from runner.wording import (
    LONGEST,
    innermost,
    layers,
    normalised,
    shown,
    telling_line,
    telling_output,
    unwrap,
)

__all__ = ["Diagnosis", "diagnose", "unwrap"]

#: Verdicts that need no cause.
_WELL = frozenset((Verdict.IDENTICAL, Verdict.UNSUPPORTED, Verdict.UNAVAILABLE, Verdict.NOT_RUN))
_WRONG = ("differs", "lost", "failed")
#: Characters of a captured name that are shown.
_NAME = 80


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """What is known of why a cell is not identical; empty strings where there is nothing to explain."""

    #: The id of a cause, or ``unclassified``.
    cause: str = ""
    #: Equal for cells that went wrong in the same words, names and numbers apart.
    signature: str = ""
    #: One line for a person: what says most of what happened.
    telling: str = ""


@dataclass(frozen=True, kw_only=True)
class _Texts:
    """The texts of the symptoms, as patterns see them."""

    type: str
    message: str
    raw: str
    traceback: str
    output: str
    warnings: str
    facts: Mapping[str, object]


def diagnose(symptoms: Symptoms) -> Diagnosis:
    """The cause of whatever is not as it should be. Never raises, whatever stands in the texts."""
    if symptoms.verdict in _WELL:
        return Diagnosis()
    texts = _texts(symptoms)
    line = _telling(symptoms, texts)
    signature = _signature(symptoms, line)
    for cause, evidence in _of(symptoms.verdict):
        found = _fits(evidence, symptoms, texts)
        if found is not None:
            return Diagnosis(
                cause=cause.id, signature=signature, telling=_specific(cause.telling, found) or line
            )
    return Diagnosis(cause=UNCLASSIFIED, signature=signature, telling=line)


@cache
def _of(verdict: Verdict) -> tuple[tuple[Cause, Evidence], ...]:
    """What can explain such a verdict, in the order in which it is tried."""
    return tuple(
        (cause, evidence)
        for cause in load()
        for evidence in cause.when
        if not evidence.verdict or verdict in evidence.verdict
    )


def _texts(symptoms: Symptoms) -> _Texts:
    error = symptoms.error
    raw = innermost(error.message, error.traceback) if error else ""
    if error and error.type == "KeyError":  # its text is the key, in quotes
        raw = raw.strip("\"'")
    return _Texts(
        type=error.type if error else "",
        message="\n".join(reversed(layers(raw))),
        raw=raw[:LONGEST],
        traceback=error.traceback[-LONGEST:] if error else "",
        output=symptoms.output[-LONGEST:],
        warnings="\n".join(symptoms.warnings)[:LONGEST],
        facts=symptoms.facts,
    )


def _fits(evidence: Evidence, symptoms: Symptoms, texts: _Texts) -> dict[str, str] | None:
    """What the patterns captured where all of it holds; None where some of it does not."""
    if not (_lists_hold(evidence, symptoms) and _versions_hold(evidence, symptoms)):
        return None
    captured: dict[str, str] = {}
    for pattern, text in _pairs(evidence, symptoms, texts):
        if pattern:
            found = _compiled(pattern).search(text)
            if not found:
                return None
            captured.update((name, value) for name, value in found.groupdict().items() if value)
    return captured


def _lists_hold(evidence: Evidence, symptoms: Symptoms) -> bool:
    consumer = symptoms.consumer or symptoms.producer
    return (
        (not evidence.format or symptoms.format in evidence.format)
        and (not evidence.actual_format or symptoms.actual_format in evidence.actual_format)
        and (not evidence.stage or symptoms.stage in evidence.stage)
        and (not evidence.backend or consumer.backend in evidence.backend)
        and all(symptoms.checks.get(name) in values for name, values in evidence.checks.items())
        and all(thing in symptoms.lost for thing in evidence.lost)
        and (not evidence.tags or any(tag in symptoms.tags for tag in evidence.tags))
        and (not evidence.fault or any(fnmatchcase(symptoms.fault, glob) for glob in evidence.fault))
    )


def _versions_hold(evidence: Evidence, symptoms: Symptoms) -> bool:
    producer, consumer = symptoms.producer, symptoms.consumer
    for side, wanted in ((producer, evidence.producer), (consumer or producer, evidence.consumer)):
        if wanted and not all(_within(spec, getattr(side, name)) for name, spec in wanted.items()):
            return False
    if evidence.age and (consumer is None or _age(producer.keras, consumer.keras) not in evidence.age):
        return False
    return not evidence.differs or (
        consumer is not None
        and all(_part(producer, name) != _part(consumer, name) for name in evidence.differs)
    )


def _pairs(evidence: Evidence, symptoms: Symptoms, texts: _Texts) -> Iterator[tuple[str, str]]:
    """Each pattern with the text it is searched in, cheapest first."""
    yield evidence.type, texts.type
    yield evidence.message, texts.message
    yield evidence.warning, texts.warnings
    for name, pattern in evidence.detail.items():
        yield pattern, symptoms.details.get(name, "")[:LONGEST]
    for name, pattern in evidence.facts.items():
        yield pattern, str(texts.facts.get(name, ""))[:LONGEST]
    yield evidence.output, texts.output
    yield evidence.raw, texts.raw
    yield evidence.traceback, texts.traceback


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@lru_cache(maxsize=4096)
def _within(spec: str, version: str) -> bool:
    try:
        return SpecifierSet(spec).contains(Version(version), prereleases=True)
    except InvalidVersion:  # an image, or an environment that never told
        return False


@lru_cache(maxsize=4096)
def _age(producer: str, consumer: str) -> str:
    try:
        one, two = Version(producer), Version(consumer)
    except InvalidVersion:
        return ""
    return "same" if one == two else "older" if one < two else "newer"


def _part(stack: Stack, name: str) -> str:
    """A version, or its beginning: ``keras_major``, ``python_minor``."""
    kind, _, part = name.partition("_")
    value = str(getattr(stack, kind, ""))
    return ".".join(value.split(".")[: {"major": 1, "minor": 2}.get(part, 9)])


def _telling(symptoms: Symptoms, texts: _Texts) -> str:
    """The line that says most of what happened."""
    if symptoms.verdict in (Verdict.CRASHED, Verdict.TIMED_OUT):
        said = shown(symptoms.error.message) if symptoms.error else ""
        printed = telling_output(symptoms.output)
        return shown(f"{said} {printed}" if said and printed else said or printed)
    if symptoms.error is not None:
        line = telling_line(unwrap(texts.raw)) or telling_line(texts.raw)
        return shown(f"{texts.type}: {line}" if line else texts.type)
    broken = [name for name in (*CHECKS, *symptoms.details) if symptoms.checks.get(name, "") in _WRONG]
    sentences = [(name, symptoms.details.get(name, "")) for name in dict.fromkeys(broken)]
    return shown("; ".join(f"{name}: {telling_line(text)}" if text else name for name, text in sentences[:3]))


def _signature(symptoms: Symptoms, line: str) -> str:
    """The line without names, after what kind of failure it is."""
    if symptoms.error is not None or not symptoms.checks:
        return normalised(line) or str(symptoms.verdict)
    broken = [f"{name} {value}" for name, value in symptoms.checks.items() if value in _WRONG]
    raised = next(
        (
            symptoms.details[name]
            for name in CHECKS
            if symptoms.checks.get(name) == "failed" and name in symptoms.details
        ),
        "",
    )
    return normalised(": ".join(part for part in (", ".join(broken), raised) if part))


def _specific(template: str, captured: Mapping[str, str]) -> str:
    """The cause's own sentence with the names that were captured; empty where one of them is missing."""
    if not template:
        return ""
    try:
        return shown(
            template.format_map({name: shown(value)[:_NAME].rstrip(".") for name, value in captured.items()})
        )
    except KeyError:
        return ""
