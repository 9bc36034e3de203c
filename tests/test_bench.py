import json
import sys
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from environments.engines import Exit, Ready
from environments.errors import InfrastructureError
from runner.plan import CellKey, Plan
from runner.results import CellResult, CheckValue, Verdict
from tests.bench import question
from tests.bench.__main__ import measure, tell
from tests.bench.figures import Figures, Timing, differences, machine, processor_of
from tests.bench.sample import name_of, spread
from tests.bench.ways import Ways
from tests.runner.fakes import DONE, KILLED, LOADED, Recorded, Say, Script, cell, make_plan, well


def grid(consumers: str, formats: tuple[str, ...] = ("keras", "h5"), probes: int = 4) -> tuple[CellKey, ...]:
    return tuple(
        CellKey(producer=producer, consumer=consumer, probe=f"p{number}", format=name)
        for producer in consumers
        for consumer in consumers
        for number in range(probes)
        for name in formats
    )


@given(count=st.integers(1, 100), cells=st.permutations(grid("abc")))
def test_a_sample_gives_each_consumer_and_format_its_share(count: int, cells: list[CellKey]) -> None:
    found = spread(cells, count)
    assert len(found) == len(set(found)) == min(count, 72)
    assert found == spread(grid("abc"), count)
    shares = Counter((key.consumer, key.format) for key in found)
    fair = len(found) / 6
    assert all(fair - 1 < shares[consumer, name] < fair + 1 for consumer in "abc" for name in ("keras", "h5"))


def test_a_sample_does_not_favour_a_probe_by_its_place_in_order() -> None:
    # Every eighth of cells in order of their names would be the same probe each time.
    found = spread(grid("abcdef", probes=8), 72)
    assert len({key.probe for key in found}) == 8
    assert len({key.producer for key in found}) == 6


def test_there_may_be_nothing_to_sample() -> None:
    assert spread((), 5) == ()


def test_the_processor_is_named_as_the_system_names_it() -> None:
    assert (
        processor_of("processor\t: 0\nmodel name\t: Some  CPU @ 2: 3 GHz\nflags: a\n")
        == "Some CPU @ 2: 3 GHz"
    )
    assert processor_of("CPU architecture: 8\n")
    assert "Python 3" in machine()


def result(
    verdict: Verdict, checks: Mapping[str, CheckValue] | None = None, consumer: str = "b"
) -> CellResult:
    return CellResult(
        producer="a", consumer=consumer, probe="dense", format="h5", verdict=verdict, checks=checks or {}
    )


def test_a_cell_with_another_verdict_is_told_with_what_each_way_gave() -> None:
    key = CellKey(producer="a", consumer="b", probe="dense", format="h5")
    one, other = result(Verdict.IDENTICAL), result(Verdict.CRASHED)
    assert differences({"fresh": {key: one}, "forked": {key: one}}) == ((), ())
    verdicts, checks = differences({"fresh": {key: one}, "forked": {key: one}, "whole": {key: other}})
    assert verdicts == ("a/b/dense/h5  fresh: identical, forked: identical, whole: crashed",)
    assert checks == ()


def test_a_cell_with_the_same_verdict_for_other_checks_is_told_apart_from_that() -> None:
    key = CellKey(producer="a", consumer="b", probe="dense", format="h5")
    one = result(Verdict.DEGRADED, {"optimizer": "lost", "resave": "same"})
    other = result(Verdict.DEGRADED, {"optimizer": "same", "resave": "failed"})
    verdicts, checks = differences({"fresh": {key: one}, "forked": {key: other}})
    assert verdicts == ()
    assert checks == (
        "a/b/dense/h5  fresh: optimizer lost, resave same; forked: optimizer same, resave failed",
    )


def figures(*differing: str) -> Figures:
    return Figures(
        machine="a machine",
        workers=2,
        environments=("a", "b"),
        timings={
            "fresh": Timing(cells=2, seconds=8.0, failed=1),
            "forked": Timing(cells=2, seconds=2.0, failed=1),
            "whole": Timing(cells=10, seconds=4.0),
            "warm": Timing(cells=2, seconds=0.4),
        },
        differing=differing,
        other_checks=(),
    )


def test_times_are_for_a_cell_and_ratios_between_them() -> None:
    data = json.loads(json.dumps(figures().data()))
    assert data["ways"]["whole"] == {"cells": 10, "seconds": 4.0, "failed": 0, "seconds_a_cell": 0.4}
    assert data["ratios"] == {"fresh/forked": 4.0, "fresh/whole": 10.0, "forked/warm": 5.0, "whole/warm": 2.0}
    assert data["same_verdicts"] is True
    console = Console(width=150)
    with console.capture() as said:
        console.print(figures().table())
    row = next(line for line in said.get().splitlines() if "all cells" in line)
    assert [part.strip() for part in row.split("│")[2:-1]] == ["10", "0", "0.400", "10.0", "2.0"]


def test_nothing_measured_is_no_number() -> None:
    assert str(Timing().each) == "nan"
    assert Timing(cells=1, seconds=2.0) + Timing(cells=2, failed=1) == Timing(cells=3, seconds=2.0, failed=1)


def test_the_exit_code_is_about_verdicts_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert tell(figures()) == 0
    assert "Every verdict of (a) and (b) is the same, in 2 cells." in capsys.readouterr().out
    assert tell(figures("a/b/dense/[red]h5  fresh: identical, forked: crashed")) == 1
    assert "\n  a/b/dense/[red]h5  fresh: identical, forked: crashed\n" in capsys.readouterr().out


def warm(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
    """What the floor says; its artifacts are where the task says."""
    say({"event": "ready", "seconds": 1.0})
    for item in task["cells"]:
        say({"event": "cell", "key": item["key"], "seconds": 0.25, "error": "ValueError"})
    return DONE


class Bench:
    """A bench of two environments, one probe and one format, on an engine of recorded lines."""

    def __init__(self, folder: Path, scripts: Mapping[str, list[Script]] | None = None) -> None:
        self.plan: Plan = make_plan(folder, "a", "b", formats=("keras",))
        floor: dict[str, list[Script]] = {"floor-a": [warm], "floor-b": [warm]}
        self.engine = Recorded({**floor, **(scripts or {})})
        self.state = folder / "state"
        ready = {
            item.id: Ready(environment=item, engine="recorded", base="", base_digest="", python="python")
            for item in self.plan.environments
        }
        self.ways = Ways(self.plan, self.engine, self.state, ready, Event())
        self.anew = [self.ways.save(name) for name in ("a", "b")]

    def measure(self, sample: int) -> dict[str, Timing]:
        cells = self.ways.cells()
        self.engine.jobs.clear()
        with ThreadPoolExecutor(1) as pool:
            return measure(self.ways, ["a", "b"], spread(cells, sample), cells, pool, 1, lambda line: None)


def test_each_consumer_goes_through_all_ways_before_the_next(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    timings = bench.measure(4)
    one, two = "a/dense/keras", "b/dense/keras"
    for consumer in "ab":
        jobs = [(key, sorted(cells)) for key, cells in bench.engine.jobs if key.endswith(f"-{consumer}")]
        assert sorted(cells[0] for _, cells in jobs[1:3]) == [one, two]
        assert [(key, len(cells)) for key, cells in jobs] == [
            (f"floor-{consumer}", 0),
            (f"load-{consumer}", 1),
            (f"load-{consumer}", 1),
            (f"load-{consumer}", 2),
            (f"floor-{consumer}", 2),
            (f"load-{consumer}", 2),
        ]
    assert [key[-1] for key, _ in bench.engine.jobs] == ["a"] * 6 + ["b"] * 6
    assert timings["warm"] == Timing(cells=4, seconds=1.0, failed=4)
    assert {name: timing.cells for name, timing in timings.items()} == dict.fromkeys(
        ("fresh", "forked", "warm", "whole"), 4
    )
    assert all(set(found) == set(bench.ways.cells()) for found in bench.ways.outcomes.values())


def test_artifacts_that_hold_are_not_saved_again(tmp_path: Path) -> None:
    assert Bench(tmp_path).anew == [True, True]
    again = Bench(tmp_path)
    assert again.anew == [False, False]
    assert again.engine.jobs == []
    assert len(again.ways.cells()) == 4


def test_nothing_is_written_where_a_run_writes_its_journals(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.measure(2)
    assert not (bench.state / "artifacts" / "save").exists()
    assert not (bench.state / "artifacts" / "load").exists()


def broken_in_company(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
    """An agent whose cells go well when they are alone."""
    if len(task["cells"]) == 1:
        return well(task, out, say)
    checks = {"structure": "same", "weights": "differs", "outputs": "differs"}
    for item in task["cells"]:
        say({"event": "begin", "key": item["key"]})
        say(cell(item["key"], {**LOADED, "checks": checks}))
    return DONE


def test_a_verdict_that_company_changes_is_found(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {"load-b": [broken_in_company]})
    bench.measure(4)
    differing, _ = differences(bench.ways.outcomes)
    assert sorted(differing) == [
        "a/b/dense/keras  fresh: identical, forked: divergent, whole: divergent",
        "b/b/dense/keras  fresh: identical, forked: divergent, whole: divergent",
    ]


def silent(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
    return KILLED


def test_a_cell_that_was_not_run_ends_the_bench(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {"load-b": [silent]})
    with pytest.raises(InfrastructureError, match="/b/dense/keras was not run"):
        bench.measure(4)


def test_a_warm_process_that_dies_ends_the_bench(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {"floor-b": [warm, silent]})
    with pytest.raises(InfrastructureError, match="in b came to 0 of 2 cells"):
        bench.measure(4)


def test_cells_are_named_as_reproduce_takes_them() -> None:
    assert name_of(CellKey(producer="a", consumer="b", probe="p", format="h5")) == "a/b/p/h5"


def turn(imports: float, check: float) -> tuple[question.Spent, question.Spent]:
    return question.Spent(clock=1.0, processors=imports), question.Spent(clock=9.0, processors=check)


def test_a_question_is_held_against_the_imports_of_its_own_turn(capsys: pytest.CaptureFixture[str]) -> None:
    assert question.tell([turn(10, 14), turn(20, 28), turn(10, 40)]) == 0
    said = capsys.readouterr().out
    assert "1.40" in said
    assert "9.00" in said  # by the clock, which says nothing on a machine that others use too
    assert question.tell([turn(10, 16)]) == 1


def test_what_processes_of_a_turn_take_is_counted() -> None:
    work = [sys.executable, "-c", "import time\nwhile time.process_time() < 0.5: pass"]
    took = question.spent(lambda: question._run(work))
    assert took.processors >= 0.4
    assert took.clock > 0
