"""What a file is, whatever it is called."""

import zipfile
from pathlib import Path

import h5py
import pytest

from runner.agent.kinds import kind_of


def test_a_keras_archive_gives_its_architecture(tmp_path: Path) -> None:
    path = tmp_path / "model.h5"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", '{"class_name": "Sequential"}')
    found = kind_of(str(path))
    assert (found.format, found.config, found.note) == ("keras", {"class_name": "Sequential"}, "")


@pytest.mark.parametrize("text", ["[1]", "{", "\ud83d", "[" * 100_000])
def test_an_archive_with_an_architecture_that_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", text.encode("utf-8", "surrogatepass"))
    found = kind_of(str(path))
    assert (found.format, found.config) == ("keras", {})
    assert "config.json" in found.note


def test_an_archive_that_was_cut_off(tmp_path: Path) -> None:
    (tmp_path / "model.keras").write_bytes(b"PK\x03\x04 and no more")
    assert "config.json" in kind_of(str(tmp_path / "model.keras")).note


@pytest.mark.parametrize(("graph", "kind"), [(b"..._tf_keras_model...", "savedmodel"), (b"...", "export")])
def test_saved_models_of_keras_and_others(tmp_path: Path, graph: bytes, kind: str) -> None:
    (tmp_path / "saved_model.pb").write_bytes(graph)
    assert kind_of(str(tmp_path)).format == kind


def test_a_checkpoint_needs_code(tmp_path: Path) -> None:
    (tmp_path / "ckpt-1.index").write_bytes(b"x")
    assert "code" in kind_of(str(tmp_path)).note
    assert kind_of(str(tmp_path), code=True).note == ""


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "nothing in it"),
        (b"\0" * 100, "zeros"),
        (b"\x1c\0\0\0TFL3", "Lite"),
        (b"\x80\x04\x95", "pickle"),
        (b"<!DOCTYPE html>", "web page"),
        (b'{"class_name": 1}', "JSON"),
        (b"version https://git-lfs.github.com/spec/v1", "LFS"),
        (b"hello", "text"),
    ],
)
def test_what_is_no_model_is_said(tmp_path: Path, content: bytes, word: str) -> None:
    (tmp_path / "model.h5").write_bytes(content)
    found = kind_of(str(tmp_path / "model.h5"))
    assert found.format == "h5"
    assert word in found.note


def test_what_is_not_there_or_empty(tmp_path: Path) -> None:
    assert kind_of(str(tmp_path / "no.keras")).note == "There is no such file."
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "notes.txt").touch()
    assert "saved_model.pb" in kind_of(str(tmp_path / "folder")).note


def test_an_unpacked_archive_is_to_be_packed_again(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    assert "pack it again" in kind_of(str(tmp_path)).note


def test_weights_of_a_subclassed_model_of_keras_3(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "m.weights.h5", "w") as file:
        file["block1/layers/conv2d/vars/0"] = [1.0]
    assert kind_of(str(tmp_path / "m.weights.h5"), code=True).format == "weights"
    assert "weights alone" in kind_of(str(tmp_path / "m.weights.h5")).note
