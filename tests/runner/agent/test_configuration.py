"""What a file says of its model: archives and folders made here. HDF5 is read in tests/real."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from runner.agent import configuration

MODEL = {
    "module": "keras",
    "class_name": "Sequential",
    "config": {"layers": [{"module": "builtins", "class_name": "__lambda__", "config": {"code": "x"}}]},
    "compile_config": {"loss": "mse"},
}


def archive(path: Path, config: str, **members: str) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("metadata.json", '{"keras_version": "3.4.1"}')
        made.writestr("config.json", config)
        for name, text in members.items():
            made.writestr(name, text)
    return path


def test_an_archive_is_read_and_copied_with_another_configuration(tmp_path: Path) -> None:
    source = archive(tmp_path / "m.keras", json.dumps(MODEL), weights="arrays")
    stored = configuration.read(str(source))
    assert (stored.kind, stored.keras_version, stored.training) == ("zip", "3.4.1", {"loss": "mse"})
    configuration.write(str(source), str(tmp_path / "copy.keras"), {"class_name": "Other"})
    with zipfile.ZipFile(tmp_path / "copy.keras") as copy:
        assert copy.namelist() == ["metadata.json", "config.json", "weights"]
        assert copy.read("weights") == b"arrays"
        assert json.loads(copy.read("config.json")) == {"class_name": "Other"}


def test_facts_of_an_archive(tmp_path: Path) -> None:
    assert configuration.facts(str(archive(tmp_path / "m.keras", json.dumps(MODEL)))) == {
        "keras_version": "3.4.1",
        "backend": "",
        "modules": ["builtins", "keras"],
        "classes": ["Sequential", "__lambda__"],
        "keys": ["Sequential.layers", "__lambda__.code"],
        "redefined": [],
        "axes": [],
        "axis": [],
        "masks": [],
        "lambda": True,
        "compiled": True,
    }


def test_a_folder_with_the_architecture_as_text(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "m.json").write_text(json.dumps({"class_name": "A", "keras_version": "2.9.0"}))
    stored = configuration.read(str(tmp_path / "model"))
    assert (stored.kind, stored.keras_version) == ("json", "2.9.0")
    configuration.write(str(tmp_path / "model"), str(tmp_path / "copy"), {"class_name": "B"})
    assert configuration.read(str(tmp_path / "copy")).model == {"class_name": "B"}


def test_a_saved_model_tells_its_versions_and_classes(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "saved_model.pb").write_bytes(b"\x08\x01\x12\x2a\x062.15.1\x32\x07v2.15.1\x2a\x031.2\x32")
    (folder / "keras_metadata.pb").write_bytes(b'\x0a{"class_name": "Dense", "keras_version": "2.15.0"}\xff')
    found = configuration.facts(str(folder))
    assert found["tensorflow_version"] == "2.15.1"
    assert found["keras_version"] == "2.15.0"
    assert found["classes"] == ["Dense"]
    assert found["keras_metadata"]


@pytest.mark.parametrize(
    "content", [b"", b"version https://git-lfs", b"PK\x03\x04 and no more", b"\x00" * 99]
)
def test_a_broken_file_has_facts_and_does_not_raise(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.keras").write_bytes(content)
    assert "unreadable" in configuration.facts(str(tmp_path / "m.keras"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 300 + "]" * 300, "nested more than 200"),
        ("[" * 200_000, "nested too deeply|Expecting|recursion"),
        ("{", "Expecting"),
    ],
)
def test_what_a_file_may_say_is_bounded(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        configuration.parse(text.encode())


def test_a_configuration_may_not_be_larger_than_it_says(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(configuration, "LARGEST", 100)
    with pytest.raises(ValueError, match="more than"):
        configuration.read(str(archive(tmp_path / "m.keras", json.dumps(["x" * 100]))))


def test_an_axis_that_an_older_reader_drops_is_a_fact() -> None:
    def layer(name: str, axis: Any, **more: Any) -> dict[str, Any]:
        return {"class_name": name, "config": {"axis": axis}, **more}

    found = configuration.names(
        [layer("Softmax", 1), layer("Concatenate", -1), layer("BatchNormalization", [1])]
    )
    assert (found["axis"], found["axes"]) == (["Softmax"], [])
    found = configuration.names([layer("Softmax", [1, 2]), layer("Concatenate", 1, module="keras.layers")])
    assert (found["axis"], found["axes"]) == ([], ["Softmax"])


def test_layers_that_make_a_mask_are_a_fact() -> None:
    def embedding(**config: Any) -> dict[str, Any]:
        return {"class_name": "Embedding", "config": config}

    assert configuration.names([embedding(mask_zero=False)])["masks"] == []
    masking = {"class_name": "Masking", "config": {}}
    assert configuration.names([embedding(mask_zero=True), masking])["masks"] == ["Embedding", "Masking"]


@pytest.mark.parametrize(
    ("version", "config", "said"),
    [
        ("3.4.1", {"strides": [2, 2]}, True),
        ("3.14.1", {"strides": 2}, True),
        ("3.15.0", {"strides": [2, 2]}, False),
        ("2.15.0", {"strides": [2, 2]}, False),
        ("", {"strides": [2, 2]}, False),
        ("3.4.1", {"strides": [1, 1]}, False),
        ("3.4.1", {"strides": None}, False),
        ("3.4.1", {"strides": [2, 2], "output_padding": None}, False),
    ],
)
def test_what_no_file_of_a_version_says(version: str, config: dict[str, Any], said: bool) -> None:
    layers = [
        {"class_name": "Dense", "config": {"strides": 2}},
        {"class_name": "Conv2DTranspose", "config": config},
    ]
    sentence = configuration.unwritten({"class_name": "Sequential", "config": {"layers": layers}}, version)
    assert ("output_padding of a Conv2DTranspose" in sentence) is bool(sentence) is said


@pytest.mark.parametrize(
    ("version", "loss", "said"),
    [
        ("3.15.1", {"class_name": "Huber", "config": {"name": "huber_loss"}}, "the delta of Huber"),
        (
            "3.0.0",
            {"class_name": "CosineSimilarity", "config": {"dtype": None}},
            "the axis of CosineSimilarity",
        ),
        ("3.15.1", {"class_name": "Huber", "config": {"delta": 3.0}}, ""),
        ("2.15.0", {"class_name": "Huber", "config": {}}, ""),
        ("3.15.1", {"class_name": "LogCosh", "config": {}}, ""),
        ("3.15.1", {"class_name": "Huber", "config": None}, ""),
    ],
)
def test_a_setting_of_a_loss_that_keras_3_never_writes(version: str, loss: dict[str, Any], said: str) -> None:
    whole = {"class_name": "Sequential", "config": {"layers": []}, "compile_config": {"loss": loss}}
    sentence = configuration.unwritten([whole, None], version)
    assert (said in sentence) if said else not sentence
