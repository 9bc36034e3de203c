import pytest

from reports import outcomes, why
from reports.grid import build
from reports.upgrade import Upgrade, upgrades
from reports.verdicts import tally
from runner.results import Results, Verdict
from tests.reports import sample


@pytest.fixture(scope="module")
def results() -> Results:
    return sample.results(environments=4)


@pytest.fixture(scope="module")
def found(results: Results) -> dict[tuple[str, str], Upgrade]:
    grid = build(results)
    reasons = why.reasons(results, outcomes.group(grid.entries), grid.environments)
    rows = upgrades(grid, reasons, {remedy.id: remedy for remedy in results.remedies})
    assert list(rows) == list(grid.environments)
    return {(move.producer, move.consumer): move for row in rows.values() for move in row}


def test_what_survives_is_counted_of_what_could_be_saved(
    results: Results, found: dict[tuple[str, str], Upgrade]
) -> None:
    assert len(found) == 16
    move = found["tf2.15.1-cpu", "tf2.18.1-cpu"]
    saved = [
        item
        for item in results.artifacts
        if item.producer == "tf2.15.1-cpu" and item.status == "saved" and "+" not in item.probe
    ]
    assert move.tally.total == len(saved) == 45
    assert (move.survive, move.share, move.breaks, move.helped) == (22, "48 %", 15, 5)
    assert move.sentence == (
        "22 of 45 files load and predict the same, 8 of them with a loss. 2 files load without an error and are"
        " wrong. 13 files do not load. 8 files have a format that does not exist there. A remedy that was run helps 5"
        " of the 15 that break."
    )
    assert sum(counts.total for _, counts in move.formats) == 45


def test_changes_are_grouped_by_cause_with_the_remedy_of_this_pair(
    found: dict[tuple[str, str], Upgrade],
) -> None:
    first = found["tf2.15.1-cpu", "tf2.18.1-cpu"].changes[0]
    assert (first.reason.id, first.tally.total) == ("cause:compile_config", 13)
    assert first.formats == (("keras", 7), ("h5", 6))
    assert first.best
    assert (first.best.title, first.best.helped) == ("Compile again", 8)
    troubled = sum(change.tally.total for change in found["tf2.15.1-cpu", "tf2.18.1-cpu"].changes)
    assert troubled == 8 + 2 + 13


@pytest.mark.parametrize(
    ("verdicts", "sentence", "share"),
    [
        ((), "Nothing could be saved there.", ""),
        ((Verdict.IDENTICAL,), "1 of 1 file loads and predicts the same.", "100 %"),
        (
            (Verdict.DIVERGENT, Verdict.CRASHED, Verdict.UNSUPPORTED, Verdict.UNAVAILABLE),
            "0 of 4 files load and predict the same. 1 file loads without an error and is wrong. 1 file does not load."
            " 1 file has a format that does not exist there. Of 1 file nothing could be known.",
            "0 %",
        ),
        (
            (Verdict.NOT_RUN,),
            "0 of 1 file loads and predicts the same. Of 1 file nothing could be known.",
            "",
        ),
        (
            (Verdict.DEGRADED,) * 2,
            "2 of 2 files load and predict the same, all of them with a loss.",
            "100 %",
        ),
        ((Verdict.DEGRADED,), "1 of 1 file loads and predicts the same, with a loss.", "100 %"),
        ((Verdict.IDENTICAL,) * 199 + (Verdict.CRASHED,), None, "99 %"),
    ],
)
def test_one_and_many(verdicts: tuple[Verdict, ...], sentence: str | None, share: str) -> None:
    move = upgrade(*verdicts)
    assert sentence is None or move.sentence == sentence
    assert move.share == share


def upgrade(*verdicts: Verdict, tried: int = 0, helped: int = 0) -> Upgrade:
    return Upgrade(
        producer="a",
        consumer="b",
        tally=tally(verdicts),
        tried=tried,
        helped=helped,
        formats=(),
        changes=(),
    )


@pytest.mark.parametrize(
    ("tried", "helped", "said"),
    [
        (2, 0, "No remedy that was run helps."),
        (2, 1, "A remedy that was run helps 1 of the 2 that break."),
        (2, 2, "For all that break there is a remedy that was run and works."),
        (0, 0, "2 files do not load."),
    ],
)
def test_what_helps_those_that_break_is_said_where_anything_was_run(
    tried: int, helped: int, said: str
) -> None:
    assert upgrade(*[Verdict.CRASHED] * 2, tried=tried, helped=helped).sentence.endswith(said)


@pytest.mark.parametrize(
    ("verdicts", "level"),
    [
        ([Verdict.IDENTICAL, Verdict.DEGRADED], "all"),
        ([Verdict.IDENTICAL, Verdict.IDENTICAL, Verdict.DIVERGENT], "most"),
        ([Verdict.IDENTICAL, Verdict.CRASHED], "most"),
        ([Verdict.IDENTICAL, Verdict.CRASHED, Verdict.UNSUPPORTED], "few"),
        # What does not exist there does not survive, though nothing breaks.
        ([Verdict.UNSUPPORTED], "few"),
        ([Verdict.IDENTICAL, Verdict.NOT_RUN], "all"),
        ([Verdict.NOT_RUN], "none"),
        ([], "none"),
    ],
)
def test_how_far_a_move_works_in_a_word(verdicts: list[Verdict], level: str) -> None:
    assert upgrade(*verdicts).level == level
