"""Legacy Keras as a remedy is read off the cell of the environment that has it."""

from typing import Any

from runner.remedies.legacy import legacy
from runner.results import CellResult, EnvironmentResult, Results, Run, Verdict

RUN = Run(id="1", started="", engine="venv", matrix_sha256="", version="")


def environment(name: str, tensorflow: str, keras: str, **more: Any) -> EnvironmentResult:
    return EnvironmentResult(id=name, status="ready", tensorflow=tensorflow, keras=keras, **more)


NEW, OLD, LEGACY = (
    environment("tf2.18.1-cpu", "2.18.1", "3.8.0", backend="tensorflow"),
    environment("tf2.15.1-cpu", "2.15.1", "2.15.0", backend="tensorflow"),
    environment("tf2.18.1-legacy-cpu", "2.18.1", "2.18.0", backend="tensorflow"),
)


def results(
    new: Verdict, old: Verdict, environments: tuple[EnvironmentResult, ...] = (NEW, OLD, LEGACY)
) -> Results:
    base = {"producer": "tf2.15.1-cpu", "probe": "dense", "format": "savedmodel"}
    cells = (
        CellResult(consumer="tf2.18.1-cpu", verdict=new, **base),
        CellResult(consumer="tf2.18.1-legacy-cpu", verdict=old, lost=("resave",), **base),
    )
    return Results(run=RUN, environments=environments, artifacts=(), cells=cells)


def test_the_cell_of_the_same_tensorflow_answers() -> None:
    found = legacy(results(Verdict.LOAD_FAILED, Verdict.DEGRADED))
    (remedy,) = found.cells[0].remedies
    assert (remedy.id, remedy.verdict, remedy.lost) == ("legacy_keras", Verdict.DEGRADED, ("resave",))
    assert remedy.environment == "tf2.18.1-legacy-cpu"
    assert remedy.verified
    assert found.cells[1].remedies == ()
    assert [item.id for item in found.remedies] == ["legacy_keras"]
    assert legacy(found) == found


def test_it_is_told_when_that_does_not_help_either() -> None:
    found = legacy(results(Verdict.LOAD_FAILED, Verdict.LOAD_FAILED))
    assert not found.cells[0].remedies[0].verified


def test_nothing_is_said_where_nothing_is_known() -> None:
    for new, old in ((Verdict.IDENTICAL, Verdict.IDENTICAL), (Verdict.LOAD_FAILED, Verdict.NOT_RUN)):
        before = results(new, old)
        assert legacy(before) == before
    before = results(Verdict.LOAD_FAILED, Verdict.IDENTICAL, environments=(NEW, OLD))
    assert legacy(before) == before
