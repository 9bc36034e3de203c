"""One cell, in its own process: save and observe, or load, observe and compare."""

from __future__ import annotations

import json
import logging
import os
import traceback
import warnings
from typing import Any, Callable, Dict, Mapping, Tuple

import numpy as np

from . import compare, formats, observe
from .arrays import Array, Skeleton, Tolerances, digest, flatten, plain, rebuild, to_numpy
from .probe import Probe, load_probe
from .sniff import actual_format, digest_of, files_of
from .stack import Stack

#: Seed of everything random in a cell; it makes a run repeatable and means nothing else.
SEED = 20240701
#: How many training steps a producer makes before it saves, so that there is optimizer state to lose.
STEPS = 3
#: Characters of a traceback, message or warning that are kept.
KEPT = 8000

#: What a producer sees: facts as JSON, and arrays.
Observed = Tuple[Dict[str, Any], Dict[str, Array]]


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
            _seed(stack)
            probe = load_probe(task["probes"][cell["probe"]])
            record["stage"] = "build"
            inputs = probe.inputs()
            targets = probe.targets() if probe.targets else None
            model = probe.build_model()
            observe.call(model, inputs)
            record["stage"] = "train"
            _train(model, probe, inputs, targets)
            record["stage"] = "save"
            saved_by = formats.save(stack, model, cell["format"], payload)
            record["stage"] = "observe"
            _write_reference(out, observation(stack, model, inputs, targets, cell["format"], saved_by))
            record["stage"] = ""
        except Exception as error:
            record.update(status="save_failed", error=failure(error))
    record["warnings"] = caught.lines
    if record["status"] == "saved":
        record["actual_format"] = actual_format(os.path.join(payload, record["name"]))
        record["files"] = files_of(payload)
        _, record["bytes"] = digest_of(payload)
        record["sha256"], _ = digest_of(out)
    return record


def observation(
    stack: Stack, model: Any, inputs: Any, targets: Any, format_name: str, saved_by: str
) -> Observed:
    """What the producer sees of its own model right after saving."""
    arrays: dict[str, Array] = {}
    facts: dict[str, Any] = {"saved_by": saved_by}
    facts.update(formats.names_of(model))
    leaves, facts["inputs"] = flatten(inputs)
    arrays.update(("input_{}".format(index), plain(to_numpy(leaf))) for index, leaf in enumerate(leaves))
    if targets is not None:
        leaves, facts["targets"] = flatten(targets)
        arrays.update(("target_{}".format(index), plain(to_numpy(leaf))) for index, leaf in enumerate(leaves))
    outputs = observe.call(model, inputs)
    if format_name == "export":
        facts["structure"] = {"outputs": observe.signature(outputs)}
    else:
        facts["structure"] = observe.structure(model, outputs)
        facts["weights"] = [digest(array) for array in observe.weights(model)]
    leaves, _ = flatten(outputs)
    arrays.update(("output_{}".format(index), plain(to_numpy(leaf))) for index, leaf in enumerate(leaves))
    if format_name != "export" and targets is not None and observe.compiled(model):
        facts["loss"] = observe.loss(model, inputs, targets)
        if format_name != "weights":  # a weights file promises no optimizer
            facts["optimizer"] = observe.optimizer(model)
        facts["stochastic"] = observe.stochastic(model, inputs)
        _seed(stack)
        step = observe.training(model, inputs, targets)
        facts["step_loss"] = step["loss"]
        arrays.update(("moved_{}".format(index), moved) for index, moved in enumerate(step["moved"]))
    return facts, arrays


def load_cell(stack: Stack, task: dict[str, Any], cell: dict[str, Any], folder: str) -> dict[str, Any]:
    """Load one artifact, observe it and compare it with its reference."""
    caught = Caught()
    record: dict[str, Any] = {"checks": {}, "details": {}, "error": None, "max_abs_diff": None}
    with open(os.path.join(cell["artifact"], "reference.json")) as stream:
        facts = json.load(stream)
    with np.load(os.path.join(cell["artifact"], "reference.npz"), allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    inputs = _stored(facts["inputs"], arrays, "input")
    with caught:
        try:
            _seed(stack)
            probe = load_probe(task["probes"][cell["probe"]])
            model = formats.load(
                stack, probe, cell["format"], os.path.join(cell["artifact"], "payload"), facts, inputs
            )
        except Exception as error:
            record["error"] = failure(error)
            record["details"]["load"] = "Loading raised {}.".format(type(error).__name__)
        else:
            _check(stack, model, cell["format"], facts, arrays, inputs, task["tolerances"], folder, record)
    record["warnings"] = caught.lines
    return record


def _check(
    stack: Stack,
    model: Any,
    format_name: str,
    facts: Mapping[str, Any],
    arrays: Mapping[str, Array],
    inputs: Any,
    tolerances: Tolerances,
    folder: str,
    record: dict[str, Any],
) -> None:
    """Run the checks in their order; each leaves a value, and a sentence where it is not the same."""

    def note(check: str, value: str, sentence: str = "") -> None:
        record["checks"][check] = value
        if sentence:
            record["details"][check] = sentence[:KEPT]

    try:
        outputs = observe.call(model, inputs)
        if format_name == "export":
            seen = {"outputs": observe.signature(outputs)}
        else:
            seen = observe.structure(model, outputs)
            digests = [digest(array) for array in observe.weights(model)]
    except Exception as error:
        record["error"] = failure(error)
        record["details"]["load"] = "It loaded; its first use raised {}.".format(type(error).__name__)
        return
    note("structure", *compare.structure(facts["structure"], seen))
    if "weights" in facts:
        note("weights", *compare.weights(facts["weights"], digests))
    dtypes = [tensor[1] for tensor in facts["structure"]["outputs"]["tensors"]]
    value, sentence = _outputs(model, outputs, inputs, arrays, dtypes, seen, tolerances, record, format_name)
    note("outputs", value, sentence)
    loss_dtype = dtypes[0] if dtypes else "float32"
    if "loss" in facts:
        targets = _stored(facts["targets"], arrays, "target")
        alive = observe.compiled(model)
        if not alive:
            note("loss", "lost", "the model came back without its loss and metrics")
        else:
            _attempt(
                note,
                "loss",
                lambda: compare.loss(
                    facts["loss"], observe.loss(model, inputs, targets), loss_dtype, tolerances
                ),
            )
        if "optimizer" in facts:
            _attempt(
                note, "optimizer", lambda: compare.optimizer(facts["optimizer"], observe.optimizer(model))
            )
        if alive:
            _attempt(
                note,
                "training",
                lambda: _training(
                    stack, model, facts, arrays, inputs, targets, digests, loss_dtype, tolerances
                ),
            )
        else:
            note("training", "lost", "there is no optimizer to train with")
    if format_name != "export":
        _attempt(note, "resave", lambda: _resave(stack, model, format_name, folder))


def _outputs(
    model: Any,
    outputs: Any,
    inputs: Any,
    arrays: Mapping[str, Array],
    dtypes: list[str],
    seen: Mapping[str, Any],
    tolerances: Tolerances,
    record: dict[str, Any],
    format_name: str,
) -> tuple[str, str]:
    """Compare the outputs; where eager ones differ, a traced ``predict`` settles it."""
    reference = _leaves(arrays, "output")
    found_dtypes = [tensor[1] for tensor in seen["outputs"]["tensors"]]
    leaves, _ = flatten(outputs)
    found = [plain(to_numpy(leaf)) for leaf in leaves]
    value, sentence, record["max_abs_diff"] = compare.outputs(
        reference, dtypes, found, found_dtypes, tolerances
    )
    # Tracing costs as much as a whole cell; with other weights the outputs have to differ.
    unsettled = value == "differs" and record["checks"].get("weights") == "same"
    if unsettled and len(found) == len(reference):
        try:
            leaves, _ = flatten(model.predict(inputs, verbose=0))
        except Exception:
            return value, sentence  # predict settles nothing where it does not run (text inputs in Keras 3)
        traced = [plain(np.asarray(leaf)) for leaf in leaves]
        settled, _, apart = compare.outputs(reference, dtypes, traced, found_dtypes, tolerances)
        if settled == "same":
            record["max_abs_diff"] = apart
            return "same", "only with run_eagerly: {}".format(sentence)
    return value, sentence


def _training(
    stack: Stack,
    model: Any,
    facts: Mapping[str, Any],
    arrays: Mapping[str, Array],
    inputs: Any,
    targets: Any,
    digests: list[str],
    dtype: str,
    tolerances: Tolerances,
) -> tuple[str, str]:
    _seed(stack)
    step = observe.training(model, inputs, targets)
    if not np.isfinite(step["loss"]) and np.isfinite(facts["step_loss"]):
        return "failed", "the step's loss is {}".format(step["loss"])
    if facts["stochastic"] or "optimizer" not in facts:
        return compare.SAME  # it ran, and there is nothing to compare it with
    reference = {"loss": facts["step_loss"], "moved": _leaves(arrays, "moved")}
    return compare.training(reference, step, compare.pairing(facts["weights"], digests), dtype, tolerances)


def _resave(stack: Stack, model: Any, format_name: str, folder: str) -> tuple[str, str]:
    """Save what was loaded once more: in the same format, or as ``.keras`` where that is no longer to be had."""
    from .capabilities import can_save

    model.run_eagerly = False
    if not can_save(format_name, stack.backend, stack.keras_version):
        format_name = "keras"
    again = os.path.join(folder, "again")
    os.makedirs(again)
    formats.save(stack, model, format_name, again)
    written = actual_format(os.path.join(again, formats.NAMES[format_name]))
    if written in ("missing", "empty"):
        return "failed", "the second save wrote nothing"
    return compare.SAME


def _attempt(note: Callable[..., None], check: str, function: Callable[[], tuple[str, str]]) -> None:
    """A check that may raise: then its value is ``failed`` and the sentence is the exception's first line."""
    try:
        note(check, *function())
    except Exception as error:
        first = (str(error).strip().splitlines() or [""])[0]
        note(check, "failed", "{}: {}".format(type(error).__name__, first))


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


def _seed(stack: Stack) -> None:
    if hasattr(stack.keras.utils, "set_random_seed"):
        stack.keras.utils.set_random_seed(SEED)
    else:  # before TF 2.7
        np.random.seed(SEED)
        stack.tf.random.set_seed(SEED)


def _write_reference(out: str, observed: Observed) -> None:
    facts, arrays = observed
    with open(os.path.join(out, "reference.json"), "w") as stream:
        json.dump(facts, stream, sort_keys=True)
    np.savez(os.path.join(out, "reference.npz"), **arrays)


def _leaves(arrays: Mapping[str, Array], prefix: str) -> list[Array]:
    count = sum(name.startswith(prefix + "_") for name in arrays)
    return [arrays["{}_{}".format(prefix, index)] for index in range(count)]


def _stored(skeleton: Skeleton, arrays: Mapping[str, Array], prefix: str) -> Any:
    return rebuild(skeleton, iter(_leaves(arrays, prefix)))


def failure(error: BaseException) -> dict[str, str]:
    """An exception as text."""
    return {
        "type": type(error).__name__,
        "message": str(error)[:KEPT],
        "traceback": "".join(traceback.format_exception(type(error), error, error.__traceback__))[-KEPT:],
    }


class Caught(logging.Handler):
    """Collects Python warnings and what loggers say at WARNING and above: loaders use either for what they lose."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []
        self._warnings = warnings.catch_warnings(record=True)

    def emit(self, record: logging.LogRecord) -> None:
        """A logger's message."""
        self._add(record.getMessage())

    def __enter__(self) -> Caught:
        self._recorded = self._warnings.__enter__()
        warnings.simplefilter("default")
        self._loggers = [logging.getLogger(name) for name in (None, "absl", "tensorflow")]
        for logger in self._loggers:
            logger.addHandler(self)
        return self

    def __exit__(self, *raised: Any) -> None:
        for logger in self._loggers:
            logger.removeHandler(self)
        self._warnings.__exit__(*raised)
        for warning in self._recorded:
            if not issubclass(warning.category, (DeprecationWarning, PendingDeprecationWarning)):
                self._add("{}: {}".format(warning.category.__name__, warning.message))

    def _add(self, line: str) -> None:
        if line[:KEPT] not in self.lines and len(self.lines) < 50:
            self.lines.append(line[:KEPT])
