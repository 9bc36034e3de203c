from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from runner.inspection.architecture import Architecture, Object, describe
from tests.runner.inspection import files

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "class_name",
                    "config",
                    "layers",
                    "module",
                    "function",
                    "activation",
                    "loss",
                    "optimizer",
                    "x",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


def test_layers_and_compile_settings() -> None:
    found = describe(files.MODEL, files.TRAINING)
    assert found.kind == "Sequential"
    assert found.layers == {"Dense": 1}
    assert (found.optimizer, found.loss, found.metrics, found.compiled) == (
        "Adam",
        "mse",
        ("accuracy",),
        True,
    )
    assert {"Dense.units", "Adam.learning_rate", "optimizer.learning_rate"} <= found.keys


def test_compile_settings_of_keras_3() -> None:
    loss = {
        "module": "builtins",
        "class_name": "function",
        "config": "my_loss",
        "registered_name": "function",
    }
    metric = {
        "module": "keras.metrics",
        "class_name": "AUC",
        "config": {"name": "auc"},
        "registered_name": None,
    }
    optimizer = {"module": "keras.optimizers", "class_name": "Adam", "config": {"learning_rate": 0.5}}
    training = {"optimizer": optimizer, "loss": {"out": loss}, "metrics": [metric]}
    found = describe({**files.MODEL, "compile_config": training}, training)
    assert (found.optimizer, found.loss, found.metrics) == ("Adam", "my_loss", ("AUC",))
    assert Object(name="my_loss", module="builtins", compile_only=True) in found.objects


def test_what_stands_in_the_model_is_not_only_for_compiling() -> None:
    layer = {"class_name": "Mine", "config": {"activation": "swoosh"}}
    found = describe({"class_name": "Sequential", "config": [layer]}, {"loss": ["Mine", "other"]})
    assert {(item.name, item.compile_only) for item in found.objects} == {
        ("Sequential", False),
        ("Mine", False),
        ("swoosh", False),
        ("other", True),
    }


def test_a_registered_name_goes_before_the_class() -> None:
    layer: dict[str, Any] = {
        "class_name": "Mine",
        "module": None,
        "registered_name": "pack>Mine",
        "config": {},
    }
    assert Object(name="pack>Mine") in describe(layer, None).objects


def test_a_lambda_that_is_a_name_is_a_function_to_bring() -> None:
    config = {"name": "l", "function_type": "function", "function": "scale"}
    found = describe(
        {"class_name": "Sequential", "config": [{"class_name": "Lambda", "config": config}]}, None
    )
    assert Object(name="scale") in found.objects
    assert found.lambdas == ()


def test_what_lies_outside_of_the_file_is_listed() -> None:
    layers = [
        {"class_name": "TFSMLayer", "config": {"filepath": "/other"}},
        {"class_name": "KerasLayer", "config": {"handle": "https://hub.example/m"}},
        {"class_name": "StringLookup", "config": {"vocabulary": "/words.txt"}},
    ]
    assert describe({"class_name": "Sequential", "config": layers}, None).references == (
        "TFSMLayer: /other",
        "KerasLayer: https://hub.example/m",
        "StringLookup.vocabulary: /words.txt",
    )


def test_nothing_is_an_empty_architecture() -> None:
    assert describe(None, None) == Architecture()


@given(JSON, JSON)
def test_it_is_total(model: Any, training: Any) -> None:
    assert isinstance(describe(model, training), Architecture)
