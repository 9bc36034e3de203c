"""``crossload bisect``: which release of TensorFlow, and which of Keras, breaks a model file."""

import json
import shlex
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from packaging.version import Version
from rich.console import Console
from rich.text import Text

from reports.text import line, visible
from runner.commands import model_file, options
from runner.commands.model_file import MODEL, looked, opened
from runner.upgrade.bisect import Answer, Change
from runner.upgrade.bisect import bisect as work
from runner.upgrade.looking import On, Step, called

#: The verdict of what loads without an error and is wrong.
_WRONG = "divergent"
_LONGEST = 200
_BLAMED = {
    "tensorflow": "It is TensorFlow, not Keras",
    "keras": "It is Keras, not TensorFlow",
    "together": "TensorFlow and its Keras cannot be told apart here",
    "unknown": "Which of the two it is could not be known",
}


@click.command()
@MODEL
@click.option(
    "--good",
    required=True,
    metavar="VERSION",
    help="A version in which it works: a TensorFlow such as 2.12.1 (with the Keras of its day), keras3.4.1, "
    "2.16.2+keras3.4.1, or an environment.",
)
@click.option(
    "--bad", required=True, metavar="VERSION", help="A version in which it does not; older or newer."
)
@click.option(
    "--on",
    type=click.Choice(["load", "outputs", "anything"]),
    default="load",
    show_default=True,
    help="What counts as broken: it does not load; or it predicts something else; or anything is lost.",
)
@options.shared(*model_file.COMMON, options.JSON)
def bisect(model: Path, good: str, bad: str, on: On, as_json: bool, **given: Any) -> int:
    """Find the first TensorFlow and the first Keras release that break MODEL, between two versions.

    The versions need not be in the matrix: environments are made from the package registry, each with the packages of
    its day. A row of n releases takes about log2(n) of them.

    \b
    Example:
      crossload bisect model.h5 --good 2.12 --bad 2.18
      crossload bisect model.keras --good keras3.12.0 --bad keras3.4.1 --on outputs

    Exit code: 0 it was found, 2 the good version is bad or the bad one good, 3 it could not be known.
    """
    console = Console(stderr=True)
    file = looked(model, (good, bad), **given)
    file.whole()
    ends = file.one(good), file.one(bad)
    with opened(file, console) as workshop:
        answer = work(
            file.model,
            *ends,
            workshop,
            on=on,
            told=lambda step: workshop.watcher.say(step_line(step)),
        )
    if as_json:
        click.echo(json.dumps(asdict(answer), indent=1))
    else:
        output = Console()
        for sentence in sentences(answer):
            options.prose(output, sentence)
        output.print(Text(f"\nSee what helps there: {_next(model, answer)}", style="dim"), soft_wrap=True)
    return 0


def step_line(step: Step) -> str:
    """One step as one line."""
    symbol = {True: "✓", False: "✕", None: "–"}[step.good]
    where = f"TensorFlow {step.tensorflow}" + (f", Keras {called(step)}" if step.keras else "")
    if step.good is None:
        return f"{symbol} {where:<36} skipped: {_shown(step.telling or step.verdict)}"
    told = [step.verdict.replace("_", " ")]
    told += [step.cause] if step.cause and not step.good else []
    told += [_shown(step.telling)] if step.telling and not step.good else []
    known = " (known from before)" if step.cached else ""
    return f"{symbol} {where:<36} {': '.join(told)}{known}"


def sentences(answer: Answer) -> Iterator[str]:
    """The answer, a line each."""
    yield ""
    if answer.tensorflow is not None:
        yield from _changed("TensorFlow", answer.tensorflow, "")
    if answer.keras is not None:
        yield from _changed("Keras", answer.keras, f" on TensorFlow {answer.keras.first_bad.tensorflow}")
    yield f"{_BLAMED[answer.blame]}: {answer.why}" if answer.tensorflow is not None else answer.why
    broken = answer.last.first_bad
    if broken.telling or broken.cause:
        yield f"What breaks: {': '.join(item for item in (broken.cause, _shown(broken.telling)) if item)}"
    others = sorted(
        {step.cause for step in answer.steps if step.good is False and step.cause} - {broken.cause}
    )
    if others:
        yield f"Other versions break it for another reason, so more than one change is in the way: {', '.join(others)}."
    wrong = [_stack(step) for step in answer.steps if step.good and step.verdict == _WRONG]
    if wrong:
        yield f"It loads and is wrong (divergent) in {', '.join(wrong)}. Since when: the same with --on outputs."


def _changed(what: str, change: Change, where: str) -> Iterator[str]:
    good, bad = (
        (_stack(change.last_good), _stack(change.first_bad))
        if what == "TensorFlow"
        else (called(change.last_good), called(change.first_bad))
    )
    works = "loads it" if change.last_good.verdict == _WRONG else "works"
    if change.skipped:
        yield (
            f"{what}: it breaks between {good}, which {works}, and {bad}, which does not{where}."
            f" Skipped in between: {', '.join(change.skipped)}."
        )
    elif _older(change):
        yield f"{what}: {bad} is the newest that breaks it{where}; {good} is the oldest that {works}."
    else:
        yield f"{what}: {bad} is the first that breaks it{where}; {good} is the last that {works}."
    if change.good_again:
        yield f"It works again in {', '.join(change.good_again)}: there is more than one change."


def _stack(step: Step) -> str:
    return f"{step.tensorflow} (Keras {called(step)})"


def _older(change: Change) -> bool:
    """Whether the row went from newer to older."""
    good, bad = change.last_good, change.first_bad
    return (Version(bad.tensorflow), Version(bad.keras)) < (Version(good.tensorflow), Version(good.keras))


def _shown(text: str) -> str:
    return visible(line(text, _LONGEST))


def _next(model: Path, answer: Answer) -> str:
    change = answer.last
    # What is wrong there is no home to hold anything against; the good end comes first.
    right = [step for step in (change.last_good, *answer.steps) if step.good and step.verdict != _WRONG]
    home = (right or [change.last_good])[0]
    ends = f"--from {home.environment} --to {change.first_bad.environment}"
    return f"crossload check {visible(shlex.quote(str(model)))} {ends}"
