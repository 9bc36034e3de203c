"""What one section of a matrix file says of another: globs that match nothing and names that are none are mistakes.

Where some environments could not be built, what names them only looks dead, and is let pass.
"""

import fnmatch
from collections.abc import Mapping, Sequence

from environments import scalars
from environments.expand import Expansion, Report
from environments.explain import did_you_mean
from environments.schema import MatrixFile
from environments.spec import Environment
from environments.yaml_nodes import Location


def selections(file: MatrixFile, expansion: Expansion, report: Report) -> dict[str, tuple[str, ...]]:
    """Selection -> ids of its environments, in the order of the file; ``report`` is told each mistake."""
    return {name: _selected(name, globs, expansion, report) for name, globs in file.selections.items()}


def check(file: MatrixFile, expansion: Expansion, report: Report) -> None:
    """Tell ``report`` of every other entry that is about nothing, or is there twice."""
    if expansion.whole:
        for index, known in enumerate(file.expected):
            _check_cell(known.cell, ("expected", index, "cell"), expansion.environments, file, report)
        for index, rule in enumerate(file.gate.fail_on):
            if rule.cells is not None:
                where = ("gate", "fail_on", index, "cells")
                _check_cell(rule.cells, where, expansion.environments, file, report)
    _check_faults(file.faults, (), report)
    for name, run in file.runs.items():
        if name not in file.selections:
            report(("runs", name), f"{name!r} is no selection{did_you_mean(name, list(file.selections))}")
        _check_faults(run.faults or {}, ("runs", name), report)
    _report_repeated(file, report)


def _selected(name: str, globs: Sequence[str], expansion: Expansion, report: Report) -> tuple[str, ...]:
    ids = [environment.id for environment in expansion.environments]
    if name in ids:
        report(("selections", name), f"the selection {name!r} has the name of an environment; rename it")
    wanted: set[str] = set()
    for index, glob in enumerate(globs):
        found = fnmatch.filter(ids, glob)
        if not found and expansion.whole:
            said = f"{glob!r} matches no environment{did_you_mean(glob, ids)}"
            report(("selections", name, index), said)
        wanted.update(found)
    return tuple(identifier for identifier in ids if identifier in wanted)


def _check_faults(faults: Mapping[str, Sequence[str]], where: Location, report: Report) -> None:
    for probe, globs in faults.items():
        for index, glob in enumerate(globs):
            if not fnmatch.filter(scalars.FAULTS, glob):
                said = f"{glob!r} matches no fault{did_you_mean(glob, scalars.FAULTS)}"
                report((*where, "faults", probe, index), said)


def _check_cell(
    cell: str,
    location: Location,
    environments: tuple[Environment, ...],
    file: MatrixFile,
    report: Report,
) -> None:
    ids = [environment.id for environment in environments]
    producer, consumer, _, of_format = cell.split("/")
    for part, glob, known in (
        ("producer", producer, ids),
        ("consumer", consumer, ids),
        ("format", of_format, _formats(file)),
    ):
        if not fnmatch.filter(known, glob):
            said = f"{cell!r} matches no cell: no {part} is {glob!r}{did_you_mean(glob, known)}"
            report(location, said)


def _formats(file: MatrixFile) -> list[str]:
    """Every format that any selection runs."""
    more = (name for run in file.runs.values() for name in run.formats or ())
    return list(dict.fromkeys([*file.formats, *more]))


def _report_repeated(file: MatrixFile, report: Report) -> None:
    lists: dict[Location, Sequence[str]] = {
        ("formats",): file.formats,
        ("probes",): file.probes,
        ("gate", "fail_on"): [str(rule) for rule in file.gate.fail_on],
        **{("selections", name): globs for name, globs in file.selections.items()},
        **{("faults", probe): globs for probe, globs in file.faults.items()},
        **{("runs", name, "probes"): run.probes or () for name, run in file.runs.items()},
        **{("runs", name, "formats"): run.formats or () for name, run in file.runs.items()},
    }
    for location, words in lists.items():
        for index, word in enumerate(words):
            if word in words[:index]:
                report((*location, index), f"{word!r} is listed twice; keep one")
