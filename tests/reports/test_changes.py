from reports.changes import LIMIT, Together, together
from runner.results import Verdict
from runner.transitions import CellName, Kind, Seen, Transition


def change(number: int, before: Seen | None, after: Seen | None) -> Transition:
    name = CellName(producer="a", consumer=str(number), probe="dense", format="h5")
    return Transition(cell=name, before=before, after=after, kind=kind(before, after))


def kind(before: Seen | None, after: Seen | None) -> Kind:
    if after is None:
        return Kind.REMOVED
    if before is None:
        return Kind.ADDED
    return Kind.WORSE if before.verdict is Verdict.IDENTICAL else Kind.BETTER


FINE = Seen(verdict=Verdict.IDENTICAL)
BROKEN = Seen(verdict=Verdict.LOAD_FAILED, cause="key_of_newer_keras")
OTHER = Seen(verdict=Verdict.LOAD_FAILED, cause="another")


def test_cells_that_changed_in_the_same_way_are_counted_what_matters_most_first() -> None:
    found = together(
        [
            *(change(number, BROKEN, FINE) for number in range(9)),
            *(change(number, FINE, OTHER) for number in range(2)),
            *(change(number, FINE, BROKEN) for number in range(3)),
            # One alone is told in its row.
            change(99, FINE, None),
        ]
    )
    assert found == (
        Together(
            kind=Kind.WORSE, sentence="identical -> load_failed; cause: none -> key_of_newer_keras", cells=3
        ),
        Together(kind=Kind.WORSE, sentence="identical -> load_failed; cause: none -> another", cells=2),
        Together(
            kind=Kind.BETTER, sentence="load_failed -> identical; cause: key_of_newer_keras -> none", cells=9
        ),
    )


def test_not_more_ways_are_told_than_can_be_read() -> None:
    many = [
        change(number, FINE, Seen(verdict=Verdict.CRASHED, cause=str(number // 2)))
        for number in range(4 * LIMIT)
    ]
    assert len(together(many)) == LIMIT
