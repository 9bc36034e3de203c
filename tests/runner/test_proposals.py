from datetime import date
from pathlib import Path

import yaml
from hypothesis import given
from hypothesis import strategies as st

from environments.matrix import covers, load
from runner import expectations, gate
from runner.proposals import Proposal, propose, text
from runner.results import Verdict
from runner.transitions import FAILURES, CellName, Seen
from tests.runner.history.conftest import results


def cells(said: dict[str, str]) -> dict[CellName, Seen]:
    """Cells as ``a/b/dense/h5``, with a verdict and a cause after a space."""
    found = {}
    for name, outcome in said.items():
        verdict, _, cause = outcome.partition(" ")
        producer, consumer, probe, of_format = name.split("/")
        found[CellName(producer, consumer, probe, of_format)] = Seen(verdict=Verdict(verdict), cause=cause)
    return found


def globs(said: dict[str, str], **more: list[CellName]) -> list[str]:
    return [item.glob for item in propose(cells(said), FAILURES, **more)]


ALL = {
    f"{p}/{c}/{n}/{f}": "load_failed x" if (p, c, f) == ("new", "old", "keras") else "identical"
    for p in ("new", "old")
    for c in ("new", "old")
    for n in ("dense", "lstm")
    for f in ("keras", "h5")
}


def test_one_glob_for_what_belongs_together() -> None:
    assert propose(cells(ALL), FAILURES) == (
        Proposal(glob="new/old/*/keras", verdict=Verdict.LOAD_FAILED, cause="x", cells=2),
    )


def test_no_glob_covers_another_outcome() -> None:
    assert globs(ALL | {"new/old/lstm/keras": "load_failed y"}) == [
        "new/old/dense/keras",
        "new/old/lstm/keras",
    ]
    assert globs(ALL | {"new/old/lstm/keras": "degraded"}) == ["new/old/dense/keras"]
    assert globs(ALL | {"new/old/lstm/keras": "not_run"}) == ["new/old/*/keras"]


def test_what_fails_everywhere_is_one_entry() -> None:
    assert globs(dict.fromkeys(ALL, "crashed")) == ["*/*/*/*"]


def test_what_is_known_needs_no_entry() -> None:
    known = [CellName("new", "old", "dense", "keras"), CellName("new", "old", "lstm", "keras")]
    assert globs(ALL, known=known) == []
    assert globs(ALL, known=known[:1]) == ["new/old/*/keras"]


def test_only_the_verdicts_that_were_asked_for() -> None:
    said = {"a/a/dense/h5": "degraded", "a/b/dense/h5": "crashed"}
    assert [item.glob for item in propose(cells(said), [Verdict.DEGRADED])] == ["*/a/*/*"]


def test_signs_in_names_stand_for_themselves() -> None:
    (glob,) = [
        item.glob for item in propose(cells({"a/a/x[1]/h5": "crashed", "a/a/x1/h5": "identical"}), FAILURES)
    ]
    assert glob == "*/*/x[[]1]/*"
    assert covers(glob, ("a", "a", "x[1]", "h5"))
    assert not covers(glob, ("a", "a", "x1", "h5"))


def test_the_text_is_yaml_to_paste() -> None:
    found = propose(cells(ALL | {"old/new/lstm/h5": "crashed"}), FAILURES)
    said = text(found, {"x": "It's a title: with signs"}, run="r1", expires=date(2027, 2, 18), owner="ada")
    assert yaml.safe_load(said) == {
        "expected": [
            {
                "cell": "old/new/lstm/h5",
                "verdict": "crashed",
                "reason": "as run r1 saw it; write down why",
                "owner": "ada",
                "expires": date(2027, 2, 18),
            },
            {
                "cell": "new/old/*/keras",
                "verdict": "load_failed",
                "cause": "x",
                "reason": "It's a title: with signs",
                "owner": "ada",
                "expires": date(2027, 2, 18),
            },
        ]
    }
    assert text((), {}, run="r1", expires=date(2027, 1, 1)) == "expected: []\n"


def test_a_matrix_takes_the_text_and_the_gate_is_content(tmp_path: Path) -> None:
    names = {"new": "tf2.18.1-cpu", "old": "tf2.15.1-cpu"}
    run = {
        f"{names[p]}/{names[c]}/{rest}": outcome
        for name, outcome in ALL.items()
        for p, c, rest in [name.split("/", 2)]
    }
    path = tmp_path / "m.yaml"
    path.write_text(
        "version: 1\nmatrix: {tensorflow: [2.15.1, 2.18.1]}\n"
        + text(propose(cells(run), FAILURES), {"x": "t"}, run="r", expires=date(2027, 1, 1))
    )
    found, today = results("r", run), date(2026, 11, 20)
    expected = load(path).expected
    assert all(outcome.holds for outcome in gate.evaluate(found, (), expected=expected, today=today))
    assert expectations.lapsed(found, expected=expected, today=today) == ()
    assert len(expectations.known(found, expected=expected, today=today)) == 2


@given(
    st.dictionaries(
        st.builds("{}/{}/{}/{}".format, *[st.sampled_from("ab")] * 4),
        st.sampled_from(["identical", "load_failed x", "load_failed y", "crashed", "unsupported", "not_run"]),
    )
)
def test_every_failure_is_covered_and_nothing_else(said: dict[str, str]) -> None:
    seen = cells(said)
    found = propose(seen, FAILURES)
    for name, outcome in seen.items():
        matching = [item for item in found if covers(item.glob, name)]
        if outcome.verdict in FAILURES:
            assert matching
        if outcome.verdict not in (Verdict.UNSUPPORTED, Verdict.NOT_RUN):
            assert all((item.verdict, item.cause) == (outcome.verdict, outcome.cause) for item in matching)
