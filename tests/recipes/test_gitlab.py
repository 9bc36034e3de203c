"""The GitLab recipe: valid, and its shell steps do what they say."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml

from tests.recipes.conftest import NAMES
from tests.recipes.jobs import ROOT, clean, of_cells

RECIPE = ROOT / "docs" / "ci" / "gitlab-ci.yml"


def _run(
    recipe: Any, name: str, folder: Path, path: Path, **variables: str
) -> "subprocess.CompletedProcess[str]":
    """The script of one job, as a runner with bash starts it."""
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(recipe[name]["script"])],
        cwd=folder,
        env=clean(path) | recipe["variables"] | variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _carry(recipe: Any, name: str, here: Path, there: Path) -> None:
    """A job's artifacts, unpacked over the folder of a job of a later stage."""
    for line in recipe[name]["artifacts"]["paths"]:
        if (here / line).is_dir():
            shutil.copytree(here / line, there / line, dirs_exist_ok=True)


def test_it_keeps_to_the_published_schema() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.gitlab-ci"]
    ran = subprocess.run(
        [*command, "--data-transform", "gitlab-ci", str(RECIPE)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_shares_make_one_page_and_a_share_that_got_lost_is_said(
    repository: Path, tmp_path: Path, path: Path
) -> None:
    recipe = yaml.safe_load(RECIPE.read_text())
    jobs = {name: tmp_path / name for name in ("save1", "save2", "save3", "load1", "load2", "report")}
    for folder in jobs.values():
        shutil.copytree(repository, folder)
    for stage in ("save", "load"):
        for number in (1, 2, 3):  # one more share than environments
            if f"{stage}{number}" not in jobs:
                continue
            folder = jobs[f"{stage}{number}"]
            ran = _run(recipe, stage, folder, path, CI_NODE_INDEX=str(number), CI_NODE_TOTAL="3")
            assert ran.returncode == 0, ran.stderr
            later = [name for name in jobs if name.startswith("load" if stage == "save" else "report")]
            for name in later:
                _carry(recipe, stage, folder, jobs[name])
            if stage == "save":
                _carry(recipe, stage, folder, jobs["report"])
    assert (jobs["save1"] / "environments.txt").read_text().split() == list(NAMES)
    assert not (jobs["save3"] / "state" / "artifacts" / "save").exists()

    pages = {"CI_PAGES_URL": "https://pages.example/crossload"}
    ran = _run(recipe, "report", jobs["report"], path, **pages)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = json.loads((jobs["report"] / "public" / "results.json").read_text())
    assert {cell["verdict"] for cell in found["cells"]} == {"identical"}
    assert (
        'href="https://pages.example/crossload/feed.xml"'
        in (jobs["report"] / "public" / "feed.xml").read_text()
    )
    assert _run(recipe, "pages", jobs["report"], path).returncode == 0

    (jobs["report"] / "state" / "artifacts" / "load" / f"{NAMES[1]}.jsonl").unlink()
    ran = _run(recipe, "report", jobs["report"], path, **pages)
    assert ran.returncode == 3
    assert f"Gap, load({NAMES[1]}): nobody ran it" in ran.stdout
    assert (jobs["report"] / "public" / "junit.xml").exists()


def _night(recipe: Any, repository: Path, place: Path, path: Path, caches: Path, *, shares: int) -> Path:
    """One night with so many shares, and the caches that it finds and leaves; the folder of its last job."""
    jobs = {
        f"{stage}{number}": place / f"{stage}{number}"
        for stage in ("save", "load")
        for number in range(1, shares + 1)
    }
    jobs["report"] = place / "report"
    for folder in jobs.values():
        shutil.copytree(repository, folder)
    before: dict[str, tuple[str, ...]] = {"save": (), "load": ("save",), "report": ("save", "load")}
    for name, folder in jobs.items():
        stage, number = name.rstrip("0123456789"), name.lstrip("abcdefghijklmnopqrstuvwxyz")
        variables = {
            "CI_NODE_INDEX": number,
            "CI_NODE_TOTAL": str(shares),
            "CI_PAGES_URL": "https://pages.example",
        }
        cache = recipe[stage]["cache"]
        key = cache["key"].replace("$CI_NODE_INDEX", number).replace("$CI_NODE_TOTAL", str(shares))
        assert "$" not in key
        if (caches / key).exists():
            shutil.copytree(caches / key, folder, dirs_exist_ok=True)
        # What earlier stages left is unpacked after the cache is.
        for earlier in jobs:
            if earlier.startswith(before[stage]):
                _carry(recipe, earlier.rstrip("0123456789"), jobs[earlier], folder)
        ran = _run(recipe, stage, folder, path, **variables)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        for kept in cache["paths"]:
            if (folder / kept).is_dir():
                shutil.copytree(folder / kept, caches / key / kept, dirs_exist_ok=True)
            elif (folder / kept).exists():
                (caches / key / kept).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(folder / kept, caches / key / kept)
    return jobs["report"]


def test_a_second_night_runs_no_cell(repository: Path, tmp_path: Path, path: Path) -> None:
    recipe = yaml.safe_load(RECIPE.read_text())
    caches = tmp_path / "caches"
    first = _night(recipe, repository, tmp_path / "night1", path, caches, shares=2)
    report = _night(recipe, repository, tmp_path / "night2", path, caches, shares=2)
    for folder, reused in ((first, False), (report, True)):
        assert of_cells(folder / "public", "cached") == {reused}
    assert len([one for one in (report / "public" / "runs").iterdir() if one.is_dir()]) == 2


def test_what_no_night_needs_any_more_leaves_the_cache(repository: Path, tmp_path: Path, path: Path) -> None:
    recipe = yaml.safe_load(RECIPE.read_text())
    caches = tmp_path / "caches"
    _night(recipe, repository, tmp_path / "night1", path, caches, shares=2)
    unneeded = caches / "crossload-save-1-of-2" / "state" / "artifacts" / "objects" / "00" / ("0" * 64)
    unneeded.mkdir(parents=True)
    for folder in unneeded.parents[1].glob("??/*"):
        os.utime(folder, (time.time() - 20 * 86_400,) * 2)
    report = _night(recipe, repository, tmp_path / "night2", path, caches, shares=2)
    assert of_cells(report / "public", "cached") == {True}
    kept = tmp_path / "night2" / "save1" / "state" / "artifacts" / "objects"
    assert not (kept / "00" / ("0" * 64)).exists()
    assert list(kept.glob("??/*"))


def test_what_a_cache_holds_of_another_share_is_not_told(
    repository: Path, tmp_path: Path, path: Path
) -> None:
    recipe = yaml.safe_load(RECIPE.read_text())
    caches = tmp_path / "caches"
    _night(recipe, repository, tmp_path / "night1", path, caches, shares=2)
    first, second = (caches / f"crossload-save-{number}-of-2" for number in (1, 2))
    first.rename(tmp_path / "aside")
    second.rename(first)
    (tmp_path / "aside").rename(second)
    report = _night(recipe, repository, tmp_path / "night2", path, caches, shares=2)
    assert of_cells(report / "public", "verdict") == {"identical"}
    for number, name in enumerate(NAMES, start=1):
        journals = (tmp_path / "night2" / f"save{number}" / "state" / "artifacts" / "save").iterdir()
        assert [journal.name for journal in journals] == [f"{name}.jsonl"]


def test_a_share_whose_first_environment_fails_still_does_the_others(
    repository: Path, tmp_path: Path, path: Path
) -> None:
    recipe = yaml.safe_load(RECIPE.read_text())
    said = tmp_path / "tasks"
    (path / "crossload").write_text(
        f'#!/bin/sh\n[ "$1" = plan ] && printf "a\\nb\\n" && exit\n[ "$1" = clean ] && exit\n'
        f'echo "$3" >> "{said}"\n[ "$3" != a ] || exit 3\n'
    )
    ran = _run(recipe, "save", repository, path, CI_NODE_INDEX="1", CI_NODE_TOTAL="1")
    assert ran.returncode == 3
    assert said.read_text() == "a\nb\n"


def test_there_are_no_more_jobs_than_gitlab_allows() -> None:
    recipe = yaml.safe_load(RECIPE.read_text())
    assert recipe[".share"]["parallel"] <= 200
