"""The tables of the history, as steps from each version to the next. A step is never changed, only followed.

Cells and what was seen in them are written once and pointed to. A run has a row in ``change`` only for a cell
that is not as it was in the run before it of the same series, so what stays as it is costs nothing.
"""

#: Says whose file it is, in the header of the file ("xlhi").
APPLICATION = 0x786C6869

_FIRST = (
    """
    CREATE TABLE series (
        id INTEGER PRIMARY KEY, matrix TEXT NOT NULL, selection TEXT NOT NULL, narrowed TEXT NOT NULL,
        UNIQUE (matrix, selection, narrowed)
    )""",
    # AUTOINCREMENT: a number is never given twice, so the order of runs outlives what is removed.
    """
    CREATE TABLE run (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, series INTEGER NOT NULL REFERENCES series,
        started TEXT NOT NULL, finished TEXT NOT NULL, engine TEXT NOT NULL, version TEXT NOT NULL,
        matrix_sha256 TEXT NOT NULL, interrupted INTEGER NOT NULL, UNIQUE (series, id)
    )""",
    "CREATE INDEX run_of_series ON run (series, seq)",
    """
    CREATE TABLE cell (
        id INTEGER PRIMARY KEY, producer TEXT NOT NULL, consumer TEXT NOT NULL, probe TEXT NOT NULL,
        format TEXT NOT NULL, UNIQUE (producer, consumer, probe, format)
    )""",
    """
    CREATE TABLE seen (
        id INTEGER PRIMARY KEY, verdict TEXT NOT NULL, cause TEXT NOT NULL, lost TEXT NOT NULL,
        checks TEXT NOT NULL, UNIQUE (verdict, cause, lost, checks)
    )""",
    # seen is NULL where the cell is missing from this run on.
    """
    CREATE TABLE change (
        series INTEGER NOT NULL REFERENCES series, cell INTEGER NOT NULL REFERENCES cell,
        seq INTEGER NOT NULL REFERENCES run, seen INTEGER REFERENCES seen, PRIMARY KEY (series, cell, seq)
    ) WITHOUT ROWID""",
    "CREATE INDEX change_of_run ON change (seq)",
    """
    CREATE TABLE transition (
        seq INTEGER NOT NULL REFERENCES run, cell INTEGER NOT NULL REFERENCES cell, kind TEXT NOT NULL,
        before INTEGER REFERENCES seen, after INTEGER REFERENCES seen, PRIMARY KEY (seq, cell)
    ) WITHOUT ROWID""",
    "CREATE INDEX transition_of_cell ON transition (cell, seq)",
    """
    CREATE TABLE tally (
        seq INTEGER NOT NULL REFERENCES run, verdict TEXT NOT NULL, cells INTEGER NOT NULL,
        PRIMARY KEY (seq, verdict)
    ) WITHOUT ROWID""",
)

_SECOND = (
    # The exit code that the gate gave; NULL where the gate has not spoken.
    "ALTER TABLE run ADD COLUMN gate INTEGER",
    # The id of the run that it was compared with, which may be removed; empty where there was none.
    "ALTER TABLE run ADD COLUMN before TEXT NOT NULL DEFAULT ''",
    """
    CREATE TABLE duration (
        seq INTEGER NOT NULL REFERENCES run, environment TEXT NOT NULL, phase TEXT NOT NULL,
        seconds REAL NOT NULL, PRIMARY KEY (seq, environment, phase)
    ) WITHOUT ROWID""",
    # Cells that needed more than one attempt.
    """
    CREATE TABLE retry (
        seq INTEGER NOT NULL REFERENCES run, cell INTEGER NOT NULL REFERENCES cell, attempts INTEGER NOT NULL,
        PRIMARY KEY (seq, cell)
    ) WITHOUT ROWID""",
)

#: What leads from version n to n + 1, for n from 0: statements.
STEPS = (_FIRST, _SECOND)
#: The version that this crossload reads and writes.
VERSION = len(STEPS)
#: Tables with rows of a run, by ``seq``.
OF_RUN = ("transition", "tally", "duration", "retry")
