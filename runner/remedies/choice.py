"""Which remedies are tried in a cell: those that its cause names, then those that could apply. Pure."""

import re
from typing import Any

from packaging.version import InvalidVersion, Version

from runner.remedies.data import RemedyData, fits, remedies, repairs, rules
from runner.results import Verdict
from runner.symptoms import Symptoms, plain_version

#: Remedies that are tried in one cell. Each takes as long as the cell itself.
MOST = 4
#: What a traceback goes through where the compile configuration is what fails: losses, metrics and the optimizer.
_COMPILING = re.compile(
    r"compile_from_config|compile_args|compile_config|training_config|optimizer|metric|loss", re.IGNORECASE
)
_NOTHING_TO_WIN = (
    Verdict.IDENTICAL,
    Verdict.SAVE_FAILED,
    Verdict.UNSUPPORTED,
    Verdict.UNAVAILABLE,
    Verdict.NOT_RUN,
)
#: Format -> what a file of its name is expected to be.
_EXPECTED = {"keras": "zip", "h5": "hdf5", "savedmodel": "savedmodel"}


def candidates(
    symptoms: Symptoms, cause_remedies: tuple[str, ...] = (), *, unsafe: bool = False
) -> list[dict[str, Any]]:
    """The remedies to try, as plain JSON for the agent: an id and what to do, cheapest first, at most four.

    Those that the cause names come first, then others that could make a difference. ``unsafe`` allows what runs
    code out of the file: only for files that this very run has made, or when the user asks.
    """
    if symptoms.verdict in _NOTHING_TO_WIN or symptoms.consumer is None:
        return []
    possible = [item for item in remedies() if _applies(item, symptoms, unsafe)]
    named = [item for item in possible if item.id in cause_remedies]
    generic = [item for item in possible if item not in named and _likely(item, symptoms)]
    told = [_told(item, symptoms, cause_remedies) for item in (named + generic)[:MOST]]
    if unsafe and symptoms.facts.get("lambda"):
        for item in told:
            if "rules" in item and item.get("repair", True):  # what it rewrites would be refused all the same
                item.update(safe_mode=False, names=True)
    return told


def _told(item: RemedyData, symptoms: Symptoms, named: tuple[str, ...]) -> dict[str, Any]:
    told = {"id": item.id, **item.do}
    assert symptoms.consumer is not None
    if told.get("rules") is True:
        told["rules"] = rules(made_with(symptoms), symptoms.consumer.keras)
        told["neutral"] = dict(repairs().neutral)
    elif told.get("recompile"):
        told["rules"] = rules(made_with(symptoms), symptoms.consumer.keras)
        told["repair"] = False
    if told.get("arithmetic") or told.get("rules"):
        made, here = generation(made_with(symptoms)), generation(symptoms.consumer.keras)
        told["arithmetic"] = made if made and here and made != here else 0
    if "custom_objects" in named:
        told["code"] = True
    return told


def made_with(symptoms: Symptoms) -> str:
    """The Keras that wrote the file: as the file says, else as its producer is known."""
    said = symptoms.facts.get("keras_version")
    return plain_version(said) if isinstance(said, str) and said else symptoms.producer.keras


def _likely(item: RemedyData, symptoms: Symptoms) -> bool:
    """Whether a remedy that no cause names is worth a try."""
    where = item.applies
    if symptoms.verdict in where.if_named or (
        where.facts and not any(symptoms.facts.get(name) for name in where.facts)
    ):
        return False
    if item.do.get("compile") is False and _architecture_failed(symptoms):
        return False
    return not where.tags or bool(set(where.tags) & set(symptoms.tags))


def _architecture_failed(symptoms: Symptoms) -> bool:
    """Whether loading stopped before it came to the compile configuration, so that leaving that out wins nothing.

    A file under a wrong name was not read at all, and nothing is known of what it would say under the right one.
    """
    if symptoms.verdict is not Verdict.LOAD_FAILED or symptoms.error is None or misnamed(symptoms):
        return False
    return bool(symptoms.error.traceback) and not _COMPILING.search(_frames(symptoms.error.traceback))


def _frames(traceback: str) -> str:
    """The functions and lines of code of a traceback. The message may repeat a whole configuration."""
    frames = re.findall(r'^ *File ".*", line \d+, in (.*(?:\n    .*)?)', traceback, re.MULTILINE)
    return "\n".join(frames)


def generation(version: str) -> int | None:
    """The generation of Keras that a version is of; None where it cannot be read."""
    try:
        return 3 if Version(version) >= Version("3") else 2
    except InvalidVersion:
        return None


def _applies(item: RemedyData, symptoms: Symptoms, unsafe: bool) -> bool:
    where = item.applies
    assert symptoms.consumer is not None
    if item.do.get("way") == "code" and symptoms.facts.get("code") is False:
        return False  # a stranger's file, without the code that builds its model
    if item.derived or (item.do.get("safe_mode") is False and not unsafe):
        return False
    if symptoms.verdict is Verdict.DEGRADED:
        if not set(where.lost) & set(symptoms.lost):
            return False
    elif symptoms.verdict not in where.verdicts + where.if_named:
        return False
    if "tensorflow" in where.needs and symptoms.consumer.backend != "tensorflow":
        return False
    return (
        (not where.formats or symptoms.format in where.formats)
        and (not where.actual or symptoms.actual_format in where.actual)
        and (not where.misnamed or misnamed(symptoms))
        and not (where.same_layout and _other_layout(symptoms))
        and not (
            where.other_generation and generation(made_with(symptoms)) == generation(symptoms.consumer.keras)
        )
        and fits(made_with(symptoms), where.producer)
        and fits(symptoms.consumer.keras, where.consumer)
    )


def misnamed(symptoms: Symptoms) -> bool:
    """Whether the name does not say what the file is."""
    if symptoms.facts.get(
        "misnamed"
    ):  # a stranger's file: its format is told by its bytes, whatever its name
        return True
    if symptoms.format == "weights":  # two layouts share the one name
        return symptoms.actual_format == "hdf5"
    return symptoms.actual_format != _EXPECTED.get(symptoms.format, symptoms.actual_format)


def _other_layout(symptoms: Symptoms) -> bool:
    """Whether a copy with another configuration cannot be enough: archives of the generations differ in more."""
    assert symptoms.consumer is not None
    made, read = generation(made_with(symptoms)), generation(symptoms.consumer.keras)
    return symptoms.actual_format == "zip" and None not in (made, read) and made != read
