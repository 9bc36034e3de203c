from reports.grid import build
from reports.outcomes import group
from reports.why import Reason, ranges, reasons, titled, unsaved
from runner.results import (
    ArtifactResult,
    Cause,
    CellResult,
    EnvironmentResult,
    Failure,
    Remedy,
    RemedyMeaning,
    Results,
    Run,
    Verdict,
)
from tests.reports import sample

RUN = Run(id="r", started="2026-11-20T06:40:12Z", engine="venv", matrix_sha256="", version="0")
WORKS = Remedy(id="compile_false", verdict=Verdict.IDENTICAL)
STILL = Remedy(id="compile_false", verdict=Verdict.LOAD_FAILED, telling="still")


def cell(consumer: str, cause: str, *remedies: Remedy, telling: str = "", **more: object) -> CellResult:
    return CellResult.model_validate(
        {
            "producer": "a",
            "consumer": consumer,
            "probe": "dense",
            "format": "h5",
            "verdict": "load_failed",
            "cause": cause,
            "telling": telling,
            "signature": telling.rstrip("0123456789"),
            "remedies": remedies,
            **more,
        }
    )


def told(*cells: CellResult, artifacts: tuple[ArtifactResult, ...] = ()) -> tuple[Reason, ...]:
    results = Results(
        run=RUN,
        environments=tuple(EnvironmentResult(id=name, status="ready") for name in "abcdef"),
        artifacts=artifacts,
        cells=cells,
        causes=(Cause(id="newer", title="A newer file", sentence="It is newer.", links=("https://x.y",)),),
        remedies=(RemedyMeaning(id="compile_false", title="compile=False", sentence="No optimizer."),),
    )
    grid = build(results)
    return reasons(results, group(grid.entries), grid.environments)


def test_one_cause_its_cells_and_the_remedy_that_fixes_most() -> None:
    other = Remedy(id="other", verdict=Verdict.DEGRADED, lost=("optimizer",))
    (reason,) = told(
        cell("b", "newer", WORKS, telling="line 1"),
        cell("c", "newer", WORKS, telling="line 2"),
        cell("d", "newer", STILL, other, telling="other words", format="keras", verdict="crashed"),
    )
    assert (reason.title, reason.sentence, reason.links) == ("A newer file", "It is newer.", ("https://x.y",))
    assert (reason.cells, reason.helped, reason.known, reason.telling) == (3, 3, True, "line 1")
    assert str(reason.tally) == "2 load failed, 1 crashed"
    assert (reason.formats, reason.probes) == ((("h5", 2), ("keras", 1)), (("dense", 3),))
    assert (reason.producers, reason.consumers) == ("a", "b to d (3)")
    assert reason.best
    assert (reason.best.title, reason.best.helped, reason.best.tried) == ("compile=False", 2, 3)
    assert [len(story.entries) for story in reason.stories] == [2, 1]


def test_unknown_causes_are_grouped_by_signature_and_the_most_frequent_comes_first() -> None:
    first, second, third = told(
        cell("b", "newer"),
        cell("c", "unclassified", telling="odd thing 1", details={"load": "x"}),
        cell("d", "", telling="odd thing 2", details={"load": "y"}),
        cell("e", "unclassified", telling="odd thing 3", verdict="crashed"),
        cell("f", "unclassified", telling="something else"),
    )
    assert (first.known, first.title, first.cells, first.best) == (False, "odd thing 1", 3, None)
    assert second.known
    assert third.title == "something else"


def test_a_cause_that_nobody_explains_is_known_by_its_id() -> None:
    (reason,) = told(cell("b", "made_up"))
    assert (reason.title, reason.known, reason.sentence) == ("made_up", True, "")


def test_cells_that_say_nothing_are_told_by_their_verdict() -> None:
    (reason,) = told(cell("b", "", verdict="timed_out"))
    assert reason.title == Verdict.TIMED_OUT.meaning


def test_what_is_no_trouble_is_no_reason() -> None:
    verdicts = ("identical", "save_failed", "unsupported", "unavailable", "not_run")
    assert (
        told(*(cell(name, "newer", verdict=verdict) for name, verdict in zip("bcdef", verdicts, strict=True)))
        == ()
    )


def test_neighbours_are_written_as_a_range() -> None:
    order = ("a", "b", "c", "d", "e", "f")
    assert ranges({"b"}, order) == "b"
    assert ranges({"c", "b"}, order) == "b, c"
    assert ranges({"a", "b", "c", "e"}, order) == "a to c (3), e"
    assert ranges({"f", "d", "e"}, order) == "d to f (3)"
    assert ranges(set(order), order) == "all 6 environments"
    assert ranges({"a", "stray"}, order) == "a, stray"
    assert ranges({"a"}, ("a",)) == "a"


def test_failed_saves_are_grouped_by_cause_and_those_on_purpose_are_left_out() -> None:
    def failed(producer: str, probe: str, cause: str, message: str) -> ArtifactResult:
        error = Failure(type="TypeError", message=message)
        return ArtifactResult(
            producer=producer, probe=probe, format="h5", status="save_failed", error=error, cause=cause
        )

    artifacts = (
        failed("a", "dense", "", "\nsomething\nelse"),
        failed("a", "conv", "newer", "one"),
        failed("b", "conv", "newer", "two"),
        failed("b", "dense+disk_full", "newer", "three"),
        ArtifactResult(producer="c", probe="dense", format="h5", status="saved"),
    )
    results = Results(
        run=RUN,
        environments=(),
        artifacts=artifacts,
        cells=(),
        causes=(Cause(id="newer", title="A newer file", sentence="It is newer."),),
    )
    first, second = unsaved(results, ("dense+disk_full",))
    assert (first.title, [a.producer for a in first.artifacts]) == ("A newer file", ["a", "b"])
    assert second.title == "TypeError: something\nelse"


def test_causes_of_stories_are_explained() -> None:
    results = sample.results()
    causes = titled(build(results).entries, results)
    assert set(causes) == {cause.id for cause in results.causes}
