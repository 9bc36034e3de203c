from dataclasses import replace

from runner.inspection.inspection import Inspection
from runner.inspection.known import Reason
from runner.symptoms import Stack
from runner.upgrade import home

FILE = Inspection(path="m.h5", kind="hdf5", what="HDF5")


def stack(tensorflow: str, keras: str, backend: str = "tensorflow") -> Stack:
    return Stack(tensorflow=tensorflow, keras=keras, python="3.11", backend=backend)


STACKS = {
    "tf2.5.3": stack("2.5.3", "2.5.3"),
    "tf2.9.3": stack("2.9.3", "2.9.0"),
    "tf2.12.1": stack("2.12.1", "2.12.0"),
    "tf2.15.1": stack("2.15.1", "2.15.0"),
    "tf2.16.2": stack("2.16.2", "3.15.1"),
    "tf2.16.2-keras3.4.1": stack("2.16.2", "3.4.1"),
    "tf2.18.1-legacy": stack("2.18.1", "2.18.0"),
    "tf2.21.0": stack("2.21.0", "3.15.1"),
    "jax": stack("", "3.15.1", backend="jax"),
}


def first(keras_version: str = "", tensorflow_version: str = "", backend: str = "") -> str:
    found = replace(FILE, keras_version=keras_version, tensorflow_version=tensorflow_version, backend=backend)
    return home.candidates(found, STACKS)[0]


def test_the_keras_that_wrote_it_is_its_home() -> None:
    assert first(keras_version="2.9.0", tensorflow_version="2.9") == "tf2.9.3"
    assert first(keras_version="3.4.1") == "tf2.16.2-keras3.4.1"
    assert first(keras_version="2.18.0", tensorflow_version="2.18, with tf-keras") == "tf2.18.1-legacy"


def test_of_equally_near_ones_the_newest_is_taken() -> None:
    assert first(keras_version="3.15.1") == "tf2.21.0"


def test_between_two_the_newer_is_nearer() -> None:
    assert home.candidates(replace(FILE, keras_version="2.11.0"), {
        "old": stack("2.10.1", "2.10.0"),
        "new": stack("2.12.1", "2.12.0"),
    }) == ("new", "old")  # fmt: skip


def test_before_the_first_the_oldest_is_nearest_and_never_another_major() -> None:
    assert first(keras_version="2.2.4") == "tf2.5.3"
    assert first(keras_version="3.0.5") == "tf2.16.2-keras3.4.1"


def test_a_saved_model_says_its_tensorflow() -> None:
    assert first(tensorflow_version="2.12.0") == "tf2.12.1"


def test_a_file_of_another_backend_is_at_home_there() -> None:
    assert first(keras_version="3.15.1", backend="jax") == "jax"


def test_what_says_nothing_is_taken_for_the_last_keras_2() -> None:
    assert first() == "tf2.15.1"
    assert "--from" in home.why(FILE)


def test_where_it_cannot_load_for_a_known_reason_comes_last() -> None:
    reason = Reason(cause="batch_shape", why="No such key there.")
    found = replace(FILE, keras_version="2.9.0", environments={"tf2.9.3": (reason,)})
    assert home.candidates(found, STACKS)[0] == "tf2.12.1"
    assert home.candidates(found, STACKS)[-1] == "tf2.9.3"


def test_who_wrote_it_is_said() -> None:
    found = replace(FILE, keras_version="2.9.0", tensorflow_version="2.9")
    assert home.writer(found) == "Keras 2.9.0 and TensorFlow 2.9"
    assert home.why(found) == ""
