import base64
import hashlib
import re
from html.parser import HTMLParser

import jinja2
import pytest

from reports import html
from reports.addresses import cell_id
from reports.answer import answer
from reports.verdicts import CHECK_MEANINGS
from runner.results import CHECKS, CellResult, EnvironmentResult, Results, Run, Verdict
from tests.reports import asked, sample


class Page(HTMLParser):
    """What a browser would make of the page, as far as these tests ask."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def source() -> str:
    return html.render(sample.results())


@pytest.fixture(scope="module")
def hostile() -> str:
    return html.render(sample.results(hostile=True))


def test_every_cell_has_an_address_and_every_link_leads_somewhere(source: str) -> None:
    page = Page(source)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for cell in sample.results().cells:
        # An artifact that was to be broken and could not even be saved has no cell to show.
        assert cell_id(cell) in ids or cell.probe == "dense+disk_full"
    links = {str(attributes["href"]) for tag, attributes in page.tags if tag == "a"}
    assert links - {f"#{name}" for name in ids} == {
        "results.json",
        "results.schema.json",
        "https://github.com/keras-team/keras/issues/19282",
        "https://github.com/keras-team/keras/issues/20568",
    }


def test_the_page_takes_nothing_from_anywhere(source: str) -> None:
    for tag, attributes in Page(source).tags:
        assert tag not in ("img", "iframe", "object", "embed", "base", "audio", "video", "source")
        assert "src" not in attributes
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        # A link is followed only when somebody follows it, and then says nothing of where it was.
        if str(attributes.get("href", "")).startswith("https://"):
            assert (tag, attributes.get("rel")) == ("a", "noreferrer noopener external")
        assert not str(attributes.get("href", "")).startswith(("http:", "//", "javascript:"))


def test_the_policy_names_our_script_and_style_and_nothing_else(source: str) -> None:
    page = Page(source)
    (policy,) = [a["content"] for _, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for tag in ("script", "style"):
        (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", source, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_hostile_text_changes_nothing_but_text(source: str, hostile: str) -> None:
    count = {tag: sum(name == tag for name, _ in Page(hostile).tags) for tag in ("script", "style", "img")}
    assert count == {"script": 1, "style": 1, "img": 0}
    assert "{{ 7*7 }}" in "".join(Page(hostile).text)
    for invisible in ("\x00", "\x1b", "\u202e", "\u202c"):
        assert invisible not in hostile
    shown = "".join(Page(hostile).text)
    assert "NUL[‹NUL›] ANSI[‹ESC›[31mred‹ESC›[0m] RTL[‹U+202E›gnp.exe‹U+202C›]" in shown


def test_hostile_names_are_text_too() -> None:
    name = "\"><script>alert(1)</script>' \x00\u202e"
    results = Results(
        run=Run(
            id=name,
            started=name,
            engine=name,
            matrix_sha256=name,
            version=name,
            notes=(name,),
            interrupted=True,
        ),
        environments=(EnvironmentResult(id=name, status="unavailable", error=name),),
        artifacts=(),
        cells=(
            CellResult(producer=name, consumer=name, probe=name, format=name, verdict=Verdict.UNAVAILABLE),
        ),
    )
    page = Page(html.render(results))
    assert sum(tag == "script" for tag, _ in page.tags) == 1
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert cell_id(results.cells[0]) in ids


def test_the_same_story_is_told_once(source: str) -> None:
    failed = [cell for cell in sample.results().cells if cell.verdict == Verdict.LOAD_FAILED and cell.error]
    assert len(failed) > 300
    assert 10 < source.count("<pre>Traceback") < 30


def test_a_page_of_twenty_thousand_cells_stays_small() -> None:
    large = sample.large(environments=14, probes=17)
    assert len(large.cells) > 19_900
    source = html.render(large)
    assert len(source.encode()) < 10_000_000
    # No text is repeated for each cell: what a remedy says and how it is done is there once for a story.
    assert source.count("compile=False)") < 100


def test_a_cell_tells_first_what_helps_and_how(source: str) -> None:
    (story,) = re.findall(
        r'id="dense/h5/tf2.18.1-cpu/tf2.15.1-cpu">.*?<div class="story">(.*?)</article>', source, re.DOTALL
    )
    text = "".join(Page(story).text)
    in_order = (
        "Fails; this works: A repaired configuration (identical).",
        "crossload repair m.h5",
        "compile=False: Unrecognized keyword arguments",
        "2 edits",
        "batch_shape renamed to batch_input_shape",
        "Cause: A Keras 3 configuration read by Keras 2. Keras 3 writes",
        "TypeError: Unrecognized keyword arguments: ['batch_shape', 'optional']",
        "Traceback",
    )
    places = [text.index(part) for part in in_order]
    assert places == sorted(places)


def test_a_remedy_that_works_is_marked_in_the_grid_and_said(source: str) -> None:
    link = r'<td class="{}"><a id="c\d+" href="#dense/h5/tf2.18.1-cpu/{}"><i>{}</i></a>'
    assert re.search(
        link.format("v-load_failed helped", "tf2.15.1-cpu", "load_failed, a remedy works"), source
    )
    assert re.search(link.format("v-degraded helped", "tf2.21.0-cpu", "degraded, a remedy works"), source)
    assert "a remedy works</span></dt>" in source
    assert source.count("a remedy works</i>") == 303


def test_why_names_the_cause_the_remedy_and_how_many_it_fixes(source: str) -> None:
    text = re.sub(r"\s+", " ", "".join(Page(source).text))
    expected = (
        "147 cells The optimizer's state does not come back 117 degraded 30 load failed works for 117: Compile again",
        "126 cells KeyError: \"Unable to synchronously open object (object 'vars' not found)\" not explained yet",
    )
    for row in expected:
        assert row in text
    assert "Of 529 cells that fail or differ, 303 (57 %) have a remedy that was run and works." in text


def test_only_web_addresses_are_links(source: str) -> None:
    assert "javascript:alert(1)" in source
    assert 'href="javascript' not in source


def test_what_was_broken_on_purpose_has_a_part_of_its_own(source: str) -> None:
    text = re.sub(r"\s+", " ", "".join(Page(source).text))
    assert "29 damaged artifacts load without complaint and are wrong." in text
    assert "911 of 1,728 cells are identical" in text
    assert "One bit of the largest weight was turned over" in text
    assert 'data-probe="dense+bit_flip"' not in source


def test_probes_are_grouped_and_can_be_reached_from_a_table_of_contents(source: str) -> None:
    groups = re.findall(r'<h3 id="group:[^"]*">([^<]*)</h3>', source)
    assert groups == ["Architecture", "Layers", "Custom", "State"]
    for probe in sample.PROBES:
        assert f'href="#probe:{probe[0]}" title=' in source


def test_every_check_is_explained(source: str) -> None:
    text = "".join(Page(source).text)
    for name in CHECKS:
        assert CHECK_MEANINGS[name] in text


def test_a_run_without_docker_says_so(source: str) -> None:
    assert "No Docker daemon answered" in source
    assert "does not isolate model code" in source


def test_interrupted_and_unfinished_runs_say_so() -> None:
    run = Run(id="r", started="2026-11-20T06:40:12Z", engine="venv", matrix_sha256="", version="0")
    empty = Results(run=run, environments=(), artifacts=(), cells=())
    assert "This run is not finished." in html.render(empty)
    stopped = empty.model_copy(update={"run": run.model_copy(update={"interrupted": True})})
    assert "This run was interrupted." in html.render(stopped)
    assert "not finished" not in html.render(stopped)


def test_the_quiet_savedmodel_of_tf_2_12_is_marked(source: str) -> None:
    assert "⚑ wrote a SavedModel directory" in source
    assert "tf2.12.1-cpu was asked for m.keras and wrote a SavedModel directory of that name" in source


def test_the_command_can_be_pasted() -> None:
    cell = CellResult(producer="a b", consumer="$(rm)", probe="p", format="h5", verdict=Verdict.IDENTICAL)
    assert html.command(cell) == "crossload reproduce 'a b' '$(rm)' p h5"


def test_what_was_said_while_saving_is_told_once() -> None:
    results = sample.results(environments=2)
    loud = results.artifacts[0].model_copy(
        update={"warnings": ("careful with <b>this</b>",), "output": "saving now"}
    )
    page = html.render(results.model_copy(update={"artifacts": (loud, *results.artifacts[1:])}))
    assert page.count("careful with &lt;b&gt;this&lt;/b&gt;") == 1
    assert page.count("saving now") == 1
    # The probe's list of artifacts leads there, and so does the cell that is not identical.
    (address,) = re.findall(r'id="(a\d+)" aria-label="Saving dense as keras">[^ÿ]{0,200}tf2.12.1', page)
    assert page.count(f'href="#{address}"') >= 1


def test_a_cell_of_a_question_is_asked_again() -> None:
    results = asked.typical(file="my model.h5")
    assert html.command(results.cells[1], results.question) == (
        "crossload check 'my model.h5' --from tf2.12.1-cpu --to tf2.15.1-cpu"
    )


def test_the_page_of_one_model_has_the_answer_and_no_grid() -> None:
    source = html.render(asked.typical())
    page = Page(source)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {"answer", "why", "legend", "environments"} <= set(ids)
    assert not {"overview", "probes", "filters", "upgrade"} & set(ids)
    links = {str(attributes["href"]) for tag, attributes in page.tags if tag == "a"}
    assert links - {f"#{name}" for name in ids} == {
        "results.json",
        "results.schema.json",
        "https://github.com/keras-team/keras/issues/19282",
    }
    text = re.sub(r"\s+", " ", "".join(page.text))
    assert "Last safe version: 2.15.1." in text
    assert "2.16.2 with Keras 3.4.1 and later: load_failed; cause: An optimizer argument" in text
    assert (
        "To move to 2.21.0: Load without compiling (verified, identical except optimizer, compile)." in text
    )
    assert "not_run" not in source.split("</style>")[1].split('<section id="legend"')[0].split("</defs>")[1]


def test_the_page_has_the_answer_as_it_was_given() -> None:
    results = asked.checked({"tf2.15.1-cpu": asked.DEGRADED})
    assert "Yes: model.h5 predicts the same and loses optimizer" in html.render(results)
    strict = html.render(results, answer(results, may_lose=()))
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
    source = html.render(results)
    count = {tag: sum(name == tag for name, _ in Page(source).tags) for tag in ("script", "style", "img")}
    assert count == {"script": 1, "style": 1, "img": 0}
    for invisible in ("\x00", "\x1b", "\u202e", "\u202c"):
        assert invisible not in source


def test_upgrades_link_to_what_is_told_elsewhere(source: str) -> None:
    (panel,) = re.findall(
        r'<article class="panel upgrade" id="upgrade:tf2.15.1-cpu/tf2.18.1-cpu".*?</article>',
        source,
        re.DOTALL,
    )
    assert 'href="#cause:compile_config"' in panel
    assert 'href="#weights/tf2.15.1-cpu/tf2.18.1-cpu"' in panel
    assert len(panel) < 4000
    assert source.count('class="panel upgrade"') == 36


def test_cuda_without_a_gpu_is_shown_as_such() -> None:
    environment = EnvironmentResult(id="tf2.15.1-cuda", status="ready", device="cuda")
    assert html.device(environment) == "cuda, but no GPU was visible"
    assert html.device(environment.model_copy(update={"gpu_visible": True})) == "cuda, GPU visible"
    assert html.device(environment.model_copy(update={"device": "cpu"})) == "cpu"


def test_templates_refuse_names_that_are_not_there() -> None:
    with pytest.raises(jinja2.UndefinedError):
        html._templates().from_string("{{ nothing }}").render()


def test_what_was_said_before_a_save_failed_can_be_reached() -> None:
    results = sample.results(environments=2)
    failed = next(artifact for artifact in results.artifacts if artifact.status == "save_failed")
    others = tuple(artifact for artifact in results.artifacts if artifact != failed)
    loud = failed.model_copy(update={"output": "about to fail"})
    page = html.render(results.model_copy(update={"artifacts": (*others, loud)}))
    assert "could not be saved" in page
    (address,) = re.findall(r'href="#(a\d+)">what was said', page)
    assert f'id="{address}"' in page
