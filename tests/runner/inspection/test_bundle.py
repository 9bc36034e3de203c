from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runner.inspection import bundle
from tests.runner.inspection import files


def test_what_an_index_lists(tmp_path: Path) -> None:
    files.bundle(tmp_path / "ckpt-1", {"a": 3, "b": 5})
    found = bundle.read(tmp_path / "ckpt-1.index")
    assert found.damage == ()
    assert [(item.name, item.shape, item.dtype, item.bytes) for item in found.variables] == [
        ("a", (3,), "float32", 12),
        ("b", (5,), "float32", 20),
    ]


def test_data_that_is_cut_off_is_told_in_bytes(tmp_path: Path) -> None:
    files.bundle(tmp_path / "ckpt", {"a": 8}, cut=10)
    assert bundle.read(tmp_path / "ckpt.index").damage == (
        "ckpt.data-00000-of-00001 is cut off: it has 22 of 32 bytes.",
    )


def test_a_shard_that_is_not_there_is_named(tmp_path: Path) -> None:
    files.bundle(tmp_path / "ckpt", {"a": 8}, shards=2)
    (tmp_path / "ckpt.data-00001-of-00002").unlink()
    assert bundle.read(tmp_path / "ckpt.index").damage == (
        "ckpt.data-00001-of-00002 is not there: it holds weights.",
    )


def test_an_index_that_is_cut_off_is_damage(tmp_path: Path) -> None:
    files.bundle(tmp_path / "ckpt", {"a": 8})
    index = tmp_path / "ckpt.index"
    index.write_bytes(index.read_bytes()[:-5])
    assert bundle.read(tmp_path / "ckpt.index").damage == ("ckpt.index is damaged: its end is missing.",)


def test_a_missing_index_is_damage(tmp_path: Path) -> None:
    assert bundle.read(tmp_path / "ckpt.index").damage == (
        "ckpt.index is not there: No such file or directory.",
    )


@pytest.mark.parametrize("shards", [0, 10**12])
def test_senseless_numbers_of_shards_are_damage(tmp_path: Path, shards: int) -> None:
    files.bundle(tmp_path / "ckpt", {"a": 1})
    index = tmp_path / "ckpt.index"
    written = index.read_bytes()
    assert files.field(1, 1) in written
    index.write_bytes(b"")
    files_index = files.block([(b"", files.field(1, shards))])
    outer = files.block([(b"z", files.number(0) + files.number(len(files_index) - 5))])
    footer = b"\0\0" + files.number(len(files_index)) + files.number(len(outer) - 5)
    magic = bytes.fromhex("57fb808b247547db")
    index.write_bytes(files_index + outer + footer.ljust(40, b"\0") + magic)
    assert bundle.read(tmp_path / "ckpt.index").damage == (f"The index speaks of {shards} data files.",)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=200), st.integers(min_value=0, max_value=300))
def test_any_bytes_are_an_index_or_damage(tmp_path: Path, content: bytes, place: int) -> None:
    files.bundle(tmp_path / "x", {"a": 2, "b": 3})
    index = tmp_path / "x.index"
    whole = index.read_bytes()
    index.write_bytes(whole[:place] + content + whole[place + len(content) :])
    found = bundle.read(tmp_path / "x.index")
    assert all(said.endswith(".") for said in found.damage)
    if index.read_bytes() == whole:
        assert ([item.name for item in found.variables], found.damage) == (["a", "b"], ())
