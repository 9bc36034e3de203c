"""Taking runs out of the history without changing what those after them saw."""

from collections.abc import Sequence
from datetime import datetime
from sqlite3 import Connection

from runner.history import schema
from runner.history.records import Record, Series
from runner.history.rows import LOST


def clear(connection: Connection, sequence: int) -> None:
    """Remove what is kept of a run beside its cells."""
    for table in schema.OF_RUN:
        connection.execute(f"DELETE FROM {table} WHERE seq = ?", (sequence,))


def forget(connection: Connection, series: int, sequence: int) -> None:
    """Remove one run. What changed in it changed, from then on, in the run after it."""
    (following,) = connection.execute(
        "SELECT min(seq) FROM run WHERE series = ? AND seq > ?", (series, sequence)
    ).fetchone()
    if following is not None:
        connection.execute("UPDATE OR IGNORE change SET seq = ? WHERE seq = ?", (following, sequence))
        # A cell that infrastructure cost in the next run is still compared with what was last seen in it.
        connection.execute(
            f"""
            DELETE FROM change WHERE seq = ? AND NOT (
                seen IN (SELECT id FROM seen WHERE verdict NOT IN ({LOST})) AND cell IN (
                    SELECT cell FROM change JOIN seen ON seen.id = change.seen
                    WHERE seq = ? AND verdict IN ({LOST})
                )
            )""",
            (sequence, following),
        )
    else:
        connection.execute("DELETE FROM change WHERE seq = ?", (sequence,))
    clear(connection, sequence)
    connection.execute("DELETE FROM run WHERE seq = ?", (sequence,))


def remove(
    connection: Connection, records: Sequence[Record], keep: int, before: datetime | None
) -> tuple[str, ...]:
    """Remove what is beyond the ``keep`` newest of its series, or began before a time; gives the ids.

    ``records`` come newest first. The newest of a series and its last green one stay.
    """
    removed = []
    by_series: dict[Series, list[Record]] = {}
    for record in records:
        by_series.setdefault(record.series, []).append(record)
    for of_series in by_series.values():
        green = next((record for record in of_series if record.green), None)
        for place, record in enumerate(of_series):
            if place == 0 or record == green or (place < keep and not _began_before(record, before)):
                continue
            (series,) = connection.execute(
                "SELECT series FROM run WHERE seq = ?", (record.sequence,)
            ).fetchone()
            forget(connection, series, record.sequence)
            removed.append(record.id)
    if removed:
        _drop_unused(connection)
    return tuple(removed)


def _began_before(record: Record, time: datetime | None) -> bool:
    if time is None:
        return False
    try:
        started = datetime.fromisoformat(record.started)
    except ValueError:
        return False  # a run that does not say when is not removed for its age
    return (started if started.tzinfo else started.replace(tzinfo=time.tzinfo)) < time


def _drop_unused(connection: Connection) -> None:
    """Names and sights that no run has any more."""
    connection.execute(
        "DELETE FROM cell WHERE id NOT IN (SELECT cell FROM change UNION SELECT cell FROM transition "
        "UNION SELECT cell FROM retry)"
    )
    connection.execute(
        "DELETE FROM seen WHERE id NOT IN (SELECT seen FROM change WHERE seen IS NOT NULL UNION "
        "SELECT before FROM transition WHERE before IS NOT NULL UNION "
        "SELECT after FROM transition WHERE after IS NOT NULL)"
    )
