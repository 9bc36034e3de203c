"""How a model is saved and loaded in each format."""

from __future__ import annotations

import os
from typing import Any, Mapping

from .arrays import flatten
from .observe import call, compiled
from .probe import Probe
from .stack import Stack

#: Format -> the name a user would type.
NAMES = {
    "keras": "m.keras",
    "h5": "m.h5",
    "savedmodel": "model",
    "export": "model",
    "weights": "m.weights.h5",
    "json": "model",
    "checkpoint": "checkpoints",
}
#: The two files of the ``json`` format.
_ARCHITECTURE, _WEIGHTS = "m.json", "m.weights.h5"


def save(stack: Stack, model: Any, format_name: str, folder: str, probe: Probe | None = None) -> str:
    """Save the model below ``folder``; gives the API that was used. A probe may save in its own way."""
    path = os.path.join(folder, NAMES[format_name])
    if probe is not None and probe.save is not None:
        probe.save(model, path, format_name)
        return "the probe's save"
    if format_name == "weights":
        model.save_weights(path)
        return "model.save_weights"
    if format_name == "json":
        os.makedirs(path)
        text = model.to_json()
        with open(os.path.join(path, _ARCHITECTURE), "w") as stream:
            stream.write(text)
        model.save_weights(os.path.join(path, _WEIGHTS))
        return "model.to_json"
    if format_name == "checkpoint":
        os.makedirs(path)
        _checkpoint(stack, model).save(os.path.join(path, "ckpt"))
        return "tf.train.Checkpoint.save"
    if format_name == "export":
        if hasattr(model, "export"):
            model.export(path)
            return "model.export"
        stack.tf.saved_model.save(model, path)
        return "tf.saved_model.save"
    if format_name == "savedmodel":
        model.save(path, save_format="tf")
    else:
        model.save(path)
    return "model.save"


def load(
    stack: Stack,
    probe: Probe | None,
    format_name: str,
    folder: str,
    reference: dict[str, Any],
    inputs: Any,
    name: str = "",
) -> Any:
    """Load what :func:`save` left in ``folder``: a model, or for ``export`` something that gives outputs.

    Without a probe there is the file and no code. ``name`` is what the file is called by now, if not as usual.
    """
    path = os.path.join(folder, name or NAMES[format_name])
    if probe is not None and probe.load is not None:
        return probe.load(path, format_name)
    custom_objects = None if probe is None else probe.custom_objects
    if format_name == "export":
        of_today = getattr(stack.tf.saved_model, "load_v2", stack.tf.saved_model.load)  # its name in TF 1.15
        return Exported(of_today(path), reference)
    if format_name in ("weights", "checkpoint"):
        if probe is None:
            raise ValueError("Weights are loaded into the model's code, and there is no code.")
        model = probe.build_model()
        _build(model, inputs)
        if format_name == "weights":
            model.load_weights(path)
        else:
            _checkpoint(stack, model).restore(stack.tf.train.latest_checkpoint(path) or _only_prefix(path))
        return model
    if format_name == "json":
        architecture, weights = os.path.join(path, _ARCHITECTURE), os.path.join(path, _WEIGHTS)
        if name and "architecture" in reference:  # two files of a user's, side by side
            architecture, weights = os.path.join(folder, reference["architecture"]), path
        with open(architecture) as stream:
            text = stream.read()
        model = stack.keras.models.model_from_json(text, custom_objects=custom_objects)
        if inputs is not None:
            _build(model, inputs)
        model.load_weights(weights)
        return model
    return stack.keras.models.load_model(path, custom_objects=custom_objects)


class Exported:
    """A SavedModel without Keras: a ``serve`` endpoint or a serving signature, outputs only."""

    def __init__(self, restored: Any, reference: dict[str, Any]) -> None:
        self._restored = restored
        self._saved_by = reference["saved_by"]
        self._input_names = reference.get("input_names", [])
        self._output_names = reference.get("output_names", [])

    def __call__(self, inputs: Any, training: bool = False) -> Any:
        """The outputs for one batch, by the endpoint that this way of saving documents.

        Inputs that have names go to the serving signature, which takes names in every version; what the
        ``serve`` endpoint of a model with several inputs takes (a list, a dict) has changed.
        """
        serving = self._serving()
        wanted = serving.structured_input_signature[1]
        named = self._named(inputs, wanted)
        if named is None or (self._saved_by == "model.export" and not isinstance(inputs, dict)):
            return self._restored.serve(inputs)
        import tensorflow as tf

        found = serving(
            **{name: tf.constant(value, dtype=wanted[name].dtype) for name, value in named.items()}
        )
        if len(found) == 1:
            return next(iter(found.values()))
        order = self._output_names if set(self._output_names) == set(found) else sorted(found)
        return [found[name] for name in order]

    def wanted(self) -> Mapping[str, Any]:
        """What the signature takes, by name."""
        found: Mapping[str, Any] = self._serving().structured_input_signature[1]
        return found

    def _serving(self) -> Any:
        """The signature for serving; where a file names none so, its first."""
        signatures = self._restored.signatures
        names = [name for name in ["serving_default", *sorted(signatures)] if name in signatures]
        if not names:
            raise ValueError("This SavedModel has no signature, so nothing says what it takes.")
        return signatures[names[0]]

    def _named(self, inputs: Any, wanted: Mapping[str, Any]) -> dict[str, Any] | None:
        """Inputs by the names of the signature; None when they cannot be told apart."""
        if isinstance(inputs, dict):
            return inputs if set(inputs) == set(wanted) else None
        leaves, _ = flatten(inputs)
        if len(leaves) == len(wanted) == 1:
            return {next(iter(wanted)): leaves[0]}
        return dict(zip(self._input_names, leaves)) if set(self._input_names) == set(wanted) else None


def _build(model: Any, inputs: Any) -> None:
    """Variables of a subclassed model exist after its first call; others are spared it, which moves their states."""
    if not getattr(model, "built", False):
        call(model, inputs)


def names_of(model: Any) -> dict[str, list[str]]:
    """The names by which a serving signature knows the model's inputs and outputs."""
    return {
        "input_names": [str(name) for name in getattr(model, "input_names", None) or []],
        "output_names": [str(name) for name in getattr(model, "output_names", None) or []],
    }


def _only_prefix(folder: str) -> str | None:
    """The checkpoint of a folder that came without its list of checkpoints."""
    found = sorted(name for name in os.listdir(folder) if name.endswith(".index"))
    return os.path.join(folder, found[-1][: -len(".index")]) if found else None


def _checkpoint(stack: Stack, model: Any) -> Any:
    if compiled(model):
        return stack.tf.train.Checkpoint(model=model, optimizer=model.optimizer)
    return stack.tf.train.Checkpoint(model=model)
