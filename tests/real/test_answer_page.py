"""The page of one model file in real Chromium: the answer first, with and without script, in the dark and on paper."""

import pytest
from playwright.sync_api import Browser, Page, expect

from reports import site
from tests.real import browsing
from tests.reports import asked, sample

pytestmark = pytest.mark.browser


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
    panel = page.locator(browsing.OPEN)
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
    found = browsing.axe(page)
    context.close()
    assert found == ""


def test_paper_gets_the_answer(page: Page, answered: str) -> None:
    page.goto(f"{answered}#model.h5/h5/tf2.12.1-cpu/tf2.16.2-cpu")
    page.emulate_media(media="print")
    expect(page.locator(".panel:visible")).to_have_count(0)
    for part in ("#answer .said", "#answer .move", "#answer table", "#legend"):
        expect(page.locator(part)).to_be_visible()
