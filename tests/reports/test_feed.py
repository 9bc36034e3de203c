from datetime import datetime
from xml.etree import ElementTree

from reports.feed import Night, feed, title
from runner.results import Verdict
from runner.transitions import CellName, Comparison, Seen, compare

ATOM = "{http://www.w3.org/2005/Atom}"
CELL = CellName("tf2.15.1-cpu", "tf2.21.0-cpu", "dense", "h5")


def _comparison(old: str, new: str, before: Verdict, after: Verdict, *, cell: CellName = CELL) -> Comparison:
    return compare({cell: Seen(verdict=before)}, {cell: Seen(verdict=after)}, named=(old, new))


def _night(number: int, *, page: str = "", before: Verdict = Verdict.IDENTICAL) -> Night:
    found = _comparison(f"r{number - 1}", f"r{number}", before, Verdict.DIVERGENT)
    return Night(comparison=found, time=f"2026-11-{number:02}T06:00:00+00:00", page=page)


def test_an_entry_names_the_cells_that_changed() -> None:
    root = ElementTree.fromstring(
        feed([_night(2, page="runs/r2/")], matrix="m.yaml", address="https://x.example/g")
    )
    entry = root.find(f"{ATOM}entry")
    assert entry is not None
    assert entry.findtext(f"{ATOM}title") == "1 worse"
    assert "worse: tf2.15.1-cpu/tf2.21.0-cpu/dense/h5 (identical -> divergent)" in (
        entry.findtext(f"{ATOM}content") or ""
    )
    link = entry.find(f"{ATOM}link")
    assert link is not None
    assert link.attrib["href"] == "https://x.example/g/runs/r2/"


def test_a_quiet_night_is_no_entry_but_updates_nothing_else() -> None:
    quiet = _night(3, before=Verdict.DIVERGENT)
    root = ElementTree.fromstring(feed([_night(2), quiet], matrix="m"))
    assert len(root.findall(f"{ATOM}entry")) == 1


def test_ids_stay_when_the_site_moves_and_more_nights_come() -> None:
    one = ElementTree.fromstring(feed([_night(2)], matrix="m", address="https://one.example"))
    two = ElementTree.fromstring(feed([_night(2), _night(3)], matrix="m", address="https://two.example"))
    assert one.findtext(f"{ATOM}id") == two.findtext(f"{ATOM}id")
    ids = [entry.findtext(f"{ATOM}id") for entry in two.findall(f"{ATOM}entry")]
    assert one.findtext(f"{ATOM}entry/{ATOM}id") == ids[1]  # newest first
    assert len(set(ids)) == 2


def test_it_has_what_atom_asks_for() -> None:
    """RFC 4287, 4.1.1 and 4.1.2."""
    hostile = CellName("a\0<b>", "c", "]]>", "\ufffe")
    bad = _comparison("r1", "r2", Verdict.IDENTICAL, Verdict.CRASHED, cell=hostile)
    nights = [_night(1), Night(comparison=bad, time="2026-11-02T00:00:00Z")]
    root = ElementTree.fromstring(feed(nights, matrix="<m>").encode())
    for element in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1
        assert (element.findtext(f"{ATOM}id") or "").startswith("urn:uuid:")
        assert datetime.fromisoformat(element.findtext(f"{ATOM}updated") or "").tzinfo
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    assert not feed([], matrix="m").count("<entry>")


def test_the_title_counts() -> None:
    assert title(_comparison("a", "b", Verdict.DIVERGENT, Verdict.DIVERGENT)) == "nothing changed"


def test_a_long_list_is_cut_and_said() -> None:
    cells = {CellName("p", "c", f"probe{i}", "h5"): Seen(verdict=Verdict.IDENTICAL) for i in range(900)}
    found = compare(cells, {}, named=("a", "b"))
    text = feed([Night(comparison=found, time="2026-11-02T00:00:00Z")], matrix="m")
    assert "… and 400 more, on the page." in text
