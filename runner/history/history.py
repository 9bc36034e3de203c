"""The history of runs: one SQLite file in the state folder.

Runs of a series (same matrix, same selection) are compared with the one before them. Their order is the order in
which they were recorded, whatever the clock said.
"""

import fnmatch
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from environments.errors import UsageError
from environments.explain import did_you_mean
from runner import transitions
from runner.history import removal, selecting, writing
from runner.history.database import Database
from runner.history.records import Cells, Record, Recorded, Series, Step
from runner.history.rows import Rows
from runner.results import Results
from runner.transitions import CellName, Comparison, Transition

#: The file's name in the state folder.
NAME = "history.sqlite"
#: Words that stand for a run.
LATEST, PREVIOUS = "latest", "previous"


class History:
    """The history of a state folder; a context manager.

    Raises ConfigurationError for a file of a newer crossload and InfrastructureError for one that is damaged or
    cannot be written; the file is then as it was.
    """

    def __init__(self, state: Path) -> None:
        self._database = Database(state.absolute() / NAME)

    @staticmethod
    def exists(state: Path) -> bool:
        """Whether a history was begun in a state folder."""
        return (state / NAME).exists()

    def record(self, results: Results) -> Recorded:
        """Keep a run, in one transaction; gives what changed against the run before it of the same series.

        A run that is there already (reported anew) is replaced where it stands; but one that now lacks what it had
        seen, as its journals have gone stale since, stays as it was recorded.
        """
        series = series_of(results)
        cells = transitions.seen(results.cells)
        with self._database.writing() as connection:
            rows = Rows(connection)
            number = writing.series(connection, series)
            sequence = selecting.sequence(connection, number, results.run.id)
            forgetful = sequence is not None and _forgets(rows.cells_of(number, sequence), cells)
            if sequence is None or not forgetful:
                sequence = writing.run(connection, results, number, sequence)
            previous, following = selecting.neighbours(connection, number, sequence)
            before = rows.cells_of(number, previous) if previous else {}
            after = rows.cells_of(number, following) if following else {}
            comparison = Comparison(old="", new=results.run.id, transitions=(), unchanged=0)
            if previous:
                comparison = transitions.compare(
                    before,
                    cells,
                    named=(selecting.record(connection, previous).id, results.run.id),
                    last_known=rows.last_known(number, previous),
                )
            if not forgetful:
                rows.write_changes(number, sequence, before, cells)
                if following:
                    rows.write_changes(number, following, cells, after)
                writing.details(connection, rows, sequence, results, comparison)
            found = selecting.record(connection, previous) if previous else None
        return Recorded(sequence=sequence, kept=not forgetful, previous=found, comparison=comparison)

    def judged(self, recorded: Recorded, gate: int) -> None:
        """Keep the exit code that the gate gave a run, if it was these results that were kept of it."""
        if not recorded.kept:
            return
        with self._database.writing() as connection:
            connection.execute("UPDATE run SET gate = ? WHERE seq = ?", (gate, recorded.sequence))

    def runs(self, *, series: Series | None = None, limit: int | None = None) -> tuple[Record, ...]:
        """The runs, newest first; those of one series where one is given."""
        with self._database.reading() as connection:
            return selecting.records(connection, series, limit)

    def find(self, word: str) -> Record:
        """The run that a word means: ``latest``, ``previous`` (the one before it of its series), an id, or the
        beginning of one. Raises UsageError where there is no such run, or several.
        """
        runs = self.runs()
        if not runs:
            raise UsageError(f"{self._database.path} has no runs yet. Make one: crossload run")
        if word == LATEST:
            return runs[0]
        if word == PREVIOUS:
            for record in runs[1:]:
                if record.series == runs[0].series:
                    return record
            raise UsageError(f"There is no run before the latest ({runs[0].id}) of {runs[0].series}.")
        exact = [record for record in runs if record.id == word]
        near = exact or [record for record in runs if word and record.id.startswith(word)]
        if exact or len(near) == 1:
            return near[0]
        if near:
            named = ", ".join(record.id for record in near[:5])
            raise UsageError(f"{word!r} is the beginning of {len(near)} runs: {named}. Write more of it.")
        known = [LATEST, PREVIOUS, *(record.id for record in runs)]
        raise UsageError(f"There is no run {word!r}{did_you_mean(word, known)}. See them: crossload history")

    def cells(self, record: Record) -> Cells:
        """What a run saw in each of its cells."""
        with self._database.reading() as connection:
            number = writing.series(connection, record.series)
            return Rows(connection).cells_of(number, record.sequence)

    def transitions(self, record: Record) -> tuple[Transition, ...]:
        """What changed in a run against the one before it of the same series, as it was recorded."""
        with self._database.reading() as connection:
            return selecting.transitions(connection, Rows(connection), record.sequence)

    def comparison(self, record: Record) -> Comparison:
        """A run held against the one before it, as it was recorded; ``old`` is empty where there was none."""
        found = self.transitions(record)
        there = sum(item.after is not None for item in found)
        unchanged = record.cells - there if record.before else 0
        return Comparison(old=record.before, new=record.id, transitions=found, unchanged=unchanged)

    def attempts(self, record: Record) -> dict[CellName, int]:
        """The cells of a run that needed more than one attempt, with how many."""
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT producer, consumer, probe, format, attempts FROM retry JOIN cell ON cell.id = cell "
                "WHERE seq = ?",
                (record.sequence,),
            )
            return {CellName(*names): attempts for *names, attempts in found}

    def story(self, glob: str) -> tuple[Step, ...]:
        """All that became of the cells that a glob matches (``producer/consumer/probe/format``), in order.

        Raises UsageError for a glob that is no cell, or matches none.
        """
        parts = glob.split("/")
        if len(parts) != 4:
            raise UsageError(
                f"{glob!r} is not a cell; write producer/consumer/probe/format, such as 'tf2.15.1-*/*/dense/keras'."
            )
        with self._database.reading() as connection:
            cells = {
                number: CellName(*names)
                for number, *names in connection.execute(
                    "SELECT id, producer, consumer, probe, format FROM cell"
                )
                if all(fnmatch.fnmatchcase(name, part) for name, part in zip(names, parts, strict=True))
            }
            if not cells:
                raise UsageError(f"No cell of the history matches {glob!r}. See the runs: crossload history")
            return selecting.story(connection, Rows(connection), cells)

    def prune(self, *, keep: int, days: int | None = None, now: datetime) -> tuple[str, ...]:
        """Remove old runs; gives their ids.

        Of each series the ``keep`` newest stay, less those that began more than ``days`` ago. The newest and the
        last with which the gate held stay whatever is asked.
        """
        before = now - timedelta(days=days) if days is not None else None
        with self._database.writing() as connection:
            return removal.remove(connection, selecting.records(connection, None, None), keep, before)

    def check(self) -> None:
        """Look through the whole file. Raises InfrastructureError when it is damaged."""
        self._database.check()

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def series_of(results: Results) -> Series:
    """The runs that a run is compared with."""
    run = results.run
    return Series(matrix=run.matrix, selection=run.selection, narrowed=run.narrowed)


def _forgets(had: Cells, has: Cells) -> bool:
    """Whether cells of which something was known are lost now."""
    return any(
        seen.infrastructure and name in had and not had[name].infrastructure for name, seen in has.items()
    )
