from pathlib import Path

from runner.inspection import savedmodel
from tests.runner.inspection import files


def test_what_a_savedmodel_of_keras_says(tmp_path: Path) -> None:
    found = savedmodel.read(files.saved_model(tmp_path))
    assert found["damage"] == []
    assert found["tensorflow_version"] == "2.9.3"
    assert found["keras_version"] == "2.9.0"
    assert found["signatures"] == ["serving_default"]
    assert found["classes"] == ["Mine"]
    assert found["variables"] == 1
    assert found["weight_bytes"] == 24


def test_an_export_is_not_of_keras(tmp_path: Path) -> None:
    found = savedmodel.read(files.saved_model(tmp_path, keras=False))
    assert not found.get("keras")
    assert found["damage"] == []


def test_variables_that_are_cut_off_are_damage(tmp_path: Path) -> None:
    found = savedmodel.read(files.saved_model(tmp_path, cut=4))
    assert found["damage"] == ["variables.data-00000-of-00001 is cut off: it has 20 of 24 bytes."]


def test_variables_that_are_not_there_are_damage(tmp_path: Path) -> None:
    folder = files.saved_model(tmp_path)
    for file in (folder / "variables").iterdir():
        file.unlink()
    (folder / "variables").rmdir()
    assert savedmodel.read(folder)["damage"] == ["The folder variables is not there: it holds the weights."]


def test_a_graph_that_is_cut_off_is_damage(tmp_path: Path) -> None:
    graph = files.saved_model(tmp_path) / "saved_model.pb"
    graph.write_bytes(graph.read_bytes()[:-9])
    assert savedmodel.read(tmp_path)["damage"] == ["saved_model.pb is damaged: it is cut off."]


def test_operations_that_reach_out_are_named(tmp_path: Path) -> None:
    found = savedmodel.read(
        files.saved_model(tmp_path, operations=("VarHandleOp", "SaveV2", "ReadFile", "EagerPyFunc"))
    )
    assert found["reaching"] == ["EagerPyFunc", "ReadFile"]


def test_an_asset_may_not_lead_out_of_its_folder(tmp_path: Path) -> None:
    folder = files.saved_model(tmp_path / "model")
    (tmp_path / "secret").write_text("x")
    asset = files.field(6, files.field(2, b"../../secret"))
    graph = folder / "saved_model.pb"
    tail = files.field(2, files.field(5, files.field(1, b"f")) + asset)
    graph.write_bytes(files.field(1, 1) + tail)
    assert savedmodel.read(folder)["damage"] == ["The asset ../../secret is not there."]


def test_a_savedmodel_as_text_is_said(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pbtxt").write_text("")
    assert savedmodel.read(tmp_path)["notes"] == [
        "It is written as text (saved_model.pbtxt), which is not looked into."
    ]


def test_slots_of_an_optimizer_are_seen(tmp_path: Path) -> None:
    assert savedmodel.read(files.saved_model(tmp_path / "plain"))["slots"] is False
    assert savedmodel.read(files.saved_model(tmp_path / "trained", slots=2))["slots"] is True
