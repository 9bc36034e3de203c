import re
from importlib import metadata

import pytest

from runner import version


def test_it_is_the_version_of_the_package() -> None:
    assert re.fullmatch(r"unknown|\d+\.\d+\.\d+.*", version.text())


def test_without_an_installed_package_it_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert version.text() == "unknown"
