"""Real environments of the shipped matrix, made once for all tests that need them; and a real browser.

The environments are made in a folder of the test run's own, or in the one that ``CROSSLOAD_TEST_STATE`` names: there
a second run finds them made.
"""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from environments.engines import Ready
from environments.engines.venv import VenvEngine
from environments.lock import Lock
from environments.spec import Environment
from runner.setup import Choice, planned
from tests.conftest import chromium
from tests.real.browsing import ARGUMENTS

#: Two with Keras 2 and two with Keras 3.
IDS = ("tf2.12.1-cpu", "tf2.15.1-cpu", "tf2.16.2-keras3.4.1-cpu", "tf2.21.0-cpu")


@dataclass(frozen=True, kw_only=True)
class Stacks:
    """Environments that can start."""

    environments: Mapping[str, Environment]
    locks: Mapping[str, Lock]
    ready: Mapping[str, Ready]
    #: The state folder that they are made in.
    state: Path


@pytest.fixture(scope="session")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> Stacks:
    """Four environments by the venv engine; the first use takes about a minute, and downloads packages."""
    state = Path(os.environ.get("CROSSLOAD_TEST_STATE") or tmp_path_factory.mktemp("stacks"))
    matrix = Path(__file__).parents[2] / "matrix.yaml"
    plan = planned(Choice(matrix=matrix, select=IDS), cancel=Event(), say=print).plan
    engine = VenvEngine(state=state)

    def make(environment: Environment) -> Ready:
        log = state / "logs" / f"provision-{environment.id}.log"
        return engine.provision(environment, plan.locks[environment.id], log=log, cancel=Event())

    with ThreadPoolExecutor(2) as makers:
        ready = dict(zip(IDS, makers.map(make, [plan.environment(name) for name in IDS]), strict=True))
    return Stacks(
        environments={item.id: item for item in plan.environments},
        locks=dict(plan.locks),
        ready=ready,
        state=state,
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Real Chromium."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A window of its own, as wide as that of a laptop."""
    opened = browser.new_context(viewport={"width": 1400, "height": 900})
    opened.set_default_timeout(10_000)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty page."""
    return context.new_page()
