import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from reports.junit import junit
from runner.results import (
    ArtifactResult,
    CellResult,
    EnvironmentResult,
    Failure,
    Probe,
    Results,
    Run,
    Verdict,
)
from tests.reports import sample

A, B = "tf2.15.1-cpu", "tf2.21.0-cpu"


def _results(
    *cells: CellResult, artifacts: tuple[ArtifactResult, ...] = (), error: str | None = None
) -> Results:
    return Results(
        run=Run(
            id="r1",
            started="2026-11-20T06:40:12+00:00",
            engine="venv",
            matrix_sha256="",
            version="0",
            host="Linux",
        ),
        environments=(
            EnvironmentResult(id=A, status="ready", keras="2.15.0"),
            EnvironmentResult(id=B, status="unavailable" if error else "ready", error=error),
        ),
        probes=(
            Probe(name="dense", why="", source="", sha256=""),
            Probe(name="dense+bit_flip", why="", source="", sha256="", fault="bit_flip"),
        ),
        artifacts=artifacts,
        cells=cells,
    )


def _cell(verdict: Verdict, **more: object) -> CellResult:
    return CellResult.model_validate(
        {"producer": A, "consumer": B, "probe": "dense", "format": "h5", "verdict": verdict} | more
    )


def _cases(text: str) -> dict[tuple[str, str], Element]:
    root = ElementTree.fromstring(text.encode())
    return {(case.attrib["classname"], case.attrib["name"]): case for case in root.iter("testcase")}


_LOADED = (f"{B}.load.{A}", f"load dense as h5 from {A}")


def _only(cell: CellResult, **more: object) -> Element | None:
    case = _cases(junit(_results(cell), **more))[_LOADED]  # type: ignore[arg-type]
    assert len(case) < 2
    return case[0] if len(case) else None


def test_identical_passes() -> None:
    assert _only(_cell(Verdict.IDENTICAL)) is None


@pytest.mark.parametrize(
    "verdict",
    [Verdict.DEGRADED, Verdict.DIVERGENT, Verdict.LOAD_FAILED, Verdict.CRASHED, Verdict.TIMED_OUT],
)
def test_a_verdict_on_a_model_is_a_failure(verdict: Verdict) -> None:
    error = Failure(type="ValueError", message="bad\0 <layer>", traceback="Traceback \x1b[31m")
    found = _only(_cell(verdict, error=error, cause="wrong_container"))
    assert found is not None
    assert (found.tag, found.attrib["type"]) == ("failure", verdict)
    assert found.attrib["message"] == "ValueError: bad‹NUL› <layer>" or verdict is Verdict.DEGRADED
    assert f"crossload reproduce {A} {B} dense h5" in (found.text or "")
    assert "‹ESC›" in (found.text or "")


@pytest.mark.parametrize("verdict", [Verdict.UNAVAILABLE, Verdict.NOT_RUN])
def test_infrastructure_is_an_error_and_never_a_failure(verdict: Verdict) -> None:
    found = _only(_cell(verdict, error=Failure(type="x", message="the registry was away")))
    assert found is not None
    assert found.tag == "error"
    assert "the registry was away" in found.attrib["message"]


@pytest.mark.parametrize("verdict", [Verdict.UNSUPPORTED, Verdict.SAVE_FAILED])
def test_what_the_pair_cannot_help_is_skipped(verdict: Verdict) -> None:
    found = _only(_cell(verdict))
    assert found is not None
    assert found.tag == "skipped"


def test_an_expected_verdict_is_skipped_with_its_reason() -> None:
    found = _only(_cell(Verdict.DIVERGENT), known={(A, B, "dense", "h5"): "known since 2.16"})
    assert found is not None
    assert found.tag == "skipped"
    assert found.attrib["message"] == "Expected divergent: known since 2.16"


def test_a_failed_save_fails_once_where_it_was_saved() -> None:
    artifact = ArtifactResult(
        producer=A, probe="dense", format="h5", status="save_failed", error=Failure(type="E", message="no")
    )
    cells = [_cell(Verdict.SAVE_FAILED, consumer=name) for name in (A, B)]
    text = junit(_results(*cells, artifacts=(artifact,)))
    assert text.count("<failure") == 1
    assert _cases(text)[f"{A}.save", "save dense as h5"][0].attrib["message"] == "E: no"


def test_what_was_broken_on_purpose_is_no_test() -> None:
    text = junit(_results(_cell(Verdict.LOAD_FAILED, probe="dense+bit_flip")))
    assert not _cases(text)


def test_an_environment_that_was_not_there_says_why() -> None:
    root = ElementTree.fromstring(junit(_results(_cell(Verdict.UNAVAILABLE), error="no Python 3.7")).encode())
    suites = {suite.attrib["name"]: suite for suite in root}
    assert suites[B].findtext("system-err") == "no Python 3.7"
    assert suites[A].attrib["tests"] == "0"


@pytest.mark.parametrize("hostile", [False, True])
def test_a_whole_run_keeps_the_rules_of_the_stricter_schema(hostile: bool) -> None:
    """Those of Ant's JUnit.xsd, written out; it asks for all that Jenkins' does, and more."""
    root = ElementTree.fromstring(junit(sample.results(hostile=hostile)).encode())
    assert root.tag == "testsuites"
    assert not root.attrib
    for number, suite in enumerate(root):
        assert suite.tag == "testsuite"
        assert int(suite.attrib["id"]) == number
        assert suite.attrib["package"]
        assert suite.attrib["hostname"].strip()
        assert re.fullmatch(r"\d{4}(-\d\d){2}T\d\d(:\d\d){2}", suite.attrib["timestamp"])
        assert re.fullmatch(r"\d+\.\d+", suite.attrib["time"])
        names = [child.tag for child in suite]
        cases = suite.findall("testcase")
        assert names == ["properties", *["testcase"] * len(cases), "system-out", "system-err"]
        assert int(suite.attrib["tests"]) == len(cases)
        for count, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.attrib[count]) == sum(case.find(kind) is not None for case in cases)
        for case in cases:
            assert set(case.attrib) == {"name", "classname", "time"}
            assert len(case) <= 1
            for found in case:
                assert found.tag == "skipped" or found.attrib["type"]
