"""The first sentences of an answer in plain English: whether it works, and up to which version.

Nothing is escaped here, as in :mod:`reports.answer_words`.
"""

from collections.abc import Sequence
from pathlib import PurePath

from reports.answer import Answer, Fate, Target
from reports.answer_words import NEEDS, WEIGHTS_ALONE, silent
from reports.text import line
from reports.versions import Stack, listed


def headline(answer: Answer) -> str:
    """The answer in one sentence or two."""
    newest, last, broken = answer.newest, answer.last_safe, answer.first_break
    file = _file(answer)
    if newest is None:
        return _no_newer(answer, file)
    if last is None:
        return _without_home(answer, file)
    if broken is None:
        return _unbroken(answer, newest, last, file)
    partly = " for some inputs" if broken.cell.details.get("outputs", "").startswith("for ") else ""
    fate = f"predicts differently{partly}, without an error," if silent(broken) else "breaks"
    start = (
        f"No, not as it is: {file} works in {last.full} and {fate} in {broken.name}."
        if last == answer.home
        else f"{file} works up to {last.full} and {fate} in {broken.name}."
    )
    helps = newest.fate is Fate.UNSAFE and newest.works
    where = "there" if newest == broken else f"in {newest.name}"
    return start + (f" With a remedy that was tried it works {where}." if helps else "")


def safe(answer: Answer) -> str:
    """``Last safe version: 2.15.1.``, and what is not known on the way."""
    last = answer.last_safe
    if last is None:
        nowhere = (
            not _codeless(answer)
            and answer.targets
            and all(one.fate is Fate.UNSAFE for one in answer.targets)
        )
        return "Last safe version: none that was tried." if nowhere else "Last safe version: not known."
    newest = answer.newest is not None and answer.newest.stack == last
    more = ", the newest that was tried" if newest else ", its home" if last == answer.home else ""
    gaps = [one.name for one in answer.unknown if answer.home.reaches(one.stack) and one.stack.reaches(last)]
    gap = f" Nothing is known of {listed(gaps)}." if gaps else ""
    return f"Last safe version: {last.name}{more}.{gap}"


def _no_newer(answer: Answer, file: str) -> str:
    """Where older versions, or others of the same age, were asked for."""
    known = [one for one in answer.targets if one.stack != answer.home and one.fate is not Fate.UNKNOWN]
    if not known or (answer.last_safe is None and not any(one.fate is Fate.SAFE for one in known)):
        tried = f"{file} was tried in no version newer than {answer.home.full}."
        return tried if not known else _without_home(answer, file)
    bad = [one for one in known if one.fate is Fate.UNSAFE]
    good = [one for one in known if one not in bad]
    lost = tuple(dict.fromkeys(word for one in good for word in one.cell.lost))
    fine = f"predicts the same and loses {listed(lost)}" if lost else "works as it is"
    if not bad:
        return f"Yes: {file} {fine} in {_names(good)}."
    fate = "predicts differently, without an error," if all(map(silent, bad)) else "breaks"
    more = f", and {fine} in {_names(good)}" if good else ""
    helped = [one for one in bad if one.works]
    where = "there" if helped == bad else f"in {_names(helped)}"
    helps = f" With a remedy that was tried it works {where}." if helped else ""
    return f"No, not as it is: {file} {fate} in {_names(bad)}{more}.{helps}"


def _names(targets: Sequence[Target]) -> str:
    return listed([one.name for one in targets])


def _codeless(answer: Answer) -> bool:
    """Whether nothing loads it because the code that it needs was not given."""
    question = answer.question
    return bool(question.needs) and not question.reference and not any(one.works for one in answer.targets)


def _without_home(answer: Answer, file: str) -> str:
    known = [one for one in answer.targets if one.fate is not Fate.UNKNOWN]
    if known and all(one.fate is Fate.UNSAFE for one in known):
        if _codeless(answer):
            needs = listed(answer.question.needs[:NEEDS])
            return f"{file} needs code that was not given ({needs}): without it no version that was tried loads it."
        if all(one.cell.cause == WEIGHTS_ALONE for one in known):
            return (
                f"{file} holds weights and no model: without its architecture or its code nothing loads it."
            )
        helped = [one.name for one in known if one.works]
        more = f" With a remedy that was tried it works in {listed(helped)}." if helped else ""
        return f"{file} works{' as it is' if helped else ''} in no version that was tried.{more}"
    home = answer.home.full
    if not answer.question.reference:
        return f"It cannot be known: {file} gives no predictions at home ({home}) to compare with."
    return f"It cannot be known: {file} does not do the same twice in {home}, its home."


def _unbroken(answer: Answer, newest: Target, last: Stack, file: str) -> str:
    if last == answer.home:
        return f"It could not be known whether {file} works in a version newer than {last.full}."
    if last != newest.stack:
        return f"{file} works up to {last.full}; what it does in {newest.name} could not be known."
    lost = tuple(
        dict.fromkeys(
            word
            for group in answer.groups
            for one in group.targets
            if answer.home.reaches(one.stack)
            for word in one.cell.lost
        )
    )
    fate = f"predicts the same and loses {listed(lost)}" if lost else "works as it is"
    return f"Yes: {file} {fate} up to {newest.stack.full}, the newest that was tried."


def _file(answer: Answer) -> str:
    """The name of the file alone, as it stands in a sentence."""
    return line(PurePath(answer.question.file).name or answer.question.file, 80)
