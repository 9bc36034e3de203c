import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.errors import InfrastructureError
from runner.journal import Journal, read

VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
EVENTS = st.lists(st.dictionaries(st.text(max_size=5), VALUES, max_size=4), max_size=6)


def test_events_come_back_in_order(tmp_path: Path) -> None:
    path = tmp_path / "save" / "a.jsonl"
    with Journal(path) as journal:
        journal.write({"event": "task", "text": "größer\n"})
        journal.write({"event": "ended"})
    assert list(read(path)) == [{"event": "task", "text": "größer\n"}, {"event": "ended"}]
    assert [item.name for item in path.parent.iterdir()] == ["a.jsonl"]


def test_an_event_can_be_read_as_soon_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with Journal(path) as journal:
        for number in range(3):
            journal.write({"number": number})
            assert [event["number"] for event in read(path)] == list(range(number + 1))


def test_the_old_journal_is_there_until_the_new_one_begins(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with Journal(path) as journal:
        journal.write({"run": 1})
    with Journal(path) as journal:
        assert list(read(path)) == [{"run": 1}]
        journal.write({"run": 2})
        assert list(read(path)) == [{"run": 2}]


def test_without_a_file_there_are_no_events(tmp_path: Path) -> None:
    assert list(read(tmp_path / "none.jsonl")) == []


def test_lines_that_are_no_events_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a": 1}\n[]\n\n\xff\xfe\n' + b"[" * 100_000 + b'\n{"b": 2}\n{"c"')
    assert list(read(path)) == [{"a": 1}, {"b": 2}]


@given(EVENTS, st.data())
def test_wherever_the_writer_is_killed_every_whole_line_is_read(
    tmp_path_factory: pytest.TempPathFactory, events: list[dict[str, object]], data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("journal") / "a.jsonl"
    with Journal(path) as journal:
        for event in events:
            journal.write(event)
    text = path.read_bytes() if path.exists() else b""
    assert text.splitlines() == [json.dumps(event).encode() for event in events]
    cut = text[: data.draw(st.integers(0, len(text)))]
    path.write_bytes(cut)
    whole = cut.count(b"\n")
    found = list(read(path))
    # The last line is whole also where only its line end is missing.
    assert found in (events[:whole], events[: whole + 1])
    assert len(found) == whole or cut.endswith(b"}")


def test_a_folder_that_cannot_be_written_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InfrastructureError, match="cannot be written: Not a directory"):
        Journal(tmp_path / "file" / "a" / "a.jsonl")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="This system has no /dev/full.")
def test_a_full_disk_is_said_to_be_full(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.part").symlink_to("/dev/full")
    with Journal(tmp_path / "a.jsonl") as journal, pytest.raises(InfrastructureError) as caught:
        journal.write({"event": "task"})
    assert "No space left on device. What was done until now is kept." in str(caught.value)
