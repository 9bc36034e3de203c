import pickle
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runner.inspection.reading import facts
from tests.runner.inspection import files


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no bytes"),
        (b"a text\n", "text, and no model"),
        (b"\xfe\xffa", "neither HDF5 nor a zip archive"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"\n  <html>", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"),
        (bytes(5000), "nothing but zeros"),
        (pickle.dumps({"a": 1}), "pickle"),
        (b"\x1f\x8b\x08" + bytes(50), "gzip"),
        (bytes(257) + b"ustar" + bytes(300), "tar archive"),
        (b"\x1c\0\0\0TFL3" + bytes(20), "TensorFlow Lite"),
    ],
)
def test_what_is_no_model_is_named(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "m.h5").write_bytes(content)
    assert said in facts(tmp_path / "m.h5")["other"]


def test_a_folder_that_is_no_savedmodel(tmp_path: Path) -> None:
    assert "empty" in facts(tmp_path)["other"]
    (tmp_path / "a").write_text("x")
    assert "no SavedModel" in facts(tmp_path)["other"]


def test_an_architecture_as_text(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text('{"class_name": "Sequential", "config": [], "keras_version": "2.2.4"}')
    found = facts(tmp_path / "m.json")
    assert (found["kind"], found["keras_version"]) == ("json", "2.2.4")


def test_the_bytes_decide_and_not_the_name(tmp_path: Path) -> None:
    assert facts(files.archive(tmp_path / "m.h5"))["kind"] == "zip"
    assert facts(files.hdf5(tmp_path / "m.keras"))["kind"] == "hdf5"
    assert facts(files.saved_model(tmp_path / "m.saved.keras"))["kind"] == "savedmodel"


def test_a_part_of_a_checkpoint_says_how_to_name_the_whole(tmp_path: Path) -> None:
    files.bundle(tmp_path / "ckpt", {"a": 1})
    assert facts(tmp_path / "ckpt")["kind"] == "checkpoint"
    assert str(tmp_path / "ckpt") in facts(tmp_path / "ckpt.index")["other"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=80)
@given(
    st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06", b"\x89HDF\r\n\x1a\n", b"{"])
)
def test_any_bytes_are_answered(tmp_path: Path, content: bytes, head: bytes) -> None:
    (tmp_path / "m").write_bytes(head + content)
    found = facts(tmp_path / "m")
    assert found.get("damage") or found.get("other") or found["kind"] in ("json", "zip")
