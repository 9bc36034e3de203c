"""Which alternatives of causes come into question for a cell, found once for all cells of a kind. Pure."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from packaging.version import InvalidVersion, Version

from runner.causes import Cause, Evidence, load
from runner.results import Verdict
from runner.symptoms import Stack, Symptoms
from runner.versions import within


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """What many cells have in common: which rules come into question is found once for all of them."""

    verdict: Verdict
    format: str
    actual_format: str
    stage: str
    #: Of what was raised; None where nothing was.
    error: str | None


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One alternative of a cause, made ready: most cells are asked about many of them."""

    cause: Cause
    evidence: Evidence
    #: Whether it asks for what is a cell's own, beside patterns.
    own: bool
    #: Whether it asks for versions; most do not.
    versioned: bool
    #: Where to search, and for what; cheapest first.
    patterns: tuple[tuple[str, str], ...]


def rules(symptoms: Symptoms) -> tuple[Rule, ...]:
    """What can explain such a cell between such versions, in the order in which it is tried.

    What is asked of the cell itself, and the patterns, are left to be looked at.
    """
    return _between(_kind(symptoms), symptoms.producer, symptoms.consumer)


def _kind(symptoms: Symptoms) -> _Kind:
    return _Kind(
        verdict=symptoms.verdict,
        format=symptoms.format,
        actual_format=symptoms.actual_format,
        stage=symptoms.stage,
        error=symptoms.error.type if symptoms.error else None,
    )


@lru_cache(maxsize=4096)
def _between(kind: _Kind, producer: Stack, consumer: Stack | None) -> tuple[Rule, ...]:
    return tuple(
        rule
        for rule in _of_kind(kind)
        if not rule.versioned or _versions_hold(rule.evidence, producer, consumer)
    )


@lru_cache(maxsize=4096)
def _of_kind(kind: _Kind) -> tuple[Rule, ...]:
    return tuple(rule for rule in _all() if _possible(rule.evidence, kind))


@cache
def _all() -> tuple[Rule, ...]:
    return tuple(_ready(cause, evidence) for cause in load() for evidence in cause.when)


def _ready(cause: Cause, evidence: Evidence) -> Rule:
    several = [
        ("type", evidence.type),
        ("message", evidence.message),
        ("warnings", evidence.warning),
        *((f"details {name}", pattern) for name, pattern in evidence.detail.items()),
        *((f"facts {name}", pattern) for name, pattern in evidence.facts.items()),
        ("output", evidence.output),
        ("raw", evidence.raw),
        ("traceback", evidence.traceback),
    ]
    return Rule(
        cause=cause,
        evidence=evidence,
        own=bool(evidence.checks or evidence.lost or evidence.tags or evidence.fault),
        versioned=bool(
            evidence.backend or evidence.producer or evidence.consumer or evidence.age or evidence.differs
        ),
        patterns=tuple((place, pattern) for place, pattern in several if pattern),
    )


#: Most patterns are never needed in one process, and compiling all of them takes a while.
compiled = cache(re.compile)


def _possible(evidence: Evidence, kind: _Kind) -> bool:
    """Whether this can be what happened in a cell of that kind."""
    return (
        (not evidence.verdict or kind.verdict in evidence.verdict)
        and (not evidence.format or kind.format in evidence.format)
        and (not evidence.actual_format or kind.actual_format in evidence.actual_format)
        and (not evidence.stage or kind.stage in evidence.stage)
        and not (kind.error is None and (evidence.message or evidence.raw or evidence.traceback))
        and (not evidence.type or compiled(evidence.type).search(kind.error or "") is not None)
    )


def _versions_hold(evidence: Evidence, producer: Stack, consumer: Stack | None) -> bool:
    here = consumer or producer
    return (
        (not evidence.backend or here.backend in evidence.backend)
        and all(_meant(producer, name, ranges) for name, ranges in evidence.producer.items())
        and all(_meant(here, name, ranges) for name, ranges in evidence.consumer.items())
        and (not evidence.age or (consumer is not None and _age(producer.keras, here.keras) in evidence.age))
        and (
            not evidence.differs
            or (
                consumer is not None
                and all(_part(producer, name) != _part(consumer, name) for name in evidence.differs)
            )
        )
    )


def _meant(stack: Stack, name: str, ranges: str) -> bool:
    return within(getattr(stack, name), ranges, unreadable=False)


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
