"""Cells of runs as rows: names and what was seen are written once, and a run holds only what changed."""

import json
import sqlite3
from collections.abc import Iterable, Mapping

from runner.results import Verdict
from runner.transitions import INFRASTRUCTURE, CellName, Seen

#: The verdicts of lost cells, as SQL lists them.
LOST = ", ".join(f"'{word}'" for word in sorted(INFRASTRUCTURE))


class Rows:
    """Names and sights of one connection, by the numbers they have there. For one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._cells: dict[CellName, int] | None = None
        self._seen: dict[Seen, int] = {}
        self._by_number: dict[int, Seen] = {}

    def cell(self, name: CellName) -> int:
        """The number of a cell, which is given to it when it is new."""
        if self._cells is None:
            rows = self._connection.execute("SELECT id, producer, consumer, probe, format FROM cell")
            self._cells = {CellName(*names): number for number, *names in rows}
        number = self._cells.get(name)
        if number is None:
            found = self._connection.execute(
                "INSERT INTO cell (producer, consumer, probe, format) VALUES (?, ?, ?, ?) RETURNING id", name
            ).fetchone()
            number = self._cells[name] = int(found[0])
        return number

    def seen(self, seen: Seen | None) -> int | None:
        """The number of what was seen, which is given to it when it is new; None for nothing."""
        if seen is None:
            return None
        number = self._seen.get(seen)
        if number is None:
            row = (str(seen.verdict), seen.cause, json.dumps(seen.lost), json.dumps(dict(seen.checks)))
            self._connection.execute(
                "INSERT OR IGNORE INTO seen (verdict, cause, lost, checks) VALUES (?, ?, ?, ?)", row
            )
            found = self._connection.execute(
                "SELECT id FROM seen WHERE verdict = ? AND cause = ? AND lost = ? AND checks = ?", row
            ).fetchone()
            number = self._seen[seen] = int(found[0])
        return number

    def sight(self, number: int | None) -> Seen | None:
        """What was seen, by its number."""
        if number is None:
            return None
        found = self._by_number.get(number)
        if found is None:
            verdict, cause, lost, checks = self._connection.execute(
                "SELECT verdict, cause, lost, checks FROM seen WHERE id = ?", (number,)
            ).fetchone()
            found = self._by_number[number] = Seen(
                verdict=Verdict(verdict),
                cause=cause,
                lost=tuple(json.loads(lost)),
                checks=tuple(json.loads(checks).items()),
            )
        return found

    def cells_of(self, series: int, sequence: int) -> dict[CellName, Seen]:
        """The cells of a run: for each the last change up to it."""
        # With max() alone, SQLite takes the other columns from the row that has the maximum.
        return self._gathered(
            """
            SELECT producer, consumer, probe, format, seen FROM (
                SELECT cell, seen, max(seq) FROM change WHERE series = ? AND seq <= ? GROUP BY cell
            ) JOIN cell ON cell.id = cell""",
            (series, sequence),
        )

    def last_known(self, series: int, sequence: int) -> dict[CellName, Seen]:
        """For cells that infrastructure cost in a run: what was seen the last time that anything was."""
        return self._gathered(
            f"""
            SELECT producer, consumer, probe, format, seen FROM (
                SELECT change.cell, change.seen, max(change.seq) FROM change
                JOIN seen ON seen.id = change.seen AND seen.verdict NOT IN ({LOST})
                WHERE series = ? AND seq <= ? AND change.cell IN (
                    SELECT change.cell FROM change JOIN seen ON seen.id = change.seen
                    WHERE series = ? AND seq <= ? AND seen.verdict IN ({LOST})
                ) GROUP BY change.cell
            ) JOIN cell ON cell.id = cell""",
            (series, sequence, series, sequence),
        )

    def write_changes(
        self, series: int, sequence: int, old: Mapping[CellName, Seen], new: Mapping[CellName, Seen]
    ) -> None:
        """Make the cells of a run those that are given; ``old`` are those of the run before it."""
        self._connection.execute("DELETE FROM change WHERE seq = ?", (sequence,))
        changed = [(name, seen) for name, seen in new.items() if old.get(name) != seen]
        gone = [(name, None) for name in old.keys() - new.keys()]
        self._connection.executemany(
            "INSERT INTO change (series, cell, seq, seen) VALUES (?, ?, ?, ?)",
            ((series, self.cell(name), sequence, self.seen(seen)) for name, seen in (*changed, *gone)),
        )

    def _gathered(self, query: str, values: Iterable[int]) -> dict[CellName, Seen]:
        found = {}
        for producer, consumer, probe, of_format, number in self._connection.execute(query, tuple(values)):
            seen = self.sight(number)
            if seen is not None:
                found[CellName(producer, consumer, probe, of_format)] = seen
        return found
