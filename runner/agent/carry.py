"""One hop of a model on its way to another version: load what came in, save it anew, keep what home saw beside it.

The counterpart of :func:`runner.agent.adopt.adopt_cell` for the way after it. The reference that goes on is *home's*,
so that a load of what comes out is held against the file as it was at home, however many hops lie between.
"""

from __future__ import annotations

import os
from typing import Any, Dict, Mapping

from . import configuration, formats, observe, ways
from . import reference as references
from .caught import Caught, failure
from .checks import Checks
from .probe import load_code, needs_code
from .reference import Reference
from .sniff import actual_format, digest_of, files_of
from .stack import SEED, Stack, fresh

#: What is known of how a file is saved and named; all of it changes with the hop.
_OF_THE_FILE = ("architecture", "name", "saved_by", "loaded")
#: All that outputs alone can be held against.
_OF_OUTPUTS = ("adopted", "input_names", "output_names", "inputs", "noise", "batches")


def carry_cell(
    stack: Stack, task: dict[str, Any], cell: dict[str, Any], out: str, folder: str
) -> dict[str, Any]:
    """Load ``cell["artifact"]`` and save it in the format ``cell["save_as"]``; ``out`` becomes the next artifact.

    ``cell["way"]`` is a remedy as data, or empty for a plain load. The record is that of a save; ``seen`` in it is
    what the loaded model looked like beside home's reference, checked after it was saved, because checks train.
    ``stage`` says what raised: ``load`` or ``save``.
    """
    record: Dict[str, Any] = {"status": "saved", "name": formats.NAMES[cell["save_as"]], "error": None}
    seen: Dict[str, Any] = {
        "checks": {},
        "details": {},
        "error": None,
        "max_abs_diff": None,
        "warnings": [],
        "edits": [],
    }
    reference = references.read(cell["artifact"])
    payload = os.path.join(out, "payload")
    os.makedirs(payload)
    caught = Caught()
    with caught:
        try:
            record["stage"] = "load"
            fresh(stack, SEED + 1)
            model = _loaded(stack, task, cell, folder, reference, seen["edits"])
            record["stage"] = "save"
            if not getattr(model, "built", True) and "inputs" in reference.facts:
                observe.call(model, reference.nest("inputs"))
            saved_by = formats.save(stack, model, cell["save_as"], payload)
            record["stage"] = ""
        except Exception as error:
            record.update(status="save_failed", error=failure(error))
        else:
            carried(reference, cell["save_as"], saved_by, formats.names_of(model)).write(out)
            Checks(stack, model, cell["format"], reference, task["tolerances"], folder, seen).run()
    record.update(warnings=caught.lines, seen=seen)
    if record["status"] == "saved":
        record["actual_format"] = actual_format(os.path.join(payload, record["name"]))
        record["files"] = files_of(payload)
        record["facts"] = configuration.facts(os.path.join(payload, record["name"]))
        record["facts"].pop("keys", None)
        _, record["bytes"] = digest_of(payload)
        record["sha256"], _ = digest_of(out)
    return record


def carried(
    reference: Reference, format_name: str, saved_by: str, names: Mapping[str, list[str]]
) -> Reference:
    """Home's reference, for what a hop has saved. An export is held against home's outputs and no more."""
    facts = {name: fact for name, fact in reference.facts.items() if name not in _OF_THE_FILE}
    if format_name == "export":
        facts = {name: facts[name] for name in _OF_OUTPUTS if name in facts}
        if "structure" in reference.facts:
            facts["structure"] = {"outputs": reference.facts["structure"]["outputs"]}
    facts.update({name: found for name, found in names.items() if found})
    facts.update(name=formats.NAMES[format_name], saved_by=saved_by)
    return reference.with_facts(facts)


def _loaded(
    stack: Stack,
    task: dict[str, Any],
    cell: dict[str, Any],
    folder: str,
    reference: Reference,
    edits: list[str],
) -> Any:
    """The model by the way that the hop is told."""
    if cell["way"]:
        if cell["way"].get("way") in ways.OUTPUTS_ONLY:
            raise ValueError("What loads so gives outputs and is no Keras model that could be saved.")
        return ways.model_of(ways.Attempt(stack, task, cell, cell["way"], folder, reference, edits))
    code = task["probes"][cell["probe"]]
    inputs = reference.nest("inputs") if "inputs" in reference.facts else None
    return formats.load(
        stack,
        load_code(code) if needs_code(code) else None,
        cell["format"],
        os.path.join(cell["artifact"], "payload"),
        reference.facts,
        inputs,
        reference.facts.get("name", ""),
    )
