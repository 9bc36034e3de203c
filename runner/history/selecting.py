"""Readings of the history, as plain values."""

from collections.abc import Mapping
from sqlite3 import Connection

from runner.history.records import Record, Series, Step
from runner.history.rows import Rows
from runner.results import Verdict
from runner.transitions import CellName, Kind, Seen, Transition, step

_RUN = """
    SELECT seq, run.id, matrix, selection, narrowed, started, finished, engine, version, matrix_sha256,
    interrupted, gate, before FROM run JOIN series ON series.id = series"""


def neighbours(connection: Connection, series: int, sequence: int) -> tuple[int | None, int | None]:
    """The runs before and after one in its series."""
    (previous,) = connection.execute(
        "SELECT max(seq) FROM run WHERE series = ? AND seq < ?", (series, sequence)
    ).fetchone()
    (following,) = connection.execute(
        "SELECT min(seq) FROM run WHERE series = ? AND seq > ?", (series, sequence)
    ).fetchone()
    return previous, following


def sequence(connection: Connection, series: int, identifier: str) -> int | None:
    """The number of a run in the order of runs; None where it is not there."""
    found = connection.execute(
        "SELECT seq FROM run WHERE series = ? AND id = ?", (series, identifier)
    ).fetchone()
    return None if found is None else int(found[0])


def records(connection: Connection, series: Series | None, limit: int | None) -> tuple[Record, ...]:
    """The runs, newest first."""
    where, values = "", list[str]()
    if series is not None:
        where = " WHERE matrix = ? AND selection = ? AND narrowed = ?"
        values = [series.matrix, series.selection, series.narrowed]
    most = -1 if limit is None else limit
    rows = connection.execute(f"{_RUN}{where} ORDER BY seq DESC LIMIT ?", (*values, most)).fetchall()
    return tuple(_record(connection, row) for row in rows)


def record(connection: Connection, sequence: int) -> Record:
    """One run."""
    return _record(connection, connection.execute(f"{_RUN} WHERE seq = ?", (sequence,)).fetchone())


def transitions(connection: Connection, rows: Rows, sequence: int) -> tuple[Transition, ...]:
    """What changed in a run, what matters most first."""
    found = [
        Transition(cell=CellName(*names), kind=Kind(kind), before=rows.sight(before), after=rows.sight(after))
        for kind, before, after, *names in connection.execute(
            "SELECT kind, before, after, producer, consumer, probe, format FROM transition "
            "JOIN cell ON cell.id = cell WHERE seq = ?",
            (sequence,),
        ).fetchall()
    ]
    order = {kind: place for place, kind in enumerate(Kind)}
    return tuple(sorted(found, key=lambda item: (order[item.kind], item.cell)))


def story(connection: Connection, rows: Rows, cells: Mapping[int, CellName]) -> tuple[Step, ...]:
    """The changes of cells, in the order of the runs, within each series on its own."""
    before: dict[tuple[int, int], Seen | None] = {}
    runs: dict[int, Record] = {}
    found = []
    for cell, series, sequence, number in connection.execute(
        "SELECT cell, change.series, change.seq, seen FROM change JOIN run ON run.seq = change.seq "
        "ORDER BY change.seq, cell"
    ).fetchall():
        if cell not in cells:
            continue
        seen = rows.sight(number)
        changed = step(cells[cell], before.get((cell, series)), seen)
        before[cell, series] = seen
        if changed is not None:
            if sequence not in runs:
                runs[sequence] = record(connection, sequence)
            found.append(Step(run=runs[sequence], transition=changed))
    return tuple(found)


def _record(connection: Connection, row: tuple[object, ...]) -> Record:
    sequence, identifier, matrix, selection, narrowed, *rest = row
    started, finished, engine, version, matrix_sha256, interrupted, gate, before = rest
    tally = dict(connection.execute("SELECT verdict, cells FROM tally WHERE seq = ?", (sequence,)))
    changes = dict(
        connection.execute("SELECT kind, count(*) FROM transition WHERE seq = ? GROUP BY kind", (sequence,))
    )
    (retried,) = connection.execute("SELECT count(*) FROM retry WHERE seq = ?", (sequence,)).fetchone()
    seconds: dict[str, dict[str, float]] = {}
    for environment, phase, value in connection.execute(
        "SELECT environment, phase, seconds FROM duration WHERE seq = ?", (sequence,)
    ):
        seconds.setdefault(environment, {})[phase] = value
    return Record(
        sequence=int(str(sequence)),
        id=str(identifier),
        series=Series(matrix=str(matrix), selection=str(selection), narrowed=str(narrowed)),
        started=str(started),
        finished=str(finished),
        engine=str(engine),
        version=str(version),
        matrix_sha256=str(matrix_sha256),
        interrupted=bool(interrupted),
        gate=None if gate is None else int(str(gate)),
        before=str(before),
        retried=int(retried),
        tally={word: tally[word] for word in Verdict if word in tally},
        changes={kind: changes[kind] for kind in Kind if kind in changes},
        seconds=seconds,
    )
