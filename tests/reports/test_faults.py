import pytest

from reports.faults import Reaction, faults, reaction
from reports.grid import build
from runner.results import ArtifactResult, CellResult, EnvironmentResult, Probe, Results, Run, Verdict

RUN = Run(id="r", started="2026-11-20T06:40:12Z", engine="venv", matrix_sha256="", version="0")


@pytest.mark.parametrize(
    ("verdict", "sound", "expected"),
    [
        ("divergent", "identical", Reaction.UNDETECTED),
        ("divergent", None, Reaction.UNDETECTED),
        ("divergent", "divergent", Reaction.NO_ANSWER),
        ("load_failed", "identical", Reaction.DETECTED),
        ("load_failed", "degraded", Reaction.DETECTED),
        ("load_failed", "load_failed", Reaction.NO_ANSWER),
        ("identical", "identical", Reaction.HARMLESS),
        ("degraded", "degraded", Reaction.HARMLESS),
        ("degraded", "identical", Reaction.SILENT_LOSS),
        ("crashed", "identical", Reaction.CRASHED),
        ("timed_out", "identical", Reaction.CRASHED),
        ("timed_out", "timed_out", Reaction.NO_ANSWER),
        ("save_failed", "identical", Reaction.NOT_SAVED),
        ("save_failed", "save_failed", Reaction.NO_ANSWER),
        ("unsupported", "identical", Reaction.NO_ANSWER),
        ("not_run", "identical", Reaction.NO_ANSWER),
        ("unavailable", None, Reaction.NO_ANSWER),
    ],
)
def test_a_verdict_is_read_beside_that_of_the_sound_artifact(
    verdict: str, sound: str | None, expected: Reaction
) -> None:
    assert reaction(Verdict(verdict), Verdict(sound) if sound else None) is expected


def _cell(consumer: str, probe: str, verdict: str, form: str = "h5") -> CellResult:
    return CellResult(producer="a", consumer=consumer, probe=probe, format=form, verdict=Verdict(verdict))


def test_each_fault_has_a_row_for_each_format_that_gives_an_answer() -> None:
    results = Results(
        run=RUN,
        environments=tuple(EnvironmentResult(id=name, status="ready") for name in "ab"),
        probes=(
            Probe(name="dense", why="", source="", sha256=""),
            Probe(name="dense+bit_flip", why="", source="", sha256="", fault="bit_flip"),
        ),
        artifacts=(
            ArtifactResult(
                producer="a", probe="dense+bit_flip", format="h5", status="saved", fault="Bit 3 of byte 9."
            ),
        ),
        cells=(
            _cell("a", "dense", "identical"),
            _cell("b", "dense", "load_failed"),
            _cell("a", "dense+bit_flip", "divergent"),
            _cell("b", "dense+bit_flip", "load_failed"),
            _cell("a", "dense+bit_flip", "unsupported", "keras"),
        ),
    )
    (fault,) = faults(build(results), {"dense+bit_flip": "bit_flip"})
    assert (fault.name, fault.sentence, fault.undetected) == ("bit_flip", "Bit 3 of byte 9.", 1)
    (row,) = fault.rows
    assert row.format == "h5"
    assert [(square.worst, square.total) for square in row.squares] == [
        (Reaction.UNDETECTED, 1),
        (Reaction.NO_ANSWER, 0),
    ]
    assert [(kind, len(entries)) for kind, entries in row.cells] == [(Reaction.UNDETECTED, 1)]


def test_every_reaction_is_explained_and_looks_different() -> None:
    assert len({reaction.meaning for reaction in Reaction}) == len(Reaction)
    assert len({reaction.verdict for reaction in Reaction}) == len(Reaction)
