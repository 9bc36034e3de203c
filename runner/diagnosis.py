"""From the symptoms of a cell to its cause: the known one that fits best, or the words that say most. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from runner.causes import UNCLASSIFIED, Evidence
from runner.results import CHECKS, Verdict
from runner.rules import Rule, compiled, rules
from runner.symptoms import Symptoms
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
#: Checks whose sentence tells of a wrong model, and those that tell of it where something differs.
_ON_WRONG = ("structure", "weights", "config", "outputs")
_ON_BOTH = ("loss", "reload")
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


#: Where a pattern is searched -> the text.
_Texts = Mapping[str, str]


def diagnose(symptoms: Symptoms) -> Diagnosis:
    """The cause of whatever is not as it should be. Never raises, whatever stands in the texts."""
    if symptoms.verdict in _WELL:
        return Diagnosis()
    if symptoms.verdict is Verdict.DIVERGENT:
        symptoms = replace(symptoms, details=_of_what_is_wrong(symptoms))
    texts = _texts(symptoms)
    line = _telling(symptoms, texts)
    signature = _signature(symptoms, line)
    for rule in rules(symptoms):
        found = _fits(rule, symptoms, texts)
        if found is not None:
            return Diagnosis(
                cause=rule.cause.id, signature=signature, telling=_specific(rule.cause.telling, found) or line
            )
    return Diagnosis(cause=UNCLASSIFIED, signature=signature, telling=line)


def _of_what_is_wrong(symptoms: Symptoms) -> dict[str, str]:
    """The sentences that may explain why a model is wrong: not those on what it has lost besides."""
    return {
        name: sentence
        for name, sentence in symptoms.details.items()
        if name in _ON_WRONG or (name in _ON_BOTH and symptoms.checks.get(name) == "differs")
    }


def _texts(symptoms: Symptoms) -> _Texts:
    error = symptoms.error
    raw = innermost(error.message, error.traceback) if error else ""
    if error and error.type == "KeyError":  # its text is the key, in quotes
        raw = raw.strip("\"'")
    return {
        "type": error.type if error else "",
        "message": "\n".join(reversed(layers(raw))),
        "raw": raw[:LONGEST],
        "traceback": error.traceback[-LONGEST:] if error else "",
        "output": symptoms.output[-LONGEST:],
        "warnings": "\n".join(symptoms.warnings)[:LONGEST],
        **{f"details {name}": text[:LONGEST] for name, text in symptoms.details.items()},
        **{f"facts {name}": str(value)[:LONGEST] for name, value in symptoms.facts.items()},
    }


def _fits(rule: Rule, symptoms: Symptoms, texts: _Texts) -> dict[str, str] | None:
    """What the patterns captured where all of it holds; None where some of it does not."""
    if rule.own and not _own_holds(rule.evidence, symptoms):
        return None
    captured: dict[str, str] = {}
    for place, pattern in rule.patterns:
        text = texts.get(place)
        found = compiled(pattern).search(text) if text else None  # where nothing was said, nothing is found
        if not found:
            return None
        captured.update((group, value) for group, value in found.groupdict().items() if value)
    return captured


def _own_holds(evidence: Evidence, symptoms: Symptoms) -> bool:
    """Whether what is asked for of the cell itself is there, patterns aside."""
    return (
        all(symptoms.checks.get(name) in values for name, values in evidence.checks.items())
        and all(thing in symptoms.lost for thing in evidence.lost)
        and (not evidence.tags or any(tag in symptoms.tags for tag in evidence.tags))
        and (not evidence.fault or any(fnmatchcase(symptoms.fault, glob) for glob in evidence.fault))
    )


def _telling(symptoms: Symptoms, texts: _Texts) -> str:
    """The line that says most of what happened."""
    if symptoms.verdict in (Verdict.CRASHED, Verdict.TIMED_OUT):
        said = shown(symptoms.error.message) if symptoms.error else ""
        printed = telling_output(symptoms.output)
        return shown(f"{said} {printed}" if said and printed else said or printed)
    if symptoms.error is not None:
        line = telling_line(unwrap(texts["raw"])) or telling_line(texts["raw"])
        return shown(f"{texts['type']}: {line}" if line else texts["type"])
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
