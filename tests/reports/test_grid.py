from reports.grid import OWN, build
from reports.surprises import EXPECTED
from runner.results import ArtifactResult, CellResult, EnvironmentResult, Probe, Results, Run, Verdict
from tests.reports import asked, sample

RUN = Run(id="r", started="2026-11-20T06:40:12Z", engine="venv", matrix_sha256="", version="0")


def cell(producer: str, consumer: str, verdict: str, probe: str = "dense", form: str = "keras") -> CellResult:
    return CellResult(
        producer=producer, consumer=consumer, probe=probe, format=form, verdict=Verdict(verdict)
    )


def results(*cells: CellResult, artifacts: tuple[ArtifactResult, ...] = ()) -> Results:
    environments = tuple(EnvironmentResult(id=name, status="ready") for name in ("a", "b"))
    return Results(run=RUN, environments=environments, artifacts=artifacts, cells=cells)


def test_cells_are_found_by_names_in_any_order() -> None:
    cells = (cell("a", "a", "identical"), cell("a", "b", "divergent"), cell("b", "a", "degraded"))
    there, back = build(results(*cells)), build(results(*reversed(cells)))
    assert [[str(square.tally.worst) for square in row.squares] for row in there.overviews[0].rows] == [
        ["identical", "divergent"],
        ["degraded", "not_run"],
    ]
    assert [row.squares for row in there.overviews[0].rows] == [row.squares for row in back.overviews[0].rows]


def test_a_missing_cell_is_not_run() -> None:
    grid = build(results(cell("a", "b", "identical")))
    assert str(grid.tally) == "1 identical, 3 not run"
    assert len(grid.entries) == 4
    assert {(entry.cell.producer, entry.cell.consumer) for entry in grid.entries} == {
        ("a", "a"),
        ("a", "b"),
        ("b", "a"),
        ("b", "b"),
    }


def test_names_that_only_cells_mention_are_shown() -> None:
    grid = build(results(cell("a", "stray", "identical", probe="mine", form="json")))
    assert grid.environments == ("a", "b", "stray")
    assert [view.format.name for view in grid.overviews] == ["json"]
    assert [sheet.probe.name for sheet in grid.sheets] == ["mine"]


def test_no_results_at_all() -> None:
    grid = build(Results(run=RUN, environments=(), artifacts=(), cells=()))
    assert (grid.overviews, grid.sheets, grid.entries, grid.tally.total) == ((), (), (), 0)


def test_a_square_counts_its_probes() -> None:
    grid = build(
        results(
            cell("a", "b", "identical", probe="one"),
            cell("a", "b", "divergent", probe="two"),
            cell("a", "b", "identical", probe="three"),
        )
    )
    square = grid.overviews[0].rows[0].squares[1]
    assert (square.producer, square.consumer) == ("a", "b")
    assert square.tally.worst == Verdict.DIVERGENT
    assert str(square.tally) == "2 identical, 1 divergent"


def test_failed_saves_are_counted_at_the_producer() -> None:
    failed = ArtifactResult(producer="b", probe="dense", format="keras", status="save_failed")
    grid = build(results(cell("b", "a", "save_failed"), artifacts=(failed,)))
    assert [row.unsaved for row in grid.overviews[0].rows] == [0, 1]


def test_the_sample_has_every_cell_and_the_keras_surprise() -> None:
    grid = build(sample.results())
    assert grid.tally.total == 6 * 6 * 8 * 6
    assert grid.tally.of(Verdict.NOT_RUN) == 0
    told = {
        view.format.name: [s.producer for row in view.rows for s in row.surprises] for view in grid.overviews
    }
    assert told["keras"] == ["tf2.12.1-cpu"]
    assert set(told) == set(EXPECTED)
    assert sum(len(names) for names in told.values()) == 1


def probe(name: str, *tags: str, fault: str = "") -> Probe:
    return Probe(name=name, why="", source="", sha256="", tags=tags, fault=fault)


def test_probes_are_grouped_by_their_first_tag() -> None:
    probes = (probe("lstm", "layers", "rnn"), probe("mine"), probe("gru", "layers"), probe("adam", "state"))
    grid = build(
        results().model_copy(update={"probes": probes, "cells": (cell("a", "b", "identical", "gru"),)})
    )
    assert [(group.name, [sheet.probe.name for sheet in group.sheets]) for group in grid.groups] == [
        ("layers", ["lstm", "gru"]),
        (OWN, ["mine"]),
        ("state", ["adam"]),
    ]
    assert str(grid.groups[0].tally) == "1 identical, 7 not run"


def test_what_was_broken_on_purpose_is_counted_nowhere() -> None:
    cells = (cell("a", "b", "identical"), cell("a", "b", "divergent", "dense+bit_flip"))
    probes = (probe("dense"), probe("dense+bit_flip", fault="bit_flip"))
    failed = ArtifactResult(producer="a", probe="dense+bit_flip", format="keras", status="save_failed")
    grid = build(results(*cells, artifacts=(failed,)).model_copy(update={"probes": probes}))
    assert str(grid.tally) == "1 identical, 3 not run"
    assert [sheet.probe.name for sheet in grid.sheets] == ["dense"]
    assert [(entry.cell.probe, entry.artifact) for entry in grid.faulted] == [("dense+bit_flip", failed)]
    assert grid.overviews[0].rows[0].unsaved == 0
    numbers = [entry.number for entry in (*grid.entries, *grid.faulted)]
    assert numbers == list(range(5))


def test_a_question_has_its_cells_and_no_holes() -> None:
    grid = build(asked.typical())
    assert [entry.cell.consumer for entry in grid.entries] == [
        "tf2.12.1-cpu",
        "tf2.15.1-cpu",
        "tf2.16.2-keras3.4.1-cpu",
        "tf2.21.0-cpu",
        "tf2.18.1-legacy-cpu",
    ]
    assert all(entry.artifact for entry in grid.entries)
    assert (grid.overviews, grid.sheets, grid.tally.total) == ((), (), 5)
