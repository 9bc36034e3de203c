import hashlib
import os
from pathlib import Path

import pytest

from environments.errors import UsageError
from runner.agent.sniff import digest_of
from runner.inspection import checksum


def test_a_file_has_the_sum_that_everyone_computes(tmp_path: Path) -> None:
    (tmp_path / "m.h5").write_bytes(b"model")
    found = checksum.of(tmp_path / "m.h5")
    assert (found.sha256, found.bytes) == (hashlib.sha256(b"model").hexdigest(), 5)


def test_a_folder_has_the_sum_that_results_have(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_bytes(b"xy")
    (tmp_path / "c").write_bytes(b"z")
    found = checksum.of(tmp_path)
    assert (found.sha256, found.bytes, found.files) == (digest_of(str(tmp_path))[0], 3, 2)


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "m.h5").open("wb") as out:
        out.truncate(3 << 30)
    found = checksum.of(tmp_path / "m.h5")
    assert (found.sha256, found.bytes) == ("", 3 << 30)
    assert "large" in found.why


def test_a_pipe_in_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert checksum.of(tmp_path).sha256 == ""


def _loop(folder: Path) -> Path:
    (folder / "a").symlink_to(folder / "b")
    (folder / "b").symlink_to(folder / "a")
    return folder / "a"


def _dangling(folder: Path) -> Path:
    (folder / "a").symlink_to(folder / "nothing")
    return folder / "a"


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "a")
    return folder / "a"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: folder / "a", "There is no "),
        (_dangling, "It is a link to something that is not there."),
        (_loop, "Too many levels of symbolic links"),
        (_pipe, "is no file and no folder"),
        (lambda folder: Path("a\0b"), "cannot be read"),
        (lambda folder: folder / ("x" * 5000), "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_told(make: object, said: str, tmp_path: Path) -> None:
    assert callable(make)
    with pytest.raises(UsageError, match=said):
        checksum.readable(make(tmp_path))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_file_without_permission_is_told(tmp_path: Path) -> None:
    # Root may read everything, so somebody else asks, below folders that they may enter.
    path = Path("/tmp") / f"crossload-{os.getpid()}.h5"
    path.write_bytes(b"x")
    path.chmod(0)
    os.seteuid(65534)
    try:
        with pytest.raises(UsageError, match="Permission denied"):
            checksum.readable(path)
    finally:
        os.seteuid(0)
        path.unlink()
