"""What an environment imports once when it is made: it writes the bytecode and shows a broken stack early."""

from environments.lock import Lock
from environments.spec import Environment

_TENSORFLOW = frozenset({"tensorflow", "tensorflow-cpu", "tf-nightly", "tf-nightly-cpu"})
_KERAS = frozenset({"keras", "keras-nightly"})


def statement(lock: Lock) -> str:
    """One Python statement that imports what the packages of ``lock`` are for; empty where that is nothing."""
    names = {name for name, _ in lock.packages}
    if names & _TENSORFLOW:
        # tf.keras is loaded at its first use only, and brings the Keras that this TensorFlow works with.
        return "import tensorflow as tf; tf.keras.layers.Dense"
    if names & _KERAS:
        return "import keras; keras.layers.Dense"
    return ""


def variables(environment: Environment) -> dict[str, str]:
    """The variables under which to import: the environment's own, and the backend that Keras 3 must choose."""
    return {"KERAS_BACKEND": environment.backend, **dict(environment.variables)}
