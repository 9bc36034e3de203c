"""Each fault does to a file what its sentence says, and the same every time."""

import hashlib
import io
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from runner.agent.corrupt import corrupt
from runner.agent.weight_bytes import CannotBreak


def hdf5() -> bytes:
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file["layers/dense/vars/0"] = np.arange(1, 101, dtype="float32")
        file["optimizer/vars/1"] = np.ones(900, dtype="float32")
    return stream.getvalue()


def make(folder: Path, name: str) -> Path:
    """An artifact of that name, of the kind that it says."""
    path = folder / name
    if name == "m.keras":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("metadata.json", "{}")
            archive.writestr("config.json", '{"a": 1}')
            archive.writestr("model.weights.h5", hdf5())
    elif name == "m.h5":
        path.write_bytes(hdf5())
    else:
        (path / "variables").mkdir(parents=True)
        (path / "saved_model.pb").write_bytes(b"p" * 5000)
        (path / "variables" / "variables.index").write_bytes(b"i" * 100)
        (path / "variables" / "variables.data-00000-of-00001").write_bytes(b"d" * 400)
    return path


def weights(path: Path) -> list[float]:
    with zipfile.ZipFile(path) as archive, h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
        found: list[float] = file["layers/dense/vars/0"][()].tolist()
        return found


def test_garbage_stands_in_the_middle_and_nowhere_else(tmp_path: Path) -> None:
    before = make(tmp_path, "m.h5").read_bytes()
    name, told = corrupt(None, "garbage", str(tmp_path), "m.h5")
    after = (tmp_path / "m.h5").read_bytes()
    middle = len(before) // 2
    assert (name, told) == ("m.h5", f"64 random bytes stand at byte {middle} of m.h5.")
    assert len(after) == len(before)
    assert after[:middle] == before[:middle]
    assert after[middle + 64 :] == before[middle + 64 :]
    assert after[middle : middle + 64] != before[middle : middle + 64]
    again = tmp_path / "again"
    again.mkdir()
    make(again, "m.h5").write_bytes(before)
    corrupt(None, "garbage", str(again), "m.h5")
    assert (again / "m.h5").read_bytes() == after


def test_a_flipped_bit_in_hdf5_is_read_without_a_word(tmp_path: Path) -> None:
    before = make(tmp_path, "m.h5").read_bytes()
    _, told = corrupt(None, "bit_flip", str(tmp_path), "m.h5")
    after = (tmp_path / "m.h5").read_bytes()
    (at,) = [index for index in range(len(before)) if before[index] != after[index]]
    assert told == f"The sign of element 50 of layers/dense/vars/0 was flipped, at byte {at} of m.h5."
    with h5py.File(tmp_path / "m.h5") as file:
        assert file["layers/dense/vars/0"][50] == -51


def test_an_archive_notices_a_flipped_bit_unless_its_checksum_fits(tmp_path: Path) -> None:
    before = make(tmp_path, "m.keras").read_bytes()
    corrupt(None, "bit_flip", str(tmp_path), "m.keras")
    assert sum(one != two for one, two in zip(before, (tmp_path / "m.keras").read_bytes(), strict=True)) == 1
    with pytest.raises(zipfile.BadZipFile, match="Bad CRC-32"):
        weights(tmp_path / "m.keras")
    make(tmp_path, "m.keras")
    _, told = corrupt(None, "bit_flip_crc", str(tmp_path), "m.keras")
    assert told.endswith("of m.keras, and the checksum made to fit.")
    assert weights(tmp_path / "m.keras") == [float(-n if n == 51 else n) for n in range(1, 101)]


def test_the_checksum_fits_also_where_it_follows_the_content(tmp_path: Path) -> None:
    class Pipe(io.RawIOBase):
        """Cannot go back, so that an archive has to write checksums behind contents."""

        def __init__(self) -> None:
            self.content = b""

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            self.content += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w") as archive:
        archive.writestr("model.weights.h5", hdf5())
    (tmp_path / "m.keras").write_bytes(pipe.content)
    corrupt(None, "bit_flip_crc", str(tmp_path), "m.keras")
    assert weights(tmp_path / "m.keras")[50] == -51


def test_files_are_cut_emptied_and_replaced(tmp_path: Path) -> None:
    whole = make(tmp_path, "m.h5").read_bytes()
    half = len(whole) // 2
    assert corrupt(None, "truncated", str(tmp_path), "m.h5")[1] == (
        f"m.h5 was cut after {half} of {len(whole)} bytes."
    )
    assert (tmp_path / "m.h5").read_bytes() == whole[:half]
    assert corrupt(None, "emptied", str(tmp_path), "m.h5")[1] == f"m.h5 lost all of its {half} bytes."
    assert (tmp_path / "m.h5").read_bytes() == b""
    make(tmp_path, "m.h5")
    corrupt(None, "lfs_pointer", str(tmp_path), "m.h5")
    assert (tmp_path / "m.h5").read_text() == (
        "version https://git-lfs.github.com/spec/v1\n"
        f"oid sha256:{hashlib.sha256(whole).hexdigest()}\nsize {len(whole)}\n"
    )


def test_of_a_directory_it_is_the_file_that_holds_the_weights(tmp_path: Path) -> None:
    shard = "model/variables/variables.data-00000-of-00001"
    make(tmp_path, "model")
    assert corrupt(None, "truncated", str(tmp_path), "model")[1] == f"{shard} was cut after 200 of 400 bytes."
    assert corrupt(None, "missing_shard", str(tmp_path), "model") == ("model", f"{shard} was removed.")
    assert not (tmp_path / shard).exists()
    assert (tmp_path / "model" / "saved_model.pb").read_bytes() == b"p" * 5000


def test_a_renamed_file_is_loaded_by_its_new_name(tmp_path: Path) -> None:
    content = make(tmp_path, "m.keras").read_bytes()
    assert corrupt(None, "renamed", str(tmp_path), "m.keras") == ("m.h5", "m.keras was renamed to m.h5.")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("m.h5", content)]


@pytest.mark.parametrize(
    ("fault", "gone"), [("missing_config", "config.json"), ("missing_weights", "model.weights.h5")]
)
def test_a_member_is_taken_out(tmp_path: Path, fault: str, gone: str) -> None:
    make(tmp_path, "m.keras")
    assert corrupt(None, fault, str(tmp_path), "m.keras")[1] == f"{gone} was taken out of m.keras."
    with zipfile.ZipFile(tmp_path / "m.keras") as archive:
        assert set(archive.namelist()) == {"metadata.json", "config.json", "model.weights.h5"} - {gone}
        assert archive.testzip() is None
    with pytest.raises(CannotBreak, match="has no member"):
        corrupt(None, fault, str(tmp_path), "m.keras")


@pytest.mark.parametrize(
    ("fault", "name", "why"),
    [
        ("missing_config", "m.h5", "is no archive"),
        ("bit_flip_crc", "m.h5", "is no archive"),
        ("missing_shard", "m.h5", "is a single file"),
        ("renamed", "model", "name says nothing"),
        ("truncated", "other", "Nothing was saved under that name"),
    ],
)
def test_what_cannot_be_broken_is_said_and_left_alone(
    tmp_path: Path, fault: str, name: str, why: str
) -> None:
    if name != "other":
        make(tmp_path, name)
    before = sorted((path, path.is_file() and path.read_bytes()) for path in tmp_path.rglob("*"))
    with pytest.raises(CannotBreak, match=why):
        corrupt(None, fault, str(tmp_path), name)
    assert sorted((path, path.is_file() and path.read_bytes()) for path in tmp_path.rglob("*")) == before


def test_no_weights_no_flip(tmp_path: Path) -> None:
    (tmp_path / "m.h5").write_bytes(b"no hdf5")
    with pytest.raises(CannotBreak, match="where the weights are"):
        corrupt(None, "bit_flip", str(tmp_path), "m.h5")
    with zipfile.ZipFile(tmp_path / "m.keras", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.weights.h5", hdf5())
    with pytest.raises(CannotBreak, match="uncompressed"):
        corrupt(None, "bit_flip", str(tmp_path), "m.keras")
