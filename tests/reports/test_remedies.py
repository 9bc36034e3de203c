import pytest

from reports.remedies import Share, best, filled, headline, helps, outcome, sentences, share, tried
from runner.results import ArtifactResult, CellResult, Remedy, RemedyMeaning, Verdict


def cell(verdict: str, *remedies: Remedy, lost: tuple[str, ...] = (), cause: str = "") -> CellResult:
    return CellResult(
        producer="a",
        consumer="b",
        probe="dense",
        format="h5",
        verdict=Verdict(verdict),
        lost=lost,
        remedies=remedies,
        cause=cause,
    )


def remedy(name: str, verdict: str, *lost: str, environment: str = "", telling: str = "") -> Remedy:
    return Remedy(id=name, verdict=Verdict(verdict), lost=lost, environment=environment, telling=telling)


@pytest.mark.parametrize(
    ("verdict", "lost", "tried", "expected"),
    [
        ("load_failed", (), remedy("x", "identical"), True),
        ("load_failed", (), remedy("x", "degraded", "optimizer"), True),
        ("load_failed", (), remedy("x", "divergent"), False),
        ("crashed", (), remedy("x", "crashed"), False),
        ("degraded", ("optimizer", "training"), remedy("x", "degraded", "optimizer"), True),
        ("degraded", ("optimizer",), remedy("x", "degraded", "optimizer"), False),
        ("degraded", ("optimizer",), remedy("x", "degraded", "compile"), False),
        ("degraded", ("optimizer",), remedy("x", "identical"), True),
    ],
)
def test_what_helps(verdict: str, lost: tuple[str, ...], tried: Remedy, expected: bool) -> None:
    assert helps(cell(verdict, lost=lost), tried) is expected


def test_the_best_remedy_stays_where_it_is_and_loses_least() -> None:
    elsewhere = remedy("legacy", "identical", environment="c")
    cheap, thorough = remedy("compile_false", "degraded", "optimizer"), remedy("repair", "identical")
    assert best(cell("load_failed", elsewhere, cheap)) == cheap
    assert best(cell("load_failed", cheap, elsewhere, thorough)) == thorough
    assert best(cell("load_failed", elsewhere)) == elsewhere
    first, second = remedy("one", "identical"), remedy("two", "identical")
    assert best(cell("load_failed", first, second)) == first
    assert best(cell("load_failed", remedy("x", "divergent"))) is None


def test_the_story_in_one_line() -> None:
    failed = cell("load_failed", remedy("compile_false", "degraded", "optimizer"))
    assert (
        headline(failed, "compile=False") == "Fails; this works: compile=False (identical except optimizer)"
    )
    elsewhere = cell("divergent", remedy("legacy", "identical", environment="tf2.18.1-legacy-cpu"))
    assert headline(elsewhere, "") == (
        "Loads without an error and is wrong; this works: legacy in tf2.18.1-legacy-cpu (identical)"
    )
    worse = cell("degraded", remedy("x", "degraded", "optimizer", "training"), lost=("optimizer", "training"))
    assert headline(worse, "") == ("Loses optimizer, training; the one remedy that was tried does not help")
    assert outcome(remedy("x", "degraded")) == "nearly identical"


def test_remedies_are_counted_across_cells() -> None:
    cells = [
        cell("load_failed", remedy("one", "load_failed", telling="still: key"), remedy("two", "identical")),
        cell("load_failed", remedy("one", "load_failed", telling="still: key"), remedy("two", "divergent")),
        cell("load_failed", remedy("one", "load_failed", telling="another")),
    ]
    meaning = RemedyMeaning(id="two", title="the second", sentence="Why.", code="two()")
    second, first = tried(cells, {"two": meaning})
    assert (second.title, second.code, second.tried, second.helped) == ("the second", "two()", 2, 1)
    assert str(second.tally) == "1 identical, 1 divergent"
    assert (first.title, first.tried, first.helped, first.telling) == ("one", 3, 0, "still: key")


def test_the_share_of_the_run() -> None:
    cells = [
        cell("identical"),
        cell("save_failed", cause="x"),
        cell("unsupported"),
        cell("load_failed", remedy("x", "identical"), cause="known"),
        cell("divergent", remedy("x", "divergent"), cause="unclassified"),
        cell("degraded"),
    ]
    assert share(cells) == Share(troubled=3, helped=1, known=1, tried=2)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (
            Share(troubled=461, helped=410, known=461, tried=461),
            "Of 461 cells that fail or differ, 410 (88 %) have a remedy that was run and works."
            " The cause is known for 461 (100 %).",
        ),
        (
            Share(troubled=1000, helped=1, known=999, tried=1000),
            "Of 1,000 cells that fail or differ, 1 (less than 1 %) have a remedy that was run and works."
            " The cause is known for 999 (99 %).",
        ),
        (
            Share(troubled=1, helped=0, known=0, tried=0),
            "No remedy was run for the 1 cell that fails or differs. The cause is known for 0 (0 %).",
        ),
        (Share(troubled=0, helped=0, known=0, tried=0), ""),
    ],
)
def test_the_share_in_words(counts: Share, expected: str) -> None:
    assert sentences(counts) == expected


def test_the_code_names_the_file() -> None:
    def saved(name: str, actual: str) -> ArtifactResult:
        return ArtifactResult(
            producer="a", probe="p", format="h5", status="saved", name=name, actual_format=actual
        )

    code = 'shutil.copy("{path}", "{renamed}")\n'
    assert filled(code, [saved("m.keras", "hdf5")] * 2) == 'shutil.copy("m.keras", "m.h5")'
    assert filled('load("{renamed}")', [saved("m.weights.h5", "hdf5")]) == 'load("m.h5")'
    assert filled('load("{path}")', [saved('m") + x("\n.h5', "hdf5")]) == r'load("m\") + x(\"\n.h5")'
    several = [saved("m.keras", "zip"), saved("m.h5", "hdf5")]
    assert filled('load("{path}")', several) == 'load("path/to/your_model")'
    assert filled("model.fit({})", []) == "model.fit({})"
    braces = [saved("{renamed}.h5", "hdf5")]
    assert filled('load("{path}")', braces) == 'load("{renamed}.h5")'
    assert filled("crossload migrate {shell}", braces) == "crossload migrate '{renamed}.h5'"


def test_of_two_remedies_that_help_as_many_cells_the_one_that_loses_less_comes_first() -> None:
    cells = [
        cell("load_failed", remedy("cheap", "degraded", "optimizer"), remedy("whole", "identical"))
        for _ in range(2)
    ]
    assert [one.id for one in tried(cells, {})] == ["whole", "cheap"]
    # More cells count more than what is lost.
    cells.append(cell("load_failed", remedy("cheap", "degraded", "optimizer")))
    assert [one.id for one in tried(cells, {})] == ["cheap", "whole"]
