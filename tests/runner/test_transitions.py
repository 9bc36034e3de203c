import time

from hypothesis import given
from hypothesis import strategies as st

from runner.results import CellResult, Results, Run, Verdict
from runner.transitions import CellName, Kind, Seen, Transition, between, compare, seen, step

A = CellName("a", "a", "dense", "h5")
B = CellName("a", "b", "dense", "h5")
C = CellName("b", "a", "dense", "h5")
D = CellName("b", "b", "dense", "h5")


def saw(verdict: str, cause: str = "", *lost: str, **checks: str) -> Seen:
    return Seen(verdict=Verdict(verdict), cause=cause, lost=lost, checks=tuple(sorted(checks.items())))


def one(before: Seen | None, after: Seen | None) -> Transition:
    found = compare({A: before} if before else {}, {A: after} if after else {})
    (transition,) = found.transitions
    return transition


def test_better_worse_added_removed_and_unchanged() -> None:
    found = compare(
        {A: saw("identical"), B: saw("load_failed"), C: saw("identical"), D: saw("degraded")},
        {
            A: saw("divergent"),
            B: saw("degraded"),
            D: saw("degraded"),
            CellName("a", "c", "dense", "h5"): saw("crashed"),
        },
        named=("mon", "tue"),
    )
    assert [(str(item.cell), item.kind) for item in found.transitions] == [
        ("a/a/dense/h5", "worse"),
        ("b/a/dense/h5", "removed"),
        ("a/b/dense/h5", "better"),
        ("a/c/dense/h5", "added"),
    ]
    assert found.counts == {
        "worse": 1,
        "removed": 1,
        "lost": 0,
        "changed": 0,
        "better": 1,
        "found": 0,
        "added": 1,
        "unchanged": 1,
    }
    assert (found.old, found.new) == ("mon", "tue")
    assert found.worse
    assert [item.cell for item in found.of(Kind.ADDED)] == [("a", "c", "dense", "h5")]


def test_a_missing_cell_counts_as_worse() -> None:
    assert one(saw("load_failed"), None).worse
    assert compare({A: saw("load_failed")}, {}).worse


def test_infrastructure_is_neither_worse_nor_better() -> None:
    for word in ("unavailable", "not_run"):
        assert one(saw("identical"), saw(word)).kind is Kind.LOST
        assert one(saw(word), saw("load_failed")).kind is Kind.FOUND
        assert not compare({A: saw("identical")}, {A: saw(word)}).worse
        assert not compare({A: saw(word)}, {A: saw("load_failed")}).worse
    assert one(saw("unavailable"), saw("not_run")).kind is Kind.CHANGED


def test_the_same_verdict_for_another_reason_is_said() -> None:
    changed = one(
        saw("degraded", "slots_gone", "optimizer", training="same", outputs="same"),
        saw("degraded", "compile_gone", "compile", training="failed", outputs="same"),
    )
    assert changed.kind is Kind.CHANGED
    assert not changed.worse
    assert changed.sentence == (
        "still degraded; cause: slots_gone -> compile_gone; lost: compile; no longer lost: optimizer; "
        "training: same -> failed"
    )


def test_sentences() -> None:
    assert one(saw("identical"), saw("load_failed", "batch_shape")).sentence == (
        "identical -> load_failed; cause: none -> batch_shape"
    )
    assert one(saw("load_failed", "x"), saw("not_run")).sentence == "load_failed -> not_run"
    assert one(saw("degraded", "", "optimizer"), saw("load_failed", "x")).sentence == (
        "degraded -> load_failed; cause: none -> x"
    )
    assert one(saw("degraded", "", "optimizer"), saw("identical")).sentence == (
        "degraded -> identical; no longer lost: optimizer"
    )
    assert one(None, saw("degraded", "x", "optimizer")).sentence == "degraded; cause: x; lost: optimizer"
    assert one(saw("crashed"), None).sentence == "was crashed"


def test_new_failures() -> None:
    assert one(None, saw("divergent")).fails_anew
    assert one(saw("degraded"), saw("load_failed")).fails_anew
    assert one(saw("not_run"), saw("load_failed")).fails_anew
    assert not one(saw("divergent"), saw("load_failed")).fails_anew
    assert not one(None, saw("degraded")).fails_anew
    assert not one(None, saw("unavailable")).fails_anew
    assert not one(None, saw("unsupported")).fails_anew
    assert not one(saw("divergent"), None).fails_anew


def results(name: str, *cells: CellResult) -> Results:
    run = Run(id=name, started="", engine="venv", matrix_sha256="", version="1")
    return Results(run=run, environments=(), artifacts=(), cells=cells)


def test_results_are_compared_by_names() -> None:
    first = CellResult(producer="a", consumer="a", probe="dense", format="h5", verdict=Verdict.IDENTICAL)
    other = CellResult(
        producer="a",
        consumer="b",
        probe="dense",
        format="h5",
        verdict=Verdict.DEGRADED,
        lost=("optimizer", "compile"),
        seconds=1.0,
    )
    again = other.model_copy(update={"lost": ("compile", "optimizer"), "seconds": 2.0, "cached": True})
    found = between(results("r1", first, other), results("r2", again, first))
    assert found.transitions == ()
    assert found.unchanged == 2
    assert (found.old, found.new) == ("r1", "r2")


def test_of_a_lost_cell_nothing_else_is_kept() -> None:
    cell = CellResult(
        producer="a", consumer="a", probe="dense", format="h5", verdict=Verdict.NOT_RUN, cause="x"
    )
    assert seen([cell]) == {A: saw("not_run")}


def test_after_infrastructure_a_cell_is_held_against_what_was_last_known() -> None:
    def kinds(now: str) -> list[tuple[str, str]]:
        found = compare({A: saw("unavailable")}, {A: saw(now)}, last_known={A: saw("degraded", "x")})
        return [(str(item.kind), item.sentence) for item in found.transitions]

    assert kinds("crashed") == [("worse", "degraded -> crashed; cause: x -> none")]
    assert kinds("identical") == [("better", "degraded -> identical; cause: x -> none")]
    assert kinds("degraded") == [("changed", "still degraded; cause: x -> none")]
    assert kinds("unavailable") == []
    same = compare({A: saw("not_run")}, {A: saw("degraded", "x")}, last_known={A: saw("degraded", "x")})
    assert [str(item.kind) for item in same.transitions] == ["found"]


def test_one_step_of_one_cell() -> None:
    assert step(A, saw("identical"), saw("identical")) is None
    assert step(A, None, None) is None
    for before, after, kind in (
        (None, saw("crashed"), "added"),
        (saw("crashed"), None, "removed"),
        (saw("crashed"), saw("identical"), "better"),
    ):
        found = step(A, before, after)
        assert found is not None
        assert found.kind == kind


def test_every_kind_and_every_verdict_has_a_meaning() -> None:
    assert all(kind.meaning for kind in Kind)


CELLS = st.dictionaries(
    st.sampled_from([A, B, C, D]), st.sampled_from([saw(str(verdict)) for verdict in Verdict])
)


@given(CELLS, CELLS)
def test_every_cell_is_counted_once_and_back_is_the_reverse(
    old: dict[CellName, Seen], new: dict[CellName, Seen]
) -> None:
    there, back = compare(old, new).counts, compare(new, old).counts
    assert sum(there.values()) == len(old.keys() | new.keys())
    for kind, reverse in (("worse", "better"), ("added", "removed"), ("lost", "found")):
        assert there[Kind(kind)] == back[Kind(reverse)]
    assert not compare(old, old).transitions


def test_two_hundred_thousand_cells_take_seconds_at_most() -> None:
    names = [
        CellName(f"e{p}", f"e{c}", f"probe{n}", f"f{f}")
        for p in range(24)
        for c in range(24)
        for n in range(58)
        for f in range(6)
    ]
    old = {name: saw("identical", outputs="same") for name in names}
    new = {name: saw("identical", outputs="same") for name in names} | {
        name: saw("divergent") for name in names[::10]
    }
    started = time.perf_counter()
    found = compare(old, new)
    assert time.perf_counter() - started < 10  # 0.6 s where it was measured
    assert found.counts[Kind.WORSE] == len(names[::10])
