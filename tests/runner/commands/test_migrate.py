"""Bad requests are told before anything is made; what is carried is in tests/runner/upgrade and tests/real."""

from pathlib import Path

import pytest

from runner.__main__ import run


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["migrate", *arguments]) == 2
    return " ".join(capsys.readouterr().err.split())


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "m.h5"
    path.write_bytes(b"\x89HDF\r\n\x1a\n")
    return path


def test_where_to_is_not_left_open(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "--to" in refused(capsys, str(model))


def test_the_model_is_not_the_result(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "never changed" in refused(capsys, str(model), "--to", "2.21", "-o", str(model), "--force")
    assert model.read_bytes() == b"\x89HDF\r\n\x1a\n"


def test_a_name_that_says_no_format(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "End it in .keras or .h5" in refused(capsys, str(model), "--to", "2.21", "-o", "out")


def test_what_exists_is_kept(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (model.parent / "out.keras").write_text("mine")
    assert "--force" in refused(capsys, str(model), "--to", "2.21", "-o", "out.keras")
    assert (model.parent / "out.keras").read_text() == "mine"


def test_a_model_that_is_not_there(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "There is no none.h5" in refused(capsys, "none.h5", "--to", "2.21")
    assert sorted(path.name for path in model.parent.iterdir()) == ["m.h5"]
