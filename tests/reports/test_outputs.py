from pathlib import Path

from reports.feed import Night
from reports.outputs import Context, write
from runner.transitions import between
from tests.reports import sample
from tests.reports.asked import STUCK, checked


def test_every_output_is_written_and_nothing_else_is_left(tmp_path: Path) -> None:
    results = sample.results(environments=2)
    write(results, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "badges",
        "cells.csv",
        "junit.xml",
        "summary.md",
    ]
    assert (tmp_path / "cells.csv").read_bytes().startswith(b"run,producer,")
    assert (tmp_path / "cells.csv").read_bytes().endswith(b"\r\n")


def test_the_feed_is_there_where_runs_are_known(tmp_path: Path) -> None:
    new = sample.results(environments=2)
    found = between(new.model_copy(update={"cells": new.cells[1:]}), new)
    night = Night(comparison=found, time=new.run.finished)
    write(new, tmp_path, Context(comparison=found, nights=[night], gate=["holds"]))
    assert "1 added" in (tmp_path / "feed.xml").read_text()
    assert "1 added" in (tmp_path / "summary.md").read_text()


def test_the_same_results_make_the_same_files(tmp_path: Path) -> None:
    results = sample.results(environments=2)
    for name in ("one", "two"):
        write(results, tmp_path / name)
    for path in (tmp_path / "one").rglob("*.*"):
        assert path.read_bytes() == (tmp_path / "two" / path.relative_to(tmp_path / "one")).read_bytes()


def test_what_is_there_already_is_not_written_again(tmp_path: Path) -> None:
    results = sample.results(environments=2)
    write(results, tmp_path)
    badge = next((tmp_path / "badges").rglob("*.svg"))
    before = {path: path.stat().st_ino for path in tmp_path.rglob("*.*")}
    badge.write_text("another")
    write(results, tmp_path)
    after = {path: path.stat().st_ino for path in tmp_path.rglob("*.*")}
    assert {path for path in after if after[path] != before[path]} == {badge}
    assert badge.read_text() != "another"


def test_the_summary_of_a_check_is_its_answer(tmp_path: Path) -> None:
    write(checked({"tf2.21.0-cpu": STUCK}), tmp_path)
    assert "model.h5" in (tmp_path / "summary.md").read_text()
    assert "### Grid" not in (tmp_path / "summary.md").read_text()
