from reports.grid import EXPECTED, build, surprises
from runner.results import ArtifactResult, CellResult, EnvironmentResult, Results, Run, Verdict
from tests.reports import sample

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
    assert str(grid.tally) == "1 identical, 3 not_run"
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


def saved(probe: str, actual: str, form: str = "keras") -> ArtifactResult:
    return ArtifactResult(
        producer="tf2.12.1-cpu",
        probe=probe,
        format=form,
        status="saved",
        name="m.keras",
        actual_format=actual,
    )


def test_a_producer_that_wrote_something_else_is_told() -> None:
    (surprise,) = surprises([saved("dense", "savedmodel"), saved("conv", "savedmodel")])
    assert surprise.wrote == "a SavedModel directory"
    assert surprise.sentence == (
        "tf2.12.1-cpu was asked for m.keras and wrote a SavedModel directory of that name"
        " without saying so (every probe)."
    )


def test_what_was_asked_for_is_no_surprise() -> None:
    assert surprises([saved("dense", "zip")]) == ()
    assert surprises([saved("dense", "anything", form="a format nobody knows")]) == ()
    assert surprises([saved("dense", "")]) == ()


def test_each_surprise_counts_its_probes() -> None:
    told = surprises([saved("a", "zip"), saved("b", "savedmodel"), saved("c", "empty")])
    assert [(surprise.wrote, "(1 of 3 probes)" in surprise.sentence) for surprise in told] == [
        ("a SavedModel directory", True),
        ("nothing at all", True),
    ]


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
