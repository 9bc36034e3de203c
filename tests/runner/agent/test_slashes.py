"""Names of layers with slashes, in graphs as either generation of Keras writes them."""

import copy
from typing import Any

from runner.agent.repair import repair
from runner.agent.slashes import without

RULE = {"do": "without_slashes"}


def layer(name: str, *calls: Any) -> dict[str, Any]:
    return {"class_name": "ReLU", "config": {"name": name}, "name": name, "inbound_nodes": list(calls)}


def test_a_graph_is_whole_after_its_layers_have_other_names() -> None:
    call = {
        "args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["conv1/bn", 0, 0]}}],
        "kwargs": {},
    }
    layers = [
        layer("cqt/mag"),
        layer("conv1/bn", [["cqt/mag", 0, 0, {"mask": ["cqt/mag", 0, 0]}]]),
        layer("conv1_bn", call),
    ]
    ends = {"input_layers": [["cqt/mag", 0, 0]], "output_layers": ["conv1/bn", 0, 0]}
    model = {"class_name": "Functional", "config": {"name": "a", "layers": layers, **ends}}
    found, said = repair(model, [RULE])
    assert said == ["layer cqt/mag is called cqt_mag", "layer conv1/bn is called conv1_bn_"]
    assert "/" not in str(found)
    assert [one["name"] for one in found["config"]["layers"]] == ["cqt_mag", "conv1_bn_", "conv1_bn"]
    assert found["config"]["layers"][1]["inbound_nodes"] == [[["cqt_mag", 0, 0, {"mask": ["cqt_mag", 0, 0]}]]]
    assert (
        found["config"]["layers"][2]["inbound_nodes"][0]["args"][0]["config"]["keras_history"][0]
        == "conv1_bn_"
    )
    assert found["config"]["output_layers"] == ["conv1_bn_", 0, 0]
    assert repair(found, [RULE]) == (found, [])


def test_other_words_with_slashes_stay() -> None:
    path = {"class_name": "Functional", "config": {"name": "a", "layers": [], "vocabulary": "words/de.txt"}}
    others: list[Any] = [path, {"loss": "a/b"}, [], "a/b", None]
    for config in others:
        kept = copy.deepcopy(config)
        assert without(config, RULE) == []
        assert config == kept
