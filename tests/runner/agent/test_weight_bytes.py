"""The byte that is found is the one with the sign of the element that is told."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from runner.agent.weight_bytes import CannotBreak, in_checkpoint, in_hdf5


def test_the_sign_of_the_middle_of_the_largest_weight_is_found(tmp_path: Path) -> None:
    kernel: Any = np.arange(1, 13, dtype="float32").reshape(3, 4)
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file["optimizer_weights/adam/v"] = np.ones(500, dtype="float32")
        file["model_weights/bias"] = np.ones(4, dtype="float32")
        file["model_weights/kernel"] = kernel
        file["names"] = np.array([b"abc"] * 500)
    with (tmp_path / "m.h5").open("rb") as stream:
        place = in_hdf5(stream, "m.h5")
    assert (place.name, place.element) == ("model_weights/kernel", 6)
    content = bytearray((tmp_path / "m.h5").read_bytes())
    content[place.offset] ^= 0x80
    (tmp_path / "m.h5").write_bytes(content)
    with h5py.File(tmp_path / "m.h5") as file:
        flipped = file["model_weights/kernel"][()]
        assert file["optimizer_weights/adam/v"][()].sum() == 500
    expected = kernel.copy()
    expected[1, 2] = -7
    assert flipped.tolist() == expected.tolist()


def test_a_zero_has_no_sign_to_lose(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file["kernel"] = np.array([3, 0, 0, 0, 2, 0], dtype="float16")
    with (tmp_path / "m.h5").open("rb") as stream:
        assert in_hdf5(stream, "m.h5").element == 4
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file["kernel"] = np.array([3, 0, 0, 0], dtype="int8")
    with (tmp_path / "m.h5").open("rb") as stream:
        assert in_hdf5(stream, "m.h5").element == 0


@pytest.mark.parametrize("kept", ["nothing", "zeros", "words", "chunks"])
def test_a_file_without_weights_says_so(tmp_path: Path, kept: str) -> None:
    with h5py.File(tmp_path / "m.h5", "w") as file:
        if kept == "zeros":
            file["bias"] = np.zeros(9)
        elif kept == "words":
            file["vocabulary"] = np.array([b"a", b"b"])
        elif kept == "chunks":
            file.create_dataset("kernel", data=np.ones(900), chunks=(9,), compression="gzip")
    with (tmp_path / "m.h5").open("rb") as stream, pytest.raises(CannotBreak, match="There is no weight"):
        in_hdf5(stream, "m.h5")


class Reader:
    """What TensorFlow tells of a checkpoint."""

    def __init__(self, arrays: dict[str, object]) -> None:
        self._arrays = arrays

    def get_variable_to_dtype_map(self) -> dict[str, str]:
        return {
            name: "string" if isinstance(value, bytes) else "float" for name, value in self._arrays.items()
        }

    def get_tensor(self, name: str) -> object:
        return self._arrays[name]


class TensorFlow:
    """As much of it as is asked."""

    string, resource = "string", "resource"

    def __init__(self, arrays: dict[str, object]) -> None:
        self.train = self
        self._arrays = arrays

    def latest_checkpoint(self, folder: str) -> str | None:
        return str(Path(folder, "ckpt-1")) if Path(folder, "ckpt-1.index").exists() else None

    def load_checkpoint(self, prefix: str) -> Reader:
        assert Path(prefix + ".index").exists()
        return Reader(self._arrays)


@pytest.mark.parametrize("prefix", ["variables/variables", "ckpt-1"])
def test_in_a_checkpoint_it_is_the_shard_that_has_those_bytes(tmp_path: Path, prefix: str) -> None:
    kernel: Any = np.arange(1, 9, dtype="<f4")
    arrays: dict[str, object] = {
        "graph": b"x" * 900,
        "model/kernel": kernel,
        "model/bias": np.ones(2, dtype="<f4"),
        "model/kernel/.OPTIMIZER_SLOT/m": np.ones(99, dtype="<f4"),
    }
    base = tmp_path / prefix
    base.parent.mkdir(exist_ok=True)
    base.with_name(base.name + ".index").touch()
    base.with_name(base.name + ".data-00000-of-00002").write_bytes(b"x" * 50)
    shard = base.with_name(base.name + ".data-00001-of-00002")
    shard.write_bytes(b"ab" + kernel.tobytes() + b"c")
    place = in_checkpoint(TensorFlow(arrays), str(tmp_path))
    assert (place.file, place.name, place.element) == (str(shard), "model/kernel", 4)
    assert place.offset == 2 + 5 * 4 - 1
    shard.write_bytes(b"something else")
    with pytest.raises(CannotBreak, match="not in one piece"):
        in_checkpoint(TensorFlow(arrays), str(tmp_path))


def test_a_directory_without_variables_says_so(tmp_path: Path) -> None:
    with pytest.raises(CannotBreak, match="has no variables"):
        in_checkpoint(TensorFlow({}), str(tmp_path))
