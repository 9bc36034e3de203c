"""What a cell does before a framework matters. The rest is in tests/real/test_agent.py."""

import os
import types
from pathlib import Path
from typing import Any

import pytest

from runner.agent.cells import _code, save_cell
from runner.agent.stack import Stack


def stack() -> Stack:
    """As much of a framework as is needed until a model is built."""
    keras = types.SimpleNamespace(
        __version__="3.15.1",
        layers=types.SimpleNamespace(Dense=int),
        utils=types.SimpleNamespace(set_random_seed=lambda seed: None),
        backend=types.SimpleNamespace(clear_session=lambda: None),
    )
    return Stack(keras, None, "jax")


def save(folder: Path, text: str) -> dict[str, Any]:
    (folder / "mine.py").write_text(text)
    task = {"probes": {"mine": str(folder / "mine.py")}}
    return save_cell(stack(), task, {"probe": "mine", "format": "keras"}, str(folder / "out"))


FAILING = """
import logging, warnings

def inputs():
    warnings.warn("inputs are odd")
    return [1]

def build_model():
    logging.getLogger("absl").warning("a layer is %s", "old")
    raise {raised}
"""


def test_a_probe_that_cannot_be_built_is_told_with_what_was_said_before(tmp_path: Path) -> None:
    record = save(tmp_path, FAILING.format(raised="NotImplementedError('no such layer here')"))
    assert (record["status"], record["stage"], record["name"]) == ("save_failed", "build", "m.keras")
    assert record["error"]["type"] == "NotImplementedError"
    assert record["error"]["message"] == "no such layer here"
    assert "mine.py" in record["error"]["traceback"]
    assert record["warnings"] == ["a layer is old", "UserWarning: inputs are odd"]
    assert "sha256" not in record


def test_a_probe_that_cannot_be_imported_comes_no_further(tmp_path: Path) -> None:
    record = save(tmp_path, "import no_such_module\n")
    assert (record["status"], record["stage"]) == ("save_failed", "import")
    assert record["error"]["type"] == "ModuleNotFoundError"
    assert os.listdir(tmp_path / "out" / "payload") == []  # noqa: PTH208


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
def test_what_ends_a_process_ends_the_cell(tmp_path: Path, kind: type[BaseException]) -> None:
    with pytest.raises(kind):
        save(tmp_path, FAILING.format(raised=kind.__name__))


def test_code_that_home_does_without_may_be_for_other_versions(tmp_path: Path) -> None:
    path = tmp_path / "layers.py"
    path.write_text("raise ImportError('only in Keras 3')\n")
    with pytest.warns(
        UserWarning, match="The code beside the model cannot be used: ImportError: only in Keras 3"
    ):
        assert _code(str(path), "h5", {"adopted": True, "loaded": "plain"}) is None
    with pytest.raises(ImportError, match="only in Keras 3"):
        _code(str(path), "h5", {"adopted": True, "loaded": "custom_objects"})
