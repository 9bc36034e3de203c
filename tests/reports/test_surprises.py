from reports.surprises import surprises
from runner.results import ArtifactResult


def saved(probe: str, actual: str, form: str = "keras") -> ArtifactResult:
    return ArtifactResult(
        producer="tf2.12.1-cpu",
        probe=probe,
        format=form,
        status="saved",
        name="m.keras",
        actual_format=actual,
    )


def test_a_producer_that_wrote_something_else_is_told() -> None:
    (surprise,) = surprises([saved("dense", "savedmodel"), saved("conv", "savedmodel")])
    assert surprise.wrote == "a SavedModel directory"
    assert surprise.sentence == (
        "tf2.12.1-cpu was asked for m.keras and wrote a SavedModel directory of that name"
        " without saying so (every probe)."
    )


def test_what_was_asked_for_is_no_surprise() -> None:
    assert surprises([saved("dense", "zip")]) == ()
    assert surprises([saved("dense", "anything", form="a format nobody knows")]) == ()
    assert surprises([saved("dense", "")]) == ()


def test_each_surprise_counts_its_probes() -> None:
    told = surprises([saved("a", "zip"), saved("b", "savedmodel"), saved("c", "empty")])
    assert [(surprise.wrote, "(1 of 3 probes)" in surprise.sentence) for surprise in told] == [
        ("a SavedModel directory", True),
        ("nothing at all", True),
    ]
