"""The pages of a run in real Chromium: quiet, inert, usable by keyboard, without script, in the dark and on paper."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from reports import site
from runner.results import Verdict
from tests.real.browsing import OPEN, axe, every_verdict, folder, listen
from tests.reports import sample

pytestmark = pytest.mark.browser

RUN = "runs/2026-11-20T06-40-12Z-3f9a"
CELL = "dense/keras/tf2.15.1-cpu/tf2.18.1-cpu"
#: Its place in the probe's grid.
PLACE = f".small a[href='#{CELL}']"
#: A page of each kind, below the folder of its run, and a place on it where a panel opens.
KINDS = (
    ("index.html", ""),
    ("probes/conv.html", ""),
    ("probes/conv.html", "#conv/h5/e3-cpu/e3-cpu"),
    ("environments/e3-cpu.html", ""),
    ("environments/e3-cpu.html", "#h5/e3-cpu/e3-cpu"),
    ("environments/e3-cpu.html", "#upgrade:e3-cpu/e3-cpu"),
    ("causes/keras3_file_in_keras2.html", ""),
    ("faults.html", ""),
)


#: Tables that are no grids and have to be pushed sideways.
WIDE = """() => [...document.querySelectorAll(".scroll:has(.plain:not(.faults))")]
  .filter((region) => region.scrollWidth > region.clientWidth).map((region) => region.textContent.slice(0, 60))"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A whole run, with hostile text in it."""
    return site.write(sample.results(hostile=True), tmp_path_factory.mktemp("site")).as_uri()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Every verdict once; the folder of its run."""
    page = site.write(every_verdict(), tmp_path_factory.mktemp("small"))
    return (page.parent / RUN).as_uri()


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A nightly run: 14 environments, 60 probes, 6 formats."""
    return site.write(sample.large(environments=14, probes=60), tmp_path_factory.mktemp("large")).parent


def below(url: str, path: str) -> str:
    """The address of a page of the run, from that of the site's first page."""
    return f"{url.removesuffix('index.html')}{RUN}/{path}"


def test_it_is_quiet_asks_for_nothing_and_hostile_text_is_inert(page: Page, url: str) -> None:
    said = listen(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(url)
    page.locator("input[type=search]").fill("owned")
    expect(page.locator(".fields output")).to_contain_text("cells match", timeout=20_000)
    page.locator(".found a").first.click()
    expect(page.locator(OPEN)).to_contain_text("document.title='owned'")
    assert page.title() in [f"crossload: {name}" for name, _ in sample.PROBES]
    page.go_back()
    assert page.title().startswith("crossload: 911 of 1,728")
    for kind in (
        "environments/tf2.15.1-cpu.html",
        "faults.html",
        "unsaved.html",
        "../index.html",
        "../compare.html",
    ):
        page.goto(below(url, kind))
        assert "owned" not in page.title()
    assert said == []
    home = url.removesuffix("index.html")
    # Data addresses are inside the page: the small picture of the tab.
    assert [one for one in asked if not one.startswith(("data:", home))] == []


def test_a_server_serves_it_under_any_path_and_search_asks_for_one_file_more(page: Page, url: str) -> None:
    asked: list[str] = []
    said = listen(page)

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            super().do_GET()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    top = folder(url)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=top.parent)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page.goto(f"http://127.0.0.1:{server.server_port}/{top.name}/", wait_until="load")
        expect(page.locator(".fields")).to_be_visible()
        names = [path.partition("-")[0].removeprefix(f"/{top.name}/") for path in asked]
        assert sorted(names) == ["", "assets/find", "assets/page", "assets/page"]
        page.locator("input[name=text]").fill("batch_shape")
        expect(page.locator(".fields output")).to_contain_text("cells match")
        assert asked[4:] == [f"/{top.name}/{RUN}/cells.js"]
        page.locator(".found a").first.click()
        expect(page.locator(OPEN)).to_be_visible()
        server.shutdown()
    assert said == []


def test_the_policy_stops_code_and_style_that_are_not_ours(page: Page, small: str) -> None:
    said = listen(page)
    page.goto(f"{small}/index.html")
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
    page.goto(below(url, "probes/dense.html"))
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.locator("table.small").first.locator("tbody td a").first.focus()
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


def test_an_overview_cell_leads_to_its_probes_and_on_to_a_cell_and_back(page: Page, url: str) -> None:
    page.goto(url)
    page.locator(".view[data-format=keras] tr[data-producer='tf2.15.1-cpu'] td").nth(3).locator("a").click()
    pair = page.locator(".pair:target")
    # Seven of the eight could be saved; each is named once, and those that have more to tell are links.
    expect(pair.locator(".probes a:not(.cause)")).to_have_count(7)
    expect(pair.locator(".cause").first).to_have_text("The optimizer's state does not come back")
    expect(pair.locator(".probes")).to_contain_text("custom_no_config")
    expect(pair.locator(".close")).to_be_focused()
    pair.get_by_role("link", name="dense", exact=True).click()
    expect(page.locator(f"[id='{CELL}'] .close")).to_be_visible()
    page.go_back()
    expect(pair).to_be_visible()
    page.keyboard.press("Escape")
    expect(pair).to_have_count(0)
    page.go_back()
    page.go_back()
    expect(page).to_have_url(url)


def test_a_cell_without_a_place_of_its_own_is_named_where_its_story_opens(page: Page, url: str) -> None:
    page.goto(below(url, "probes/dense.html"))
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


@pytest.mark.parametrize(
    ("place", "path", "seen"),
    [
        (CELL, "probes/dense.html", "li:target"),
        ("dense/keras/tf2.18.1-cpu/tf2.21.0-cpu", "probes/dense.html", ".grid a:target"),
        ("keras/tf2.15.1-cpu/tf2.18.1-cpu", "environments/tf2.15.1-cpu.html", ".pair:target"),
        ("upgrade:tf2.15.1-cpu/tf2.18.1-cpu", "environments/tf2.15.1-cpu.html", ".upgrade:target"),
        ("cause:compile_config", "causes/compile_config.html", "h1:target"),
        ("probe:dense", "probes/dense.html", "h1:target"),
    ],
)
def test_links_of_the_days_of_one_page_lead_on(
    page: Page, url: str, place: str, path: str, seen: str
) -> None:
    page.goto(f"{url}#{place}")
    expect(page).to_have_url(f"{below(url, path)}#{place}")
    expect(page.locator(seen)).to_be_in_viewport()


def test_a_link_of_the_days_of_one_page_to_what_is_gone_stays(page: Page, url: str) -> None:
    said = listen(page)
    page.goto(f"{url}#gone/keras/a/b")
    expect(page).to_have_url(f"{url}#gone/keras/a/b")
    assert said == []


def test_why_leads_to_a_cause_its_pairs_and_its_cells(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("link", name="The optimizer's state does not come back").click()
    expect(page.locator("h1")).to_have_text("The optimizer's state does not come back")
    expect(page.locator(".code").first).to_be_visible()
    expect(page.locator(".heat td a").first).to_be_visible()
    second = page.locator("details.way").nth(1)
    second.locator(":scope > summary").focus()
    page.keyboard.press("Enter")
    second.locator("dd a").first.click()
    expect(page.locator(OPEN).locator(".headline")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(OPEN)).to_have_count(0)


def test_the_mark_of_a_remedy_stays_inside_its_cell_and_is_seen(page: Page, url: str) -> None:
    page.goto(below(url, "probes/dense.html"))
    marked, plain = page.locator(".small td.v-degraded.helped a"), page.locator(".small td.v-identical a")
    size = "e => getComputedStyle(e, '::before').width"
    assert float(marked.first.evaluate(size).removesuffix("px")) >= 8
    assert plain.first.evaluate("e => getComputedStyle(e, '::before').content") == "none"
    expect(marked.first).to_have_accessible_name("degraded, a remedy works")


def test_a_nightly_run_is_small_pages(page: Page, large: Path) -> None:
    said = listen(page)
    assert (large / "index.html").stat().st_size < 700_000
    sizes = {
        path.relative_to(large / RUN).as_posix(): path.stat().st_size
        for path in (large / RUN).rglob("*")
        if path.is_file()
    }
    assert max(sizes.values()) < 1_600_000
    assert sum(sizes.values()) < 36_000_000
    page.goto((large / "index.html").as_uri())
    assert page.locator("*").count() < 13_000
    page.goto((large / RUN / "probes" / "dense.html").as_uri())
    assert page.locator("table.small td a").count() == 14 * 14 * 6
    assert page.locator("*").count() < 10_000
    page.locator(PLACE).click()
    expect(page.locator(OPEN)).to_contain_text("crossload reproduce")
    page.goto(f"{(large / 'index.html').as_uri()}?verdict=divergent&format=weights")
    expect(page.locator(".fields output")).to_contain_text("of 70,560 cells match. The first 100 are listed.")
    assert page.locator(".found li").count() == 100
    assert said == []


def test_without_script_everything_is_there(browser: Browser, url: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.goto(url)
    expect(page.locator(".fields")).to_be_hidden()
    expect(page.locator(".chip").first).to_be_visible()
    assert page.locator(".overviews table:visible").count() == 6
    assert page.locator(".reasons a:visible").count() > 5
    page.get_by_role("link", name="dense", exact=True).click()
    assert page.locator("table.small:visible").count() == 6
    assert page.locator("table.small td a:visible").count() == 216
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


def test_questions_keep_their_state_in_the_address_and_come_back(page: Page, url: str) -> None:
    page.goto(url)
    page.locator("select[name=format]").select_option("h5")
    page.locator("select[name=probe]").select_option("dense")
    page.locator("select[name=producer]").select_option("tf2.21.0-cpu")
    page.locator("input[value=load_failed]").check(force=True)
    page.locator("input[name=text]").fill("batch_SHAPE")

    def look() -> None:
        expect(page.locator(".fields output")).to_contain_text("3 of 1,728 cells match")
        expect(page.locator(".found li")).to_have_count(3)
        expect(page.locator(".view:visible")).to_have_count(1)
        assert page.locator(".view:visible tbody td:visible").count() == 6
        assert page.locator(".view:visible tbody td:visible a:not(.dim)").count() == 3

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
    expect(page.locator(".view:visible")).to_have_count(6)
    expect(page.locator(".dim")).to_have_count(0)
    expect(page.locator(".found")).to_be_hidden()
    assert urlsplit(page.url).query == ""


def test_a_question_by_consumer_hides_columns_and_keeps_headers_above_their_cells(
    page: Page, url: str
) -> None:
    page.goto(f"{url}?consumer=tf2.18.1-cpu")
    expect(page.locator(".fields output")).to_contain_text("288 of 1,728")
    table = page.locator(".view table").first
    assert table.locator("tbody tr").first.locator("td:visible").count() == 1
    head = table.locator("thead th:visible").bounding_box()
    cell = table.locator("tbody tr").first.locator("td:visible").bounding_box()
    assert head
    assert cell
    assert abs(head["x"] - cell["x"]) < 1


def test_cells_that_are_not_there_are_said(page: Page, url: str, tmp_path: Path) -> None:
    page.route("**/cells.js", lambda route: route.abort())
    page.goto(f"{url}?format=h5")
    expect(page.locator(".fields output")).to_have_text(f"The cells are not there: {RUN}/cells.js")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("path", "place"), KINDS)
def test_axe_finds_nothing(browser: Browser, small: str, scheme: str, path: str, place: str) -> None:
    context = browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light", viewport={"width": 1400, "height": 900}
    )
    page = context.new_page()
    page.goto(f"{small}/{path}{place}")
    expect(page.locator(".panel:visible")).to_have_count(1 if place else 0)
    found = axe(page)
    context.close()
    assert found == ""


@pytest.mark.parametrize("path", ["index.html", "faults.html", "causes/compile_config.html"])
def test_axe_finds_nothing_on_a_phone_where_names_are_close_and_grids_are_wide(
    browser: Browser, url: str, path: str
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(below(url, path))
    found = axe(page)
    context.close()
    assert found == ""


def test_every_verdict_has_its_own_colour_and_shape_in_both_schemes(browser: Browser, small: str) -> None:
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
        page = context.new_page()
        page.goto(f"{small}/index.html")
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
    page.set_viewport_size({"width": 420, "height": 420})
    page.goto(url)
    region = page.locator(".view .scroll").first
    head = region.locator("tbody th").first
    before = head.bounding_box()
    region.evaluate("element => { element.scrollLeft = 400; }")
    after = head.bounding_box()
    assert region.evaluate("element => element.scrollLeft") > 50
    assert before
    assert after
    assert abs(before["x"] - after["x"]) < 1


def test_a_phone_never_scrolls_sideways(browser: Browser, url: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True)
    page = context.new_page()
    paths = [path.relative_to(folder(url)).as_posix() for path in folder(url).rglob("*.html")]
    assert len(paths) > 20
    for path in paths:
        page.goto(url.removesuffix("index.html") + path)
        # A mobile browser widens its window to what does not fit, so that innerWidth says nothing.
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        # Only grids are wider than a phone: a table of facts is read down, not across.
        assert page.evaluate(WIDE) == [], path
    page.goto(below(url, f"probes/dense.html#{CELL}"))
    panel = page.locator(".panel:has(:target)")
    assert panel.evaluate("element => element.scrollWidth <= element.clientWidth")
    context.close()


def test_paper_gets_the_grids_the_legend_and_the_environments(page: Page, url: str) -> None:
    page.goto(url)
    page.emulate_media(media="print")
    expect(page.locator(".fields")).to_be_hidden()
    for part in ("#overview", "#why", "#legend", "#environments"):
        expect(page.locator(part)).to_be_visible()
    page.goto(below(url, f"probes/dense.html#{CELL}"))
    expect(page.locator(".panel:visible")).to_have_count(0)
    expect(page.locator("#grid")).to_be_visible()
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
    expect(page.locator("h1")).to_have_text("The optimizer's state does not come back")
    page.go_back()
    panel.get_by_role("link", name="weights", exact=True).click()
    expect(page.locator(".pair:target h3")).to_have_text("tf2.15.1-cpu → tf2.18.1-cpu")
    page.go_back()
    panel.get_by_role("link", name="Close").click()
    expect(page.locator(".panel:visible")).to_have_count(0)
    expect(page.locator("#moves")).to_be_in_viewport()
    context.close()


def test_upgrade_by_keyboard(page: Page, url: str) -> None:
    page.goto(url)
    page.locator("#upgrade tbody td a").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".upgrade:target h3")).to_have_text("From tf2.12.1-cpu to tf2.15.1-cpu")
    expect(page.locator(".upgrade:target .close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".panel:visible")).to_have_count(0)
    page.locator(".ways a").nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".upgrade:target .close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".ways a").nth(1)).to_be_focused()
