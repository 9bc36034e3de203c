from dataclasses import replace

from reports.view import alike, numbers, view
from runner.results import Verdict
from tests.reports import asked, sample


def test_every_entry_has_the_number_of_its_story() -> None:
    seen = view(sample.results(environments=2))
    assert sorted(numbers(seen.told)) == [entry.number for entry in seen.grid.entries]
    assert set(numbers(seen.broken)) == {entry.number for entry in seen.grid.faulted}


def test_what_a_page_needs_is_there_once() -> None:
    seen = view(sample.results(environments=2))
    assert len(seen.helped) == 6 * 2 * 2
    fixed, troubled = seen.helped["keras", "tf2.12.1-cpu", "tf2.12.1-cpu"]
    assert 0 <= fixed <= troubled
    assert {artifact.probe for artifact in seen.artifacts["dense"]} == {"dense"}
    assert not view(asked.typical()).upgrades


def test_entries_of_a_square_are_grouped_by_verdict_and_reason() -> None:
    seen = view(sample.results())
    square = seen.grid.overviews[1].rows[1].squares[3]
    groups = alike(square.entries, {})
    assert sum(len(group.entries) for group in groups) == len(square.entries)
    assert groups[0].verdict is Verdict.DEGRADED
    assert groups[0].said.startswith("iterations 4 -> 0")
    assert groups[0].reason == ""


def test_entries_of_a_square_with_one_cause_are_told_together_whatever_their_words() -> None:
    seen = view(sample.results())
    entries = seen.grid.overviews[1].rows[1].squares[3].entries
    degraded = [entry for entry in entries if entry.cell.verdict is Verdict.DEGRADED]
    words = [
        replace(entry, cell=entry.cell.model_copy(update={"telling": str(number)}))
        for number, entry in enumerate(degraded)
    ]
    (group,) = alike(words, seen.causes)
    assert (group.said, group.reason) == ("The optimizer's state does not come back", "cause:compile_config")
    assert list(group.entries) == words
    assert group.reason in {reason.id for reason in seen.reasons}
