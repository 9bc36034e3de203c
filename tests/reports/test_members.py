from reports.members import members
from reports.outcomes import group
from reports.templating import command
from reports.view import view
from tests.reports import sample
from tests.reports.read import Page


def drawn(**update: object) -> str:
    """The cells of the first story of a run, whose first cell is changed in some way."""
    (story, *_) = view(sample.results(environments=1)).told
    first = story.entries[0]
    changed = type(first)(
        cell=first.cell.model_copy(update=update), artifact=first.artifact, number=first.number
    )
    (told,) = group([changed, *story.entries[1:2]])[:1]
    return members(told, place=lambda _: "back", artifact_place=lambda _: "a7", command=command)


def test_a_cell_has_its_names_its_command_and_its_way_back() -> None:
    source = drawn(
        seconds=0.123, attempts=2, cached=True, ran="2026-11-19T06:40:12+00:00", max_abs_diff=0.00012
    )
    page = Page(source)
    assert {"#dense/keras/tf2.12.1-cpu/tf2.12.1-cpu", "#back", "#a7"} <= page.links
    assert (
        "0.12 s, 2 attempts, from an earlier run (2026-11-19 06:40 UTC), differs by 0.0001, artifact"
        in page.text
    )
    assert "crossload reproduce tf2.12.1-cpu tf2.12.1-cpu dense keras" in page.text


def test_hostile_text_is_text() -> None:
    source = drawn(
        probe=sample.HOSTILE,
        producer=sample.HOSTILE,
        consumer=sample.HOSTILE,
        format=sample.HOSTILE,
        telling=sample.HOSTILE,
        output=sample.HOSTILE,
        cached=True,
        ran=sample.HOSTILE,
    )
    page = Page(source)
    assert {page.count(tag) for tag in ("script", "style", "img")} == {0}
    for invisible in ("\x00", "\x1b", "\u202e"):
        assert invisible not in source
