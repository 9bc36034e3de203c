from typing import Any

import pytest

from runner import causes
from runner.inspection import known
from runner.inspection.architecture import Architecture, describe
from runner.inspection.known import reasons, rules
from runner.symptoms import Stack
from tests.runner.inspection import files
from tests.runner.inspection.test_lambdas import DUMPS

KERAS_2 = Stack(tensorflow="2.15.1", keras="2.15.0", python="3.11.7", backend="tensorflow")
KERAS_3 = Stack(tensorflow="2.18.1", keras="3.8.0", python="3.11.7", backend="tensorflow")


def told(kind: str, keras: str, found: Architecture, stack: Stack, *classes: str) -> list[str]:
    return [reason.cause for reason in reasons(kind, keras, found, frozenset(classes), stack)]


def model(name: str, /, **config: Any) -> Architecture:
    layer = {"class_name": name, "config": config}
    return describe({"class_name": "Sequential", "config": {"layers": [layer]}}, None)


def test_every_rule_names_a_cause_there_is() -> None:
    made = {
        "lambda_bytecode",
        "builtin_of_another_version",
        "custom_class_missing",
        "custom_function_missing",
    }
    for cause in {rule.cause for rule in rules()} | made:
        assert causes.meaning(cause)


def test_a_plain_file_loads_everywhere() -> None:
    found = describe(files.MODEL, {**files.TRAINING, "loss": "mean_squared_error"})
    assert told("hdf5", "2.9.0", found, KERAS_2) == []
    assert told("hdf5", "2.9.0", found, KERAS_3) == []


@pytest.mark.parametrize(
    ("kind", "keras", "found", "stack", "cause"),
    [
        ("zip", "2.15.0", Architecture(), Stack(keras="2.11.0"), "zip_as_hdf5"),
        ("zip", "2.15.0", Architecture(modules=frozenset({"keras.src.engine.functional"})), KERAS_3,
         "keras2_file_in_keras3"),
        ("zip", "3.4.1", Architecture(modules=frozenset({"keras.src.models.functional"})), KERAS_2,
         "keras3_file_in_keras2"),
        ("hdf5", "3.4.1", model("InputLayer", batch_shape=[None, 3]), KERAS_2, "input_layer_batch_shape"),
        ("zip", "3.13.0", model("Dense", quantization_config=None), KERAS_3, "quantization_config_key"),
        ("hdf5", "2.12.0", model("DepthwiseConv2D", groups=1), KERAS_3, "keras2_convolution_groups"),
        ("hdf5", "2.12.0", model("LSTM", time_major=False), KERAS_3, "keras2_recurrent_keys"),
        ("hdf5", "2.0.5", Architecture(keys=frozenset({"optimizer.lr"})), KERAS_3, "optimizer_argument_unknown"),
        ("hdf5", "2.12.0", Architecture(optimizer="Custom>Adam"), Stack(keras="2.9.0"), "optimizer_unknown"),
        ("savedmodel", "2.9.0", Architecture(), KERAS_3, "savedmodel_not_readable_by_keras3"),
        ("savedmodel", "", Architecture(), Stack(backend="jax"), "backend_not_supported"),
        ("hdf5", "2.9.0", model("LocallyConnected1D"), KERAS_3, "builtin_of_another_version"),
    ],
    ids=lambda item: item if isinstance(item, str) else "",
)  # fmt: skip
def test_a_reason_is_known(kind: str, keras: str, found: Architecture, stack: Stack, cause: str) -> None:
    assert cause in told(kind, keras, found, stack)


def test_what_the_loss_is_stored_as() -> None:
    for loss in ("mse", {"out": "MAE"}, {"class_name": "Huber", "config": {"reduction": "auto"}}):
        found = describe(files.MODEL, {"loss": loss})
        (reason,) = reasons("hdf5", "2.9.0", found, frozenset(), KERAS_3)
        assert reason.avoid == "compile=False"
        assert told("hdf5", "2.9.0", found, KERAS_2) == []
    assert told("hdf5", "2.9.0", describe(files.MODEL, {"loss": "mean_squared_error"}), KERAS_3) == []


def test_what_only_the_author_has_is_missing_everywhere() -> None:
    found = describe(files.MODEL, {"loss": "tversky_loss"})
    (reason,) = reasons("hdf5", "2.9.0", found, frozenset(), KERAS_2)
    assert (reason.cause, reason.avoid) == ("custom_function_missing", "custom_objects, or compile=False")
    (reason,) = reasons("zip", "2.15.0", model("Mine"), frozenset(), KERAS_2)
    assert (reason.cause, reason.avoid) == ("custom_class_missing", "custom_objects")


def test_a_name_that_says_something_else() -> None:
    found = describe(files.MODEL, None)
    (reason,) = reasons("hdf5", "2.9.0", found, frozenset(), KERAS_3, ".keras")
    assert reason.cause == "hdf5_as_zip"
    assert reasons("hdf5", "2.9.0", found, frozenset(), KERAS_2, ".keras") == ()
    assert reasons("hdf5", "2.9.0", found, frozenset(), KERAS_3, ".h5") == ()


def test_weights_alone_load_nowhere_as_a_model() -> None:
    assert told("hdf5", "2.9.0", Architecture(), KERAS_2) == ["configuration_missing"]


def test_a_reason_of_newer_files_is_none_of_older_ones() -> None:
    assert told("hdf5", "2.9.0", model("InputLayer", batch_shape=[None, 3]), KERAS_2) == []
    assert told("zip", "3.13.0", model("Dense", quantization_config=None), Stack(keras="3.13.2")) == []


def test_what_nobody_knows_of_is_not_judged() -> None:
    assert told("zip", "", model("LSTM", time_major=False), Stack()) == []


@pytest.mark.parametrize(
    ("python", "cannot"), [("3.8.18", True), ("3.11.7", False), ("3.12.1", False), ("3.15.0", False)]
)
def test_bytecode_is_refused_where_the_python_cannot_read_it(python: str, cannot: bool) -> None:
    found = model("Lambda", name="l", function=[DUMPS["3.11"], None, None], function_type="lambda")
    stack = Stack(keras="2.15.0", python=python)
    assert ("lambda_bytecode" in told("hdf5", "2.15.0", found, stack)) == cannot


def test_code_is_refused_unless_it_is_trusted() -> None:
    found = model("Lambda", name="l", function=[DUMPS["3.11"], None, None], function_type="lambda")
    (reason,) = reasons("hdf5", "2.15.0", found, frozenset(), KERAS_3)
    assert reason.cause == "lambda_refused"
    assert reason.avoid.startswith("safe_mode=False")
    assert not known.certain((reason,))


def test_no_argument_helps_where_one_reason_has_none() -> None:
    found = reasons("zip", "2.15.0", Architecture(), frozenset(), Stack(keras="2.9.0"))
    assert known.certain(found)
