"""One cell, in its own process: save and observe, or load and check."""

from __future__ import annotations

import os
import warnings
from typing import Any

from . import configuration, formats, observe
from . import reference as references
from .caught import Caught, failure, first_line
from .checks import Checks
from .corrupt import corrupt
from .faults import SAVING
from .hinder import hindered
from .probe import UNUSABLE, Probe, load_code, load_probe, needs_code
from .sniff import actual_format, digest_of, files_of
from .stack import SEED, Stack, fresh
from .weight_bytes import CannotBreak

#: How many training steps a producer makes before it saves, so that there is optimizer state to lose.
STEPS = 3


def save_cell(stack: Stack, task: dict[str, Any], cell: dict[str, Any], out: str) -> dict[str, Any]:
    """Build, train, save and observe one model; ``out`` receives ``payload/`` and the reference files.

    ``stage`` in the record says how far it came: a probe that cannot be built here is not a format that fails.
    """
    caught = Caught()
    payload = os.path.join(out, "payload")
    os.makedirs(payload)
    record: dict[str, Any] = {
        "status": "saved",
        "name": formats.NAMES[cell["format"]],
        "error": None,
        "stage": "import",
    }
    with caught:
        try:
            probe, model, inputs, targets = _built(stack, task, cell, record)
            record["stage"] = "save"
            saved_by = formats.save(stack, model, cell["format"], payload, probe)
            record["stage"] = "observe"
            reference = references.observed(stack, model, inputs, targets, cell["format"], saved_by)
            if cell.get("fault") and cell["fault"] not in SAVING:
                record["stage"] = "fault"
                record["name"], record["fault"] = corrupt(stack.tf, cell["fault"], payload, record["name"])
                reference.facts["name"] = record["name"]
            reference.write(out)
            record["stage"] = ""
        except CannotBreak as error:
            record.update(status="unsupported", fault=str(error))
        except Exception as error:
            record.update(status="save_failed", error=failure(error))
    record["warnings"] = caught.lines
    if record["status"] == "saved":
        record["actual_format"] = actual_format(os.path.join(payload, record["name"]))
        record["files"] = files_of(payload)
        record["facts"] = configuration.facts(os.path.join(payload, record["name"]))
        record["facts"].pop("keys", None)  # thousands of artifacts would repeat them
        _, record["bytes"] = digest_of(payload)
        record["sha256"], _ = digest_of(out)
    return record


def save_hindered(
    stack: Stack, task: dict[str, Any], cell: dict[str, Any], payload: str, largest: int, folder: str
) -> dict[str, Any]:
    """Build the same model again and save it while the cell's fault holds; ``largest`` is that of a whole save.

    Its answer: what was raised, and why the fault cannot be had here.
    """
    answer: dict[str, Any] = {"raised": None, "impossible": "", "stage": ""}
    if not task.get("fork", True):
        answer["impossible"] = "A fault of saving needs a process of its own, which ends afterwards."
        return answer
    try:
        probe, model, _, _ = _built(stack, task, cell, answer)
        answer["stage"] = "save"
        with hindered(cell["fault"], payload, largest):
            formats.save(stack, model, cell["format"], payload, probe)
    except CannotBreak as error:
        answer["impossible"] = str(error)
    except Exception as error:
        answer["raised"] = failure(error)
    return answer


def _built(
    stack: Stack, task: dict[str, Any], cell: dict[str, Any], record: dict[str, Any]
) -> tuple[Probe, Any, Any, Any]:
    """The probe, its trained model, inputs and targets; ``record`` is told the stage."""
    fresh(stack, SEED)
    probe = load_probe(task["probes"][cell["probe"]])
    record["stage"] = "build"
    inputs = probe.inputs()
    targets = probe.targets() if probe.targets else None
    model = probe.build_model()
    observe.call(model, inputs)
    record["stage"] = "train"
    _train(model, probe, inputs, targets)
    return probe, model, inputs, targets


def load_cell(stack: Stack, task: dict[str, Any], cell: dict[str, Any], folder: str) -> dict[str, Any]:
    """Load one artifact, observe it and compare it with its reference."""
    caught = Caught()
    record: dict[str, Any] = {"checks": {}, "details": {}, "error": None, "max_abs_diff": None}
    reference = references.read(cell["artifact"])
    payload = os.path.join(cell["artifact"], "payload")
    with caught:
        try:
            fresh(
                stack, SEED + 1
            )  # a weight that is not restored must not be the same by being made the same
            probe = _code(task["probes"][cell["probe"]], cell["format"], reference.facts)
            inputs = reference.nest("inputs") if "inputs" in reference.facts else None

            def load(format_name: str, below: str) -> Any:
                name = reference.facts.get("name", "") if below == payload else ""
                return formats.load(stack, probe, format_name, below, reference.facts, inputs, name)

            model = load(cell["format"], payload)
        except Exception as error:
            record["error"] = failure(error)
            record["details"]["load"] = "Loading raised {}.".format(type(error).__name__)
        else:
            tolerances = task["tolerances"]
            odd = probe is not None and (probe.save is not None or probe.load is not None)
            Checks(
                stack, model, cell["format"], reference, tolerances, folder, record, load, payload, odd
            ).run()
    record["warnings"] = caught.lines
    return record


def _code(path: str, format_name: str, facts: dict[str, Any]) -> Probe | None:
    """What a consumer has beside the file; None where that is nothing."""
    if facts.get("adopted"):
        try:
            return load_code(path) if needs_code(path) else None
        except Exception as error:
            if facts.get("loaded") != "plain":
                raise
            # At home it is not needed; it may be for other versions than this one. That is said in any case.
            warnings.warn(UNUSABLE + first_line(error), stacklevel=2)
            return None
    return load_probe(path) if format_name in ("weights", "checkpoint") or needs_code(path) else None


def _train(model: Any, probe: Probe, inputs: Any, targets: Any) -> None:
    if probe.train is not None:
        probe.train(model)
    elif targets is not None and observe.compiled(model):
        model.run_eagerly = True
        for _ in range(STEPS):
            model.train_on_batch(inputs, targets)
        # Saving must see the model as a user's: a train function made for eager steps would be traced.
        model.run_eagerly = False
        model.train_function = None
