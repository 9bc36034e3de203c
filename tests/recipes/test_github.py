"""The GitHub recipes: valid, and their shell steps do what they say."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from runner.commands.check import check
from tests.recipes.conftest import NAMES
from tests.recipes.jobs import ROOT, GitHub, Job, of_cells

NIGHTLY, CHECK, ACTION = (
    ROOT / name for name in ("docs/ci/github-nightly.yml", "docs/ci/github-check.yml", "action.yml")
)


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


@pytest.mark.parametrize(
    ("schema", "path"),
    [("github-workflows", NIGHTLY), ("github-workflows", CHECK), ("github-actions", ACTION)],
)
def test_it_keeps_to_the_published_schema(schema: str, path: Path) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("path", [NIGHTLY, CHECK, ACTION])
def test_no_expression_stands_in_a_script(path: Path) -> None:
    def scripts(value: Any) -> list[str]:
        if isinstance(value, dict):
            here = [value["run"]] if isinstance(value.get("run"), str) else []
            return here + [one for item in value.values() for one in scripts(item)]
        return [one for item in value for one in scripts(item)] if isinstance(value, list) else []

    found = scripts(_read(path))
    assert found
    assert not [script for script in found if "${{" in script]


@pytest.fixture
def github(repository: Path, tmp_path: Path, path: Path) -> GitHub:
    return GitHub(repository, tmp_path / "jobs", path)


def _night(github: GitHub) -> Any:
    """All that comes before the report."""
    workflow = _read(NIGHTLY)
    plan = github.run(workflow, "plan")
    jobs = json.loads(plan.outputs["jobs"])["include"]
    assert [job["environment"] for job in jobs] == list(NAMES)
    for phase in ("save", "load"):
        for matrix in jobs:
            done = github.run(workflow, phase, matrix=matrix)
            assert not done.failed, done.printed
    return workflow


def _verdicts(job: Job) -> set[str]:
    return of_cells(job.folder / "site", "verdict")


def _reused(job: Job) -> set[bool]:
    return of_cells(job.folder / "site", "cached")


def test_a_night_is_one_page_the_next_reuses_it_and_a_lost_job_is_said(
    github: GitHub, tmp_path: Path
) -> None:
    workflow = _night(github)
    assert set((tmp_path / "said").read_text().splitlines()) == {"python -m pip install --quiet ."}
    carried = github.artifacts / f"load-{NAMES[0]}"
    assert [path.name for path in carried.rglob("*") if path.is_file()] == [f"{NAMES[0]}.jsonl"]

    report = github.run(
        workflow, "report", more={"steps.pages.outputs.base_url": "https://pages.example/crossload"}
    )
    assert not report.failed, report.printed
    assert _verdicts(report) == {"identical"}
    assert _reused(report) == {False}
    assert report.summary.startswith("## crossload: 8 of 8 cells are identical")

    assert "[the page](<https://pages.example/crossload>)" in report.summary

    shutil.rmtree(github.artifacts)
    github.artifacts.mkdir()
    github.night = 2
    _night(github)
    report = github.run(workflow, "report")
    assert not report.failed, report.printed
    assert "Gate, regression: holds, no cell, compared with 2" in report.printed
    assert _reused(report) == {True}
    # The page of the first night is still there, and on the list.
    runs = sorted(path.name for path in (report.folder / "site" / "runs").iterdir() if path.is_dir())
    assert len(runs) == 2
    listed = (report.folder / "site" / "runs" / "index.html").read_text()
    assert all(name in listed for name in runs)

    shutil.rmtree(carried)
    report = github.run(workflow, "report")
    assert report.statuses["merge"] == 3
    assert f"Gap, load({NAMES[0]}): nobody ran it" in report.printed
    assert report.statuses["gate"] == 3
    assert report.statuses["summary"] == 0
    assert _verdicts(report) == {"identical", "not_run"}
    assert "not run" in report.summary


def test_there_is_a_job_for_each_environment_and_none_for_a_pair() -> None:
    jobs = _read(NIGHTLY)["jobs"]
    matrices = {name: job["strategy"]["matrix"] for name, job in jobs.items() if "strategy" in job}
    assert matrices == dict.fromkeys(("save", "load"), "${{ fromJSON(needs.plan.outputs.jobs) }}")


def _check(github: GitHub, tmp_path: Path, repository: Path, code: int, **inputs: str) -> tuple[Job, str]:
    """The action's ``check`` step, with a ``crossload`` that writes down what it was told."""
    said = tmp_path / "arguments"
    command = tmp_path / "crossload" / "bin" / "crossload"
    command.parent.mkdir(parents=True)
    command.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" > "{said}"\nmkdir -p out && echo "# Answer" > out/summary.md\nexit {code}\n'
    )
    command.chmod(0o755)
    action = _read(ACTION)
    given = (
        {name: item.get("default", "") for name, item in action["inputs"].items()} | inputs | {"site": "out"}
    )
    step = next(step for step in action["runs"]["steps"] if step.get("id") == "check")
    known = {
        key: given[value.removeprefix("${{ inputs.").removesuffix(" }}")]
        for key, value in step["env"].items()
    }
    job = Job(folder=repository)
    github.step(step, job, known | {"RUNNER_TEMP": str(tmp_path)}, "check")
    return job, said.read_text()


@pytest.mark.parametrize("code", [0, 1, 3])
def test_the_action_passes_on_what_check_says(
    github: GitHub, tmp_path: Path, repository: Path, code: int
) -> None:
    job, _ = _check(github, tmp_path, repository, code, model="m.h5")
    assert job.statuses == {"check": code}
    assert job.outputs == {"exit-code": str(code), "summary": "out/summary.md"}
    assert job.summary == "# Answer\n"


def test_the_action_gives_every_input_and_runs_none(github: GitHub, tmp_path: Path, repository: Path) -> None:
    inputs = {
        "model": "--help $(touch owned).h5",
        "from": "2.12`touch owned`",
        "to": "2.18  tf2.21.0-cpu ; touch owned *",
        "may-lose": "optimizer compile",
        "custom-objects": "my layers.py",
    }
    _, said = _check(github, tmp_path, repository, 0, **inputs)
    assert said.splitlines() == [
        *("check", "--site", "out", "--from", "2.12`touch owned`", "--custom-objects", "my layers.py"),
        *("--to", "2.18", "--to", "tf2.21.0-cpu", "--to", ";", "--to", "touch", "--to", "owned", "--to", "*"),
        *("--may-lose", "optimizer", "--may-lose", "compile", "--", "--help $(touch owned).h5"),
    ]
    assert not list(tmp_path.rglob("owned"))


def test_what_the_action_types_is_what_check_knows() -> None:
    known = {option for parameter in check.params for option in parameter.opts}
    assert {"--site", "--from", "--to", "--may-lose", "--custom-objects"} <= known


def test_the_comment_is_the_summary_and_none_without_one(
    github: GitHub, tmp_path: Path, repository: Path
) -> None:
    step = next(s for s in _read(CHECK)["jobs"]["check"]["steps"] if s.get("name") == "comment")
    environ = {"PULL_REQUEST": "7", "SUMMARY": "summary.md"}
    job = Job(folder=repository)
    github.step(step, job, environ, "without")
    (repository / "summary.md").write_text("# Answer\n")
    github.step(step, job, environ, "with")
    assert job.statuses == {"without": 0, "with": 0}
    assert (tmp_path / "said").read_text() == (
        "gh pr comment 7 --edit-last --create-if-none --body-file summary.md\n"
    )


def test_strangers_models_meet_no_secrets() -> None:
    text = CHECK.read_text()
    assert "secrets." not in text
    assert True in _read(CHECK)  # YAML 1.1 reads `on` so
    assert list(_read(CHECK)[True]) == ["pull_request"]
