import contextlib
import sqlite3

from runner.history import schema


def test_the_steps_lead_from_nothing_to_the_version_of_today() -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        for step in schema.STEPS:
            for statement in step:
                connection.execute(statement)
        tables = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        for table in schema.OF_RUN:
            columns = [column[1] for column in connection.execute(f"PRAGMA table_info({table})")]
            assert columns[0] == "seq"
    assert tables >= {"run", "series", "cell", "seen", "change", *schema.OF_RUN}
    assert len(schema.STEPS) == schema.VERSION == 2


def test_the_file_says_whose_it_is() -> None:
    assert schema.APPLICATION.to_bytes(4, "big") == b"xlhi"
