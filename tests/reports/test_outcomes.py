from typing import Any

from reports.grid import Entry
from reports.outcomes import beside, brief, checks, group
from runner.results import ArtifactResult, CellResult, Failure, Verdict


def entry(consumer: str, verdict: Verdict = Verdict.LOAD_FAILED, **more: object) -> Entry:
    cell = CellResult.model_validate(
        {"producer": "a", "consumer": consumer, "probe": "dense", "format": "h5", "verdict": verdict, **more}
    )
    return Entry(cell=cell, artifact=None)


FAILURE = Failure(
    type="TypeError", message="\nUnrecognized keyword arguments: ['batch_shape']\nmore", traceback="…"
)


def test_cells_that_tell_the_same_are_one_outcome() -> None:
    one = entry("b", error=FAILURE, seconds=1.0, max_abs_diff=1e-8)
    two = entry("c", error=FAILURE, seconds=2.0, max_abs_diff=2e-8)
    other = entry("d", error=Failure(type="TypeError", message="something else"))
    first, second = group([one, other, two])
    assert (first.number, first.entries, first.error) == (1, (one, two), FAILURE)
    assert (second.number, second.entries) == (2, (other,))


def test_every_part_of_the_story_keeps_cells_apart() -> None:
    stories = [
        entry("a"),
        entry("b", verdict=Verdict.CRASHED),
        entry("c", checks={"weights": "same"}),
        entry("d", details={"weights": "off"}),
        entry("e", lost=("optimizer",)),
        entry("f", warnings=("careful",)),
        entry("h", error=FAILURE),
        entry("i", cause="config"),
        entry("j", remedies=({"id": "compile_false", "verdict": "identical"},)),
    ]
    assert len(group(stories)) == len(stories)


def test_output_is_shared_only_where_it_is_the_same() -> None:
    (same,) = group([entry("b", output="hello"), entry("c", output="hello")])
    assert same.output == "hello"
    (apart,) = group([entry("b", output="06:41:02 hello"), entry("c", output="06:41:03 hello")])
    assert apart.output == ""


def test_a_cell_that_inherits_a_failed_save_shows_the_producers_error() -> None:
    cell = entry("b", verdict=Verdict.SAVE_FAILED).cell
    artifact = ArtifactResult(producer="a", probe="dense", format="h5", status="save_failed", error=FAILURE)
    (outcome,) = group([Entry(cell=cell, artifact=artifact)])
    assert outcome.error == FAILURE
    assert brief(outcome.entries[0]).startswith("TypeError: ")


def test_checks_come_in_the_order_in_which_they_ran() -> None:
    cell = entry(
        "b", checks={"new": "same", "outputs": "differs", "structure": "same"}, details={"outputs": "0.4"}
    ).cell
    assert [(check.name, check.value, check.sentence) for check in checks(cell)] == [
        ("structure", "same", ""),
        ("outputs", "differs", "0.4"),
        ("new", "same", ""),
    ]


def test_checks_that_were_never_run_are_not_listed() -> None:
    assert checks(entry("b", checks={"structure": "not_run", "weights": "not_run"}).cell) == ()
    assert len(checks(entry("b", checks={"structure": "same", "weights": "not_run"}).cell)) == 2


def test_the_reason_in_one_line() -> None:
    assert brief(entry("b", error=FAILURE)) == "TypeError: Unrecognized keyword arguments: ['batch_shape']"
    assert brief(entry("b", verdict=Verdict.IDENTICAL, checks={"outputs": "same"})) == ""
    assert brief(entry("b", lost=("optimizer",))) == "lost: optimizer"
    assert (
        brief(
            entry(
                "b",
                lost=("optimizer",),
                checks={"optimizer": "lost"},
                details={"optimizer": "iterations 4 -> 0"},
            )
        )
        == "lost: optimizer (iterations 4 -> 0)"
    )
    assert brief(entry("b", checks={"loss": "differs"})) == "loss differs"


def test_a_signature_stands_for_the_words() -> None:
    signed: dict[str, Any] = {"signature": "TypeError: unknown key …", "cause": "newer"}
    one = entry(
        "b", error=FAILURE, details={"load": "line 133"}, warnings=("at 06:41",), telling="key a", **signed
    )
    two = entry("c", error=Failure(type="TypeError", message="other words"), telling="key b", **signed)
    (same,) = group([one, two])
    assert (same.entries, same.cause, same.telling) == ((one, two), "newer", "key a")
    apart = entry("d", remedies=({"id": "compile_false", "verdict": "identical"},), **signed)
    assert len(group([one, two, apart])) == 2


def test_remedies_that_differ_in_words_alone_are_one_story() -> None:
    tried = {"id": "compile_false", "verdict": "load_failed"}
    cells = [entry(name, signature="x", remedies=({**tried, "telling": f"line {name}"},)) for name in "bc"]
    assert len(group(cells)) == 1


def test_a_failed_save_gives_its_diagnosis_to_the_cells() -> None:
    artifact = ArtifactResult(
        producer="a",
        probe="dense",
        format="h5",
        status="save_failed",
        error=FAILURE,
        cause="no_config",
        signature="no config in …",
        telling="no config in Scale",
    )
    cell = entry("b", verdict=Verdict.SAVE_FAILED).cell
    (outcome,) = group([Entry(cell=cell, artifact=artifact)], start=7)
    assert (outcome.number, outcome.cause, outcome.signature) == (7, "no_config", "no config in …")
    assert brief(outcome.entries[0]) == "no config in Scale"


def test_a_changed_configuration_is_no_reason() -> None:
    seen: dict[str, Any] = {
        "checks": {"config": "differs", "outputs": "same"},
        "details": {"config": "2 keys changed"},
    }
    assert brief(entry("b", verdict=Verdict.IDENTICAL, **seen)) == ""


def test_why_nothing_was_run_is_told() -> None:
    one = entry("b", verdict=Verdict.UNSUPPORTED, details={"save": "This format does not exist in a."})
    assert beside(one.cell) == ("This format does not exist in a.",)
    assert brief(one) == "This format does not exist in a."
