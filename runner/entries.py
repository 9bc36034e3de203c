"""Entries of a matrix that only the runner can hold against something: probes and causes they name must exist."""

import fnmatch
from collections.abc import Iterable

from environments.errors import ConfigurationError
from environments.explain import did_you_mean
from environments.matrix import Matrix
from runner import causes, probe_files


def check(matrix: Matrix, planned: Iterable[str]) -> None:
    """Raise ConfigurationError for an expected outcome, or a rule of the gate, that is about nothing.

    A probe that any selection of the matrix runs is something, and so is one of ``planned``, the probes of the command.
    Environments and formats were checked when the file was read.
    """
    cells = {entry.where: entry.cell for entry in matrix.expected}
    cells |= {f"{matrix.path}, under fail_on": rule.cells for rule in matrix.fail_on if rule.cells}
    troubles = []
    if any(cell.split("/")[2] != "*" for cell in cells.values()):
        names = sorted({*_probes(matrix), *planned})
        for where, cell in cells.items():
            glob = cell.split("/")[2]
            if not fnmatch.filter(names, glob):
                said = f"{cell!r} matches no cell: no probe is {glob!r}{did_you_mean(glob, names)}"
                troubles.append(f"{where}: {said}")
    if any(entry.cause for entry in matrix.expected):
        known = [causes.UNCLASSIFIED, *(cause.id for cause in causes.load())]
        troubles += [
            f"{entry.where}: there is no cause {entry.cause!r}{did_you_mean(entry.cause, known)}"
            for entry in matrix.expected
            if entry.cause and entry.cause not in known
        ]
    if troubles:
        raise ConfigurationError("\n".join(troubles))


def _probes(matrix: Matrix) -> set[str]:
    """The names of all probes that the matrix or one of its selections runs, broken ones too."""
    home = matrix.path.absolute().parent
    names: set[str] = set()
    extents = [(matrix.probes, matrix.faults)]
    for run in matrix.runs.values():
        faults = matrix.faults if run.faults is None else run.faults
        extents.append((run.probes or matrix.probes, faults))
    for words, faults in extents:
        found = probe_files.with_faults(probe_files.find(words, home), faults)
        names.update(probe.name for probe in found)
    return names
