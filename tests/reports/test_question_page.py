import re

from reports.answer import answer
from reports.question_page import render
from tests.reports import asked, sample
from tests.reports.read import Page


def test_it_has_the_answer_and_no_grid_and_needs_no_other_file() -> None:
    source = render(asked.typical())
    page = Page(source)
    assert len(page.ids) == len(set(page.ids))
    assert {"answer", "why", "legend", "environments"} <= set(page.ids)
    assert not {"overview", "probes", "filters", "upgrade"} & set(page.ids)
    outside = {
        link for link in page.links - {f"#{name}" for name in page.ids} if not link.startswith("data:")
    }
    assert outside == {
        "#main",
        "results.json",
        "results.schema.json",
        "https://github.com/keras-team/keras/issues/19282",
    } - {f"#{name}" for name in page.ids}
    text = page.text
    assert "Last safe version: 2.15.1." in text
    assert "2.16.2 with Keras 3.4.1 and later: load failed; cause: An optimizer argument" in text
    assert (
        "To move to 2.21.0: Load without compiling (verified, identical except optimizer, compile)." in text
    )
    assert "not_run" not in source.split("</style>")[1].split('<section id="legend"')[0].split("</defs>")[1]


def test_it_has_the_answer_as_it_was_given() -> None:
    results = asked.checked({"tf2.15.1-cpu": asked.DEGRADED})
    assert "Yes: model.h5 predicts the same and loses optimizer" in render(results)
    strict = render(results, answer(results, may_lose=()))
    assert "No, not as it is: model.h5 works in TensorFlow 2.12.1 and breaks in 2.15.1." in strict


def test_hostile_text_in_an_answer_is_text() -> None:
    hostile = {**asked.STUCK, "telling": sample.HOSTILE, "signature": sample.HOSTILE}
    results = asked.checked(
        {"tf2.12.1-cpu": asked.IDENTICAL, "tf2.21.0-cpu": hostile},
        file=sample.HOSTILE,
        writer=sample.HOSTILE,
        notes=(sample.HOSTILE,),
        batches=(sample.HOSTILE,),
        damage=(sample.HOSTILE,),
    )
    source = render(results)
    page = Page(source)
    assert {tag: page.count(tag) for tag in ("script", "style", "img")} == {"script": 1, "style": 1, "img": 0}
    for invisible in ("\x00", "\x1b", "\u202e", "\u202c"):
        assert invisible not in source


def test_every_cell_has_a_place_and_a_command() -> None:
    results = asked.typical()
    source = render(results)
    for cell in results.cells:
        assert f'id="model.h5/h5/tf2.12.1-cpu/{cell.consumer}"' in source
    details = source.split('<section id="details"')[1]
    assert len(re.findall("<code>crossload check model.h5", details)) == len(results.cells)
