"""Make an artifact of a file that a stranger saved: load it as a user would, find inputs, keep what it then does.

The counterpart of :func:`runner.agent.cells.save_cell` in the *home* environment, the one that the file is at home
in. What comes out is loaded and checked in other environments like any artifact.
"""

from __future__ import annotations

import inspect
import json
import os
import shutil
import tempfile
from typing import Any, Callable, Dict, Tuple

from . import assigning, configuration, formats, guess, lent_names, observe, repair, stored_weights
from . import reference as references
from .batches import first_inputs, tried_batches
from .caught import Caught, failure, first_line
from .kinds import Kind, kind_of
from .probe import UNUSABLE, Probe, load_code, needs_code
from .reference import Reference
from .sniff import actual_format, digest_of, files_of
from .specification import Specification, layers_of, of_config, of_model, of_signature
from .stack import Stack, seed
from .traced import COMPILED, TRACED, call_by, disagreement, way_of

#: How a file was loaded -> what a user would add to the call.
WAYS: Dict[str, Dict[str, Any]] = {
    "compile_false": {"compile": False},
    "unsafe": {"compile": False, "safe_mode": False},
}
#: Formats that are loaded by ``keras.models.load_model``, which knows these arguments.
_WHOLE = ("keras", "h5", "savedmodel")
#: How a model was run that was not called eagerly -> a sentence, and what its batches may hold together, in values.
_RUN = {
    TRACED: (
        "Its sequences are long: it was only run as predict runs it, traced, and not trained.",
        guess.TRACED_TOTAL,
    ),
    COMPILED: (
        "Its channels come first, for which TensorFlow needs a GPU: it was compiled with XLA, and not trained.",
        guess.TOTAL // 10,
    ),
}


def adopt_cell(stack: Stack, task: dict[str, Any], cell: dict[str, Any], out: str) -> dict[str, Any]:
    """Load the file ``cell["model"]``, observe it, and write ``payload/`` and the reference files to ``out``.

    ``cell`` may name the ``architecture`` (JSON) that goes with weights, the user's ``inputs`` (npz) and a
    ``format`` to insist on. The record says how it was ``loaded`` (a name of :data:`WAYS`; empty where it was not),
    what each way that was tried raised, what the first prediction raised, and what a reader has to know (``notes``).
    Whatever comes of it, the artifact is there: a file that loads nowhere is worth a look too.
    """
    record: dict[str, Any] = {
        "status": "saved",
        "error": None,
        "stage": "",
        "loaded": "",
        "ways": {},
        "batches": [],
        "notes": [],
    }
    model_path, architecture = cell["model"], cell.get("architecture") or ""
    payload = os.path.join(out, "payload")
    record["name"] = _copy(model_path, payload)
    facts: dict[str, Any] = {"saved_by": "", "name": record["name"], "adopted": True}
    if architecture:
        facts["architecture"] = _copy(architecture, payload)
    caught = Caught()
    with caught:
        code, probe = "", None
        try:
            code = task["probes"].get(cell["probe"], "")
            probe = load_code(code) if code and needs_code(code) else None
        except Exception as error:
            record["notes"].append(UNUSABLE + first_line(error))
        builds = probe is not None and probe.has("build_model")
        kind = kind_of(model_path, architecture, code=builds)
        kind.format = cell.get("format") or kind.format
        record["notes"] += [kind.note] if kind.note else []
        model = _load(stack, probe, kind, payload, facts, record, cell.get("rules") or [])
        record["format"], record["predict"] = kind.format, None
        reference = _reference(stack, model, kind, cell.get("inputs") or "", facts, record)
        reference.facts.update(facts, loaded=record["loaded"])
        reference.write(out)
    record["warnings"] = caught.lines
    record["actual_format"] = actual_format(os.path.join(payload, record["name"]))
    record["files"] = files_of(payload)
    record["facts"] = _facts(os.path.join(payload, record["name"]), kind, builds)
    gone = configuration.unwritten(kind.config, record["facts"].get("keras_version") or "")
    record["notes"] += [gone] if gone else []
    if "architecture" in facts:
        record["facts"]["architecture"] = facts["architecture"]
    _, record["bytes"] = digest_of(payload)
    record["sha256"], _ = digest_of(out)
    return record


def _copy(path: str, folder: str) -> str:
    """Copy a file or folder, with what its links lead to; gives its name."""
    os.makedirs(folder, exist_ok=True)
    name = os.path.basename(os.path.normpath(path))
    if os.path.isdir(path):
        shutil.copytree(path, os.path.join(folder, name))
    else:
        shutil.copyfile(path, os.path.join(folder, name))
    return name


def _load(
    stack: Stack,
    probe: Probe | None,
    kind: Kind,
    payload: str,
    facts: dict[str, Any],
    record: dict[str, Any],
    rules: list[Any],
) -> Any:
    """The model by the first way that loads it; None where none does."""
    ways = _ways(stack, probe, kind, payload, facts)
    config, edits = repair.repair(kind.config, rules)
    if edits:
        ways.append(("repair", _repaired(stack, probe, kind.format, payload, facts, config)))
    for way, load in ways:
        try:
            seed(stack)
            model = load()
        except Exception as error:
            record["ways"][way] = failure(error)
        else:
            record["ways"][way] = None
            record["loaded"] = way
            if way == "lambda_names":
                record["notes"].append("Its functions use names that are not in it, such as tf, np or K.")
            if way == "repair":
                kind.config = config
                record["notes"] += ["It was loaded from a copy: {}.".format(edit) for edit in edits]
            return model
    return None


def _ways(
    stack: Stack, probe: Probe | None, kind: Kind, payload: str, facts: dict[str, Any]
) -> list[Tuple[str, Callable[[], Any]]]:
    """What a user would try, one after the other: alone, then with their code, then without what fails most."""
    if kind.format not in _WHOLE:
        known = of_config(kind.config)
        inputs = guess.nest(known, next(guess.firsts(known))) if known else None
        if inputs is None and probe is not None and probe.has("inputs"):
            inputs = probe.inputs()
        return [
            ("plain", lambda: formats.load(stack, probe, kind.format, payload, facts, inputs, facts["name"]))
        ]
    load_model = stack.keras.models.load_model
    accepted = inspect.signature(load_model).parameters
    path = os.path.join(payload, facts["name"])
    objects = probe.custom_objects if probe is not None else None
    found = [("plain", _call(load_model, path, {}))]
    ending = _ending(path)
    if ending:
        found.append(("rename", lambda: _renamed(load_model, path, ending, objects)))
    if objects:
        found.append(("custom_objects", _call(load_model, path, {"custom_objects": objects})))
    for way in WAYS:
        more = dict(WAYS[way], **({"custom_objects": objects} if objects else {}))
        if set(more) <= set(accepted):
            found.append((way, _call(load_model, path, more)))
    if any(layer["class_name"] == "Lambda" for layer in layers_of(kind.config)):
        last = {name: value for name, value in WAYS["unsafe"].items() if name in accepted}
        found.append(
            ("lambda_names", _lent(stack, _call(load_model, path, dict(last, custom_objects=objects))))
        )
    if kind.format == "savedmodel" and stack.tf is not None:
        found.append(("saved_model_load", _export(stack, kind, payload, facts)))
    if probe is not None and probe.has("build_model") and kind.format != "savedmodel":
        found.append(("code", _built(probe, kind, path)))
    return found


def _built(probe: Probe, kind: Kind, path: str) -> Callable[[], Any]:
    """The model's code builds it, and it takes the weights that the file has for its layers, in their order."""

    def load() -> Any:
        model = probe.build_model()
        if not model.weights:
            known = of_model(model, kind.config)
            observe.call(model, guess.nest(known, next(guess.firsts(known))) if known else probe.inputs())
        assigning.assign(model, stored_weights.read(path), "order", [])
        assigning.take_over(model)
        return model

    return load


def _repaired(
    stack: Stack, probe: Probe | None, format_name: str, payload: str, facts: dict[str, Any], config: Any
) -> Callable[[], Any]:
    """Load a copy with another architecture, as no environment of the file's own time may be at hand."""

    def load() -> Any:
        custom = probe.custom_objects if probe is not None else None
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, facts["name"])
            if format_name == "json":
                model = stack.keras.models.model_from_json(json.dumps(config), custom_objects=custom)
                model.load_weights(os.path.join(payload, facts["name"]))
                return model
            configuration.write(os.path.join(payload, facts["name"]), path, config)
            return stack.keras.models.load_model(path, custom_objects=custom, compile=False)

    return load


def _export(stack: Stack, kind: Kind, payload: str, facts: dict[str, Any]) -> Callable[[], Any]:
    """A SavedModel that Keras does not load may still give outputs; it is then an export for everyone."""

    def load() -> Any:
        model = formats.load(stack, None, "export", payload, facts, None, facts["name"])
        kind.format = "export"
        return model

    return load


def _ending(path: str) -> str:
    """The ending by which Keras chooses its reader, where the file has another one; else empty."""
    wanted = {"zip": (".keras",), "hdf5": (".h5", ".hdf5")}.get(actual_format(path), ())
    return "" if not wanted or path.endswith(wanted) else wanted[0]


def _renamed(load: Callable[..., Any], path: str, ending: str, objects: Any) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "m" + ending)
        shutil.copyfile(path, copy)
        return load(copy, **({"custom_objects": objects} if objects else {}))


def _lent(stack: Stack, load: Callable[[], Any]) -> Callable[[], Any]:
    """A function out of the file may use what its module had imported."""

    def loaded() -> Any:
        with lent_names.lent(stack, []):
            return load()

    return loaded


def _call(function: Callable[..., Any], path: str, more: dict[str, Any]) -> Callable[[], Any]:
    return lambda: function(path, **more)


def _reference(
    stack: Stack, model: Any, kind: Kind, given: str, facts: dict[str, Any], record: dict[str, Any]
) -> Reference:
    """What the model does with its inputs; where it does nothing, inputs alone; where none are known, no more."""
    specification = _specification(model, kind, record)
    if model is None or (specification is None and not given):
        return _inputs_only(specification)
    call = None
    try:
        inputs = None if kind.format == "export" else first_inputs(specification, given)
        way = way_of(specification, model, inputs)
        if way and specification is not None:
            call = call_by(stack, model, specification, inputs, way)
        sentence, more = _RUN[way] if call else ("", guess.TOTAL)
        tried = tried_batches(model, specification, given, record, call, more)
    except Exception as error:
        record["predict"] = failure(error)
        return _inputs_only(specification)
    record["batches"] = [batch.label for batch in tried]
    first = tried[0]
    alike = kind.format == "export" or call is not None
    obstacle = "" if alike else disagreement(stack, model, tried)
    record["notes"] += [note for note in (sentence, obstacle) if note]
    targets = None if kind.format == "export" else guess.targets(getattr(model, "loss", None), first.outputs)
    kept = observe.weights(model) if kind.format != "export" else []
    for aims in [targets, None] if targets is not None else [None]:
        try:
            reference = references.observed(
                stack,
                model,
                first.inputs,
                aims,
                kind.format,
                _saved_by(model),
                call,
                way if call else "",
                first.noise,
            )
            break
        except Exception as error:
            record["notes"].append("It could not be looked at whole: {}".format(first_line(error)))
            _restore(model, kept)
    else:
        return _inputs_only(specification)
    reference.facts["noise"], reference.facts["label"] = first.noise, first.label
    if targets is not None:
        record["notes"] += _settled(model, targets, first.outputs, reference.facts)
    reference.facts["traced"] = not alike and not obstacle
    for batch in tried[1:]:
        reference.add(batch.label, batch.inputs, batch.outputs, batch.noise)
    return reference


def _settled(model: Any, targets: Any, outputs: Any, facts: dict[str, Any]) -> list[str]:
    """Leave out metrics that mean nothing here, for no other version owes them; gives a sentence for each."""
    told = "Its metric {} is not compared: Keras 2 takes whole numbers for probabilities once the file is loaded."
    unfit = observe.unfit_metrics(model, targets, outputs) if "loss" in facts else []
    return [told.format(name) for name in unfit if facts["loss"].pop(name, None) is not None]


def _specification(model: Any, kind: Kind, record: dict[str, Any]) -> Specification | None:
    try:
        if isinstance(model, formats.Exported):
            found = of_signature(model.wanted())
        else:
            found = of_config(kind.config) if model is None else of_model(model, kind.config or _own(model))
    except Exception as error:
        record["notes"].append("What it takes cannot be read: {}".format(first_line(error)))
        return None
    if found is None and model is not None:
        record["notes"].append("It does not say what inputs it takes. Give some: --inputs FILE.npz")
    return found


def _own(model: Any) -> Dict[str, Any]:
    """The architecture of a model of which its file has none, from the model itself; {} where it does not say."""
    try:
        config: Dict[str, Any] = json.loads(model.to_json())
    except Exception:  # get_config is the model's own code
        return {}
    return config


def _inputs_only(specification: Specification | None) -> Reference:
    """A reference that no outputs are known of."""
    if specification is None:
        return Reference({}, {})
    first = next(guess.firsts(specification), None)
    if first is None:
        return Reference({}, {})
    leaves = guess.arrays(specification, first)
    return Reference(
        {"inputs": specification.nest},
        {"input_{}".format(index): leaf for index, leaf in enumerate(leaves)},
    )


def _facts(path: str, kind: Kind, code: bool) -> dict[str, Any]:
    """What the file says of itself; the architecture may lie beside it, and code that builds the model."""
    found = configuration.facts(path)
    if kind.format == "json":
        found.update(configuration.names(kind.config))
        found["keras_version"] = str(kind.config.get("keras_version") or found.get("keras_version") or "")
    found.pop("keys", None)
    found["adopted"], found["code"] = True, code
    found["misnamed"] = bool(_ending(path)) and kind.format in _WHOLE
    return found


def _restore(model: Any, kept: list[Any]) -> None:
    """Undo what a look that was broken off has trained."""
    if kept:
        observe.put(model, kept)


def _saved_by(model: Any) -> str:
    return "tf.saved_model.save" if isinstance(model, formats.Exported) else "unknown"
