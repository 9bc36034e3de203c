import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from environments.engines import pythons

OWN = "{}.{}".format(*sys.version_info[:2])


@pytest.fixture(autouse=True)
def _no_memory() -> Iterator[None]:
    """What was found is remembered for a process; here the world changes between tests."""
    pythons.find.cache_clear()
    yield
    pythons.find.cache_clear()


def install(root: Path, name: str, says: str) -> str:
    python = root / "versions" / name / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\n{says}\n")
    python.chmod(0o755)
    return str(python)


def test_this_programs_own_python_comes_first() -> None:
    python = pythons.find(OWN)
    said = subprocess.run(
        [python, "-c", "import sys; print(sys.version_info[:2])"], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == str(sys.version_info[:2])


def test_the_newest_patch_that_works_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    install(tmp_path, "3.7.9", "echo 3.7")
    best = install(tmp_path, "3.7.10", "echo 3.7")
    install(tmp_path, "3.7.11", "exit 127")  # its libraries are gone
    install(tmp_path, "3.7.12", "echo 3.6")  # it is not what its folder says
    install(tmp_path, "3.7.99-debug", "echo 3.7")
    install(tmp_path, "3.71.0", "echo 3.71")
    assert pythons.find("3.7") == best


def test_without_one_uv_is_to_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    assert pythons.find("3.7") == ""


def test_pyenv_is_below_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYENV_ROOT", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    python = install(tmp_path / ".pyenv", "3.7.9", "echo 3.7")
    assert pythons.find("3.7") == python


def test_there_may_be_no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYENV_ROOT", raising=False)
    monkeypatch.delenv("HOME", raising=False)
    assert pythons.find("3.7") == ""
