"""The ways to a model that a plain load does not take. What each is to do stands in the remedy, as data."""

from __future__ import annotations

import inspect
import json
import os
import shutil
import zipfile
from contextlib import contextmanager
from typing import Any, Callable, Iterator, Mapping

from . import (
    arithmetic,
    assigning,
    compiling,
    configuration,
    endpoints,
    fitting,
    formats,
    lent_names,
    repair,
    slots,
    stored_weights,
    tf_variables,
)
from .observe import call
from .probe import Probe, load_code, load_probe, needs_code
from .reference import Reference
from .sniff import actual_format
from .stack import Stack

#: Ways that give outputs and no model.
OUTPUTS_ONLY = ("tfsm_layer", "saved_model")
#: Formats that are loaded into the probe's own model.
_BUILT = ("weights", "checkpoint")
#: What a file really is -> the name under which every Keras reads it.
_NAMES = {"hdf5": "m.h5", "zip": "m.keras", "savedmodel": "model"}


#: An edit that a person has to agree to.
TRUSTED = "the code in the file is allowed to run"


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
        self.path = os.path.join(self.payload, reference.facts.get("name") or formats.NAMES[self.format])
        #: What the weights of the ``json`` format are called in their folder.
        self.weights = "m.weights.h5"
        if self.format == "json" and reference.facts.get("architecture"):
            self._put_together(reference.facts["architecture"])
        self._source = task["probes"][cell["probe"]]
        self._probe: Probe | None = None
        #: The arguments that it was compiled with (see ``spoken.py``), and in which order the file lists the state
        #: that its optimizer was given (see ``slots.py``).
        self.compiled: dict[str, Any] | None = None
        self.state_order = ""

    def _put_together(self, architecture: str) -> None:
        """A user's two files as one folder. Keras 3 reads a layout by the ending, so the weights keep theirs."""
        source, self.path = self.path, os.path.join(self.folder, "put_together")
        os.makedirs(self.path)
        shutil.copyfile(os.path.join(self.payload, architecture), os.path.join(self.path, "m.json"))
        self.weights = "m.weights.h5" if source.endswith(".weights.h5") else "m.h5"
        shutil.copyfile(source, os.path.join(self.path, self.weights))

    @property
    def inputs(self) -> Any:
        """The inputs of the reference."""
        return self.reference.nest("inputs")

    def code(self) -> Probe:
        """The model's code, imported at its first use."""
        if self._probe is None:
            adopted = self.reference.facts.get("adopted")
            self._probe = load_code(self._source) if adopted else load_probe(self._source)
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
    options = attempt.options
    with lent_names.lent(attempt.stack, attempt.edits) if options.get("names") else _nothing():
        model = _WAYS[options.get("way", "load")](attempt)
    if options.get("arithmetic"):
        arithmetic.put_back(attempt.stack, model, options["arithmetic"], attempt.edits)
    if options.get("recompile") == "try":
        try:
            recompile(attempt, model)
        except Exception as error:  # it predicts without, and the checks say what is lost
            attempt.edits.append("it could not be compiled again: {}".format(str(error)[:200]))
    elif options.get("recompile"):
        recompile(attempt, model)
    if options.get("optimizer_state"):
        _restore_state(attempt, model)
    if options.get("eagerly"):
        model.run_eagerly = True
    return model


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def _restore_state(attempt: Attempt, model: Any) -> None:
    """The optimizer's state as far as it can be had: without it the model still predicts, and the checks say so."""
    try:
        stored = stored_weights.read(attempt.path).optimizer
        attempt.state_order = slots.restore(model, stored, attempt.edits)
    except (ValueError, OSError) as error:
        attempt.edits.append("the optimizer's state stays behind: {}".format(error))


def recompile(attempt: Attempt, model: Any) -> None:
    """Compile it as the file says it was; where the file does not say, as the code does."""
    try:
        training = configuration.read(attempt.path).training
    except ValueError:
        training = None
    if training:
        training, edits = repair.repair(training, attempt.options.get("rules") or [])
        attempt.edits += edits
        attempt.compiled = compiling.compile_again(
            attempt.stack, model, training, attempt.custom_objects(), attempt.edits
        )
        attempt.edits.append("compiled again from the configuration in the file")
    else:
        compiling.compile_like(model, attempt.code().build_model())
        attempt.edits.append("compiled again as the model's code does")


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
    repairs = "rules" in options and options.get("repair", True)
    trusted = _unsafe(keras) if options.get("safe_mode") is False else {}
    path = _repaired(attempt) if repairs else _renamed(attempt)
    arguments: dict[str, Any] = {"custom_objects": attempt.custom_objects()}
    if attempt.format == "json":
        with open(os.path.join(path, "m.json")) as stream:
            model = keras.models.model_from_json(stream.read(), **arguments)
        call(model, attempt.inputs)
        model.load_weights(os.path.join(path, attempt.weights))
        return model
    if attempt.format in _BUILT:
        model = attempt.code().build_model()
        call(model, attempt.inputs)
        model.load_weights(path)
        return model
    if not options.get("compile", True):
        arguments["compile"] = False
    arguments.update(trusted)
    if repairs and options.get("safe_mode") is False:
        attempt.edits.append(TRUSTED)
    return keras.models.load_model(path, **arguments)


def _rebuild(attempt: Attempt) -> Any:
    """The architecture from the repaired configuration, then the weights from the file, layer by layer."""
    stored = configuration.read(attempt.path)
    if stored.model is None:
        raise ValueError("The file has no architecture to rebuild the model from.")
    keras = attempt.stack.keras
    if attempt.options.get("safe_mode") is False:
        _unsafe(keras)
    config = _fitted(attempt, stored.model)
    if isinstance(config, dict):
        config.pop("compile_config", None)  # it is compiled when it is whole
    custom = attempt.custom_objects() or {}
    with keras.utils.custom_object_scope(custom):
        if isinstance(config, dict) and not config.get("module") and attempt.stack.keras_version >= "3":
            # Without a place to look for its class, Keras 3 reads a model only through that class.
            cls = fitting.class_of(attempt.stack, config, custom) or keras.Model
            model = (keras.Sequential if config["class_name"] == "Sequential" else cls).from_config(
                config["config"]
            )
        else:
            model = keras.models.model_from_json(json.dumps(config), custom_objects=custom)
    try:
        call(model, attempt.inputs)  # it makes the weights of a model that has none yet
    except Exception:
        if not model.weights:
            raise
        # A layer may want its vocabulary first; whether the whole can be called is checked afterwards.
    _fill(attempt, model)
    return model


def _code(attempt: Attempt) -> Any:
    """The model's code builds it; the file gives the weights."""
    model = attempt.code().build_model()
    call(model, attempt.inputs)
    _fill(attempt, model)
    return model


def _fill(attempt: Attempt, model: Any) -> None:
    by = str(attempt.options.get("match", "order"))
    if actual_format(attempt.path) in ("checkpoint", "savedmodel"):
        tf_variables.assign(attempt.stack.tf, model, attempt.path, attempt.edits)
        assigning.take_over(model)
        return
    assets = ""
    if actual_format(attempt.path) == "zip":
        assets = os.path.join(attempt.folder, "unpacked", "assets")
        _unpack(attempt.path, os.path.dirname(assets))
    assigning.assign(model, stored_weights.read(attempt.path), by, attempt.edits, assets)
    assigning.take_over(model)


def _unpack(path: str, folder: str) -> None:
    """Vocabularies and the like out of an archive. ``extract`` keeps names from leading out of the folder."""
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.filename.startswith("assets/"):
                archive.extract(member, folder)


def _fitted(attempt: Attempt, config: Any) -> Any:
    """The configuration as this Keras takes it: by the rules, then by trying."""
    config, edits = repair.repair(config, attempt.options.get("rules") or [])
    attempt.edits += edits
    if attempt.options.get("fit", True):
        neutral = attempt.options.get("neutral") or {}
        attempt.edits += fitting.fit(attempt.stack, config, attempt.custom_objects(), neutral)
    if attempt.stack.keras_version >= "3":
        attempt.edits += fitting.given(config, attempt.custom_objects() or {})
    return config


def _repaired(attempt: Attempt) -> str:
    """A copy of the file with the repaired configuration, under the name of what it is."""
    stored = configuration.read(attempt.path)
    if stored.model is None:
        raise ValueError("The file has no configuration to repair.")
    model = _fitted(attempt, stored.model)
    training = None
    if stored.kind == "hdf5" and stored.training is not None:
        training = _fitted(attempt, stored.training)
    target = os.path.join(attempt.folder, _NAMES.get(stored.kind, "model"))
    configuration.write(attempt.path, target, model, training)
    return target


def _renamed(attempt: Attempt) -> str:
    """The path under the name that what is in it goes by: a copy, where that is another one."""
    kind, name = actual_format(attempt.path), os.path.basename(attempt.path)
    if attempt.format == "weights":
        # The older layout goes by the older name.
        wanted = "m.h5" if kind == "hdf5" and stored_weights.read(attempt.path).layers is not None else name
    else:
        wanted = _NAMES.get(kind, name) if attempt.format in ("keras", "h5", "savedmodel") else name
    if wanted == name or read_as(wanted) == read_as(name):  # a user's file has a name of its own
        return attempt.path
    target = os.path.join(attempt.folder, wanted)
    if os.path.isdir(attempt.path):
        shutil.copytree(attempt.path, target)
    else:
        shutil.copyfile(attempt.path, target)
    attempt.edits.append("{} is {}, and was copied to {}".format(name, kind, wanted))
    return target


def read_as(name: str) -> str:
    """What Keras takes a file for by its name; folders, too, where it is none of these."""
    endings = ((".weights.h5", "weights"), (".h5", "hdf5"), (".hdf5", "hdf5"), (".keras", "zip"))
    return next((kind for ending, kind in endings if name.lower().endswith(ending)), "folder")


def _unsafe(keras: Any) -> dict[str, Any]:
    """Allow what a file may run; by the argument where there is one, and for the whole process where there is that."""
    for place in (getattr(keras, "config", None), getattr(keras, "saving", None)):
        allow = getattr(place, "enable_unsafe_deserialization", None)
        if allow is not None:
            allow()
    return (
        {"safe_mode": False} if "safe_mode" in inspect.signature(keras.models.load_model).parameters else {}
    )


def _endpoint(load: Callable[..., Any], attempt: Attempt) -> Any:
    reference = attempt.reference
    inputs = reference.nest("inputs") if "inputs" in reference.facts else None
    return load(attempt.stack, attempt.path, reference.facts, inputs, attempt.edits)


_WAYS: Mapping[str, Callable[[Attempt], Any]] = {
    "load": _load,
    "rebuild": _rebuild,
    "code": _code,
    "tfsm_layer": lambda attempt: _endpoint(endpoints.tfsm_layer, attempt),
    "saved_model": lambda attempt: _endpoint(endpoints.saved_model, attempt),
}
