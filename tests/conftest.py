"""What tests need from the machine, and what becomes of them where it is missing.

A test that is marked ``docker`` or ``browser`` is skipped with a plain sentence where the thing is missing. Where
``CROSSLOAD_REQUIRE`` names it (comma separated: ``docker,browser``) it fails instead, so that a green run on such a
machine cannot mean "nothing was tried".
"""

import os
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache

import pytest
from hypothesis import settings

from environments.engines.docker_daemon import detect

#: The variable that turns skips into failures.
REQUIRE = "CROSSLOAD_REQUIRE"

# How long a machine takes for an example is no property of ours.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@cache
def chromium() -> str | None:
    """The path of Chromium: what ``CROSSLOAD_CHROMIUM`` says, or the first one found; None where there is none."""
    names = (os.environ.get("CROSSLOAD_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None)


@cache
def _docker_missing() -> str | None:
    usable, why = detect()
    return None if usable else f"{why} Start one, or point DOCKER_HOST at one."


def _browser_missing() -> str | None:
    return None if chromium() else "There is no Chromium here; install it, or name it in CROSSLOAD_CHROMIUM."


#: Marker -> why it cannot run here, or None where it can.
NEEDS: Mapping[str, Callable[[], str | None]] = {"docker": _docker_missing, "browser": _browser_missing}


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a marked test, or fail it, where the thing is missing."""
    required = {name.strip() for name in os.environ.get(REQUIRE, "").split(",")}
    for name, missing in NEEDS.items():
        reason = missing() if item.get_closest_marker(name) else None
        if reason and name in required:
            pytest.fail(f"{reason} {REQUIRE} names {name!r}, so this test may not be skipped.", pytrace=False)
        if reason:
            pytest.skip(reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say plainly what was not run, and why."""
    reasons: Counter[str] = Counter()
    for report in terminalreporter.getreports("skipped"):
        where = report.longrepr
        reasons[str(where[2] if isinstance(where, tuple) else where).removeprefix("Skipped: ")] += 1
    if reasons:
        terminalreporter.section("not run here")
    for reason, number in reasons.most_common():
        terminalreporter.write_line(f"{number} {'test' if number == 1 else 'tests'}: {reason}")
