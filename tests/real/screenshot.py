"""Take the README's pictures of a site: ``python -m tests.real.screenshot SITE`` writes them to ``docs/``.

``grid.png`` is the head and the first grids, ``why.png`` the causes, ``probes.png`` a probe, ``cell.png`` an
open cell in the dark, one that has a remedy where there is one.
"""

import sys
from pathlib import Path

from playwright.sync_api import Locator, sync_playwright

from tests.conftest import chromium

_DOCS = Path(__file__).parents[2] / "docs"
_WIDTH = 1400


def take(site: Path, docs: Path = _DOCS) -> tuple[Path, ...]:
    """Draw ``site``/index.html, 1400 pixels wide; gives the pictures' paths."""
    docs.mkdir(parents=True, exist_ok=True)
    url = (site / "index.html").resolve().as_uri()
    grid, why, probes, cell = (docs / f"{name}.png" for name in ("grid", "why", "probes", "cell"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": _WIDTH, "height": 900}, color_scheme="light")
        page.goto(url)
        views = page.locator(".view")
        low = max(_box(view)[1] for view in views.all()[:2])
        page.screenshot(path=grid, full_page=True, clip={"x": 0, "y": 0, "width": _WIDTH, "height": low + 30})
        top, low = _box(page.locator("#why"))
        page.screenshot(
            path=why, full_page=True, clip={"x": 0, "y": top, "width": _WIDTH, "height": min(low - top, 1300)}
        )
        page.locator(".contents dd a").first.click()
        top, low = 0.0, _box(page.locator("#grid"))[1]
        page.screenshot(
            path=probes, full_page=True, clip={"x": 0, "y": top, "width": _WIDTH, "height": low - top + 30}
        )
        probe = page.url
        page = browser.new_page(viewport={"width": _WIDTH, "height": 900}, color_scheme="dark")
        page.goto(probe)
        wanted = ("td.helped a", "td.v-degraded a", "td a")
        cells = (page.locator(f"table.small {selector}") for selector in wanted)
        next(found for found in cells if found.count()).first.click()
        page.screenshot(path=cell)
        browser.close()
    return grid, why, probes, cell


def _box(part: Locator) -> tuple[float, float]:
    box = part.bounding_box()
    if box is None:
        raise ValueError(f"{part} is not on the page")
    return box["y"], box["y"] + box["height"]


if __name__ == "__main__":
    for picture in take(Path(sys.argv[1])):
        print(picture)
