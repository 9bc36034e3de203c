"""Formats are read from bytes; digests see names and contents."""

import hashlib
import os
from pathlib import Path

import pytest

from runner.agent.sniff import actual_format, digest_of, files_of


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\x89HDF\r\n\x1a\n\x00\x00", "hdf5"),
        (b"PK\x03\x04\x14\x00", "zip"),
        (b"PK\x05\x06" + b"\x00" * 18, "zip"),  # an archive without members
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git-lfs pointer"),
        (b"", "empty"),
        (b"<!DOCTYPE html>", "unknown"),
        (b"\x89HDF", "unknown"),  # cut off
        (b" PK\x03\x04", "unknown"),
    ],
)
def test_a_file_is_what_it_begins_with(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "m.keras"
    path.write_bytes(content)
    assert actual_format(str(path)) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["saved_model.pb", "variables/variables.index"], "savedmodel"),
        (["saved_model.pbtxt"], "savedmodel"),
        (["checkpoint", "ckpt-1.index", "ckpt-1.data-00000-of-00001"], "checkpoint"),
        (["config.json"], "directory"),
        ([], "empty"),
    ],
)
def test_a_folder_is_what_lies_in_it(tmp_path: Path, names: list[str], expected: str) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert actual_format(str(tmp_path)) == expected


def test_what_is_not_there_is_missing(tmp_path: Path) -> None:
    assert actual_format(str(tmp_path / "m.keras")) == "missing"
    (tmp_path / "link").symlink_to("nowhere")
    assert actual_format(str(tmp_path / "link")) == "missing"


def test_files_are_listed_in_one_order_with_slashes(tmp_path: Path) -> None:
    for name in ("b", "a/z", "a/b/c", "A"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert files_of(str(tmp_path)) == ["A", "a/b/c", "a/z", "b"]


def test_the_digest_in_full(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"two" * 1_000_000)
    (tmp_path / "a").write_bytes(b"one")
    listed = f"{hashlib.sha256(b'one').hexdigest()} a\n{hashlib.sha256(b'two' * 1_000_000).hexdigest()} b\n"
    assert digest_of(str(tmp_path)) == (hashlib.sha256(listed.encode()).hexdigest(), 3_000_003)


def test_the_digest_changes_with_a_name_and_with_a_byte(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one")
    first, _ = digest_of(str(tmp_path))
    (tmp_path / "a").rename(tmp_path / "b")
    second, _ = digest_of(str(tmp_path))
    (tmp_path / "b").write_bytes(b"onE")
    assert len({first, second, digest_of(str(tmp_path))[0]}) == 3


def test_a_name_that_is_no_text_is_digested_too(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff")).write_bytes(b"x")
    assert digest_of(str(tmp_path))[1] == 1
