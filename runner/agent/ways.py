"""The ways to a model that a plain load does not take. What each is to do stands in the remedy, as data."""

from __future__ import annotations

import contextlib
import inspect
import os
import shutil
from typing import Any, Iterator

from . import formats
from .observe import call
from .probe import Probe, load_probe, needs_code
from .reference import Reference
from .sniff import actual_format
from .stack import Stack

#: Ways that give outputs and no model.
OUTPUTS_ONLY = ("tfsm_layer", "saved_model")
#: Formats that are loaded into the probe's own model.
_BUILT = ("weights", "checkpoint")
#: What a file really is -> the name under which every Keras reads it.
_NAMES = {"hdf5": "m.h5", "zip": "m.keras", "savedmodel": "model"}


class Attempt:
    """One remedy in one cell. ``options`` is the remedy; sentences on what was changed go to ``edits``."""

    def __init__(
        self,
        stack: Stack,
        task: dict[str, Any],
        cell: dict[str, Any],
        options: dict[str, Any],
        folder: str,
        reference: Reference,
        edits: list[str],
    ) -> None:
        self.stack, self.options, self.folder = stack, options, folder
        self.reference, self.edits = reference, edits
        self.format = str(cell["format"])
        self.payload = os.path.join(cell["artifact"], "payload")
        self.path = os.path.join(self.payload, formats.NAMES[self.format])
        self._source = task["probes"][cell["probe"]]
        self._probe: Probe | None = None

    @property
    def inputs(self) -> Any:
        """The inputs of the reference."""
        return self.reference.nest("inputs")

    def code(self) -> Probe:
        """The model's code, imported at its first use."""
        if self._probe is None:
            self._probe = load_probe(self._source)
        return self._probe

    def custom_objects(self) -> dict[str, Any] | None:
        """What a plain load is given, or everything that the code defines where the remedy is that."""
        if self.options.get("code"):
            return everything_in(self.code())
        if needs_code(self._source) or self.format in _BUILT:
            return dict(self.code().custom_objects or {}) or None
        return None


def model_of(attempt: Attempt) -> Any:
    """The model, or for :data:`OUTPUTS_ONLY` something to call. Raises whatever this way of loading raises."""
    return _load(attempt)


def everything_in(probe: Probe) -> dict[str, Any]:
    """Every class and function that a model's code defines, by name, and what it declares itself."""
    module = probe.module
    found = {
        name: value
        for name, value in vars(module).items()
        if (inspect.isclass(value) or inspect.isfunction(value)) and value.__module__ == module.__name__
    }
    found.update(probe.custom_objects or {})
    return found


def _load(attempt: Attempt) -> Any:
    """``load_model`` with other arguments, or on a copy of the file."""
    keras, options = attempt.stack.keras, attempt.options
    path = _renamed(attempt) if options.get("rename") else attempt.path
    arguments: dict[str, Any] = {"custom_objects": attempt.custom_objects()}
    if not options.get("compile", True):
        arguments["compile"] = False
    if options.get("safe_mode") is False:
        arguments.update(_unsafe(keras))
    if attempt.format in _BUILT:
        model = attempt.code().build_model()
        call(model, attempt.inputs)
        model.load_weights(path)
        return model
    return keras.models.load_model(path, **arguments)


def _renamed(attempt: Attempt) -> str:
    """A copy under the name that what is in it goes by."""
    kind = actual_format(attempt.path)
    if kind not in _NAMES:
        raise ValueError("What was saved is {}: no name makes a model of it.".format(kind))
    name = "m.weights.h5" if kind == "hdf5" and attempt.format == "weights" else _NAMES[kind]
    target = os.path.join(attempt.folder, name)
    if os.path.isdir(attempt.path):
        shutil.copytree(attempt.path, target)
    else:
        shutil.copyfile(attempt.path, target)
    attempt.edits.append("{} is {}, and was copied to {}".format(os.path.basename(attempt.path), kind, name))
    return target


def _unsafe(keras: Any) -> dict[str, Any]:
    """Allow what a file may run; by the argument where there is one, and for the whole process where there is that."""
    for place in (getattr(keras, "config", None), getattr(keras, "saving", None)):
        if hasattr(place, "enable_unsafe_deserialization"):
            place.enable_unsafe_deserialization()
    return (
        {"safe_mode": False} if "safe_mode" in inspect.signature(keras.models.load_model).parameters else {}
    )


@contextlib.contextmanager
def scope(attempt: Attempt) -> Iterator[None]:
    """Within it, the attempt's custom objects are known by name."""
    with attempt.stack.keras.utils.custom_object_scope(attempt.custom_objects() or {}):
        yield
