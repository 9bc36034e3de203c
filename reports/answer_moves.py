"""How to move to a version, in plain English: code that was tried, or what to do where none works.

Nothing is escaped here, as in :mod:`reports.answer_words`.
"""

import shlex
from dataclasses import dataclass

from reports.answer import Answer, Fate, Target
from reports.answer_words import WEIGHTS_ALONE, silent, unknown, verified
from reports.versions import listed
from runner.results import Verdict

#: What is lost together where nothing but outputs is left.
_OF_A_MODEL = ("compile", "training", "resave")


@dataclass(frozen=True, kw_only=True)
class Move:
    """How to move to one version."""

    title: str
    advice: str
    #: About three lines of Python, or a command; empty where there is nothing to type.
    code: str
    #: Whether the code is for a shell and not for Python.
    shell: bool = False


def moves(answer: Answer) -> tuple[Move, ...]:
    """How to move to the newest version and to those that were asked for; versions with the same way share one."""
    ways: dict[tuple[str, str, bool], list[str]] = {}
    for target in answer.moves:
        ways.setdefault(_way(target, answer), []).append(target.name)
    return tuple(
        Move(title=f"To move to {listed(names, 'or')}", advice=advice, code=code, shell=shell)
        for (advice, code, shell), names in ways.items()
    )


def _way(target: Target, answer: Answer) -> tuple[str, str, bool]:
    """Advice, the code for it, and whether that is for a shell."""
    works, lost = target.works, target.cell.lost
    if target.fate is Fate.UNKNOWN:
        return f"nothing is known against it, nor for it: {unknown(target)}.", "", False
    if works:
        start = f"it predicts the same and loses {listed(lost)}; to keep more: "
        more = _keep_a_model(answer) if set(_OF_A_MODEL) <= set(works.remedy.lost) else ""
        advice = f"{start if target.fate is Fate.SAFE and lost else ''}{verified(works)}.{more}"
        return advice, works.code, False
    if target.cell.verdict is Verdict.IDENTICAL:
        return "nothing to do; it loads as it is, and every check agrees.", "", False
    if target.fate is Fate.SAFE:
        return f"it loads and predicts the same; lost: {listed(lost)}.", "", False
    question = answer.question
    if question.damage and not question.reference:
        return "the file is not whole: get it once more, and ask again.", "", False
    if not question.reference and (question.needs or target.cell.cause == WEIGHTS_ALONE):
        option, what = (
            ("custom-objects", "without the code for the model's classes")
            if question.needs
            else (
                "probe",
                "without its architecture (--architecture FILE.json) or the code that builds the model",
            )
        )
        command = ["crossload", "check", question.file, f"--{option}", "FILE.py"]
        return f"nothing loads it {what}. With that, ask again:", shlex.join(command), True
    wrong = "it predicts differently there" if silent(target) else "it does not work there"
    tried = f"{wrong}, and nothing that was tried helps" if target.cell.remedies else wrong
    if target.cause is not None and target.cause.advice:
        told = f"{target.cell.telling} " if target.cell.telling.endswith(".") else ""
        return (
            f"{tried}. {told}{target.cause.advice} With that, ask again:",
            shlex.join(["crossload", "check", question.file, "--custom-objects", "FILE.py"]),
            True,
        )
    stay = f"Stay on {answer.last_safe.name}, or look" if answer.last_safe else "Look"
    return (
        f"{tried}. {stay} for a way through other versions and formats:",
        shlex.join(["crossload", "migrate", answer.question.file, "--to", target.stack.id]),
        True,
    )


def _keep_a_model(answer: Answer) -> str:
    """What gives outputs alone is not all that can be had."""
    if answer.artifact is not None and answer.artifact.format == "export":
        return ""
    command = shlex.join(["crossload", "migrate", answer.question.file, "--to", "VERSION"])
    return f" That is no Keras model any more; look for one: {command}"
