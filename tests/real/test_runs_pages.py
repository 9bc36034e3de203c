"""The list of runs and the comparison of any two in real Chromium, from a folder and without a server."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from reports import run_list, site
from reports.changes import together
from reports.outputs import Context
from reports.trend import Past
from runner import transitions
from runner.results import CellResult, Results, Verdict
from runner.transitions import Kind
from tests.real.browsing import axe, listen
from tests.reports import sample

pytestmark = pytest.mark.browser

HOSTILE = "r2</script><img src=x onerror=alert(1)>"


def older() -> Results:
    """The sample with a cell of each kind of change in it; five cells are told in another way."""
    whole = sample.results(environments=3)
    cells = [cell for cell in whole.cells if "+" not in cell.probe]

    def other(cell: CellResult, **update: object) -> CellResult:
        return cell.model_copy(update=update)

    changed = {
        3: other(cells[3], verdict=Verdict.IDENTICAL, lost=(), cause="", checks={}),
        4: other(cells[4], verdict=Verdict.CRASHED, cause=HOSTILE),
        5: other(cells[5], verdict=Verdict.NOT_RUN),
        6: other(cells[6], checks={**cells[6].checks, "loss": "differs"}),
        8: other(cells[8], verdict=Verdict.CRASHED, cause=HOSTILE),
        7: other(cells[7], lost=("training", "optimizer")),
    }
    kept = [changed.get(at, cell) for at, cell in enumerate(cells) if at != 9]
    gone = other(cells[0], probe="gone", format="h5")
    run = whole.run.model_copy(update={"id": "r1", "started": "2026-11-19T06:40:12+00:00"})
    return whole.model_copy(update={"cells": (*kept, gone), "run": run})


def newer() -> Results:
    """The sample, with one cell lost to infrastructure."""
    whole = sample.results(environments=3)
    cells = [cell for cell in whole.cells if "+" not in cell.probe]
    cells[11] = cells[11].model_copy(update={"verdict": Verdict.UNAVAILABLE})
    run = whole.run.model_copy(update={"id": HOSTILE})
    return whole.model_copy(update={"cells": tuple(cells), "run": run})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("site")
    first, second = older(), newer()
    pasts: tuple[Past, ...] = ()
    for results in (first, second):
        found = run_list.past(results)
        before = pasts[0].id if pasts else ""
        pasts = (Past(**{**vars(found), "before": before, "gate": 1}), *pasts)
        site.write(results, directory, Context(runs=pasts))
    return directory


def test_any_two_runs_are_compared_as_the_command_compares_them(page: Page, folder: Path) -> None:
    said = listen(page)
    page.goto((folder / "runs" / "compare.html").as_uri())
    expected = transitions.between(older(), newer())
    assert {kind for kind, count in expected.counts.items() if count} == set(Kind)
    expect(page.locator("#said")).to_contain_text(
        f"{len(expected.transitions)} cells changed, {expected.unchanged} did not."
    )
    rows = page.locator("#table tbody tr")
    shown = {tuple(row.locator("th, td").all_inner_texts()) for row in rows.all()}
    assert shown == {
        (
            str(one.kind),
            f"{one.cell.producer} → {one.cell.consumer}",
            f"{one.cell.probe}, {one.cell.format}",
            one.sentence,
        )
        for one in expected.transitions
    }
    # What happened to more than one is told before the rows, as the first page of a run tells it.
    ways = [f"{one.cells} {one.kind}: {one.sentence}" for one in together(expected.transitions)]
    assert len(ways) == 1
    assert page.locator("#together li").all_inner_texts() == ways
    page.locator("#table tr.kind-worse a").first.click()
    expect(page.locator(":target")).to_be_in_viewport()
    assert said == []


def test_the_two_runs_are_chosen_by_address_and_by_hand(page: Page, folder: Path) -> None:
    page.goto(f"{(folder / 'runs' / 'compare.html').as_uri()}?old=r1&new=r1")
    expect(page.locator("#said")).to_contain_text("No cell changed.")
    newest = page.locator("select[name=new] option").first.get_attribute("value")
    assert newest
    page.locator("select[name=new]").select_option(newest)
    expect(page.locator("#counts")).to_contain_text("removed")
    assert "old=r1" in page.url
    # Both files are there by now, and are not loaded again.
    page.locator("select[name=old]").select_option(newest)
    page.locator("select[name=new]").select_option("r1")
    expect(page.locator("#counts")).to_contain_text("added")


def test_a_run_without_its_cells_is_said(page: Page, folder: Path) -> None:
    page.route("**/r1/cells.js", lambda route: route.abort())
    page.goto((folder / "runs" / "compare.html").as_uri())
    expect(page.locator("#said")).to_have_text("The cells of r1 are not there.")


def test_the_list_leads_to_runs_and_comparisons(page: Page, folder: Path) -> None:
    said = listen(page)
    page.goto((folder / "index.html").as_uri())
    page.get_by_role("link", name="Runs", exact=True).click()
    expect(page.locator("table.runs tbody tr")).to_have_count(2)
    assert page.locator("svg.trend").count() == 2
    page.get_by_role("link", name="with the one before").first.click()
    expect(page.locator("#said")).to_contain_text("cells changed")
    page.go_back()
    page.locator("table.runs tbody th a").last.click()
    expect(page.locator("nav.brand")).to_contain_text("One run, kept as it was")
    page.locator("nav.brand a").first.click()
    expect(page.locator("nav.brand")).to_contain_text("Latest run")
    assert said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index", "compare"])
def test_axe_finds_nothing(browser: Browser, folder: Path, name: str, scheme: str) -> None:
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    page = context.new_page()
    page.goto((folder / "runs" / f"{name}.html").as_uri())
    if name == "compare":
        expect(page.locator("#table")).to_be_visible()
    found = axe(page)
    context.close()
    assert found == ""


def test_without_script_the_list_is_whole_and_comparing_says_why_not(browser: Browser, folder: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((folder / "runs" / "index.html").as_uri())
    expect(page.locator("table.runs tbody tr")).to_have_count(2)
    page.goto((folder / "runs" / "compare.html").as_uri())
    expect(page.locator(".banner")).to_contain_text("takes a script")
    context.close()
