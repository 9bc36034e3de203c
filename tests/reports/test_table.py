import json
from typing import Any

from reports.table import MISSING, table
from reports.view import view
from runner.results import Results
from tests.reports import sample


def data(results: Results) -> dict[str, Any]:
    text = table(view(results))
    assert text.isascii()
    assert text.startswith("crossload({")
    assert text.endswith("});\n")
    found: dict[str, Any] = json.loads(text.removeprefix("crossload(").removesuffix(");\n"))
    return found


def cells(found: dict[str, Any]) -> dict[tuple[str, ...], Any]:
    """The cells by name, as a page reads them."""
    numbers = [
        number
        for number, times in zip(found["cells"][::2], found["cells"][1::2], strict=True)
        for _ in range(times)
    ]
    names = [
        (producer[0], consumer[0], probe[0], form[0])
        for probe in found["probes"]
        for form in found["formats"]
        for producer in found["environments"]
        for consumer in found["environments"]
    ]
    return {
        name: found["seen"][found["stories"][number][0]]
        for name, number in zip(names, numbers, strict=True)
        if number != MISSING
    }


def test_every_cell_is_in_it_with_what_was_seen_and_no_other() -> None:
    results = sample.results()
    found = cells(data(results))
    assert len(found) == len(results.cells)
    for cell in results.cells:
        verdict, cause, lost, checks = found[cell.producer, cell.consumer, cell.probe, cell.format]
        assert (verdict, cause, tuple(lost)) == (cell.verdict, cell.cause, tuple(sorted(cell.lost)))
        assert dict(checks) == dict(cell.checks)


def test_a_cell_that_the_run_did_not_have_is_missing() -> None:
    results = sample.results(environments=2)
    fewer = results.model_copy(update={"cells": results.cells[1:]})
    gone = results.cells[0]
    assert (gone.producer, gone.consumer, gone.probe, gone.format) not in cells(data(fewer))


def test_it_is_small() -> None:
    large = sample.large(environments=14, probes=17)
    assert len(table(view(large))) < 60_000


def test_what_was_broken_on_purpose_comes_last_and_is_marked() -> None:
    probes = data(sample.results())["probes"]
    assert ["dense", "dense", "dense", 0] in probes
    assert [probe for probe in probes if probe[3]] == probes[8:]
    assert all("+" in probe[0] for probe in probes[8:])


def test_hostile_text_is_data() -> None:
    text = table(view(sample.results(hostile=True)))
    assert text.count("\n") == 1
    assert "\u202e" not in text
    assert "\\u202e" not in text
