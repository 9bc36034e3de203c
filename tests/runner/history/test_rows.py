from pathlib import Path

from runner.history import History
from tests.runner.history.conftest import results

A, B = "a/a/dense/h5", "a/b/dense/h5"


def words(recorded_in: History, run: str) -> dict[str, str]:
    cells = recorded_in.cells(recorded_in.find(run))
    return {str(name): str(seen_there.verdict) for name, seen_there in cells.items()}


def test_cells_of_every_run_are_as_they_were(history: History) -> None:
    history.record(results("r1", {A: "identical", B: "identical"}))
    history.record(results("r2", {A: "identical"}))
    history.record(results("r3", {A: "degraded", B: "identical"}))
    assert words(history, "r1") == {A: "identical", B: "identical"}
    assert words(history, "r2") == {A: "identical"}
    assert words(history, "r3") == {A: "degraded", B: "identical"}


def test_unchanged_cells_cost_nothing(history: History, tmp_path: Path) -> None:
    cells = {f"e{p}/e{c}/probe{n}/h5": "identical" for p in range(10) for c in range(10) for n in range(10)}
    history.record(results("r0", cells))

    def pages() -> int:
        with history._database.reading() as connection:
            return int(connection.execute("PRAGMA page_count").fetchone()[0])

    first = pages()
    for number in range(20):
        history.record(results(f"r{number + 1}", cells))
    assert pages() <= first + 2
