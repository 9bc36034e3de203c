"""All cells of a run in one small file, for searching them and for comparing any two runs without a server.

It is a script that calls ``crossload`` with plain data, as a page that was opened from a file may load a script that
lies beside it, and nothing else. Cells come in the order probe, format, producer, consumer; equal neighbours are
counted. Text in it is data: it is plain ASCII, and a page shows it as text.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from reports import outcomes
from reports.addresses import file_name
from reports.grid import Entry, Grid
from reports.text import line, slug, visible
from reports.view import View
from runner.transitions import CellName, Seen, name_of, seen_in

#: What stands for a cell that the run did not have.
MISSING = -1

#: Characters of what a cell has to tell.
_TOLD = 120


def table(view: View) -> str:
    """The file's text."""
    results, grid = view.results, view.grid
    broken = [probe.name for probe in results.probes if probe.fault]
    broken += sorted({entry.cell.probe for entry in grid.faulted} - set(broken))
    seen: dict[Seen, int] = {}
    stories: dict[tuple[int, str], int] = {}
    numbers = []
    there = {name_of(cell) for cell in results.cells}
    for entry in _all(grid, broken):
        if entry is None or name_of(entry.cell) not in there:
            numbers.append(MISSING)
            continue
        sight = seen.setdefault(seen_in(entry.cell), len(seen))
        told = visible(line(outcomes.brief(entry), _TOLD))
        numbers.append(stories.setdefault((sight, told), len(stories)))
    data: dict[str, Any] = {
        "run": results.run.id,
        "started": results.run.started,
        "environments": _named(grid.environments),
        "probes": [
            *([name, slug(name), file_name(name), 0] for name in (s.probe.name for s in grid.sheets)),
            *([name, slug(name), "", 1] for name in broken),
        ],
        "formats": _named(form.name for form in grid.formats),
        "causes": {name: cause.title for name, cause in view.causes.items()},
        "seen": [
            [one.verdict, one.cause, list(one.lost), [list(check) for check in one.checks]] for one in seen
        ],
        "stories": [list(story) for story in stories],
        "cells": [part for number, same in groupby(numbers) for part in (number, len(list(same)))],
    }
    return f"crossload({json.dumps(data, separators=(',', ':'))});\n"


def _all(grid: Grid, broken: list[str]) -> Iterator[Entry | None]:
    yield from grid.entries
    found = {name_of(entry.cell): entry for entry in grid.faulted}
    for probe in broken:
        for form in grid.formats:
            for producer in grid.environments:
                for consumer in grid.environments:
                    yield found.get(CellName(producer, consumer, probe, form.name))


def _named(names: Iterable[str]) -> list[list[str]]:
    return [[name, slug(name)] for name in names]
