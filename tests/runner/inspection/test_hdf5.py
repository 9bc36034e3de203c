import io
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runner.inspection import hdf5
from tests.runner.inspection import files


def read(path: Path) -> dict[str, Any]:
    with path.open("rb") as stream:
        return hdf5.read(stream)


def test_a_whole_model(tmp_path: Path) -> None:
    found = read(files.hdf5(tmp_path / "m.h5", training=files.TRAINING))
    assert found["damage"] == []
    assert found["keras_version"] == "2.9.0"
    assert found["backend"] == "tensorflow"
    assert found["model"] == files.MODEL
    assert found["training"] == files.TRAINING
    assert (found["datasets"], found["parameters"], found["weight_bytes"]) == (1, 6, 24)


@pytest.mark.parametrize("kept", [10, 63, 64, 500, -1])
def test_a_download_that_stopped_is_told_in_bytes(tmp_path: Path, kept: int) -> None:
    path = files.hdf5(tmp_path / "m.h5")
    whole = path.read_bytes()
    path.write_bytes(whole[:kept])
    (said,) = read(path)["damage"]
    assert said.startswith("It is cut off: it has ")
    if kept >= 64 or kept < 0:
        assert f"of {len(whole):,} bytes" in said


def test_weights_below_what_the_attributes_of_a_model_are_called(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "m.weights.h5", "w") as file:
        file["block1/layers/conv2d/vars/0"] = [1.0]
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["block1/data/0"] = [1.0]
    assert read(tmp_path / "m.weights.h5")["layers"] is True
    assert read(tmp_path / "other.h5")["layers"] is False


@pytest.mark.parametrize("library", ["earliest", "latest"])
def test_both_kinds_of_superblock_say_how_long_the_file_is(tmp_path: Path, library: str) -> None:
    with h5py.File(tmp_path / "m.h5", "w", libver=library) as tree:
        tree["x"] = np.zeros(100)
    with (tmp_path / "m.h5").open("rb") as stream:
        assert hdf5.end_of_file(stream) == (tmp_path / "m.h5").stat().st_size


def test_links_are_listed_and_not_followed(tmp_path: Path) -> None:
    other = files.hdf5(tmp_path / "other.h5")
    path = files.hdf5(tmp_path / "m.h5")
    with h5py.File(path, "a") as tree:
        del tree["model_weights"]
        tree["model_weights"] = h5py.ExternalLink(str(other), "/model_weights")
        tree["soft"] = h5py.SoftLink("/nowhere")
    found = read(path)
    assert found["datasets"] == 0
    assert {(item["name"], item["file"], item["to"]) for item in found["links"]} == {
        ("model_weights", str(other), "/model_weights"),
        ("soft", "", "/nowhere"),
    }


def test_groups_in_a_circle_come_to_an_end(tmp_path: Path) -> None:
    path = files.hdf5(tmp_path / "m.h5")
    with h5py.File(path, "a") as tree:
        tree["model_weights/again"] = tree["/"]
    assert read(path)["datasets"] == 1


def test_data_in_other_files_is_unusual(tmp_path: Path) -> None:
    path = files.hdf5(tmp_path / "m.h5")
    with h5py.File(path, "a") as tree:
        tree.create_dataset("outside", (4,), "float32", external=[(str(tmp_path / "raw"), 0, 16)])
        layout = h5py.VirtualLayout((2,), "float32")
        layout[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "x", (2,))
        tree.create_virtual_dataset("virtual", layout)
    assert sorted(read(path)["unusual"]) == ["outside", "virtual"]


def test_more_objects_than_a_model_has_are_not_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hdf5, "_MOST", 3)
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as tree:
        for index in range(9):
            tree.create_group(str(index))
    assert read(path)["damage"] == ["It holds more than 3 objects; the rest was not looked at."]


def test_a_shape_without_end_is_not_read(tmp_path: Path) -> None:
    path = files.hdf5(tmp_path / "m.h5")
    with h5py.File(path, "a") as tree:
        tree.create_dataset("huge", (10**12,), "float32", chunks=(1000,))
    assert read(path)["parameters"] == 10**12 + 6


def test_a_configuration_that_is_no_json_is_damage(tmp_path: Path) -> None:
    path = files.hdf5(tmp_path / "m.h5")
    with h5py.File(path, "a") as tree:
        tree.attrs["model_config"] = "{"
    (said,) = read(path)["damage"]
    assert said.startswith("model_config cannot be read: ")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(st.binary(max_size=400))
def test_any_bytes_are_answered(content: bytes) -> None:
    assert hdf5.read(io.BytesIO(content))["damage"]
    assert hdf5.read(io.BytesIO(b"\x89HDF\r\n\x1a\n" + content))["damage"]
