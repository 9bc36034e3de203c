from environments.engines import warm
from environments.lock import Lock
from environments.spec import Environment


def lock(*names: str) -> Lock:
    return Lock(environment_id="x", text="", sha256="", packages=tuple((name, "1.0") for name in names))


def test_tensorflow_is_imported_with_its_keras() -> None:
    for name in ("tensorflow", "tensorflow-cpu", "tf-nightly"):
        assert (
            warm.statement(lock("numpy", name, "keras")) == "import tensorflow as tf; tf.keras.layers.Dense"
        )


def test_keras_alone_is_imported_with_its_backend() -> None:
    assert warm.statement(lock("jax", "keras")) == "import keras; keras.layers.Dense"
    assert warm.variables(Environment(id="x", backend="jax"))["KERAS_BACKEND"] == "jax"


def test_the_environments_own_variables_win() -> None:
    own = Environment(id="x", backend="jax", variables=(("KERAS_BACKEND", "torch"), ("A", "b")))
    assert warm.variables(own) == {"KERAS_BACKEND": "torch", "A": "b"}


def test_other_packages_are_not_imported() -> None:
    assert warm.statement(lock("numpy", "tensorflow-io")) == ""
