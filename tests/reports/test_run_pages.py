import re

import pytest

from reports import run_pages
from reports.addresses import cell_id, file_name
from reports.verdicts import CHECK_MEANINGS
from reports.view import view
from runner import transitions
from runner.results import CHECKS, CellResult, EnvironmentResult, Results, Run, Verdict
from tests.reports import read, sample
from tests.reports.read import Page

#: What a run's pages link to above their folder, as the site writes it.
OUTSIDE = re.compile(
    r"(index\.html|runs/index\.html|runs/compare\.html|results\.schema\.json|assets/(page|find)-\w{10}\.(css|js))"
)


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return read.run(sample.results())


@pytest.fixture(scope="module")
def hostile() -> dict[str, str]:
    return read.run(sample.results(hostile=True))


def test_every_cell_has_an_address_and_every_link_leads_somewhere(pages: dict[str, str]) -> None:
    here = "runs/r/"
    ids = {f"{here}{path}": Page(source).ids for path, source in pages.items()}
    for path, found in ids.items():
        assert len(found) == len(set(found)), path
    for cell in sample.results().cells:
        # An artifact that was to be broken and could not even be saved has no cell to show.
        if "+" not in cell.probe:
            assert cell_id(cell) in ids[f"{here}probes/{cell.probe}.html"]
    web = set()
    for path, source in pages.items():
        for link in Page(source).links:
            if link.startswith(("https://", "data:")):
                web.add(link.partition(",")[0])
                continue
            to, place = read.target(f"{here}{path}", link)
            if to in ids:
                assert not place or place in ids[to], (path, link)
            elif to.startswith(here):
                assert to == f"{here}results.json.gz"
            else:
                assert OUTSIDE.fullmatch(to), (path, link)
    assert web == {
        "data:image/svg+xml",
        "https://github.com/keras-team/keras/issues/19282",
        "https://github.com/keras-team/keras/issues/20568",
    }


def test_the_latest_run_is_the_same_page_one_folder_up() -> None:
    seen = view(sample.results(environments=2))
    latest, kept = run_pages.first(seen, latest=True), run_pages.first(seen)
    folder = "runs/2026-11-20T06-40-12Z-3f9a/"
    of_run = {read.target(f"{folder}index.html", link) for link in Page(kept).links if "://" not in link}
    of_latest = {read.target("index.html", link) for link in Page(latest).links if "://" not in link}
    places = set(Page(latest).ids)
    inside = {(path, place) for path, place in of_run if path != f"{folder}index.html"}
    assert inside <= of_latest | {("index.html", place) for place in places} | {("index.html", "")}


def test_the_pages_take_nothing_from_elsewhere(pages: dict[str, str]) -> None:
    for source in pages.values():
        for tag, attributes in Page(source).tags:
            assert tag not in (
                "img",
                "iframe",
                "object",
                "embed",
                "base",
                "audio",
                "video",
                "source",
                "style",
            )
            assert "style" not in attributes
            assert not [name for name in attributes if name.startswith("on")]
            # A link is followed only when somebody follows it, and then says nothing of where it was.
            if str(attributes.get("href", "")).startswith("https://"):
                assert (tag, attributes.get("rel")) == ("a", "noreferrer noopener external")
            assert not str(attributes.get("href", "")).startswith(("http:", "/", "javascript:"))
            assert not str(attributes.get("src", "")).startswith(("http", "/", "data:"))


def test_hostile_text_changes_nothing_but_text(pages: dict[str, str], hostile: dict[str, str]) -> None:
    shown = ""
    for path, source in hostile.items():
        page = Page(source)
        assert page.count("script") == (2 if path == "index.html" else 1)
        assert page.count("style") == page.count("img") == 0
        for invisible in ("\x00", "\x1b", "\u202e", "\u202c"):
            assert invisible not in source
        shown += page.text
    assert "{{ 7*7 }}" in shown
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
    found = read.run(results)
    assert sum(Page(source).count("script") for source in found.values()) == len(found) + 1
    assert all(re.fullmatch(r"[\w./~-]+", path) and ".." not in path for path in found)
    (probe,) = [source for path, source in found.items() if path.startswith("probes/")]
    assert cell_id(results.cells[0]) in Page(probe).ids


def test_the_same_story_is_told_once_on_a_page(pages: dict[str, str]) -> None:
    source = pages["probes/dense.html"]
    failed = re.findall(r'<td class="v-load_failed', source)
    assert len(failed) > 40
    assert 3 < source.count("<pre>Traceback") < 10


def test_pages_of_twenty_thousand_cells_stay_small() -> None:
    large = sample.large(environments=14, probes=17)
    assert len(large.cells) > 19_900
    sizes = {path: len(source.encode()) for path, source in read.run(large).items()}
    assert sizes["index.html"] < 600_000
    assert max(size for path, size in sizes.items() if path.startswith("probes/")) < 500_000
    assert max(size for path, size in sizes.items() if path.startswith("environments/")) < 400_000
    assert sum(sizes.values()) < 12_000_000


def test_a_cell_tells_first_what_helps_and_how(pages: dict[str, str]) -> None:
    (story,) = re.findall(
        r'id="dense/h5/tf2.18.1-cpu/tf2.15.1-cpu">.*?<div class="story">(.*?)</article>',
        pages["probes/dense.html"],
        re.DOTALL,
    )
    text = "".join(Page(story).parts)
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


def test_why_names_the_cause_the_remedy_and_how_many_it_fixes(pages: dict[str, str]) -> None:
    text = Page(pages["index.html"]).text
    expected = (
        "147 cells The optimizer's state does not come back 117 degraded 30 load failed"
        " works for 117 of 147: Compile again",
        "135 cells A Keras 3 configuration read by Keras 2 load failed works for all: A repaired configuration",
        "126 cells KeyError: \"Unable to synchronously open object (object 'vars' not found)\" not explained yet",
    )
    for row in expected:
        assert row in text
    untried = sample.results(environments=2)
    cells = tuple(cell.model_copy(update={"remedies": ()}) for cell in untried.cells)
    text = Page(read.run(untried.model_copy(update={"cells": cells}))["index.html"]).text
    # It is said once, at the top.
    assert text.count("No remedy was run") == 1
    assert "no remedy was run" not in text


def test_how_far_remedies_help_is_told_at_the_top(pages: dict[str, str]) -> None:
    text = Page(pages["index.html"]).text
    assert "Of 529 cells that fail or differ, 303 (57 %) have a remedy that was run and works." in text


def test_a_cause_has_a_page_with_its_pairs_its_remedies_and_its_cells(pages: dict[str, str]) -> None:
    page = Page(pages["causes/compile_config.html"])
    assert "147 cells; a remedy that was run works for all of them." in page.text
    assert "Compile again: works for 117 of the 117 cells in which it was run" in page.text
    assert "../environments/tf2.15.1-cpu.html#upgrade:tf2.15.1-cpu/tf2.18.1-cpu" in page.links
    assert "../probes/dense.html#dense/h5/tf2.12.1-cpu/tf2.18.1-cpu" in page.links
    counts = re.findall(r'<td class="h\d">(?:<a [^>]*><small>([\d,]+))?', pages["causes/compile_config.html"])
    assert len(counts) == 36
    assert sum(int(count or 0) for count in counts) == 147


def test_an_environment_has_a_page_with_both_directions_and_its_moves(pages: dict[str, str]) -> None:
    source = pages["environments/tf2.15.1-cpu.html"]
    page = Page(source)
    assert "22 of 45 files load and predict the same, 8 of them with a loss." in page.text
    assert "h5py 3.11.0" in page.text
    # Its files are told of here, and those of others on the pages of those.
    assert "#h5/tf2.15.1-cpu/tf2.18.1-cpu" in page.links
    assert "../environments/tf2.12.1-cpu.html#h5/tf2.12.1-cpu/tf2.15.1-cpu" in page.links
    assert source.count('class="panel pair"') == 36
    assert source.count('class="panel upgrade"') == 6
    (panel,) = re.findall(
        r'<article class="panel upgrade" id="upgrade:tf2.15.1-cpu/tf2.18.1-cpu".*?</article>',
        source,
        re.DOTALL,
    )
    assert 'href="../causes/compile_config.html"' in panel
    assert 'href="#weights/tf2.15.1-cpu/tf2.18.1-cpu"' in panel
    assert len(panel) < 4000


def test_only_web_addresses_are_links(pages: dict[str, str]) -> None:
    assert any("javascript:alert(1)" in source for source in pages.values())
    assert not any('href="javascript' in source for source in pages.values())


def test_what_was_broken_on_purpose_has_a_page_of_its_own(pages: dict[str, str]) -> None:
    assert "29 damaged artifacts load without complaint and are wrong" in Page(pages["index.html"]).text
    assert "911 of 1,728 cells are identical" in Page(pages["index.html"]).text
    assert "One bit of the largest weight was turned over" in Page(pages["faults.html"]).text
    assert not [path for path in pages if "bit_flip" in path]


def test_probes_are_grouped(pages: dict[str, str]) -> None:
    groups = re.findall(r'<dt id="group:[^"]*"[^>]*>([^<]*) <small>', pages["index.html"])
    assert groups == ["architecture", "layers", "custom", "state"]
    for name, _ in sample.PROBES:
        assert f'id="probe:{name}" href="probes/{name}.html"' in pages["index.html"]


def test_every_check_is_explained(pages: dict[str, str]) -> None:
    for name in CHECKS:
        assert re.sub(r"\s+", " ", CHECK_MEANINGS[name]) in Page(pages["index.html"]).text


def test_a_run_without_docker_says_so(pages: dict[str, str]) -> None:
    assert "No Docker daemon answered" in pages["index.html"]
    assert "does not isolate model code" in pages["index.html"]


def test_the_first_page_says_what_a_cell_is(pages: dict[str, str]) -> None:
    assert (
        "Each of 6 environments saved 8 models in 6 formats and loaded what every one of them saved: 1,728 cells."
        in Page(pages["index.html"]).text
    )
    one = sample.results(environments=1)
    few = one.model_copy(
        update={
            "probes": one.probes[:1],
            "formats": one.formats[:1],
            "artifacts": (),
            "cells": one.cells[:1],
        }
    )
    text = Page(read.run(few)["index.html"]).text
    assert "One environment saved one model in one format and loaded it: 1 cell." in text


def test_environments_that_could_not_be_made_are_said_at_the_top() -> None:
    whole = sample.results(environments=3)
    assert "could not be made" not in read.run(whole)["index.html"].partition("<main")[0]
    gone = [
        EnvironmentResult(id=f"gone<{number}", status="unavailable", error="keras==9 does not exist")
        for number in range(7)
    ]
    one = read.run(whole.model_copy(update={"environments": (*whole.environments, gone[0])}))
    head = Page(one["index.html"].partition("<main")[0])
    assert "One environment could not be made: gone<0. Its cells say nothing" in head.text
    assert f"environments/{file_name('gone<0')}.html" in head.links
    assert "#environments" in head.links
    many = read.run(whole.model_copy(update={"environments": (*whole.environments, *gone)}))
    head = Page(many["index.html"].partition("<main")[0])
    assert "7 environments could not be made: gone<0, gone<1, gone<2, gone<3, gone<4 and 2 more." in head.text


def test_interrupted_and_unfinished_runs_say_so() -> None:
    run = Run(id="r", started="2026-11-20T06:40:12Z", engine="venv", matrix_sha256="", version="0")
    empty = Results(run=run, environments=(), artifacts=(), cells=())
    assert "This run is not finished." in read.run(empty)["index.html"]
    stopped = empty.model_copy(update={"run": run.model_copy(update={"interrupted": True})})
    assert "This run was interrupted." in read.run(stopped)["index.html"]
    assert "not finished" not in read.run(stopped)["index.html"]


def test_the_quiet_savedmodel_of_tf_2_12_is_marked(pages: dict[str, str]) -> None:
    assert "⚑ wrote a SavedModel directory" in pages["index.html"]
    assert (
        "tf2.12.1-cpu was asked for m.keras and wrote a SavedModel directory of that name"
        in pages["index.html"]
    )


def test_cells_that_changed_in_the_same_way_are_told_together() -> None:
    new = sample.results(environments=2)
    fine = [cell for cell in new.cells if cell.verdict is Verdict.IDENTICAL][:3]
    changed = {id(cell): cell.model_copy(update={"verdict": Verdict.CRASHED}) for cell in fine}
    old = new.model_copy(update={"cells": tuple(changed.get(id(cell), cell) for cell in new.cells)})
    text = Page(run_pages.first(view(new), transitions.between(old, new))).text
    assert "3 better: crashed -> identical" in text


def test_what_changed_is_named_and_leads_to_the_cells() -> None:
    new = sample.results(environments=2)
    changed = new.cells[0].model_copy(update={"verdict": Verdict.DIVERGENT})
    old = new.model_copy(
        update={"run": new.run.model_copy(update={"id": "before"}), "cells": (changed, *new.cells[2:])}
    )
    seen = view(new)
    page = Page(run_pages.first(seen, transitions.between(old, new)))
    names = (
        f"{changed.producer} → {changed.consumer} {changed.probe}, {changed.format} divergent -> identical"
    )
    assert f"better {names}" in page.text
    assert "added" in page.text
    assert f"probes/{changed.probe}.html#{cell_id(changed)}" in page.links
    assert "What changed" not in Page(run_pages.first(seen)).text


def test_what_was_said_while_saving_is_told_once() -> None:
    results = sample.results(environments=2)
    loud = results.artifacts[0].model_copy(
        update={"warnings": ("careful with <b>this</b>",), "output": "saving now"}
    )
    found = read.run(results.model_copy(update={"artifacts": (loud, *results.artifacts[1:])}))
    assert sum(source.count("careful with &lt;b&gt;this&lt;/b&gt;") for source in found.values()) == 1
    page = found["probes/dense.html"]
    # The probe's list of artifacts leads there, and so does the cell that is not identical.
    (address,) = re.findall(r'id="(a\d+)" aria-label="Saving dense as keras">[^ÿ]{0,200}tf2.12.1', page)
    assert page.count(f'href="#{address}"') >= 1


def test_what_was_said_before_a_save_failed_can_be_reached() -> None:
    results = sample.results(environments=2)
    failed = next(artifact for artifact in results.artifacts if artifact.status == "save_failed")
    others = tuple(artifact for artifact in results.artifacts if artifact != failed)
    loud = failed.model_copy(update={"output": "about to fail"})
    found = read.run(results.model_copy(update={"artifacts": (*others, loud)}))
    assert f'href="probes/{failed.probe}.html#artifacts">what was said' in found["unsaved.html"]
    assert "about to fail" in found[f"probes/{failed.probe}.html"]
