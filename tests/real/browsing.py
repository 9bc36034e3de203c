"""What tests in real Chromium have in common: results to look at, what a page says, and what axe finds in it."""

from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from runner.results import CellResult, EnvironmentResult, Format, Probe, Results, Verdict
from tests.reports import sample

#: The panel that is open, for a cell or as a whole.
OPEN = ".panel:target, .panel:has(:target)"

#: Options that Chromium is started with.
ARGUMENTS = ["--no-sandbox", "--disable-background-networking"]

_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def listen(page: Page) -> list[str]:
    """All that the page says from now on: messages, errors, dialogs."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    return said


def axe(page: Page) -> str:
    """What axe has against the page; empty where that is nothing."""
    found = Axe().run(page, options={"runOnly": _RULES, "resultTypes": ["violations"]})
    return str(found.generate_report()) if found.violations_count else ""


def folder(url: str) -> Path:
    """The folder in which the page of a file address lies."""
    return Path(urlsplit(url).path).parent


def every_verdict() -> Results:
    """Every verdict once, and hostile cells; few enough for tools that look at every element."""
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
