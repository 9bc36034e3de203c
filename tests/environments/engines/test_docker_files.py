import io
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from environments.engines.docker_files import TooMuch, archive, extract, folder, inputs, text, tree, until
from environments.errors import ConfigurationError, InfrastructureError, Interrupted


def members(stream: Iterator[bytes]) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as tar:
        return {member.name: member for member in tar}


def packed(*entries: tarfile.TarInfo, content: bytes = b"") -> list[bytes]:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        for entry in entries:
            tar.addfile(entry, io.BytesIO(content))
    return [file.getvalue()]


def entry(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname, info.mode = kind, size, target, 0o7777
    return info


def test_a_job_has_in_to_read_and_out_to_write(tmp_path: Path) -> None:
    (tmp_path / "script").write_text("run me")
    (tmp_path / "script").chmod(0o755)
    found = members(inputs({"a/b/script": tmp_path / "script"}, uid=65534))
    assert list(found) == ["in", "in/a", "in/a/b", "in/a/b/script", "out"]
    assert [(one.uid, one.gid, one.mtime) for one in found.values()] == [(0, 0, 0)] * 4 + [(65534, 65534, 0)]
    assert [oct(one.mode) for one in found.values()] == ["0o755"] * 5


def test_a_tree_is_the_same_bytes_whenever_it_was_written(tmp_path: Path) -> None:
    for name, when in (("x", 1), ("y", 2)):
        for part in ("b", "a"):
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / part).write_text(part)
            os.utime(tmp_path / name / part, (when, when))
    assert list(tree("in", tmp_path / "x")) == list(tree("in", tmp_path / "y"))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be sent into a container: No such file"):
        list(tree("m", tmp_path / "none"))


def test_a_file_that_shrinks_meanwhile_is_told(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(bytes(3_000_000))
    entries = tree("m", tmp_path / "model")
    next(entries), next(entries)
    os.truncate(tmp_path / "model", 0)
    with pytest.raises(ConfigurationError, match="became shorter"):
        list(entries)


def test_a_stream_stops_when_it_is_cancelled() -> None:
    cancel = Event()
    stream = until(cancel, [b"a", b"b"])
    assert next(stream) == b"a"
    cancel.set()
    with pytest.raises(Interrupted):
        next(stream)


@settings(max_examples=30)
@given(
    files=st.dictionaries(
        st.text(
            st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"]), min_size=1, max_size=40
        ).filter(lambda name: name not in (".", "..")),
        st.text(max_size=2000),
        max_size=5,
    ),
    piece=st.integers(1, 5000),
)
def test_what_goes_in_comes_out(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, str], piece: int
) -> None:
    stream = b"".join(archive(folder("out", uid=0), *(text(f"out/{name}", files[name]) for name in files)))
    target = tmp_path_factory.mktemp("out")
    pieces = [stream[start : start + piece] for start in range(0, len(stream), piece)]
    extract(pieces, target, most_bytes=10**6, most_files=100)
    assert {path.name: path.read_bytes().decode() for path in target.iterdir()} == files


def test_nothing_is_written_outside(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    target = tmp_path / "target"
    hostile = [
        entry("out/../../outside", size=1),
        entry("out/link", tarfile.SYMTYPE, target=str(tmp_path)),
        entry("out/link/outside", size=1),
        entry("out/hard", tarfile.LNKTYPE, target="/etc/passwd"),
        entry("out/device", tarfile.CHRTYPE),
        entry("out/pipe", tarfile.FIFOTYPE),
        entry("/outside", size=1),
        entry("out/good", size=1),
    ]
    extract(packed(*hostile, content=b"x"), target, most_bytes=100, most_files=100)
    assert not outside.exists()
    found = sorted(str(path.relative_to(target)) for path in target.rglob("*"))
    assert found == ["good", "link", "link/outside", "outside"]
    assert not (target / "link").is_symlink()
    assert (target / "good").stat().st_mode & 0o7000 == 0


def test_more_bytes_than_allowed_are_not_taken(tmp_path: Path) -> None:
    stream = packed(entry("out/a", size=600), entry("out/b", size=600), content=bytes(600))
    with pytest.raises(TooMuch, match=r"^It left more than 0\.0 GiB in out/; the rest was not taken\.$"):
        extract(stream, tmp_path, most_bytes=1000, most_files=100)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_more_files_than_allowed_are_not_taken(tmp_path: Path) -> None:
    with pytest.raises(TooMuch, match="more than 2 files"):
        extract(packed(*(entry(f"out/{n}") for n in range(5))), tmp_path, most_bytes=100, most_files=2)


def test_a_broken_stream_is_told(tmp_path: Path) -> None:
    with pytest.raises(InfrastructureError, match="an archive that cannot be read"):
        extract([b"x" * 2048], tmp_path, most_bytes=100, most_files=100)


def test_a_target_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(InfrastructureError, match="cannot be written to"):
        extract(packed(entry("out/a", size=1), content=b"x"), tmp_path, most_bytes=100, most_files=100)
