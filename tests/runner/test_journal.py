import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.errors import InfrastructureError
from runner.journal import Journal, damaged, read, text

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
    kept = path.read_bytes() if path.exists() else b""
    assert kept == text(events)
    assert [json.loads(line) for line in kept.splitlines()] == [
        {**event, "sum": line[-10:-2].decode()} for event, line in zip(events, kept.splitlines(), strict=True)
    ]
    cut = kept[: data.draw(st.integers(0, len(kept)))]
    path.write_bytes(cut)
    whole = cut.count(b"\n")
    found = list(read(path))
    # The last line is whole also where only its line end is missing.
    assert found in (events[:whole], events[: whole + 1])
    assert len(found) == whole or cut.endswith(b"}")


HEAD = {"event": "task", "lock": "1"}
CELLS = [{"event": "cell", "key": name, "verdict": "identical"} for name in "ab"]


def _old(events: list[dict[str, str]]) -> bytes:
    """As journals were before their lines had checksums."""
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


@given(st.data())
def test_a_byte_that_a_disk_has_changed_costs_its_line_and_tells_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("journal") / "a.jsonl"
    events = [HEAD, *CELLS]
    whole = bytearray(text(events))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(whole)
    found = list(read(path))
    assert [event for event in events if event in found] == found
    # The line end belongs to two lines; without its head, nothing of a section can be told.
    assert len(found) >= (0 if at < len(text(events[:1])) else 1)


def test_a_flipped_letter_that_leaves_json_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(text([HEAD, *CELLS]).replace(b'"key": "a"', b'"key": "b"'))
    assert list(read(path)) == [HEAD, CELLS[1]]
    assert damaged(path)


@pytest.mark.parametrize("break_it", [(b'"lock": "2"', b'"lock": "1"'), (b'{"event": "task"', b"\0" * 16)])
def test_what_follows_a_damaged_head_is_not_of_the_section_before(
    tmp_path: Path, break_it: tuple[bytes, bytes]
) -> None:
    path = tmp_path / "a.jsonl"
    second = text([{"event": "task", "lock": "2"}, CELLS[1]])
    path.write_bytes(text([HEAD, CELLS[0]]) + second.replace(*break_it))
    assert list(read(path)) == [HEAD, CELLS[0]]
    assert damaged(path)


def test_a_section_goes_on_where_the_writer_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(text([HEAD, *CELLS])[:-3])
    with Journal(path, onwards=True) as journal:
        journal.write(HEAD)
        journal.write(CELLS[1])
    assert list(read(path)) == [HEAD, CELLS[0], HEAD, CELLS[1]]
    assert not damaged(path)


def test_lines_of_earlier_versions_have_no_checksum_and_count(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(_old([HEAD, *CELLS]) + text([HEAD, CELLS[0]]))
    assert list(read(path)) == [HEAD, *CELLS, HEAD, CELLS[0]]
    assert not damaged(path)


def test_where_lines_have_no_checksum_a_damaged_one_ends_its_section(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(_old([HEAD, CELLS[0]]) + b'{"event: "task"\n' + _old([CELLS[1], HEAD, CELLS[1]]))
    assert list(read(path)) == [HEAD, CELLS[0], HEAD, CELLS[1]]
    assert damaged(path)


@pytest.mark.parametrize("at", range(2, 19))
def test_a_head_whose_checksum_is_damaged_does_not_count(tmp_path: Path, at: int) -> None:
    path = tmp_path / "a.jsonl"
    head = bytearray(text([HEAD]))
    head[-at] ^= 1
    path.write_bytes(head + text([HEAD, CELLS[0]])[len(head) :])
    assert list(read(path)) == []


def test_a_line_that_has_lost_its_checksum_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(text([HEAD, CELLS[0]]) + _old([CELLS[1]]))
    assert list(read(path)) == [HEAD, CELLS[0]]


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
