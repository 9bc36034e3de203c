"""A probe file, imported by path."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from types import ModuleType
from typing import Any, Callable, Mapping


class Probe:
    """A probe's module with defaults for what is optional.

    ``build_model()`` and ``inputs()`` are required, the others optional. ``train(model)`` replaces the three
    training steps that the producer makes before it saves; ``save(model, path, format)`` and
    ``load(path, format)`` replace what the format does, where the probe is about doing it otherwise. With
    ``CODE_AT_LOADING = False`` a consumer loads as one who has the file and not its code.
    """

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        for name in ("build_model", "inputs"):
            if not callable(getattr(module, name, None)):
                raise AttributeError("The probe {} has no function {}().".format(module.__file__, name))
        self.build_model: Callable[[], Any] = module.build_model
        self.inputs: Callable[[], Any] = module.inputs
        self.targets: Callable[[], Any] | None = getattr(module, "targets", None)
        self.train: Callable[[Any], object] | None = getattr(module, "train", None)
        self.save: Callable[[Any, str, str], object] | None = getattr(module, "save", None)
        self.load: Callable[[str, str], Any] | None = getattr(module, "load", None)
        self.custom_objects: Mapping[str, Any] | None = getattr(module, "CUSTOM_OBJECTS", None)


def needs_code(path: str) -> bool:
    """Whether a consumer has the probe's code when it loads; read from the file without running it."""
    with open(path, encoding="utf-8") as stream:
        return re.search(r"^CODE_AT_LOADING = False$", stream.read(), re.MULTILINE) is None


def load_probe(path: str) -> Probe:
    """Import the file. Its module stays importable by name, as the module of a user's own script would."""
    name = "probe_" + re.sub(r"\W", "_", os.path.splitext(os.path.basename(path))[0])
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError("The probe {} is not a Python file.".format(path))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return Probe(module)
