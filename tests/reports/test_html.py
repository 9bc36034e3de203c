import base64
import hashlib
import re
from html.parser import HTMLParser

import jinja2
import pytest

from reports import html
from runner.results import CellResult, EnvironmentResult, Results, Run, Verdict
from tests.reports import sample


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
        assert html.cell_id(cell) in ids
    links = {str(attributes["href"]) for tag, attributes in page.tags if tag == "a"}
    assert links - {f"#{name}" for name in ids} == {"results.json", "results.schema.json"}


def test_the_page_takes_nothing_from_anywhere(source: str) -> None:
    for tag, attributes in Page(source).tags:
        assert tag not in ("img", "iframe", "object", "embed", "base", "audio", "video", "source")
        assert "src" not in attributes
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        assert not str(attributes.get("href", "")).startswith(("http", "//", "javascript:"))


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
    assert html.cell_id(results.cells[0]) in ids


def test_the_same_traceback_is_told_once(source: str) -> None:
    failed = [cell for cell in sample.results().cells if cell.verdict == Verdict.LOAD_FAILED and cell.error]
    tracebacks = {cell.error.traceback for cell in failed if cell.error}
    saving = {a.error.traceback for a in sample.results().artifacts if a.error}
    assert len(failed) > 300
    # Those of failed saves appear in the list of what could not be saved, and in the cells that inherit them.
    assert source.count("<pre>Traceback") == len(tracebacks) + 2 * len(saving)


def test_a_large_run_stays_small(source: str) -> None:
    assert len(sample.results().cells) == 1728
    assert len(source.encode()) < 3_000_000


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
    # Both consumers' cells lead there.
    assert page.count(f'href="#{html.artifact_id(loud)}"') == 2


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
    assert page.count(f'href="#{html.artifact_id(loud)}"') == 2
