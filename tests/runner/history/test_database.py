import contextlib
import itertools
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from environments.errors import ConfigurationError, InfrastructureError
from runner.history import History, database, schema
from tests.runner.history.conftest import results

A = "a/a/dense/h5"
#: Version 1 as it was, word for word, with two runs in it.
VERSION_1 = """
CREATE TABLE series (id INTEGER PRIMARY KEY, matrix TEXT NOT NULL, selection TEXT NOT NULL,
    narrowed TEXT NOT NULL, UNIQUE (matrix, selection, narrowed));
CREATE TABLE run (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL,
    series INTEGER NOT NULL REFERENCES series, started TEXT NOT NULL, finished TEXT NOT NULL,
    engine TEXT NOT NULL, version TEXT NOT NULL, matrix_sha256 TEXT NOT NULL, interrupted INTEGER NOT NULL,
    UNIQUE (series, id));
CREATE INDEX run_of_series ON run (series, seq);
CREATE TABLE cell (id INTEGER PRIMARY KEY, producer TEXT NOT NULL, consumer TEXT NOT NULL,
    probe TEXT NOT NULL, format TEXT NOT NULL, UNIQUE (producer, consumer, probe, format));
CREATE TABLE seen (id INTEGER PRIMARY KEY, verdict TEXT NOT NULL, cause TEXT NOT NULL, lost TEXT NOT NULL,
    checks TEXT NOT NULL, UNIQUE (verdict, cause, lost, checks));
CREATE TABLE change (series INTEGER NOT NULL REFERENCES series, cell INTEGER NOT NULL REFERENCES cell,
    seq INTEGER NOT NULL REFERENCES run, seen INTEGER REFERENCES seen, PRIMARY KEY (series, cell, seq))
    WITHOUT ROWID;
CREATE INDEX change_of_run ON change (seq);
CREATE TABLE transition (seq INTEGER NOT NULL REFERENCES run, cell INTEGER NOT NULL REFERENCES cell,
    kind TEXT NOT NULL, before INTEGER REFERENCES seen, after INTEGER REFERENCES seen,
    PRIMARY KEY (seq, cell)) WITHOUT ROWID;
CREATE INDEX transition_of_cell ON transition (cell, seq);
CREATE TABLE tally (seq INTEGER NOT NULL REFERENCES run, verdict TEXT NOT NULL, cells INTEGER NOT NULL,
    PRIMARY KEY (seq, verdict)) WITHOUT ROWID;
INSERT INTO series VALUES (1, 'matrix.yaml', 'nightly', '');
INSERT INTO run VALUES (1, 'r1', 1, '2026-11-18T02:00:00+00:00', '', 'venv', '1', '', 0);
INSERT INTO run VALUES (2, 'r2', 1, '2026-11-19T02:00:00+00:00', '', 'venv', '1', '', 0);
INSERT INTO cell VALUES (1, 'a', 'a', 'dense', 'h5');
INSERT INTO seen VALUES (1, 'identical', '', '[]', '{"outputs": "same"}');
INSERT INTO seen VALUES (2, 'degraded', 'slots', '["optimizer"]', '{}');
INSERT INTO change VALUES (1, 1, 1, 1), (1, 1, 2, 2);
INSERT INTO transition VALUES (2, 1, 'worse', 1, 2);
INSERT INTO tally VALUES (1, 'identical', 1), (2, 'degraded', 1);
PRAGMA application_id = 2020370537;
PRAGMA user_version = 1;
"""


def made(path: Path, script: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)


def test_a_history_of_version_1_is_brought_up_to_date(tmp_path: Path) -> None:
    made(tmp_path / "history.sqlite", VERSION_1)
    with History(tmp_path) as history:
        assert [(run.id, run.gate, run.cells) for run in history.runs()] == [("r2", None, 1), ("r1", None, 1)]
        (transition,) = history.transitions(history.find("r2"))
        assert transition.sentence == "identical -> degraded; cause: none -> slots; lost: optimizer"
        recorded = history.record(results("r3", {A: "identical"}, seconds={"load": 1.0}))
        history.judged(recorded, 0)
        assert recorded.previous is not None
        assert recorded.previous.id == "r2"
        assert history.find("r3").green
    with contextlib.closing(sqlite3.connect(tmp_path / "history.sqlite")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path / "history.sqlite", VERSION_1)
    broken = (*schema.STEPS[:1], (schema.STEPS[1][0], "CREATE TABLE tally (again INTEGER)"))
    monkeypatch.setattr(schema, "STEPS", broken)
    with pytest.raises(InfrastructureError, match="cannot be used: table tally already exists"):
        History(tmp_path)
    monkeypatch.undo()
    with History(tmp_path) as history:
        assert len(history.runs()) == 2


def test_a_history_of_a_newer_crossload_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite"
    with History(tmp_path) as history:
        history.record(results("r1", {A: "identical"}))
    made(file, f"PRAGMA journal_mode = DELETE; PRAGMA user_version = {schema.VERSION + 1}")
    before = file.read_bytes()
    with pytest.raises(ConfigurationError, match=r"written by a newer crossload \(history version 3; this"):
        History(tmp_path)
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["history.sqlite"]


@pytest.mark.parametrize("text", [b"not a database, but long enough to be read as one" * 30, b"short"])
def test_a_damaged_history_is_told_and_not_touched(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "history.sqlite"
    file.write_bytes(text)
    with pytest.raises(InfrastructureError, match=r"is damaged \(file is not a database\).*mv "):
        History(tmp_path)
    assert file.read_bytes() == text


def test_damage_within_is_found_by_a_check(tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite"
    with History(tmp_path) as history:
        history.record(results("r1", {f"a/b/probe{n}/h5": "identical" for n in range(500)}))
        history.check()
    whole = bytearray(file.read_bytes())
    whole[4096 * 12 : 4096 * 20] = random.Random(0).randbytes(4096 * 8)
    file.write_bytes(whole)
    with History(tmp_path) as history, pytest.raises(InfrastructureError, match="is damaged"):
        history.check()


def test_another_database_is_not_taken_for_a_history(tmp_path: Path) -> None:
    made(tmp_path / "history.sqlite", "CREATE TABLE theirs (x)")
    with pytest.raises(ConfigurationError, match="is a database, but no history of crossload"):
        History(tmp_path)


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "history.sqlite").mkdir()
    with pytest.raises(InfrastructureError, match="cannot be written: unable to open database file"):
        History(tmp_path)


def test_a_disk_that_fills_loses_nothing(tmp_path: Path) -> None:
    with History(tmp_path) as history:
        history.record(results("r1", {A: "identical"}))
        with history._database.reading() as connection:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
        history._database.connection.execute(f"PRAGMA max_page_count = {pages + 1}")
        many = {f"a/b/probe{n}/h5": "identical" for n in range(3000)}
        with pytest.raises(InfrastructureError, match="cannot be written: database or disk is full"):
            history.record(results("r2", many))
        assert [run.id for run in history.runs()] == ["r1"]
        history._database.connection.execute("PRAGMA max_page_count = 1000000")
        history.record(results("r2", many))
    with History(tmp_path) as history:
        assert [run.cells for run in history.runs()] == [3000, 1]


def test_who_waits_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with History(tmp_path) as first:
        monkeypatch.setattr(database, "PATIENCE", 0.1)
        with first._database.writing(), History(tmp_path) as second:
            assert second.runs() == ()  # who reads does not wait
            with pytest.raises(InfrastructureError, match="Another process has been writing"):
                second.record(results("r1", {A: "identical"}))


def _write(state: str, name: str, number: int) -> None:
    for turn in range(number):
        with History(Path(state)) as history:
            history.record(results(f"{name}{turn}", {A: "identical" if turn % 2 else "degraded"}))


def test_two_writers_take_turns(tmp_path: Path) -> None:
    code = f"import sys; from {__name__} import _write; _write(sys.argv[1], sys.argv[2], 8)"
    # Not multiprocessing, whose tracker outlives the tests by a moment.
    writers = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name]) for name in "xy"]
    assert [writer.wait() for writer in writers] == [0, 0]
    with History(tmp_path) as history:
        runs = history.runs()
        assert sorted(run.id for run in runs) == sorted(f"{name}{n}" for name in "xy" for n in range(8))
        for newer, older in itertools.pairwise(runs):
            same = history.cells(newer) == history.cells(older)
            assert (history.transitions(newer) == ()) == same


_WRITER = """
import sys
from pathlib import Path
from runner.history import History
from tests.runner.history.conftest import results

with History(Path(sys.argv[1])) as history:
    print("open", flush=True)
    for turn in range(10_000):
        word = ("identical", "degraded", "load_failed")[turn % 3]
        cells = {f"a/b/probe{n}/h5": word for n in range(400)}
        history.record(results(f"{sys.argv[2]}-{turn}", cells))
"""


def test_killed_at_any_moment_the_history_opens_and_has_no_half_run(tmp_path: Path) -> None:
    moments = random.Random(5)
    seen = 0
    for turn in range(20):
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(tmp_path), str(turn)], stdout=subprocess.PIPE
        )
        assert writer.stdout is not None
        with writer.stdout:
            if turn % 4:  # else it is killed while it starts, or opens the file
                writer.stdout.readline()
            time.sleep(moments.uniform(0, 0.3))
            os.kill(writer.pid, signal.SIGKILL)
            writer.wait()
        with History(tmp_path) as history:
            history.check()
            runs = history.runs()
            assert len(runs) >= seen  # nothing that was there is gone
            seen = len(runs)
            for run in runs[:5]:
                assert run.cells == 400
                verdicts = {cell.verdict for cell in history.cells(run).values()}
                assert verdicts == set(run.tally)
                assert len(history.cells(run)) == 400
                assert sum(run.changes.values()) in (0, 400)
    assert seen > 10
