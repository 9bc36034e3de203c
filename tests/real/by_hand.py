"""Whole HDF5 models of Keras 2.15, written without TensorFlow: small, the same everywhere, and as hostile as needed."""

import codecs
import inspect
import json
import marshal
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np

_KERAS = "2.15.0"
_INPUT = {
    "class_name": "InputLayer",
    "config": {
        "batch_input_shape": [None, 3],
        "dtype": "float32",
        "sparse": False,
        "ragged": False,
        "name": "input_1",
    },
}
_DENSE = {
    "class_name": "Dense",
    "config": {
        "name": "dense",
        "trainable": True,
        "dtype": "float32",
        "units": 2,
        "activation": "relu",
        "use_bias": True,
    },
}
#: ``metrics="mae"``: a short name, which Keras 3 does not resolve.
_TRAINING = {
    "loss": "mse",
    "metrics": ["mae"],
    "weighted_metrics": None,
    "loss_weights": None,
    "optimizer_config": {"class_name": "SGD", "config": {"name": "SGD", "learning_rate": 0.5}},
}


def dense(path: Path) -> Path:
    """One layer with weights, compiled with an optimizer that keeps nothing."""
    return _written(path, _DENSE, training=_TRAINING)


def running(path: Path, code: Callable[[Any], Any]) -> Path:
    """A Lambda layer that runs ``code``, a function without closure, in whatever loads it with this Python."""
    marshalled = codecs.encode(marshal.dumps(code.__code__), "base64").decode("ascii")
    config = {
        "name": "lambda",
        "trainable": True,
        "dtype": "float32",
        "function": [marshalled, None, None],
        "function_type": "lambda",
        "module": "__main__",
        "output_shape": None,
        "output_shape_type": "raw",
        "output_shape_module": None,
        "arguments": {},
    }
    return _written(path, {"class_name": "Lambda", "config": config})


def filled(code: Callable[[Any], Any], words: Mapping[str, Any]) -> Callable[[Any], Any]:
    """The same function with words in it replaced: texts in its strings, and whole names by constants."""
    text = inspect.getsource(code)
    for word, value in words.items():
        text = text.replace(word, str(value))
    space: dict[str, Any] = {"Any": Any}  # for its annotations
    exec(textwrap.dedent(text), space)
    found: Callable[[Any], Any] = space[code.__name__]
    return found


def _written(path: Path, layer: dict[str, Any], training: dict[str, Any] | None = None) -> Path:
    name = layer["config"]["name"]
    model = {"class_name": "Sequential", "config": {"name": "sequential", "layers": [_INPUT, layer]}}
    with h5py.File(path, "w") as tree:
        tree.attrs["keras_version"] = _KERAS
        tree.attrs["backend"] = "tensorflow"
        tree.attrs["model_config"] = json.dumps(model)
        if training is not None:
            tree.attrs["training_config"] = json.dumps(training)
        group = tree.create_group("model_weights")
        group.attrs["layer_names"] = [name.encode()]
        group.attrs["backend"] = b"tensorflow"
        group.attrs["keras_version"] = _KERAS.encode()
        inner = group.create_group(name)
        inner.attrs["weight_names"] = []
        if layer is _DENSE:
            inner.attrs["weight_names"] = [b"dense/kernel:0", b"dense/bias:0"]
            inner["dense/kernel:0"] = np.linspace(-1, 1, 6, dtype="float32").reshape(3, 2)
            inner["dense/bias:0"] = np.array([0.5, -0.5], "float32")
    return path
