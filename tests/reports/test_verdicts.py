import pytest

from reports.verdicts import ATTENTION, SYMBOLS, answer, tally
from runner.results import Verdict


def test_every_verdict_has_a_place_and_a_symbol_of_its_own() -> None:
    assert sorted(ATTENTION) == sorted(Verdict)
    assert set(SYMBOLS) == set(Verdict)
    assert len(set(SYMBOLS.values())) == len(Verdict)
    assert all(len(symbol) == 1 for symbol in SYMBOLS.values())


@pytest.mark.parametrize(
    ("inside", "worst"),
    [
        # A silent difference is shown before anything that announces itself.
        (["load_failed", "crashed", "divergent"], "divergent"),
        # Infrastructure never hides a finding ...
        (["unavailable", "degraded"], "degraded"),
        (["not_run", "load_failed"], "load_failed"),
        # ... and a hole never reads as a success.
        (["identical", "not_run"], "not_run"),
        (["identical", "unavailable"], "unavailable"),
        # What the producer could not do says nothing about the pair.
        (["identical", "save_failed"], "identical"),
        (["save_failed", "not_run"], "not_run"),
        (["identical", "unsupported"], "identical"),
        (["save_failed", "unsupported"], "save_failed"),
        (["unsupported"], "unsupported"),
        ([], "not_run"),
    ],
)
def test_which_verdict_stands_for_many(inside: list[str], worst: str) -> None:
    assert tally(Verdict(word) for word in inside).worst == worst


@pytest.mark.parametrize(
    ("identical", "others", "rare"),
    [
        (35, ["load_failed"], True),
        (2, ["divergent"], True),
        # Fewer than two thirds are as they should be.
        (1, ["divergent"], False),
        (3, ["divergent", "load_failed"], False),
        # One that is wrong does not hide that all others fail.
        (0, ["divergent", *["load_failed"] * 7], False),
        # What could not be saved or does not exist is not among them; what is not known is no success.
        (2, ["degraded", *["unsupported"] * 9], True),
        (2, ["load_failed", *["not_run"] * 9], False),
        # Only findings are rare: a hole is not.
        (9, ["not_run"], False),
        (9, [], False),
    ],
)
def test_a_finding_is_rare_where_two_thirds_are_identical(
    identical: int, others: list[str], rare: bool
) -> None:
    assert tally([*[Verdict.IDENTICAL] * identical, *(Verdict(word) for word in others)]).rare is rare


def test_a_tally_counts_what_is_there() -> None:
    counted = tally([Verdict.IDENTICAL, Verdict.DIVERGENT, Verdict.IDENTICAL])
    assert counted.total == 3
    assert counted.of(Verdict.IDENTICAL) == 2
    assert counted.of(Verdict.CRASHED) == 0
    assert str(counted) == "2 identical, 1 divergent"
    assert str(tally([Verdict.LOAD_FAILED, Verdict.TIMED_OUT])) == "1 load failed, 1 timed out"


@pytest.mark.parametrize(
    ("verdicts", "sentence"),
    [
        ("identical identical", "2 of 2 cells are identical; none loads without an error and is wrong."),
        ("identical divergent", "1 of 2 cells are identical; 1 loads without an error and is wrong."),
        ("divergent divergent", "0 of 2 cells are identical; 2 load without an error and are wrong."),
    ],
)
def test_the_answer(verdicts: str, sentence: str) -> None:
    assert answer(tally(Verdict(word) for word in verdicts.split())) == sentence
