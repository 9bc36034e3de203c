"""An answer in plain English.

Nothing is escaped here: names and messages come from model files. Whoever shows a sentence makes it safe for the
place where it is shown.
"""

import re
from collections.abc import Mapping, Sequence

from reports.answer import Answer, Fate, Group, Target, Works
from reports.grid import Entry
from reports.outcomes import brief
from reports.remedies import outcome
from reports.text import line
from reports.verdicts import TROUBLE
from reports.versions import listed, spoken
from runner.results import CellResult, Verdict

#: Characters of one sentence that a library or a file brought along.
_LONG = 200

#: Batches that are named before the rest is only counted.
_BATCHES = 3

#: The wrong thing that matters most first.
_WRONG: Mapping[str, str] = {
    "outputs": "predicts differently",
    "structure": "has another structure",
    "weights": "has other weights",
    "loss": "evaluates differently",
}

#: The cause of a file that holds weights and no model.
WEIGHTS_ALONE = "configuration_missing"

#: Classes that are named before the rest is only mentioned.
NEEDS = 5

_QUIETLY = "loads without an error and "

#: How it had to be loaded at home -> words for it; nothing is said where it loads as anybody would try.
_LOADED: Mapping[str, str] = {
    "custom_objects": "with the custom objects that were given",
    "compile_false": "with compile=False",
    "rename": "from a copy under the name of what it is",
    "unsafe": "with safe_mode=False, which runs code out of the file",
    "lambda_names": "with safe_mode=False and the names that its functions use, which runs code out of the file",
    "code": "into the model that your code builds, which takes the weights of the file",
    "saved_model_load": "with tf.saved_model.load, and not as a Keras model",
}


def said(group: Group, answer: Answer) -> tuple[str, str]:
    """A group's versions, and what becomes of the file there: ``2.16.2 and later`` and ``load failed; cause: …``."""
    target = group.first
    parts = [what(target, answer)]
    if target.cell.verdict in TROUBLE:
        degraded = target.cell.verdict is Verdict.DEGRADED
        if target.cause:
            parts.append(f"cause: {target.cause.title}")
        elif not degraded:
            parts.append(f"cause not known: {why(target)}")
        # What is lost may be no loss to somebody; that nothing brings it back is no news then.
        parts.append(helped(target) if target.works or not degraded else "")
    return spoken([one.name for one in group.targets], open_end=group.open_end), "; ".join(
        filter(None, parts)
    )


def what(target: Target, answer: Answer) -> str:
    """The verdict, and what it means here."""
    cell = target.cell
    if cell.verdict is Verdict.DEGRADED:
        return f"degraded, loses {listed(cell.lost)}" if cell.lost else "degraded"
    if cell.verdict is Verdict.DIVERGENT:
        return f"divergent, {divergence(cell, answer.question.batches)}"
    if target.fate is Fate.UNKNOWN:
        return f"not known: {unknown(target)}"
    if cell.verdict is Verdict.UNSUPPORTED:
        return f"unsupported: {why(target) or cell.verdict.meaning}"
    return cell.verdict.replace("_", " ")


def because(target: Target, answer: Answer) -> str:
    """What is lost or why it fails, in the fewest words; empty where it is identical."""
    cell = target.cell
    if cell.verdict is Verdict.IDENTICAL:
        return ""
    if cell.verdict is Verdict.DEGRADED:
        return ": ".join(
            part for part in (listed(cell.lost), target.cause.title if target.cause else "") if part
        )
    if cell.verdict is Verdict.DIVERGENT:
        seen = divergence(cell, answer.question.batches).removeprefix(_QUIETLY)
        return "; cause: ".join(part for part in (seen, target.cause.title if target.cause else "") if part)
    if target.fate is Fate.UNKNOWN:
        return unknown(target)
    return target.cause.title if target.cause else why(target) or cell.verdict.meaning


def divergence(cell: CellResult, batches: Sequence[str]) -> str:
    """By how much, and for which inputs only.

    ``batches`` are what the model was given, in the order of the comparison, which ends at the first that differs:
    those before it agree.
    """
    wrong = next((check for check in _WRONG if cell.checks.get(check) in ("differs", "failed", "lost")), "")
    seen = cell.details.get(wrong, "")
    failed = wrong == "outputs" and cell.checks[wrong] == "failed"
    words = f"{_QUIETLY}{'then fails' if failed else _WRONG.get(wrong, 'is wrong')}"
    at = next((n for n, label in enumerate(batches) if seen.startswith(f"for {label}: ")), None)
    if wrong == "outputs" and at:
        seen = seen.removeprefix(f"for {batches[at]}: ")
        agreed = [f"“{label}”" for label in batches[:at]]
        same = listed(agreed) if len(agreed) <= 2 else f"the {len(agreed)} batches tried before it"
        words += f", only for some inputs: for “{batches[at]}”, and not for {same}"
    elif wrong == "outputs" and (found := re.match(r"for (.{1,160}?): ", seen)):
        seen = seen.removeprefix(found[0])
        words += f", only for some inputs: {found[1]}"
    return f"{words} ({line(seen, _LONG)})" if seen else words


def why(target: Target) -> str:
    """The line that says most of what was seen; empty where the verdict says it all."""
    return line(brief(Entry(cell=target.cell, artifact=None)), _LONG)


def helped(target: Target) -> str:
    """``works with …``, or that nothing that was tried does."""
    if target.works:
        return f"works with: {verified(target.works)}"
    count = len(target.cell.remedies)
    if not count:
        return "no remedy was tried"
    return (
        "the one remedy that was tried does not help"
        if count == 1
        else f"none of {count} remedies tried helps"
    )


def verified(works: Works) -> str:
    """``Load without compiling (verified, identical)``."""
    where = f" in {works.through}" if works.through else ""
    return f"{works.title}{where} (verified, {outcome(works.remedy)})"


def facts(answer: Answer) -> tuple[str, ...]:
    """What the answer stands on, in sentences: the file, its home, and what a reader has to know."""
    question = answer.question
    wrote = f", written by {question.writer}" if question.writer else ""
    kind, colon, rest = question.what.partition(": ")
    found = [f"{kind}{wrote}{colon}{rest}." if kind else f"Written by {question.writer}." if wrote else ""]
    found.append(f"Its home is {answer.home.full}. {question.why_home}".strip())
    if question.asked and question.asked != question.home:
        found.append(
            f"You asked for {question.asked} as its home; it was taken from {answer.home.name} instead."
        )
    if way := _LOADED.get(question.loaded):
        found.append(f"At home it was loaded {way}.")
    if not question.reference:
        found.append("It does not predict at home, so there is nothing to hold other versions against.")
    elif question.batches:
        count, shown = len(question.batches), "; ".join(map(_batch, question.batches[:_BATCHES]))
        batches = "one batch" if count == 1 else f"{count} batches"
        found.append(
            f"Predictions were compared for {batches} of inputs{', such as' if count > _BATCHES else ':'} {shown}."
        )
    if question.needs:
        more = " and more" if len(question.needs) > NEEDS else ""
        found.append(
            f"It needs {listed(question.needs[:NEEDS])}{more}, which no Keras has: give the code with "
            "--custom-objects FILE.py."
        )
    found += [f"The file is not whole: {damage}" for damage in question.damage]
    return tuple(
        line(sentence[:1].upper() + sentence[1:], 400) for sentence in (*found, *question.notes) if sentence
    )


def _batch(label: str) -> str:
    """``2, usual values``, as a batch is called, in a sentence."""
    found = re.fullmatch(r"(\d+), (.+)", label)
    if not found:
        return label
    of = "" if found[2].startswith("padded") else "of "
    return f"{found[1]} {'row' if found[1] == '1' else 'rows'} {of}{found[2]}"


def silent(target: Target) -> bool:
    """Whether nothing is raised and the predictions are others."""
    cell = target.cell
    return cell.verdict is Verdict.DIVERGENT and cell.checks.get("outputs") == "differs"


def unknown(target: Target) -> str:
    """Why nothing is known of a version, without a full stop."""
    said = why(target) or next(iter(target.cell.details.values()), "") or target.cell.verdict.meaning
    return line(said, _LONG).rstrip(".")
