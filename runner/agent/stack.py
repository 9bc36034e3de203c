"""The framework of this environment: imported once, before any fork, and described."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from typing import Any

import numpy as np

from .capabilities import numbers

#: Seed of everything random in a cell; it makes a run repeatable and means nothing else.
SEED = 20240701


class Stack:
    """The Keras in use, TensorFlow where there is one, and the backend's name."""

    def __init__(self, keras: Any, tf: Any, backend: str) -> None:
        self.keras = keras
        self.tf = tf
        self.backend = backend
        self.keras_version = _version_of(keras)
        self.tf_version = str(getattr(tf, "__version__", ""))


def import_stack(backend: str) -> Stack:
    """Import what models need here. Only imports: no tensor is made, so no runtime thread exists to fork."""
    if backend != "tensorflow":
        if backend == "jax":
            # Every child compiles the same small operations; let them share what the first one compiled.
            os.environ["JAX_COMPILATION_CACHE_DIR"] = tempfile.mkdtemp(prefix="jax-cache-")
            os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
            os.environ["JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES"] = "-1"
        import keras

        return Stack(keras, None, keras.backend.backend())
    # The same arithmetic in every version: oneDNN's own order of sums is the default only from TF 2.9 on. It also
    # costs every child a fifth of its time. An environment's own `env` in the matrix decides otherwise.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    import tensorflow as tf

    if numbers(tf.__version__) < (2,):
        # Models are looked at eagerly everywhere; TensorFlow 1 has to be told.
        tf.compat.v1.enable_eager_execution()
    keras = tf.keras
    # Both are lazy loaders until touched; what is imported here is not imported again in every child.
    _ = keras.layers.Dense, keras.models.load_model
    import h5py  # noqa: F401  Keras imports it at the first save

    return Stack(keras, tf, "tensorflow")


def _version_of(keras: Any) -> str:
    """The version of the Keras that makes the layers; ``tf.keras`` of some releases does not say its own."""
    owner = sys.modules.get(keras.layers.Dense.__module__.split(".")[0])
    return str(getattr(keras, "__version__", "") or getattr(owner, "__version__", ""))


def fresh(stack: Stack, number: int) -> None:
    """Begin a cell: names are counted from the start, and what is random is repeatable."""
    stack.keras.backend.clear_session()
    seed(stack, number)


def seed(stack: Stack, number: int = SEED) -> None:
    """Make what is random from here on repeatable."""
    if hasattr(stack.keras.utils, "set_random_seed"):
        stack.keras.utils.set_random_seed(number)
    else:  # before TF 2.7
        np.random.seed(number)
        getattr(stack.tf.random, "set_seed", stack.tf.compat.v1.set_random_seed)(number)


def facts(stack: Stack) -> dict[str, Any]:
    """What this environment is, without touching a device."""
    return {
        "python": platform.python_version(),
        "tensorflow": stack.tf_version,
        "keras": stack.keras_version,
        "backend": stack.backend,
        "packages": _packages(),
        "cpus": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
    }


def devices(stack: Stack) -> dict[str, Any]:
    """The devices the backend sees. Starts its runtime: call it in a child, never before a fork."""
    if stack.backend == "tensorflow":
        config = stack.tf.config
        if not hasattr(config, "list_physical_devices"):  # before TF 2.1
            config = config.experimental
        names = [device.name for device in config.list_physical_devices()]
        visible = bool(config.list_physical_devices("GPU"))
    elif stack.backend == "jax":
        import jax

        names = [str(device) for device in jax.devices()]
        visible = any(device.platform == "gpu" for device in jax.devices())
    else:
        import torch

        visible = torch.cuda.is_available()
        names = ["cpu"] + ["cuda:{}".format(index) for index in range(torch.cuda.device_count())]
    return {"devices": names, "gpu_visible": visible}


def _packages() -> dict[str, str]:
    if sys.version_info >= (3, 8):
        from importlib import metadata

        found = [(item.metadata["Name"], item.version) for item in metadata.distributions()]
    else:
        import pkg_resources

        found = [(item.project_name, item.version) for item in pkg_resources.working_set]
    return {name.lower().replace("_", "-"): version for name, version in sorted(found) if name}
