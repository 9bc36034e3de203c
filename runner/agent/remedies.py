"""Work-arounds run in a cell: each gives a model, or something that gives outputs, held against the same reference.

A remedy is plain JSON from the host: its ``id``, a ``way`` of getting the model and what that way is to do. Remedies
that need several things at once are data, too, and no code of their own.
"""

from __future__ import annotations

import functools
import os
from typing import Any, Callable, Dict, Iterator, Sequence

from . import reference as references
from . import ways
from .caught import Caught, failure
from .checks import IN_PREDICT, Checks
from .company import agrees, groups, in_turn
from .reference import Reference
from .stack import SEED, Stack, fresh

#: Run functions that take a fresh folder, several in one process or one by itself, and say what became of each.
Together = Callable[[Sequence[Callable[[str], Any]]], Iterator[Dict[str, Any]]]
Alone = Callable[[Callable[[str], Any]], Dict[str, Any]]
#: What only a model can do, and outputs cannot.
_OF_A_MODEL = ("loss", "optimizer", "training")
#: What is said where a model is right only when predict calls it eagerly.
EAGERLY = "predict calls the model eagerly"
_OUTPUTS_ONLY = "what was loaded gives outputs and is no Keras model"


def run_remedies(
    stack: Stack, task: dict[str, Any], together: Together, alone: Alone, send: Callable[..., None]
) -> None:
    """In rounds: every cell's first remedy, then the second of those that it left something to win, and so on.

    Each sends an event ``remedy`` with the cell's key, the remedy's ``id``, and what a ``cell`` event has. The first
    that is whole ends a cell; ``tried`` tells that nothing more comes for it.
    """
    left = task["cells"]
    while left:
        unsettled = []
        for group in groups(left, lambda cell: (cell["probe"], cell["format"], cell["remedies"][0]["id"])):
            tried = [(cell, cell["remedies"].pop(0)) for cell in group]
            functions = [functools.partial(remedy_cell, stack, task, cell, remedy) for cell, remedy in tried]
            found = in_turn(functions, together, alone)
            for cell, remedy in tried:
                send(event="begin", key=cell["key"])
                outcome = next(found)
                send(event="remedy", key=cell["key"], id=remedy["id"], **outcome)
                settled = outcome["status"] == "done" and whole(outcome["value"])
                if cell["remedies"] and not settled:
                    unsettled.append(cell)
                else:
                    send(event="tried", key=cell["key"])
        left = unsettled


def whole(record: dict[str, Any]) -> bool:
    """Whether nothing is left to be won. The check ``config`` informs and decides nothing, here as in verdicts."""
    values = {value for name, value in record["checks"].items() if name != "config"}
    return record["error"] is None and bool(values) and values <= {"same", "not_applicable"}


def remedy_cell(
    stack: Stack, task: dict[str, Any], cell: dict[str, Any], remedy: dict[str, Any], folder: str
) -> dict[str, Any]:
    """Load one artifact in another way and compare it; the record is that of a cell, with what was done in it.

    ``edits`` are sentences; ``compiled`` and ``state_order`` are what :class:`runner.agent.ways.Attempt` says.
    """
    caught = Caught()
    reference = references.read(cell["artifact"])
    with caught:
        record = _held(stack, task, cell, remedy, folder, reference)
        if in_predict_alone(record) and not remedy.get("eagerly"):
            # The work-around did its work; what is left has one of its own, which goes with any.
            again = os.path.join(folder, "eagerly")
            os.makedirs(again)
            more = _held(stack, task, cell, dict(remedy, eagerly=True), again, reference)
            if agrees(more) and more["checks"].get("outputs") == "same":
                record = dict(more, edits=[*more["edits"], EAGERLY])
    record["warnings"] = caught.lines
    return record


def in_predict_alone(record: dict[str, Any]) -> bool:
    """Whether a model is right when it is called, and wrong in predict once that has met several sizes."""
    return IN_PREDICT in record["details"].get("outputs", "") and record["error"] is None


def _held(
    stack: Stack,
    task: dict[str, Any],
    cell: dict[str, Any],
    remedy: dict[str, Any],
    folder: str,
    reference: Reference,
) -> dict[str, Any]:
    record: dict[str, Any] = {"checks": {}, "details": {}, "error": None, "max_abs_diff": None, "edits": []}
    try:
        fresh(stack, SEED + 1)
        attempt = ways.Attempt(stack, task, cell, remedy, folder, reference, record["edits"])
        model = ways.model_of(attempt)
        record.update(compiled=attempt.compiled, state_order=attempt.state_order)
    except Exception as error:
        record["error"] = failure(error)
        record["details"]["load"] = "Loading raised {}.".format(type(error).__name__)
    else:
        format_name = cell["format"]
        held = reference
        if remedy.get("way") in ways.OUTPUTS_ONLY:
            format_name, held = "export", _outputs_of(reference)
        Checks(stack, model, format_name, held, task["tolerances"], folder, record).run()
        if held is not reference and record["error"] is None:
            _lose(record, reference)
    return record


def _outputs_of(reference: Reference) -> Reference:
    """The part of a reference that outputs alone can be held against."""
    names = ("saved_by", "input_names", "output_names", "inputs", "noise", "batches")
    facts = {name: reference.facts[name] for name in names if name in reference.facts}
    facts["structure"] = {"outputs": reference.facts["structure"]["outputs"]}
    return reference.with_facts(facts)


def _lose(record: dict[str, Any], reference: Reference) -> None:
    """What the producer's model could do and bare outputs cannot; without this they would pass for identical."""
    lost = [name for name in _OF_A_MODEL if (name if name != "training" else "loss") in reference.facts]
    if "weights" in reference.facts:  # it was a model
        lost.append("resave")
    for name in lost:
        record["checks"][name] = "lost"
        record["details"][name] = _OUTPUTS_ONLY
