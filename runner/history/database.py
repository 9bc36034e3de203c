"""The file of the history: opened, brought up to date, and its troubles told in sentences.

One transaction is one run. The journal is a write-ahead log: after a kill at any moment the file opens as it was
before the transaction, or after it, and whoever reads meanwhile sees one of the two.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from environments.errors import ConfigurationError, CrossloadError, InfrastructureError
from runner.history import schema

#: Seconds that one writer waits for another.
PATIENCE = 60.0
_DAMAGED = ("SQLITE_NOTADB", "SQLITE_CORRUPT")


class Database:
    """A history file that is open. Raises ConfigurationError for one that is not for this crossload."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self.troubles():
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise self._unwritable(error.strerror or str(error)) from error
            self.connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
        try:
            with self.troubles():
                self._prepare()
        except BaseException:
            self.connection.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is kept, or nothing. The only writer meanwhile."""
        with self.troubles():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
            except BaseException:
                if self.connection.in_transaction:  # a full disk has ended it already
                    self.connection.execute("ROLLBACK")
                raise
            self.connection.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Several readings that see the same runs."""
        with self.troubles():
            self.connection.execute("BEGIN")
            try:
                yield self.connection
            finally:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")

    @contextmanager
    def troubles(self) -> Iterator[None]:
        """Turns what SQLite raises into a message that says what to do."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._told(error) from error

    def check(self) -> None:
        """Look through the whole file. Raises InfrastructureError when it is damaged."""
        with self.troubles():
            found = [str(row[0]) for row in self.connection.execute("PRAGMA quick_check(1)")]
        if found != ["ok"]:
            raise self._damaged(found[0] if found else "no answer")

    def _prepare(self) -> None:
        """Make the tables, or bring older ones up to date; a file that is not ours, or newer, is not touched."""
        # In one transaction: another process may be making the tables just now.
        with self.reading():
            version = self._version()
        if version < schema.VERSION:
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                # Another process may have done it while this one waited.
                for step in schema.STEPS[self._version() :]:
                    for statement in step:
                        self.connection.execute(statement)
                self.connection.execute(f"PRAGMA application_id = {schema.APPLICATION}")
                self.connection.execute(f"PRAGMA user_version = {schema.VERSION}")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise
            self.connection.execute("COMMIT")
        self._write_ahead()
        self.connection.execute("PRAGMA synchronous = NORMAL")

    def _version(self) -> int:
        """The version of the tables, 0 where there are none yet."""
        (version,) = self.connection.execute("PRAGMA user_version").fetchone()
        (application,) = self.connection.execute("PRAGMA application_id").fetchone()
        (tables,) = self.connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables and application != schema.APPLICATION:
            raise ConfigurationError(
                f"{self.path} is a database, but no history of crossload. Nothing was changed in it. "
                "Move it elsewhere, or use another state folder: --state DIR"
            )
        if version > schema.VERSION:
            raise ConfigurationError(
                f"{self.path} was written by a newer crossload (history version {version}; this one reads up to "
                f"{schema.VERSION}). Nothing was changed in it. Update crossload, or use another state folder: "
                "--state DIR"
            )
        return int(version)

    def _write_ahead(self) -> None:
        """Switch to the write-ahead log. SQLite does not wait for others here, so this does."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                self.connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def _told(self, error: sqlite3.Error) -> CrossloadError:
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith(_DAMAGED):
            return self._damaged(str(error))
        if name.startswith("SQLITE_BUSY"):
            return InfrastructureError(
                f"Another process has been writing {self.path} for more than {PATIENCE:.0f} seconds. "
                "See what it is, end it if it hangs, and type the same again."
            )
        if name.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN")):
            return self._unwritable(str(error))
        return InfrastructureError(f"The history {self.path} cannot be used: {error}.")

    def _unwritable(self, why: str) -> InfrastructureError:
        return InfrastructureError(
            f"The history {self.path} cannot be written: {why}. What it held is kept. "
            "Free some space, or name another folder with --state."
        )

    def _damaged(self, why: str) -> InfrastructureError:
        return InfrastructureError(
            f"The history {self.path} is damaged ({why}). Nothing was changed in it. To begin a new one, move it "
            f"aside: mv {self.path} {self.path.name}.damaged"
        )
