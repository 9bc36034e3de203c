"""Arrays read from small files in each layout, and from files that mislead."""

import io
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from runner.agent.stored_weights import Tree, natural, read

KERNEL: Any = np.full((2, 3), 1.0, "float32")
BIAS: Any = np.full(3, 2.0, "float32")


def by_layers(path: Path, *, below: str = "", optimizer: bool = False) -> None:
    with h5py.File(path, "w") as file:
        group = file.create_group(below) if below else file
        group.attrs["layer_names"] = [b"input", b"dense"]
        group.create_group("input").attrs["weight_names"] = []
        dense = group.create_group("dense")
        dense.attrs["weight_names"] = [b"dense/kernel:0", b"dense/bias:0"]
        dense["dense/kernel:0"], dense["dense/bias:0"] = KERNEL, BIAS
        if optimizer:
            state = file.create_group("optimizer_weights")
            state.attrs["weight_names"] = ["iter:0"]
            state["iter:0"] = np.int64(7)


def as_tree(target: Path | io.BytesIO) -> None:
    with h5py.File(target, "w") as file:
        file["layers/dense/vars/0"], file["layers/dense/vars/1"] = KERNEL, BIAS
        file["layers/dense"]["vars"].attrs["name"] = "first"
        for index in range(11):
            file[f"optimizer/vars/{index}"] = np.int64(index)
        file["metrics/mean/vars/0"] = np.float32(0)


@pytest.mark.parametrize("below", ["", "model_weights"])
def test_layers_in_the_files_order(tmp_path: Path, below: str) -> None:
    by_layers(tmp_path / "m.h5", below=below, optimizer=True)
    found = read(str(tmp_path / "m.h5"))
    assert found.tree is None
    assert found.layers is not None
    (nothing, several) = found.layers
    assert nothing == ("input", [])
    assert several[0] == "dense"
    assert [name for name, _ in several[1]] == ["dense/kernel:0", "dense/bias:0"]
    np.testing.assert_array_equal(several[1][0][1], KERNEL)
    assert [(name, int(array)) for name, array in found.optimizer] == [("iter:0", 7)]


def test_names_that_are_kept_in_pieces(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file.attrs["layer_names"] = [b"a"]
        group = file.create_group("a")
        group.attrs["weight_names0"], group.attrs["weight_names1"] = [b"x"], [b"y"]
        group["x"], group["y"] = BIAS, KERNEL
    found = read(str(tmp_path / "m.h5"))
    assert found.layers is not None
    assert [name for name, _ in found.layers[0][1]] == ["x", "y"]


def test_a_tree_of_objects_without_what_is_beside_the_model(tmp_path: Path) -> None:
    as_tree(tmp_path / "m.weights.h5")
    found = read(str(tmp_path / "m.weights.h5"))
    assert found.layers is None
    assert found.tree is not None
    assert set(found.tree.below) == {"layers"}
    assert found.tree.count() == 2
    dense = found.tree.below["layers"].below["dense"]
    assert dense.name == "first"
    np.testing.assert_array_equal(dense.own[1], BIAS)
    assert [int(array) for _, array in found.optimizer] == list(range(11))  # 10 comes behind 9


def test_a_tree_in_an_archive_and_in_a_folder(tmp_path: Path) -> None:
    content = io.BytesIO()
    as_tree(content)
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        archive.writestr("model.weights.h5", content.getvalue())
    assert isinstance(read(str(tmp_path / "m.keras")).tree, Tree)
    (tmp_path / "folder").mkdir()
    as_tree(tmp_path / "folder" / "m.weights.h5")
    (tmp_path / "folder" / "m.json").write_text("{}")
    assert isinstance(read(str(tmp_path / "folder")).tree, Tree)


def test_a_separator_of_windows_in_a_name_is_a_level(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file["layers\\dense/vars/0"] = BIAS
    found = read(str(tmp_path / "m.h5")).tree
    assert found is not None
    assert found.below["layers"].below["dense"].count() == 1


def test_a_link_out_of_the_file_is_not_followed(tmp_path: Path) -> None:
    as_tree(tmp_path / "secret.h5")
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file["layers/dense/vars/0"] = BIAS
        file["layers/other"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "/layers/dense")
        file["layers/again"] = h5py.SoftLink("/layers/dense")
    found = read(str(tmp_path / "m.h5")).tree
    assert found is not None
    assert set(found.below["layers"].below) == {"dense"}


def test_where_there_are_no_weights_a_sentence_says_so(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        archive.writestr("config.json", "{}")
    with pytest.raises(ValueError, match=r"The archive has no model\.weights\.h5\."):
        read(str(tmp_path / "m.keras"))
    (tmp_path / "text").write_text("no model")
    with pytest.raises(ValueError, match="this is unknown"):
        read(str(tmp_path / "text"))
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "m.json").write_text("{}")
    with pytest.raises(ValueError, match="0 files of weights"):
        read(str(tmp_path / "folder"))


def test_numbers_in_names_count_as_numbers() -> None:
    assert sorted(["dense_10", "dense", "dense_2", "conv"], key=natural) == [
        "conv",
        "dense",
        "dense_2",
        "dense_10",
    ]
