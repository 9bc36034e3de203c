"""Pythons of this machine, by minor version."""

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

from packaging.version import InvalidVersion, Version


@cache
def find(minor: str) -> str:
    """The path of a Python of this minor version (``"3.11"``); empty where uv is to find or fetch one.

    This program's own comes first, since it is known to work, then those of pyenv, which uv sees only through
    shims that may be switched off.
    """
    if minor == "{}.{}".format(*sys.version_info[:2]):
        return str(getattr(sys, "_base_executable", "") or sys.executable)
    # Not Path.home(): in a container there may be no home and no user of that number.
    home = os.environ.get("HOME", "/nonexistent")
    versions = Path(os.environ.get("PYENV_ROOT") or f"{home}/.pyenv") / "versions"
    found = [
        path for path in versions.glob(f"{minor}.*") if _version(path) and (path / "bin" / "python").exists()
    ]
    for path in sorted(found, key=lambda path: _version(path) or Version("0"), reverse=True):
        python = str(path / "bin" / "python")
        if _minor_of(python) == minor:
            return python
    return ""


def _version(path: Path) -> Version | None:
    try:
        return Version(path.name) if re.fullmatch(r"[\d.]+", path.name) else None
    except InvalidVersion:
        return None


def _minor_of(python: str) -> str:
    code = "import sys; print('{}.{}'.format(*sys.version_info[:2]))"
    try:
        ended = subprocess.run(
            [python, "-I", "-c", code], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ended.stdout.strip()
