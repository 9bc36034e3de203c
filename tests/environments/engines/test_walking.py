"""What of a file or folder goes into a job."""

import os
from pathlib import Path

import pytest

from environments.engines.walking import walk
from environments.errors import ConfigurationError


def test_folders_come_before_what_is_in_them(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c").write_text("x")
    (tmp_path / "a").write_text("xy")
    assert [(name, path) for name, path, _ in walk("m", tmp_path)] == [
        ("m", tmp_path),
        ("m/a", tmp_path / "a"),
        ("m/b", tmp_path / "b"),
        ("m/b/c", tmp_path / "b" / "c"),
    ]
    assert [(name, found.st_size) for name, _, found in walk("f", tmp_path / "a")] == [("f", 2)]


def test_links_are_followed_and_circles_told(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "x").write_text("x")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "link").symlink_to(tmp_path / "real")
    assert [name for name, _, _ in walk("m", tmp_path / "model")] == ["m", "m/link", "m/link/x"]
    (tmp_path / "model" / "circle").symlink_to(tmp_path)
    with pytest.raises(ConfigurationError, match="is a link to a folder above itself"):
        list(walk("m", tmp_path / "model"))


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigurationError, match="neither a file nor a folder"):
        list(walk("m", tmp_path))


def test_what_is_not_there_is_the_callers_to_tell(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(walk("m", tmp_path / "none"))
