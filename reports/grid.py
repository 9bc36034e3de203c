"""The grid: results arranged by names, with every hole filled in.

Pure functions from :class:`runner.results.Results`. A cell is found by the names of its producer, consumer, probe
and format, never by a position; one that the results do not have is shown as ``not_run``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reports.verdicts import Tally, tally
from runner.results import ArtifactResult, CellResult, Format, Probe, Results, Verdict

#: What a format should be on disk. A format that is not listed is taken as it comes.
EXPECTED: Mapping[str, str] = {
    "keras": "zip",
    "h5": "hdf5",
    "savedmodel": "savedmodel",
    "export": "savedmodel",
    "weights": "hdf5",
    "checkpoint": "checkpoint",
}

_IN_WORDS: Mapping[str, str] = {
    "zip": "a .keras zip file",
    "hdf5": "an HDF5 file",
    "savedmodel": "a SavedModel directory",
    "checkpoint": "a checkpoint",
    "empty": "nothing at all",
    "unknown": "something that is none of the known formats",
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One cell with the artifact that it loads."""

    cell: CellResult
    artifact: ArtifactResult | None


@dataclass(frozen=True, kw_only=True)
class Square:
    """One producer and one consumer in one format: the cells of all probes."""

    producer: str
    consumer: str
    entries: tuple[Entry, ...]
    tally: Tally


@dataclass(frozen=True, kw_only=True)
class Surprise:
    """A producer that wrote something else than it was asked for."""

    producer: str
    #: What it wrote, in words: "a SavedModel directory".
    wrote: str
    #: The whole story, as one sentence.
    sentence: str


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
class Grid:
    """Everything that the grids of the page and of the terminal show."""

    environments: tuple[str, ...]
    formats: tuple[Format, ...]
    overviews: tuple[Overview, ...]
    sheets: tuple[Sheet, ...]
    #: Every cell, in the order probe, format, producer, consumer.
    entries: tuple[Entry, ...]
    tally: Tally


_Key = tuple[str, str, str, str]


def build(results: Results) -> Grid:
    """Arrange the results. Names that only cells or artifacts mention come after the declared ones."""
    environments = environment_ids(results)
    probes, formats = _probes(results), _formats(results)
    artifacts = {(a.producer, a.probe, a.format): a for a in results.artifacts}
    entries = _entries(results, environments, probes, formats, artifacts)
    overviews = tuple(_overview(form, environments, probes, entries, artifacts) for form in formats)
    sheets = tuple(_sheet(probe, environments, formats, entries) for probe in probes)
    return Grid(
        environments=environments,
        formats=formats,
        overviews=overviews,
        sheets=sheets,
        entries=tuple(entries.values()),
        tally=_tally(entries.values()),
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
                    entries[key] = Entry(cell=cell, artifact=artifacts.get((producer, probe.name, form.name)))
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


def surprises(artifacts: Iterable[ArtifactResult]) -> tuple[Surprise, ...]:
    """What one producer wrote in one format that was not what it was asked for, told once for each kind.

    TensorFlow 2.12 asked for ``m.keras`` writes an HDF5 file of that name and says nothing.
    """
    saved = [artifact for artifact in artifacts if artifact.status == "saved" and artifact.actual_format]
    kinds: dict[str, list[ArtifactResult]] = {}
    for artifact in saved:
        if artifact.actual_format != EXPECTED.get(artifact.format, artifact.actual_format):
            kinds.setdefault(artifact.actual_format, []).append(artifact)
    told = []
    for kind, odd in kinds.items():
        wrote = _IN_WORDS.get(kind, kind)
        asked = odd[0].name or odd[0].format
        which = "every probe" if len(odd) == len(saved) else f"{len(odd)} of {len(saved)} probes"
        told.append(
            Surprise(
                producer=odd[0].producer,
                wrote=wrote,
                sentence=f"{odd[0].producer} was asked for {asked} and wrote {wrote} of that name"
                f" without saying so ({which}).",
            )
        )
    return tuple(told)


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
        tally=_tally(entry for _, groups in rows for group in groups for entry in group),
    )


def _tally(entries: Iterable[Entry]) -> Tally:
    return tally(entry.cell.verdict for entry in entries)
