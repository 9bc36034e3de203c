"""A run as its pages see it: everything that more than one page needs, worked out once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reports import outcomes, remedies, why
from reports.faults import Fault, faults
from reports.grid import Entry, Grid, build
from reports.outcomes import Outcome
from reports.text import short_names
from reports.upgrade import Upgrade, upgrades
from reports.verdicts import ATTENTION
from reports.why import Reason, Unsaved
from runner.results import ArtifactResult, Cause, RemedyMeaning, Results, Verdict

#: Verdicts of cells whose story is all there is to tell of them. Most cells of a run are such; a place of their own
#: for each would double a page.
QUIET = (Verdict.IDENTICAL, Verdict.SAVE_FAILED, Verdict.UNSUPPORTED, Verdict.UNAVAILABLE, Verdict.NOT_RUN)


@dataclass(frozen=True, kw_only=True)
class View:
    """A run, arranged and explained."""

    results: Results
    grid: Grid
    #: Environment -> its name in the head of a column.
    labels: Mapping[str, str]
    #: Cells that ended in the same way; those whose artifact was broken on purpose apart.
    told: tuple[Outcome, ...]
    broken: tuple[Outcome, ...]
    reasons: tuple[Reason, ...]
    #: Why nothing could be saved.
    unsaved: tuple[Unsaved, ...]
    #: By id, explained or not.
    causes: Mapping[str, Cause]
    meanings: Mapping[str, RemedyMeaning]
    #: Producer -> what becomes of its files in each environment; empty where one model file was asked about.
    upgrades: Mapping[str, Sequence[Upgrade]]
    faults: tuple[Fault, ...]
    #: Probe -> its artifacts that have anything to tell.
    artifacts: Mapping[str, tuple[ArtifactResult, ...]]
    #: Format, producer and consumer of a square -> its cells that have a working remedy, and those in trouble.
    helped: Mapping[tuple[str, str, str], tuple[int, int]]


@dataclass(frozen=True, kw_only=True)
class Alike:
    """Cells of one square with one verdict and one reason."""

    verdict: Verdict
    #: The title of their cause, or what was seen where nobody explains it; empty for identical cells.
    said: str
    #: The id of their :class:`reports.why.Reason`; empty where they have no cause.
    reason: str
    entries: tuple[Entry, ...]


def view(results: Results) -> View:
    """Work it all out."""
    grid = build(results)
    told = outcomes.group(grid.entries)
    reasons = why.reasons(results, told, grid.environments)
    meanings = {remedy.id: remedy for remedy in results.remedies}
    names = {probe.name: probe.fault for probe in results.probes if probe.fault}
    artifacts: defaultdict[str, list[ArtifactResult]] = defaultdict(list)
    for artifact in results.artifacts:
        if artifact.status == "saved" or artifact.warnings or artifact.output:
            artifacts[artifact.probe].append(artifact)
    return View(
        results=results,
        grid=grid,
        labels=short_names(grid.environments),
        told=told,
        broken=outcomes.group(grid.faulted),
        reasons=reasons,
        unsaved=why.unsaved(results, names),
        causes=why.titled((*grid.entries, *grid.faulted), results),
        meanings=meanings,
        upgrades={} if results.question else upgrades(grid, reasons, meanings),
        faults=faults(grid, names),
        artifacts={name: tuple(found) for name, found in artifacts.items()},
        helped=_helped(grid),
    )


def numbers(outcomes: Iterable[Outcome]) -> Mapping[int, int]:
    """Number of an entry -> number of its story."""
    return {entry.number: outcome.number for outcome in outcomes for entry in outcome.entries}


def artifact_key(artifact: ArtifactResult) -> tuple[str, str, str]:
    """The names that an artifact is known by."""
    return (artifact.producer, artifact.probe, artifact.format)


def alike(entries: Iterable[Entry], causes: Mapping[str, Cause]) -> list[Alike]:
    """The entries of one square by verdict and cause, or else by what was seen; in the order of attention."""
    found: dict[tuple[Verdict, str, str], list[Entry]] = {}
    for entry in entries:
        cause = causes.get(outcomes.cause(entry))
        if entry.cell.verdict is Verdict.IDENTICAL:
            said, reason = "", ""
        elif cause is None:
            said, reason = outcomes.brief(entry), ""
        else:
            said, reason = cause.title, why.reason_id(cause.id)
        found.setdefault((entry.cell.verdict, said, reason), []).append(entry)
    groups = [
        Alike(verdict=verdict, said=said, reason=reason, entries=tuple(same))
        for (verdict, said, reason), same in found.items()
    ]
    return sorted(groups, key=lambda one: ATTENTION.index(one.verdict))


def _helped(grid: Grid) -> Mapping[tuple[str, str, str], tuple[int, int]]:
    found = {}
    for over in grid.overviews:
        for row in over.rows:
            for square in row.squares:
                share = remedies.share(entry.cell for entry in square.entries)
                found[over.format.name, square.producer, square.consumer] = (share.helped, share.troubled)
    return found
