"""Ways to a model: what Keras is asked for, and on which copy of the file. ``keras`` here notes what it is asked."""

import json
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import h5py
import pytest

from runner.agent.probe import Probe
from runner.agent.reference import Reference
from runner.agent.ways import Attempt, everything_in, model_of, read_as

CODE = """
CUSTOM_OBJECTS = {"pkg>Own": "declared"}
from json import JSONDecoder

class Own:
    pass

def twice(x):
    return x * 2

def build_model():
    return "built"

def inputs():
    return [1]
"""
DENSE = {"class_name": "Dense", "config": {"units": 2, "ragged": False}}
DROP = {"do": "drop", "key": "ragged"}


class Keras:
    """Loads nothing, and says what it was to load."""

    def __init__(self, *, safe_mode: bool = True) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.unsafe = False
        self.layers = self.losses = self.utils = SimpleNamespace()
        self.config = SimpleNamespace(enable_unsafe_deserialization=self._allow)
        self.models = SimpleNamespace(load_model=self._load_safely if safe_mode else self._load_of_keras_2)

    def _allow(self) -> None:
        self.unsafe = True

    def _load(self, path: str, custom_objects: Any = None, **given: bool) -> str:
        self.asked.append((path, {"custom_objects": custom_objects, **given}))
        return "model"

    def _load_safely(self, path: str, safe_mode: bool = True, **given: Any) -> str:
        return self._load(path, safe_mode=safe_mode, **given)

    def _load_of_keras_2(self, path: str, custom_objects: Any = None) -> str:
        return self._load(path, custom_objects)


class Cell:
    """One file, and what is told of it."""

    def __init__(self, folder: Path, name: str, kind: str) -> None:
        self.folder, self.kind = folder, kind
        (folder / "payload").mkdir()
        (folder / "own").mkdir()
        self.file = folder / "payload" / name
        self.code = folder / "code.py"
        self.code.write_text(CODE)
        self.keras, self.edits = Keras(), list[str]()

    def attempt(self, **options: Any) -> Any:
        stack: Any = SimpleNamespace(keras=self.keras, keras_version="3.4.1", tf=None)
        task = {"probes": {"p": str(self.code)}}
        cell = {"format": self.kind, "artifact": str(self.folder), "probe": "p"}
        reference = Reference({"name": self.file.name}, {})
        return model_of(Attempt(stack, task, cell, options, str(self.folder / "own"), reference, self.edits))


@pytest.fixture
def archive(tmp_path: Path) -> Cell:
    cell = Cell(tmp_path, "m.keras", "keras")
    with zipfile.ZipFile(cell.file, "w") as stored:
        stored.writestr("config.json", json.dumps(DENSE))
        stored.writestr("model.weights.h5", b"weights")
    return cell


@pytest.fixture
def hdf5(tmp_path: Path) -> Cell:
    cell = Cell(tmp_path, "m.keras", "keras")
    with h5py.File(cell.file, "w") as stored:
        stored.attrs["model_config"] = json.dumps(DENSE)
        stored.attrs["training_config"] = json.dumps({"loss": DENSE})
    return cell


def test_a_plain_load_has_what_the_code_declares(archive: Cell) -> None:
    assert archive.attempt(way="load") == "model"
    assert archive.keras.asked == [
        (str(archive.file), {"custom_objects": {"pkg>Own": "declared"}, "safe_mode": True})
    ]
    assert not archive.keras.unsafe


def test_one_who_has_the_file_alone_gives_nothing(archive: Cell) -> None:
    archive.code.write_text("CODE_AT_LOADING = False\n" + CODE)
    archive.attempt(way="load", compile=False)
    assert archive.keras.asked[0][1] == {"custom_objects": None, "compile": False, "safe_mode": True}


def test_all_that_the_code_defines_is_given(archive: Cell) -> None:
    archive.code.write_text("CODE_AT_LOADING = False\n" + CODE)
    archive.attempt(way="load", code=True)
    given = archive.keras.asked[0][1]["custom_objects"]
    assert set(given) == {"Own", "twice", "build_model", "inputs", "pkg>Own"}


def test_what_is_imported_is_not_the_models_own() -> None:
    class Module:
        __name__ = "probe"

    module: Any = Module()
    module.__dict__.update(Path=Path, build_model=lambda: None, inputs=lambda: None)
    assert everything_in(Probe(module)) == {}


def test_safe_mode_is_put_off_in_both_places(archive: Cell) -> None:
    archive.attempt(way="load", safe_mode=False)
    assert archive.keras.asked[0][1]["safe_mode"] is False
    assert archive.keras.unsafe


def test_a_keras_without_safe_mode_is_not_asked_for_it(archive: Cell) -> None:
    archive.keras = Keras(safe_mode=False)
    assert archive.attempt(way="load", safe_mode=False) == "model"


def test_a_file_goes_by_the_name_of_what_it_is(hdf5: Cell) -> None:
    hdf5.attempt(way="load")
    (path, _) = hdf5.keras.asked[0]
    assert path == str(hdf5.folder / "own" / "m.h5")
    assert Path(path).read_bytes() == hdf5.file.read_bytes()
    assert hdf5.edits == ["m.keras is hdf5, and was copied to m.h5"]


def test_a_copy_says_it_in_other_words_and_the_file_stays(archive: Cell) -> None:
    before = archive.file.read_bytes()
    archive.attempt(way="load", rules=[DROP], fit=False)
    path = archive.keras.asked[0][0]
    assert path == str(archive.folder / "own" / "m.keras")
    with zipfile.ZipFile(path) as copy:
        assert json.loads(copy.read("config.json")) == {"class_name": "Dense", "config": {"units": 2}}
        assert copy.read("model.weights.h5") == b"weights"
    assert archive.edits == ["dropped ragged = false of Dense"]
    assert archive.file.read_bytes() == before


def test_the_copy_of_an_hdf5_file_says_how_to_train_in_other_words_too(hdf5: Cell) -> None:
    hdf5.attempt(way="load", rules=[DROP], fit=False)
    with h5py.File(hdf5.keras.asked[0][0]) as copy:
        for name in ("model_config", "training_config"):
            assert "ragged" not in copy.attrs[name]
            assert "units" in copy.attrs[name]


def test_rules_for_compiling_alone_leave_the_file_as_it_is(archive: Cell) -> None:
    archive.attempt(way="load", rules=[DROP], repair=False)
    assert archive.keras.asked[0][0] == str(archive.file)


def test_a_file_without_a_configuration_cannot_be_repaired(tmp_path: Path) -> None:
    cell = Cell(tmp_path, "m.h5", "h5")
    with h5py.File(cell.file, "w") as stored:
        stored["a"] = 1
    for way in ("load", "rebuild"):
        with pytest.raises(ValueError, match=r"^The file has no (configuration|architecture) to "):
            cell.attempt(way=way, rules=[DROP])


def test_state_that_is_not_to_be_had_leaves_a_model_and_a_sentence(archive: Cell) -> None:
    assert archive.attempt(way="load", optimizer_state=True) == "model"
    assert len(archive.edits) == 1
    assert archive.edits[0].startswith("the optimizer's state stays behind: ")


def test_compiling_that_is_only_tried_leaves_a_model_and_a_sentence(archive: Cell) -> None:
    archive.code.write_text(CODE.replace('return "built"', 'raise OSError("no data")'))
    assert archive.attempt(way="load", recompile="try") == "model"
    assert archive.edits == ["it could not be compiled again: no data"]
    with pytest.raises(OSError, match="no data"):
        archive.attempt(way="load", recompile=True)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("custom.h5", "hdf5"),
        ("custom.HDF5", "hdf5"),
        ("custom.weights.h5", "weights"),
        ("custom.keras", "zip"),
        ("v1.2", "folder"),
        ("model", "folder"),
    ],
)
def test_what_a_name_says_of_a_file(name: str, kind: str) -> None:
    assert read_as(name) == kind
