"""A probe file, imported by path."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from types import ModuleType
from typing import Any, Callable, Mapping, Sequence

#: How the sentence begins that says why what a user has beside a model file cannot be imported.
UNUSABLE = "The code beside the model cannot be used: "


class Probe:
    """A probe's module with defaults for what is optional.

    ``build_model()`` and ``inputs()`` are required, the others optional. ``train(model)`` replaces the three
    training steps that the producer makes before it saves; ``save(model, path, format)`` and
    ``load(path, format)`` replace what the format does, where the probe is about doing it otherwise. With
    ``CODE_AT_LOADING = False`` a consumer loads as one who has the file and not its code.
    """

    def __init__(self, module: ModuleType, required: Sequence[str] = ("build_model", "inputs")) -> None:
        self.module = module
        for name in required:
            if not self.has(name):
                raise AttributeError("The probe {} has no function {}().".format(module.__file__, name))
        self.build_model: Callable[[], Any] = getattr(module, "build_model", self._no_model)
        self.inputs: Callable[[], Any] = getattr(module, "inputs", self._no_inputs)
        self.targets: Callable[[], Any] | None = getattr(module, "targets", None)
        self.train: Callable[[Any], object] | None = getattr(module, "train", None)
        self.save: Callable[[Any, str, str], object] | None = getattr(module, "save", None)
        self.load: Callable[[str, str], Any] | None = getattr(module, "load", None)
        self.custom_objects: Mapping[str, Any] | None = getattr(module, "CUSTOM_OBJECTS", None)

    def has(self, name: str) -> bool:
        """Whether the file defines a function of that name."""
        return callable(getattr(self.module, name, None))

    def _no_model(self) -> Any:
        raise AttributeError("{} has no function build_model().".format(self.module.__file__))

    def _no_inputs(self) -> Any:
        raise AttributeError("{} has no function inputs().".format(self.module.__file__))


def needs_code(path: str) -> bool:
    """Whether a consumer has the probe's code when it loads; read from the file without running it."""
    with open(path, encoding="utf-8") as stream:
        return re.search(r"^CODE_AT_LOADING = False$", stream.read(), re.MULTILINE) is None


def load_probe(path: str) -> Probe:
    """Import the file. Its module stays importable by name, as the module of a user's own script would."""
    return Probe(_module(path))


def load_code(path: str) -> Probe:
    """Import what a user has beside a model file, which may be less than a probe.

    Where it has no ``CUSTOM_OBJECTS``, these are the classes and functions that it defines.
    """
    probe = Probe(_module(path), required=())
    if probe.custom_objects is None:
        probe.custom_objects = {
            name: value
            for name, value in vars(probe.module).items()
            if callable(value) and getattr(value, "__module__", "") == probe.module.__name__
        }
    return probe


def _module(path: str) -> ModuleType:
    name = "probe_" + re.sub(r"\W", "_", os.path.splitext(os.path.basename(path))[0])
    known = sys.modules.get(name)
    if known is not None and getattr(known, "__file__", "") == path:
        return (
            known  # a script imports its model's code once; a second time it would register its classes again
        )
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError("The probe {} is not a Python file.".format(path))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]  # the next import fails as this one did, and is given no half of it
        raise
    return module
