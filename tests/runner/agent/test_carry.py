"""What goes on with a hop, and what is told of one that fails. Real models: tests/real/test_migrate.py."""

import json
import os
import types
from pathlib import Path
from typing import Any

import numpy as np

from runner.agent import reference as references
from runner.agent.carry import carried, carry_cell
from runner.agent.reference import Reference
from runner.agent.stack import Stack
from runner.heard import understood

FACTS = {
    "adopted": True,
    "name": "old.h5",
    "saved_by": "unknown",
    "architecture": "old.json",
    "loaded": "plain",
    "inputs": "leaf",
    "noise": [0.0],
    "batches": [
        {
            "label": "2, zeros",
            "inputs": "leaf",
            "outputs": {"nest": "leaf", "tensors": [["dense", "float32", [2, 1]]]},
            "noise": [0.0],
        }
    ],
    "structure": {
        "class": "Sequential",
        "layers": [["Dense", 2]],
        "outputs": {"nest": "leaf", "tensors": [["dense", "float32", [2, 1]]]},
    },
    "weights": ["0f", "1e"],
    "loss": {"loss": 0.5},
    "input_names": ["old_input"],
}


EVENT = {
    "event": "cell",
    "key": {"producer": "here", "probe": "old", "format": "0"},
    "status": "done",
    "output": "",
    "seconds": 0.1,
}


def home() -> Reference:
    arrays: dict[str, Any] = {
        "input_0": np.ones((2, 3), "float32"),
        "output_0": np.zeros((2, 1), "float32"),
        "batch0.input_0": np.zeros((2, 3), "float32"),
        "batch0.output_0": np.zeros((2, 1), "float32"),
    }
    return Reference(dict(FACTS), arrays)


def test_what_home_saw_goes_on_and_the_names_of_the_file_are_the_new_ones() -> None:
    found = carried(home(), "keras", "model.save", {"input_names": [], "output_names": []})
    same = ("adopted", "structure", "weights", "loss", "batches", "noise", "inputs", "input_names")
    assert {name: found.facts[name] for name in same} == {name: FACTS[name] for name in same}
    assert (found.facts["name"], found.facts["saved_by"]) == ("m.keras", "model.save")
    assert "architecture" not in found.facts
    assert "loaded" not in found.facts
    assert found.arrays("output")[0].tolist() == [[0.0], [0.0]]


def test_an_export_is_held_against_outputs_of_every_batch_and_no_more() -> None:
    found = carried(home(), "export", "model.export", {"input_names": ["new_input"], "output_names": ["y"]})
    assert found.facts["structure"] == {
        "outputs": {"nest": "leaf", "tensors": [["dense", "float32", [2, 1]]]}
    }
    assert found.facts["input_names"] == ["new_input"]
    assert [facts["label"] for facts, _, _ in found.batches()] == ["2, zeros"]
    assert not {"weights", "loss"} & set(found.facts)


def test_the_reference_of_home_is_left_as_it_was() -> None:
    before = home()
    carried(before, "export", "model.export", {})
    assert before.facts == FACTS


def carry(folder: Path, way: dict[str, Any]) -> dict[str, Any]:
    """A hop of a file that this framework does not load."""

    def load_model(path: str, **arguments: Any) -> Any:
        raise ValueError("Unknown layer: Odd")

    keras: Any = types.SimpleNamespace(
        __version__="3.15.1",
        layers=types.SimpleNamespace(Dense=int),
        utils=types.SimpleNamespace(set_random_seed=lambda seed: None),
        backend=types.SimpleNamespace(clear_session=lambda: None),
        models=types.SimpleNamespace(load_model=load_model),
    )
    artifact = folder / "artifact"
    (artifact / "payload").mkdir(parents=True)
    (artifact / "payload" / "old.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    home().write(str(artifact))
    (folder / "none.py").write_text("CODE_AT_LOADING = False\n")
    task = {"probes": {"old": str(folder / "none.py")}, "tolerances": {}}
    cell = {"artifact": str(artifact), "probe": "old", "format": "h5", "save_as": "keras", "way": way}
    (folder / "work").mkdir()
    return carry_cell(Stack(keras, None, "jax"), task, cell, str(folder / "out"), str(folder / "work"))


def test_a_hop_that_does_not_load_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    record = carry(tmp_path, {})
    assert understood(json.dumps({**EVENT, "value": record}), "carry") is not None
    assert (record["status"], record["stage"]) == ("save_failed", "load")
    assert record["error"]["message"] == "Unknown layer: Odd"
    assert record["seen"]["checks"] == {}
    assert "sha256" not in record
    assert os.listdir(tmp_path / "out" / "payload") == []  # noqa: PTH208


def test_what_gives_outputs_alone_is_no_model_to_save(tmp_path: Path) -> None:
    record = carry(tmp_path, {"id": "tfsm_layer", "way": "tfsm_layer"})
    assert record["stage"] == "load"
    assert (
        record["error"]["message"] == "What loads so gives outputs and is no Keras model that could be saved."
    )


def test_the_artifact_is_never_written(tmp_path: Path) -> None:
    carry(tmp_path, {"id": "compile_false", "way": "load", "compile": False})
    assert (tmp_path / "artifact" / "payload" / "old.h5").read_bytes() == b"\x89HDF\r\n\x1a\n"
    assert references.read(str(tmp_path / "artifact")).facts == FACTS
