"""The page in real Chromium: quiet, inert, usable by keyboard, without script, in the dark and on paper."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from reports import site
from runner.results import CellResult, EnvironmentResult, Format, Probe, Results, Verdict
from tests.conftest import chromium
from tests.reports import asked, sample

pytestmark = pytest.mark.browser

CELL = "dense/keras/tf2.15.1-cpu/tf2.18.1-cpu"
#: Its place in the probe's grid.
PLACE = f".small a[href='#{CELL}']"
#: The panel that is open, for a cell or as a whole.
OPEN = ".panel:target, .panel:has(:target)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    arguments = ["--no-sandbox", "--disable-background-networking"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        yield started
        started.close()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A whole run, with hostile text in it."""
    return site.write(sample.results(hostile=True), tmp_path_factory.mktemp("site")).as_uri()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Every verdict once, and hostile cells; few enough for tools that look at every element."""
    return site.write(_every_verdict(), tmp_path_factory.mktemp("small")).as_uri()


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One model file: safe, silently wrong, broken and not known, with hostile text in it."""
    hostile = {**asked.STUCK, "telling": sample.HOSTILE, "signature": "x", "output": sample.HOSTILE}
    results = asked.checked(
        {
            "tf2.12.1-cpu": asked.IDENTICAL,
            "tf2.14.1-cpu": asked.GONE,
            "tf2.15.1-cpu": asked.DEGRADED,
            "tf2.16.2-cpu": asked.DIVERGENT,
            "tf2.18.1-cpu": hostile,
            "tf2.21.0-cpu": asked.FAILED,
            "tf2.18.1-legacy-cpu": asked.IDENTICAL,
        },
        writer=sample.HOSTILE,
        notes=(sample.HOSTILE,),
        sha256="ab" * 32,
    )
    return site.write(results, tmp_path_factory.mktemp("answered")).as_uri()


def _every_verdict() -> Results:
    whole = sample.results(hostile=True)
    names = tuple(f"e{number}-cpu" for number in range(4))
    hostile = next(cell for cell in whole.cells if cell.warnings and cell.error)
    verdicts = iter(Verdict)
    cells = [
        CellResult(producer=p, consumer=c, probe=probe, format="h5", verdict=verdict)
        for probe in ("dense", "conv")
        for p in names
        for c in names
        if (verdict := next(verdicts, Verdict.IDENTICAL))
    ]
    named = hostile.model_copy(
        update={
            "remedies": whole.cells[2].remedies,
            "cause": whole.causes[0].id,
            "telling": "a telling line",
        }
        | {"producer": names[3], "consumer": names[3], "probe": "conv", "format": "h5"}
    )
    broken = [
        CellResult(producer=names[0], consumer=name, probe="dense+bit_flip", format="h5", verdict=verdict)
        for name, verdict in zip(names, Verdict, strict=False)
    ]
    gone = EnvironmentResult(
        id="e9-cpu", status="unavailable", error="No solution found: keras==9 does not exist."
    )
    return whole.model_copy(
        update={
            "environments": (*(EnvironmentResult(id=name, status="ready") for name in names), gone),
            "probes": (
                Probe(name="dense", why="The smallest one.", source="", sha256=""),
                Probe(name="dense+bit_flip", why="", source="", sha256="", fault="bit_flip"),
            ),
            "formats": (Format(name="h5", meaning="model.save('m.h5')"),),
            "artifacts": whole.artifacts[:1],
            "cells": (*cells[:-1], named, *broken),
        }
    )


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1400, "height": 900})
    opened.set_default_timeout(10_000)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def test_it_is_quiet_asks_for_nothing_and_hostile_text_is_inert(page: Page, url: str) -> None:
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(url)
    page.locator("input[type=search]").fill("owned")
    expect(page.locator(".fields output")).to_contain_text("cells match", timeout=20_000)
    page.locator("table.small a:not(.dim)").first.click()
    expect(page.locator(OPEN)).to_contain_text("document.title='owned'")
    assert page.title().startswith("crossload: 911 of 1,728")
    assert said == []
    # Data addresses are inside the page: the small picture of the tab.
    assert [address for address in asked if not address.startswith("data:")] == [url]


def test_a_server_is_asked_for_the_page_alone(page: Page, url: str) -> None:
    asked: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            super().do_GET()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    folder = Path(urlsplit(url).path).parent
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page.goto(f"http://127.0.0.1:{server.server_port}/", wait_until="networkidle")
        server.shutdown()
    assert asked == ["/"]


def test_the_policy_stops_code_and_style_that_are_not_ours(page: Page, small: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(small)
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.owned = true";
          document.body.append(script);
          document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.owned = true'>");
          document.body.insertAdjacentHTML("beforeend", "<p id=styled style='color: rgb(1, 2, 3)'>x</p>");
        }"""
    )
    page.wait_for_timeout(100)
    assert page.evaluate("window.owned") is None
    assert page.evaluate("getComputedStyle(document.getElementById('styled')).color") != "rgb(1, 2, 3)"
    assert len([text for text in said if "Content Security Policy" in text]) >= 3


def test_a_keyboard_walk_opens_and_closes_a_cell(page: Page, url: str) -> None:
    page.goto(url)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    start = page.locator("table.small").first.locator("tbody a").first
    start.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowUp", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    cell = page.locator(PLACE)
    expect(cell).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    expect(page.locator("th.on")).to_have_attribute("data-consumer", "tf2.18.1-cpu")
    page.keyboard.press("Enter")
    panel = page.locator(".panel:has(:target)")
    expect(panel).to_be_in_viewport()
    expect(panel.locator("li:target .close")).to_be_focused()
    expect(panel).to_contain_text("crossload reproduce tf2.15.1-cpu tf2.18.1-cpu dense keras")
    expect(panel).to_contain_text("iterations 4 -> 0; 12 of 12 slot variables are gone")
    expect(page.locator(".grid .open")).to_have_attribute("href", f"#{CELL}")
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(cell).to_be_focused()
    expect(cell).to_be_in_viewport()


def test_an_overview_cell_leads_to_its_probes_and_on_to_a_cell(page: Page, url: str) -> None:
    page.goto(url)
    page.locator("[id='at:keras/tf2.15.1-cpu/tf2.18.1-cpu']").click()
    pair = page.locator(".pair:target")
    # Seven of the eight could be saved; each is named once, and those that have more to tell are links.
    expect(pair.locator(".probes a")).to_have_count(7)
    expect(pair.locator(".probes")).to_contain_text("custom_no_config")
    pair.get_by_role("link", name="dense", exact=True).click()
    expect(pair).to_have_count(0)
    expect(page.locator(f"[id='{CELL}'] .close")).to_be_visible()
    page.go_back()
    expect(pair).to_be_visible()
    pair.get_by_role("link", name="Close").click()
    expect(pair).to_have_count(0)


def test_a_cell_without_a_place_of_its_own_is_named_where_its_story_opens(page: Page, url: str) -> None:
    page.goto(url)
    cell = page.locator("[id='dense/keras/tf2.18.1-cpu/tf2.21.0-cpu']")
    cell.focus()
    page.keyboard.press("Enter")
    panel = page.locator(".panel:target")
    expect(panel.locator(".which")).to_contain_text("tf2.18.1-cpu → tf2.21.0-cpu")
    expect(panel.locator("code").first).to_have_text(
        "crossload reproduce tf2.18.1-cpu tf2.21.0-cpu dense keras"
    )
    expect(panel).to_contain_text("every check equals")
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(cell).to_be_focused()
    # Its address leads to its place in the grid.
    page.goto("about:blank")
    page.goto(f"{url}#dense/keras/tf2.18.1-cpu/tf2.21.0-cpu")
    expect(cell).to_be_in_viewport()
    expect(page.locator(".panel:visible")).to_have_count(0)


def test_why_opens_by_keyboard_and_leads_to_a_story(page: Page, url: str) -> None:
    page.goto(url)
    reasons = page.locator("details.reason")
    expect(reasons.first).to_have_attribute("open", "")
    second = reasons.nth(1)
    second.locator(":scope > summary").focus()
    page.keyboard.press("Enter")
    expect(second.locator(".code")).to_be_visible()
    second.get_by_text("The cells, in").click()
    second.locator(".stories a").first.click()
    expect(page.locator(OPEN).locator(".headline")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(OPEN)).to_have_count(0)


def test_the_mark_of_a_remedy_stays_inside_its_cell_and_is_seen(page: Page, url: str) -> None:
    page.goto(url)
    marked, plain = page.locator(".small td.v-degraded.helped a"), page.locator(".small td.v-identical a")
    size = "e => getComputedStyle(e, '::before').width"
    assert float(marked.first.evaluate(size).removesuffix("px")) >= 8
    assert plain.first.evaluate("e => getComputedStyle(e, '::before').content") == "none"
    expect(marked.first).to_have_accessible_name("degraded, a remedy works")


def test_a_page_of_twenty_thousand_cells_opens_in_time(page: Page, tmp_path: Path) -> None:
    large = site.write(sample.large(environments=14, probes=17), tmp_path).as_uri()
    page.goto(large, timeout=60_000)
    assert page.locator("table.small td a").count() > 19_000
    started = page.evaluate("performance.now()")
    page.locator(PLACE).evaluate("e => e.click()")
    expect(page.locator(OPEN)).to_contain_text("crossload reproduce")
    assert page.evaluate("performance.now()") - started < 5_000


def test_without_script_everything_is_there(browser: Browser, url: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.goto(url)
    expect(page.locator(".fields")).to_be_hidden()
    expect(page.locator(".chip").first).to_be_visible()
    assert page.locator(".overviews table:visible").count() == 6
    assert page.locator("table.small:visible").count() == 8
    assert page.locator("table.small td a:visible").count() == 1728
    expect(page.locator(".panel:visible")).to_have_count(0)
    page.locator(PLACE).click()
    expect(page.locator(".panel:visible")).to_have_count(1)
    expect(page.locator(f"[id='{CELL}'] code")).to_have_text(
        "crossload reproduce tf2.15.1-cpu tf2.18.1-cpu dense keras"
    )
    panel = page.locator(".panel:has(:target)")
    assert panel.locator("li:visible").count() < panel.locator(".members li").count()
    panel.locator(".more input").check()
    assert panel.locator(".members li:visible").count() == panel.locator(".members li").count()
    panel.locator("li:target .close").click()
    expect(page.locator(".panel:visible")).to_have_count(0)
    expect(page.locator(PLACE)).to_be_in_viewport()
    context.close()


def test_filters_keep_their_state_in_the_address_and_come_back(page: Page, url: str) -> None:
    page.goto(url)
    page.locator("select[name=format]").select_option("h5")
    page.locator("select[name=probe]").select_option("dense")
    page.locator("select[name=producer]").select_option("tf2.21.0-cpu")
    page.locator("input[value=load_failed]").check(force=True)
    page.locator("input[name=text]").fill("batch_SHAPE")

    def look() -> None:
        expect(page.locator(".fields output")).to_contain_text("3 of 1,728 cells match")
        expect(page.locator(".sheet:visible")).to_have_count(1)
        expect(page.locator(".view:visible")).to_have_count(1)
        assert page.locator("table.small tbody td:visible").count() == 6
        assert page.locator("table.small tbody td:visible a:not(.dim)").count() == 3

    look()
    query = parse_qs(urlsplit(page.url).query)
    assert query == {
        "format": ["h5"],
        "probe": ["dense"],
        "producer": ["tf2.21.0-cpu"],
        "verdict": ["load_failed"],
        "text": ["batch_SHAPE"],
    }
    page.goto("about:blank")
    page.goto(f"{url}?{'&'.join(f'{name}={values[0]}' for name, values in query.items())}")
    look()
    expect(page.locator("select[name=producer]")).to_have_value("tf2.21.0-cpu")
    expect(page.locator("input[value=load_failed]")).to_be_checked()
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".sheet:visible")).to_have_count(8)
    expect(page.locator(".dim")).to_have_count(0)
    assert urlsplit(page.url).query == ""


def test_a_filter_by_consumer_hides_columns_and_keeps_headers_above_their_cells(page: Page, url: str) -> None:
    page.goto(f"{url}?consumer=tf2.18.1-cpu")
    table = page.locator("table.small").first
    assert table.locator("tbody tr").first.locator("td:visible").count() == 6
    heads, cells = (
        table.locator("thead tr:last-child th:visible"),
        table.locator("tbody tr").first.locator("td:visible"),
    )
    for at in range(6):
        head, cell = heads.nth(at).bounding_box(), cells.nth(at).bounding_box()
        assert head
        assert cell
        assert abs(head["x"] - cell["x"]) < 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "place", ["", "#h5/e3-cpu/e3-cpu", "#conv/h5/e3-cpu/e3-cpu", "#upgrade:e3-cpu/e3-cpu"]
)
def test_axe_finds_nothing(browser: Browser, small: str, scheme: str, place: str) -> None:
    context = browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light", viewport={"width": 1400, "height": 900}
    )
    page = context.new_page()
    page.goto(small + place)
    if place:
        expect(page.locator(".panel:visible")).to_have_count(1)
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
    context.close()
    assert found.violations_count == 0, found.generate_report()


def test_every_verdict_has_its_own_colour_and_shape_in_both_schemes(browser: Browser, small: str) -> None:
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
        page = context.new_page()
        page.goto(small)
        looks = page.evaluate(
            """() => [...document.querySelectorAll("#legend .badge:not(.remedied)")].map((badge) => {
              const shape = document.querySelector(badge.querySelector("use").getAttribute("href"));
              return [getComputedStyle(badge).backgroundColor, shape.innerHTML];
            })"""
        )
        back = page.evaluate("getComputedStyle(document.body).backgroundColor")
        context.close()
        assert len(looks) == len(Verdict)
        assert len({colour for colour, _ in looks}) == len(Verdict)
        assert len({shape for _, shape in looks}) == len(Verdict)
        dark = sum(int(part) for part in back.removeprefix("rgb(").removesuffix(")").split(",")) < 200
        assert dark == (scheme == "dark")


def test_headers_stay_in_sight_while_a_grid_scrolls(page: Page, url: str) -> None:
    page.set_viewport_size({"width": 600, "height": 420})
    page.goto(url)
    region = page.locator(".sheet .scroll").first
    head = region.locator("tbody th").first
    before = head.bounding_box()
    region.evaluate("element => { element.scrollLeft = 400; }")
    after = head.bounding_box()
    assert region.evaluate("element => element.scrollLeft") > 100
    assert before
    assert after
    assert abs(before["x"] - after["x"]) < 1


def test_a_phone_never_scrolls_sideways(browser: Browser, url: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True)
    page = context.new_page()
    for place in ("", f"#{CELL}", "#story/1"):
        page.goto(url + place)
        # A mobile browser widens its window to what does not fit, so that innerWidth says nothing.
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, place
    page.goto(f"{url}#{CELL}")
    panel = page.locator(".panel:has(:target)")
    assert panel.evaluate("element => element.scrollWidth <= element.clientWidth")
    context.close()


def test_paper_gets_the_grids_the_legend_and_the_environments(page: Page, url: str) -> None:
    page.goto(f"{url}#{CELL}")
    page.emulate_media(media="print")
    expect(page.locator(".panel:visible")).to_have_count(0)
    expect(page.locator(".fields")).to_be_hidden()
    for part in ("#overview", "#probes", "#legend", "#environments"):
        expect(page.locator(part)).to_be_visible()
    assert page.evaluate(
        "[...document.querySelectorAll('.scroll')].every((e) => getComputedStyle(e).overflow === 'visible')"
    )
    paper = page.pdf(prefer_css_page_size=True)
    assert paper.startswith(b"%PDF")
    # Landscape A4, in points.
    assert b"841.9" in paper or b"842" in paper


def test_upgrade_picks_from_and_to_without_script_and_links_to_causes_and_cells(
    browser: Browser, url: str
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.goto(url)
    page.locator("#upgrade tr[data-producer='tf2.15.1-cpu'] td").nth(3).locator("a").click()
    panel = page.locator(".upgrade:target")
    expect(panel.locator("h3")).to_have_text("From tf2.15.1-cpu to tf2.18.1-cpu")
    expect(panel).to_contain_text("22 of 45 files load and predict the same, 8 of them with a loss.")
    expect(panel).to_contain_text("A remedy that was run helps 5 of the 15 that break.")
    panel.get_by_role("link", name="The optimizer's state does not come back").click()
    expect(page.locator(".panel:visible")).to_have_count(0)
    expect(page.locator("details.reason:target")).to_be_in_viewport()
    page.go_back()
    panel.get_by_role("link", name="weights", exact=True).click()
    expect(page.locator(".pair:target h3")).to_have_text("tf2.15.1-cpu → tf2.18.1-cpu")
    page.go_back()
    panel.get_by_role("link", name="Close").click()
    expect(page.locator(".panel:visible")).to_have_count(0)
    expect(page.locator("#upgrade td").first).to_be_in_viewport()
    context.close()


def test_upgrade_by_keyboard(page: Page, url: str) -> None:
    page.goto(url)
    start = page.locator("#upgrade tbody a").first
    start.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".upgrade:target h3")).to_have_text("From tf2.12.1-cpu to tf2.15.1-cpu")
    expect(page.locator(".upgrade:target .close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".panel:visible")).to_have_count(0)
    expect(page.locator("#upgrade tbody td a").nth(1)).to_be_focused()


@pytest.mark.parametrize("script", [True, False])
def test_the_page_of_one_model_begins_with_the_answer(browser: Browser, answered: str, script: bool) -> None:
    context = browser.new_context(java_script_enabled=script, viewport={"width": 1400, "height": 900})
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    # What a page of a run keeps in its address means nothing here.
    page.goto(f"{answered}?format=h5&text=x")
    expect(page.locator("h1")).to_have_text(
        "model.h5 works up to TensorFlow 2.15.1 and predicts differently for some inputs, without an error, in 2.16.2."
        " With a remedy that was tried it works in 2.21.0."
    )
    expect(page.locator(".lead")).to_have_text("Last safe version: 2.15.1. Nothing is known of 2.14.1.")
    expect(page.locator("#answer .move pre")).to_contain_text("compile=False")
    assert page.locator("#answer tbody tr").count() == 7
    assert page.locator("#overview, #probes, #filters").count() == 0
    page.locator("#answer tr", has_text="2.16.2").locator("a").click()
    panel = page.locator(OPEN)
    expect(panel).to_contain_text("crossload check model.h5 --from tf2.12.1-cpu --to tf2.16.2-cpu")
    expect(panel).to_contain_text("for 2 x 7, usual values: output 0 differs by up to 0.25")
    if script:
        page.keyboard.press("Escape")
        expect(page.locator("#answer tr", has_text="2.16.2").locator("a")).to_be_focused()
    else:
        panel.locator("li:target .close").click()
    expect(page.locator(".panel:visible")).to_have_count(0)
    assert page.title().startswith("crossload: model.h5 works up to")
    assert said == []
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("place", ["", "#model.h5/h5/tf2.12.1-cpu/tf2.16.2-cpu"])
def test_axe_finds_nothing_in_an_answer(
    browser: Browser, answered: str, scheme: str, width: int, place: str
) -> None:
    context = browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light", viewport={"width": width, "height": 900}
    )
    page = context.new_page()
    page.goto(answered + place)
    expect(page.locator(".panel:visible")).to_have_count(1 if place else 0)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
    context.close()
    assert found.violations_count == 0, found.generate_report()


def test_paper_gets_the_answer(page: Page, answered: str) -> None:
    page.goto(f"{answered}#model.h5/h5/tf2.12.1-cpu/tf2.16.2-cpu")
    page.emulate_media(media="print")
    expect(page.locator(".panel:visible")).to_have_count(0)
    for part in ("#answer .said", "#answer .move", "#answer table", "#legend"):
        expect(page.locator(part)).to_be_visible()
