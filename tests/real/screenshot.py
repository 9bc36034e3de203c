"""Take the README's picture of a site: ``python -m tests.real.screenshot SITE`` writes ``docs/grid.png``."""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.conftest import chromium

_PICTURE = Path(__file__).parents[2] / "docs" / "grid.png"


def take(site: Path, picture: Path = _PICTURE) -> Path:
    """Draw the head and the overview of ``site``/index.html, 1400 pixels wide, in the light scheme."""
    picture.parent.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 900}, color_scheme="light")
        page.goto((site / "index.html").resolve().as_uri())
        end = page.locator("#overview").bounding_box()
        height = min(2000.0, end["y"] + end["height"] + 24) if end else 900.0
        page.screenshot(path=picture, full_page=True, clip={"x": 0, "y": 0, "width": 1400, "height": height})
        browser.close()
    return picture


if __name__ == "__main__":
    print(take(Path(sys.argv[1])))
