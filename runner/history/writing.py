"""Writing one run: its row, and what is kept of it beside its cells."""

from collections import Counter
from collections.abc import Iterable, Sequence
from sqlite3 import Connection

from runner import transitions
from runner.history import removal
from runner.history.records import Series
from runner.history.rows import Rows
from runner.results import Results
from runner.transitions import Comparison


def series(connection: Connection, wanted: Series) -> int:
    """The number of a series, which is given to it when it is new."""
    row = (wanted.matrix, wanted.selection, wanted.narrowed)
    query = "SELECT id FROM series WHERE matrix = ? AND selection = ? AND narrowed = ?"
    found = connection.execute(query, row).fetchone()
    if found is None:
        connection.execute("INSERT INTO series (matrix, selection, narrowed) VALUES (?, ?, ?)", row)
        found = connection.execute(query, row).fetchone()
    return int(found[0])


def run(connection: Connection, results: Results, series: int, sequence: int | None) -> int:
    """Write the row of a run: the one that it has, or a new one."""
    about = results.run
    row = (
        series,
        about.started,
        about.finished,
        about.engine,
        about.version,
        about.matrix_sha256,
        about.interrupted,
    )
    if sequence is not None:
        connection.execute(
            "UPDATE run SET started = ?, finished = ?, engine = ?, version = ?, matrix_sha256 = ?, "
            "interrupted = ?, gate = NULL WHERE seq = ?",
            (*row[1:], sequence),
        )
        return sequence
    made = connection.execute(
        "INSERT INTO run (series, started, finished, engine, version, matrix_sha256, interrupted, id) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*row, about.id),
    )
    return int(made.lastrowid or 0)


def details(
    connection: Connection, rows: Rows, sequence: int, results: Results, comparison: Comparison
) -> None:
    """What is kept of a run beside its cells."""
    removal.clear(connection, sequence)
    connection.execute("UPDATE run SET before = ? WHERE seq = ?", (comparison.old, sequence))
    connection.executemany(
        "INSERT INTO transition (seq, cell, kind, before, after) VALUES (?, ?, ?, ?, ?)",
        (
            (sequence, rows.cell(item.cell), str(item.kind), rows.seen(item.before), rows.seen(item.after))
            for item in comparison.transitions
        ),
    )
    connection.executemany(
        "INSERT INTO tally (seq, verdict, cells) VALUES (?, ?, ?)",
        _numbered(sequence, Counter(str(cell.verdict) for cell in results.cells).items()),
    )
    connection.executemany(
        "INSERT INTO duration (seq, environment, phase, seconds) VALUES (?, ?, ?, ?)",
        (
            (sequence, environment.id, phase, seconds)
            for environment in results.environments
            for phase, seconds in environment.spent.items()
        ),
    )
    connection.executemany(
        "INSERT INTO retry (seq, cell, attempts) VALUES (?, ?, ?)",
        (
            (sequence, rows.cell(transitions.name_of(cell)), cell.attempts)
            for cell in results.cells
            if cell.attempts > 1
        ),
    )


def _numbered(sequence: int, pairs: Iterable[Sequence[object]]) -> list[tuple[object, ...]]:
    return [(sequence, *pair) for pair in pairs]
