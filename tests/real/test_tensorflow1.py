"""TensorFlow 1.15 as a producer and as a consumer, where there is a Python 3.7."""

from pathlib import Path

import pytest

from environments.engines import pythons
from runner.results import Results, Verdict, read
from tests.real.conftest import IDS, Stacks
from tests.real.test_run import cells, crossload, selected

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]

TF115 = "tf1.15.5-cpu"
_, TF215, _, KERAS315 = IDS
WITHIN = (TF115, TF215, KERAS315)


@pytest.fixture(scope="module")
def results(stacks: Stacks, tmp_path_factory: pytest.TempPathFactory) -> Results:
    if not pythons.find("3.7"):
        pytest.skip("There is no Python 3.7 on this machine; TensorFlow 1.15 has no wheels for a later one.")
    folder = tmp_path_factory.mktemp("tensorflow1")
    (folder / "state").mkdir()
    (folder / "state" / "venvs").symlink_to(Path(stacks.ready[TF215].python).parents[2])
    words = selected(WITHIN, ["dense"], ["h5", "savedmodel", "export"])
    crossload(
        "run", *words, "--engine", "venv", "--state", str(folder / "state"), "--site", str(folder / "site")
    )
    return read(folder / "site" / "results.json")


def test_it_saves_and_loads_its_own(results: Results) -> None:
    (ready,) = [item for item in results.environments if item.id == TF115]
    assert (ready.tensorflow, ready.keras, ready.python.rsplit(".", 1)[0]) == ("1.15.5", "2.2.4-tf", "3.7")
    found = cells(results, within=WITHIN)
    assert found[TF115, TF115, "dense", "h5"].verdict is Verdict.IDENTICAL
    assert found[TF115, TF115, "dense", "export"].verdict is Verdict.IDENTICAL
    lost = found[TF115, TF115, "dense", "savedmodel"]
    assert (lost.verdict, lost.lost) == (Verdict.DEGRADED, ("optimizer",))


def test_keras_2_loads_what_it_saved_and_keras_3_does_not(results: Results) -> None:
    found = cells(results, within=WITHIN)
    assert found[TF115, TF215, "dense", "h5"].verdict is Verdict.IDENTICAL
    assert found[TF115, TF215, "dense", "savedmodel"].verdict is Verdict.DEGRADED
    assert found[TF115, TF215, "dense", "export"].verdict is Verdict.IDENTICAL
    for name, reason in (
        ("h5", "Error when deserializing class 'Dense'"),
        ("savedmodel", "File format not supported"),
        ("export", "'_UserObject' object has no attribute 'add_slot'"),
    ):
        cell = found[TF115, KERAS315, "dense", name]
        assert (cell.verdict, cell.error is not None) == (Verdict.LOAD_FAILED, True)
        assert cell.error
        assert reason in cell.error.message


def test_what_is_newer_does_not_load_and_says_why(results: Results) -> None:
    found = cells(results, within=WITHIN)
    for producer, name, reason in (
        (TF215, "h5", "Unknown optimizer: Custom>Adam"),
        (KERAS315, "h5", "batch_shape"),
        (TF215, "savedmodel", "Op type not registered"),
    ):
        cell = found[producer, TF115, "dense", name]
        assert cell.verdict is Verdict.LOAD_FAILED
        assert cell.error
        assert reason in cell.error.message
