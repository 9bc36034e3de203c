"""What a model takes is read from architectures of every generation, and from models that say it themselves."""

import types
from typing import Any

import numpy as np
import pytest

from runner.agent.specification import Specification, Tensor, of_config, of_model, of_signature, of_vocabulary


def layer(kind: str, name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": kind, "config": {"name": name, **config}}


def functional(*layers: dict[str, Any], inputs: Any) -> dict[str, Any]:
    return {
        "class_name": "Functional",
        "config": {"name": "model", "layers": list(layers), "input_layers": inputs},
    }


def test_a_graph_of_keras_2_with_an_embedding_behind_one_input() -> None:
    words = layer("InputLayer", "words", batch_input_shape=[None, None], dtype="float32")
    more = layer("InputLayer", "more", batch_input_shape=[None, 4], dtype="float64")
    flat = {**layer("Dropout", "drop"), "inbound_nodes": [[["words", 0, 0, {}]]]}
    table = {
        **layer("Embedding", "table", input_dim=50, output_dim=8),
        "inbound_nodes": [[["drop", 0, 0, {}]]],
    }
    found = of_config(functional(more, words, flat, table, inputs=[["words", 0, 0], ["more", 0, 0]]))
    assert found is not None
    assert found.tensors == [
        Tensor("words", (None, None), "float32", 50),
        Tensor("more", (None, 4), "float64"),
    ]
    assert found.nest == {"list": ["leaf", "leaf"]}
    assert found.widths == (8, 4)


def test_an_embedding_in_a_model_that_is_applied_to_every_step() -> None:
    begin = layer("InputLayer", "letters", batch_input_shape=[None, 32], dtype="float32")
    table = layer("Embedding", "table", input_dim=101, output_dim=8)
    table["inbound_nodes"] = [[["letters", 0, 0, {}]]]
    words = functional(begin, table, inputs=[["letters", 0, 0]])
    for inside in (words, table):
        each = {**layer("TimeDistributed", "each", layer=inside), "inbound_nodes": [[["text", 0, 0, {}]]]}
        text = layer("InputLayer", "text", batch_input_shape=[None, None, 32], dtype="float32")
        found = of_config(functional(text, each, inputs=[["text", 0, 0]]))
        assert found is not None
        assert found.tensors == [Tensor("text", (None, None, 32), "float32", 101)]


def test_a_graph_of_keras_3_with_one_input_and_a_policy_for_a_dtype() -> None:
    policy = {"class_name": "DTypePolicy", "config": {"name": "int32"}}
    begin = layer("InputLayer", "x", batch_shape=[None, 7], dtype=policy)
    history = {"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}}
    table = {**layer("Embedding", "table", input_dim=9, output_dim=3), "inbound_nodes": [{"args": [history]}]}
    found = of_config(functional(begin, table, inputs=["x", 0, 0]))
    assert found is not None
    assert (found.tensors, found.nest) == ([Tensor("x", (None, 7), "int32", 9)], "leaf")


def test_a_chain_of_layers_as_keras_2_0_wrote_it() -> None:
    first = layer(
        "Embedding", "table", batch_input_shape=[None, 255], dtype="float32", input_dim=128, output_dim=32
    )
    found = of_config({"class_name": "Sequential", "config": [first, layer("LSTM", "lstm", units=16)]})
    assert found is not None
    assert found.tensors == [Tensor("table", (None, 255), "float32", 128)]
    assert found.recurrent == 1


def test_a_model_within_a_chain_and_a_shape_that_only_building_left() -> None:
    inner = functional(layer("InputLayer", "x", batch_shape=[None, 3], dtype="float32"), inputs=[["x", 0, 0]])
    found = of_config({"class_name": "Sequential", "config": {"name": "s", "layers": [inner]}})
    assert found is not None
    assert found.tensors[0].shape == (None, 3)
    built = {"class_name": "Mine", "config": {}, "build_config": {"input_shape": [None, 5]}}
    found = of_config(built)
    assert found is not None
    assert found.tensors[0].shape == (None, 5)


def test_what_croppings_windows_and_strides_take_away() -> None:
    begin = layer("InputLayer", "x", batch_shape=[None, None, 4], dtype="float32")
    layers = (
        layer("Conv1D", "a", filters=32, kernel_size=[11], dilation_rate=[4], strides=[1], padding="same"),
        layer("Conv1D", "b", filters=32, kernel_size=[5], dilation_rate=[2], strides=[2], padding="valid"),
        layer("MaxPooling1D", "c", pool_size=[2], strides=[2], padding="same"),
        layer("Cropping1D", "d", cropping=[5000, 5000]),
    )
    found = of_config(functional(begin, *layers, inputs=[["x", 0, 0]]))
    assert found is not None
    assert (found.least, found.multiple) == (8 + 10_000, 4)


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"config": None},
        {"config": {"layers": []}},
        {"config": {"layers": [7], "input_layers": [[1]]}},
        {"config": 3},
    ],
)
def test_an_architecture_that_says_nothing(config: dict[str, Any]) -> None:
    assert of_config(config) is None


def test_a_model_that_says_it_itself() -> None:
    keras_tensor = types.SimpleNamespace(name="x:0", shape=(None, 3), dtype="float32")
    model = types.SimpleNamespace(inputs=[keras_tensor], layers=[])
    found = of_model(model, {})
    assert found is not None
    assert (found.tensors, found.nest) == ([Tensor("x", (None, 3), "float32")], "leaf")
    assert of_model(types.SimpleNamespace(), {}) is None


def test_a_signature_by_names() -> None:
    text = types.SimpleNamespace(shape=(None,), dtype=types.SimpleNamespace(name="string"))
    found = of_signature({"texts": text})
    assert found is not None
    assert found.tensors == [Tensor("texts", (None,), "string")]
    assert found.nest == {"dict": {"texts": "leaf"}}
    assert of_signature({}) is None


def test_the_sizes_that_layers_were_made_for_are_landmarks() -> None:
    crop = {"class_name": "CenterCrop", "config": {"name": "c", "height": 5, "width": 6, "seed": 77}}
    dense = {"class_name": "Dense", "config": {"name": "d", "units": 31, "trainable": True}}
    entry = {"class_name": "InputLayer", "config": {"name": "i", "batch_input_shape": [None, None, None, 3]}}
    found = of_config({"class_name": "Sequential", "config": {"layers": [entry, crop, dense]}})
    assert found is not None
    assert found.landmarks == (5, 6)
    assert found.layers == 4


def test_what_a_masking_layer_skips_belongs_to_sequences_of_numbers() -> None:
    entry = {"class_name": "InputLayer", "config": {"name": "i", "batch_input_shape": [None, None, 3]}}
    masking = {"class_name": "Masking", "config": {"name": "m", "mask_value": -1}}
    found = of_config({"class_name": "Sequential", "config": {"layers": [entry, masking]}})
    assert found is not None
    assert found.tensors[0].blank == -1.0
    plain = of_config({"class_name": "Sequential", "config": {"layers": [entry]}})
    assert plain is not None
    assert plain.tensors[0].blank is None


@pytest.mark.parametrize(("zero", "blank"), [(True, 0.0), (False, None)])
def test_the_token_that_an_embedding_hides(zero: bool, blank: float | None) -> None:
    entry = layer("InputLayer", "i", batch_input_shape=[None, None], dtype="int32")
    tokens = layer("Embedding", "e", input_dim=9, output_dim=4, mask_zero=zero)
    found = of_config({"class_name": "Sequential", "config": {"layers": [entry, tokens]}})
    assert found is not None
    assert (found.tensors[0].high, found.tensors[0].blank) == (9, blank)


def test_words_and_numbers_that_layers_know() -> None:
    keras_tensor = types.SimpleNamespace(shape=(None, 1), dtype="int64", name="keys")
    keys = types.SimpleNamespace(get_vocabulary=lambda: [-1, np.int64(10), 20])
    words = types.SimpleNamespace(get_vocabulary=lambda: ["", "[UNK]", "cat"])
    found = of_model(types.SimpleNamespace(inputs=[keras_tensor], layers=[keys, words]), {})
    assert found is not None
    assert (found.tensors[0].words, found.tensors[0].numbers) == (("[UNK]", "cat"), (-1, 10, 20))


def test_where_the_code_does_not_say_what_it_looks_up_every_embedding_bounds_it() -> None:
    class Embedding:
        def __init__(self, size: int) -> None:
            self.input_dim = size

    known = Specification([Tensor("a", (None, 3), "float32"), Tensor("t", (None,), "string")])
    model = types.SimpleNamespace(_flatten_layers=lambda: iter([Embedding(50), object(), Embedding(20)]))
    (found,) = of_vocabulary(known, model)
    assert found.tensors == [Tensor("a", (None, 3), "float32", 20), Tensor("t", (None,), "string")]
    assert of_vocabulary(found, model) == []
    assert of_vocabulary(known, types.SimpleNamespace(layers=[object()])) == []
