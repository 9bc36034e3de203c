import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runner.inspection import zip as archives
from tests.runner.inspection import files


def test_a_whole_archive(tmp_path: Path) -> None:
    found = archives.read(files.archive(tmp_path / "m.keras"))
    assert found["damage"] == []
    assert found["keras_version"] == "3.4.1"
    assert found["date_saved"] == "2024-01-01@00:00:00"
    assert found["model"] == files.MODEL
    assert (found["datasets"], found["parameters"], found["optimizer_variables"]) == (2, 6, 1)
    assert found["checked"]


def test_weights_that_are_compressed_are_looked_at_as_well(tmp_path: Path) -> None:
    stored = files.archive(tmp_path / "m.keras")
    with (
        zipfile.ZipFile(stored) as old,
        zipfile.ZipFile(tmp_path / "n.keras", "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
    assert archives.read(tmp_path / "n.keras")["parameters"] == 6


def test_a_download_that_stopped_has_no_directory(tmp_path: Path) -> None:
    path = files.archive(tmp_path / "m.keras")
    path.write_bytes(path.read_bytes()[:-200])
    (said,) = archives.read(path)["damage"]
    assert said.startswith("It is cut off or damaged: the directory at its end cannot be read")


def test_a_bit_that_fell_over_is_found(tmp_path: Path) -> None:
    path = files.archive(tmp_path / "m.keras")
    content = bytearray(path.read_bytes())
    place = content.index(b"\x89HDF") + 1500
    content[place] ^= 1
    path.write_bytes(content)
    assert any("model.weights.h5" in said for said in archives.read(path)["damage"])


@pytest.mark.parametrize("kind", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("name", ["config.json", "model.weights.h5"])
def test_damage_is_found_however_it_is_compressed(tmp_path: Path, kind: int, name: str) -> None:
    path = tmp_path / "m.keras"
    with (
        zipfile.ZipFile(files.archive(tmp_path / "whole.keras")) as old,
        zipfile.ZipFile(path, "w", kind) as new,
    ):
        for member in old.namelist():
            new.writestr(member, old.read(member))
        place = new.getinfo(name).header_offset + 30 + len(name)
    content = bytearray(path.read_bytes())
    for end in (9, 40):
        content[place + 4 : place + end] = b"\xff" * (end - 4)
        path.write_bytes(content)
        assert any(name in said for said in archives.read(path)["damage"])


def test_a_member_that_is_missing_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as out:
        out.writestr("config.json", "{}")
    found = archives.read(tmp_path / "m.keras")
    assert found["damage"] == ["The member model.weights.h5 is missing: the archive holds no weights."]
    # Keras does not read it, so that nothing is broken without it.
    assert found["notes"] == ["The member metadata.json, which says who wrote it, is missing."]


def test_paths_out_of_the_archive_are_told_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    path = files.archive(tmp_path / "in" / "m.keras", more={"../out": b"x", "/tmp/abs": b"x"})
    found = archives.read(path)
    assert found["unusual"] == ["../out leads out of the archive", "/tmp/abs leads out of the archive"]
    assert not (tmp_path / "out").exists()


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "m.keras", "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("config.json", "{}")
        out.writestr("metadata.json", "{}")
        out.writestr("assets/bomb", bytes(100 << 20))
    read: list[str] = []
    monkeypatch.setattr(zipfile.ZipFile, "open", _counting(read, zipfile.ZipFile.open))
    found = archives.read(tmp_path / "m.keras")
    assert found["bomb"]
    assert "assets/bomb" not in read


def _counting(read: list[str], real):  # type: ignore[no-untyped-def]
    def opened(self, name, *given, **more):  # type: ignore[no-untyped-def]
        read.append(getattr(name, "filename", name))
        return real(self, name, *given, **more)

    return opened


@pytest.mark.parametrize(
    ("names", "what"),
    [
        (["archive/data.pkl"], "PyTorch"),
        (["model/saved_model.pb"], "unpack it first"),
        (["readme.txt"], "no Keras wrote it"),
        (["model.weights.h5", "metadata.json"], "without config.json"),
        (["a.npy", "b.npy"], "NumPy"),
    ],
)
def test_what_else_an_archive_may_be(tmp_path: Path, names: list[str], what: str) -> None:
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as out:
        for name in names:
            out.writestr(name, "x")
    assert what in archives.read(tmp_path / "m.keras")["other"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.binary(min_size=1, max_size=60), st.integers(min_value=0, max_value=5000))
def test_any_damage_is_answered(tmp_path: Path, content: bytes, place: int) -> None:
    path = files.archive(tmp_path / "m.keras")
    whole = path.read_bytes()
    path.write_bytes(whole[:place] + content + whole[place + len(content) :])
    assert isinstance(archives.read(path), dict)
