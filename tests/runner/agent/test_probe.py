"""Probe files are imported by path, with defaults for what they leave out."""

import importlib
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner.agent.probe import load_probe

SMALL = "def build_model():\n    return 'model'\n\n\ndef inputs():\n    return [1]\n"


@pytest.fixture(autouse=True)
def _modules() -> Iterator[None]:
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith("probe_"):
            del sys.modules[name]


def write(folder: Path, text: str, name: str = "mine.py") -> str:
    (folder / name).write_text(text)
    return str(folder / name)


def test_what_a_small_probe_leaves_out_is_none(tmp_path: Path) -> None:
    probe = load_probe(write(tmp_path, SMALL))
    assert (probe.build_model(), probe.inputs()) == ("model", [1])
    assert (probe.targets, probe.train, probe.custom_objects) == (None, None, None)


def test_what_is_optional_is_found(tmp_path: Path) -> None:
    more = "def targets():\n    return 2\n\n\ndef train(model):\n    return model\n\n\nCUSTOM_OBJECTS = {'A': int}\n"
    probe = load_probe(write(tmp_path, SMALL + more))
    assert probe.targets is not None
    assert probe.train is not None
    assert (probe.targets(), probe.train("m"), probe.custom_objects) == (2, "m", {"A": int})


@pytest.mark.parametrize("missing", ["build_model", "inputs"])
def test_what_is_required_is_named(tmp_path: Path, missing: str) -> None:
    path = write(tmp_path, SMALL.replace(f"def {missing}", "def other"))
    with pytest.raises(AttributeError, match=f"mine.py has no function {missing}"):
        load_probe(path)


def test_a_name_that_is_bound_to_something_else_is_no_function(tmp_path: Path) -> None:
    with pytest.raises(AttributeError, match="inputs"):
        load_probe(write(tmp_path, SMALL + "inputs = 5\n"))


def test_what_the_file_raises_is_seen(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        load_probe(write(tmp_path, "1 / 0\n"))


def test_a_file_that_is_not_python_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(ImportError, match=r"mine\.txt is not a Python file"):
        load_probe(write(tmp_path, SMALL, "mine.txt"))


def test_its_classes_can_be_found_again_by_their_modules_name(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        SMALL + "\n\nclass Layer:\n    pass\n\n\nCUSTOM_OBJECTS = {'Layer': Layer}\n",
        "my probe-2.py",
    )
    probe = load_probe(path)
    assert probe.custom_objects is not None
    layer = probe.custom_objects["Layer"]
    assert importlib.import_module("probe_my_probe_2") is probe.module
    assert pickle.loads(pickle.dumps(layer)) is layer


def test_a_probe_never_takes_the_name_of_another_module(tmp_path: Path) -> None:
    load_probe(write(tmp_path, SMALL, "json.py"))
    assert hasattr(importlib.import_module("json"), "dumps")


def test_a_file_is_imported_once_in_a_process(tmp_path: Path) -> None:
    path = tmp_path / "counted.py"
    path.write_text("def build_model(): ...\ndef inputs(): ...\n")
    first = load_probe(str(path))
    assert load_probe(str(path)).module is first.module
    other = tmp_path / "elsewhere"
    other.mkdir()
    (other / "counted.py").write_text(path.read_text())
    assert load_probe(str(other / "counted.py")).module is not first.module
