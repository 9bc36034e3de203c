from pathlib import Path

import pytest

from environments.errors import ConfigurationError
from runner.inspection import stacks


def test_the_versions_of_the_shipped_matrix() -> None:
    found = stacks.of_matrix(Path("matrix.yaml"))
    assert found["tf2.15.1-cpu"].keras.startswith("2.15")
    assert found["tf2.15.1-cpu"].tensorflow == "2.15.1"
    assert found["tf2.18.1-legacy-cpu"].keras.startswith("2.18")
    assert found["keras3.15.1-jax-cpu"].backend == "jax"
    assert not any("nightly" in name for name in found)


def test_they_come_oldest_first() -> None:
    names = list(stacks.of_matrix(Path("matrix.yaml"), ("tf2.21.0-cpu", "tf2.9.3-cpu")))
    assert names == ["tf2.9.3-cpu", "tf2.21.0-cpu"]


def test_an_environment_without_a_lock_is_left_out(tmp_path: Path) -> None:
    text = 'version: 1\nmatrix: {tensorflow: ["2.4.4"]}\nselections: {default: ["*"]}\n'
    (tmp_path / "matrix.yaml").write_text(text + 'bases: {cpu: {image: "python:{python}-slim"}}\n')
    assert stacks.of_matrix(tmp_path / "matrix.yaml") == {}


def test_a_wrong_matrix_is_told(tmp_path: Path) -> None:
    (tmp_path / "matrix.yaml").write_text("versoin: 1\n")
    with pytest.raises(ConfigurationError, match=r"matrix\.yaml:1:1"):
        stacks.of_matrix(tmp_path / "matrix.yaml")
