"""The grid: results arranged by names, with every hole filled in.

Pure functions from :class:`runner.results.Results`. A cell is found by the names of its producer, consumer, probe
and format, never by a position; one that the results do not have is shown as ``not_run``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reports.surprises import Surprise, surprises
from reports.verdicts import Tally, tally
from runner.results import ArtifactResult, CellResult, Format, Probe, Results, Verdict

#: The group of probes that name none: a user's own.
OWN = "your own"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One cell with the artifact that it loads."""

    cell: CellResult
    artifact: ArtifactResult | None
    #: Its place among all entries; unique in a grid.
    number: int = 0


@dataclass(frozen=True, kw_only=True)
class Square:
    """One producer and one consumer in one format: the cells of all probes."""

    producer: str
    consumer: str
    entries: tuple[Entry, ...]
    tally: Tally


@dataclass(frozen=True, kw_only=True)
class Row:
    """What one producer saved in one format, across all consumers."""

    producer: str
    squares: tuple[Square, ...]
    #: Probes that this producer could not save in this format.
    unsaved: int
    surprises: tuple[Surprise, ...]


@dataclass(frozen=True, kw_only=True)
class Overview:
    """All pairs in one format, the probes taken together."""

    format: Format
    rows: tuple[Row, ...]
    tally: Tally


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One probe: producers down, every format's consumers across."""

    probe: Probe
    rows: tuple[tuple[str, tuple[tuple[Entry, ...], ...]], ...]
    tally: Tally


@dataclass(frozen=True, kw_only=True)
class Group:
    """Probes that exercise the same kind of thing."""

    name: str
    sheets: tuple[Sheet, ...]
    tally: Tally


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Everything that the grids of the page and of the terminal show."""

    environments: tuple[str, ...]
    formats: tuple[Format, ...]
    overviews: tuple[Overview, ...]
    sheets: tuple[Sheet, ...]
    #: The same sheets by what they exercise.
    groups: tuple[Group, ...]
    #: Every cell, in the order probe, format, producer, consumer; none of those that were broken on purpose.
    entries: tuple[Entry, ...]
    #: Cells whose artifact was broken on purpose. They say nothing about compatibility and are counted nowhere else.
    faulted: tuple[Entry, ...]
    tally: Tally


_Key = tuple[str, str, str, str]


def build(results: Results) -> Grid:
    """Arrange the results. Names that only cells or artifacts mention come after the declared ones.

    Those of a check are no grid: one file, one home. Their entries are their cells, and there is nothing to look over.
    """
    environments = environment_ids(results)
    every, formats = _probes(results), _formats(results)
    broken = {probe.name for probe in every if probe.fault}
    probes = tuple(probe for probe in every if not probe.fault)
    artifacts = {(a.producer, a.probe, a.format): a for a in results.artifacts}
    if results.question is not None:
        return _asked(results, environments, formats, artifacts)
    entries = _entries(results, environments, probes, formats, artifacts)
    overviews = tuple(_overview(form, environments, probes, entries, artifacts) for form in formats)
    sheets = tuple(_sheet(probe, environments, formats, entries) for probe in probes)
    return Grid(
        environments=environments,
        formats=formats,
        overviews=overviews,
        sheets=sheets,
        groups=_groups(sheets),
        entries=tuple(entries.values()),
        faulted=tuple(
            Entry(cell=cell, artifact=artifacts.get((cell.producer, cell.probe, cell.format)), number=number)
            for number, cell in enumerate(
                (cell for cell in results.cells if cell.probe in broken), start=len(entries)
            )
        ),
        tally=_tally(entries.values()),
    )


def _asked(
    results: Results,
    environments: tuple[str, ...],
    formats: tuple[Format, ...],
    artifacts: Mapping[tuple[str, str, str], ArtifactResult],
) -> Grid:
    entries = tuple(
        Entry(cell=cell, artifact=artifacts.get((cell.producer, cell.probe, cell.format)), number=number)
        for number, cell in enumerate(results.cells)
    )
    return Grid(
        environments=environments,
        formats=formats,
        overviews=(),
        sheets=(),
        groups=(),
        entries=entries,
        faulted=(),
        tally=_tally(entries),
    )


def environment_ids(results: Results) -> tuple[str, ...]:
    """All environments: the declared ones, then those that only cells mention."""
    mentioned = (name for cell in results.cells for name in (cell.producer, cell.consumer))
    return tuple(dict.fromkeys((*(e.id for e in results.environments), *mentioned)))


def _probes(results: Results) -> tuple[Probe, ...]:
    found = {probe.name: probe for probe in results.probes}
    for name in (
        *(cell.probe for cell in results.cells),
        *(artifact.probe for artifact in results.artifacts),
    ):
        found.setdefault(name, Probe(name=name, why="", source="", sha256=""))
    return tuple(found.values())


def _formats(results: Results) -> tuple[Format, ...]:
    found = {form.name: form for form in results.formats}
    for name in (
        *(cell.format for cell in results.cells),
        *(artifact.format for artifact in results.artifacts),
    ):
        found.setdefault(name, Format(name=name, meaning=""))
    return tuple(found.values())


def _entries(
    results: Results,
    environments: tuple[str, ...],
    probes: tuple[Probe, ...],
    formats: tuple[Format, ...],
    artifacts: Mapping[tuple[str, str, str], ArtifactResult],
) -> dict[_Key, Entry]:
    found = {(c.producer, c.consumer, c.probe, c.format): c for c in results.cells}
    entries: dict[_Key, Entry] = {}
    for probe in probes:
        for form in formats:
            for producer in environments:
                for consumer in environments:
                    key = (producer, consumer, probe.name, form.name)
                    cell = found.get(key) or CellResult(
                        producer=producer,
                        consumer=consumer,
                        probe=probe.name,
                        format=form.name,
                        verdict=Verdict.NOT_RUN,
                    )
                    artifact = artifacts.get((producer, probe.name, form.name))
                    entries[key] = Entry(cell=cell, artifact=artifact, number=len(entries))
    return entries


def _overview(
    form: Format,
    environments: tuple[str, ...],
    probes: tuple[Probe, ...],
    entries: Mapping[_Key, Entry],
    artifacts: Mapping[tuple[str, str, str], ArtifactResult],
) -> Overview:
    rows = []
    for producer in environments:
        squares = []
        for consumer in environments:
            inside = tuple(entries[producer, consumer, probe.name, form.name] for probe in probes)
            squares.append(Square(producer=producer, consumer=consumer, entries=inside, tally=_tally(inside)))
        saved = [a for p in probes if (a := artifacts.get((producer, p.name, form.name)))]
        rows.append(
            Row(
                producer=producer,
                squares=tuple(squares),
                unsaved=sum(artifact.status == "save_failed" for artifact in saved),
                surprises=surprises(saved),
            )
        )
    everything = [entry for row in rows for square in row.squares for entry in square.entries]
    return Overview(format=form, rows=tuple(rows), tally=_tally(everything))


def _sheet(
    probe: Probe, environments: tuple[str, ...], formats: tuple[Format, ...], entries: Mapping[_Key, Entry]
) -> Sheet:
    rows = tuple(
        (
            producer,
            tuple(
                tuple(entries[producer, consumer, probe.name, form.name] for consumer in environments)
                for form in formats
            ),
        )
        for producer in environments
    )
    return Sheet(
        probe=probe,
        rows=rows,
        tally=_tally(entry for _, forms in rows for form in forms for entry in form),
    )


def _groups(sheets: tuple[Sheet, ...]) -> tuple[Group, ...]:
    found: dict[str, list[Sheet]] = {}
    for sheet in sheets:
        found.setdefault(next(iter(sheet.probe.tags), OWN), []).append(sheet)
    return tuple(
        Group(name=name, sheets=tuple(of), tally=tally(v for sheet in of for v in _verdicts(sheet)))
        for name, of in found.items()
    )


def _verdicts(sheet: Sheet) -> Iterable[Verdict]:
    return (entry.cell.verdict for _, forms in sheet.rows for form in forms for entry in form)


def _tally(entries: Iterable[Entry]) -> Tally:
    return tally(entry.cell.verdict for entry in entries)
