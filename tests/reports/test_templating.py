import base64
import hashlib
import re

import jinja2
import pytest

from reports import question_page, templating
from runner.results import CellResult, EnvironmentResult, Verdict
from tests.reports import asked, read, sample


def test_cuda_without_a_gpu_is_shown_as_such() -> None:
    environment = EnvironmentResult(id="tf2.15.1-cuda", status="ready", device="cuda")
    assert templating.device(environment) == "cuda, but no GPU was visible"
    assert templating.device(environment.model_copy(update={"gpu_visible": True})) == "cuda, GPU visible"
    assert templating.device(environment.model_copy(update={"device": "cpu"})) == "cpu"


def test_templates_refuse_names_that_are_not_there() -> None:
    with pytest.raises(jinja2.UndefinedError):
        templating._templates().from_string("{{ nothing }}").render()


def test_templates_escape_and_show_what_is_invisible() -> None:
    drawn = templating._templates().from_string("{{ name }}").render(name="<b>\x00\u202e")
    assert drawn == "&lt;b&gt;‹NUL›‹U+202E›"


def test_the_command_can_be_pasted() -> None:
    cell = CellResult(producer="a b", consumer="$(rm)", probe="p", format="h5", verdict=Verdict.IDENTICAL)
    assert templating.command(cell) == "crossload reproduce 'a b' '$(rm)' p h5"


def test_a_cell_of_a_question_is_asked_again() -> None:
    results = asked.typical(file="my model.h5")
    assert templating.command(results.cells[1], results.question) == (
        "crossload check 'my model.h5' --from tf2.12.1-cpu --to tf2.15.1-cpu"
    )


def test_a_moment_that_cannot_be_read_stays() -> None:
    assert templating.moment("2026-11-20T06:40:12+00:00") == "2026-11-20 06:40 UTC"
    assert templating.moment("yesterday") == "yesterday"


def test_a_moment_of_another_zone_is_told_in_utc() -> None:
    assert templating.moment("2026-11-20T01:40:12+02:00") == "2026-11-19 23:40 UTC"


@pytest.mark.parametrize(
    ("finished", "said"),
    [
        ("2026-11-20T06:40:59Z", "2026-11-20 06:40 UTC, took 47 s"),
        ("2026-11-20T06:44:37Z", "2026-11-20 06:40 UTC, took 4 min 25 s"),
        ("2026-11-20T09:01:12Z", "2026-11-20 06:40 UTC, took 2 h 21 min"),
        ("2026-11-22T06:40:12Z", "2026-11-20 06:40 UTC, took 48 h 0 min"),
        # What cannot be is not said.
        ("2026-11-20T06:39:00Z", "2026-11-20 06:40 UTC"),
        ("later", "2026-11-20 06:40 UTC"),
        ("", "2026-11-20 06:40 UTC"),
        ("2026-11-20T06:44:37", "2026-11-20 06:40 UTC, took 4 min 25 s"),
    ],
)
def test_when_a_run_was_and_how_long_it_took(finished: str, said: str) -> None:
    assert templating.period("2026-11-20T06:40:12Z", finished) == said


def test_assets_are_called_after_their_text() -> None:
    found = templating.assets()
    assert [re.sub(r"-[0-9a-f]{10}\.", ".", path) for path in found] == [
        "assets/page.css",
        "assets/page.js",
        "assets/find.js",
        "assets/compare.js",
    ]
    for path, text in found.items():
        assert hashlib.sha256(text.encode()).hexdigest()[:10] in path
    # Every page of a run asks for these and no others.
    pages = read.run(sample.results(environments=1))
    asked_for = {
        link.rpartition("../")[2]
        for text in pages.values()
        for link in read.Page(text).links
        if "assets/" in link
    }
    assert asked_for == set(found) - {path for path in found if "compare" in path}


def test_the_policy_of_a_page_that_stands_alone_names_its_script_and_style() -> None:
    source = question_page.render(asked.typical())
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', source)
    assert policy.startswith("default-src &#39;none&#39;;")
    assert "unsafe" not in policy
    for tag in ("script", "style"):
        (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", source, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src &#39;sha256-{digest}&#39;" in policy
