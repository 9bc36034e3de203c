"""A CI system of a hundred lines: runs the shell steps of a recipe's jobs, each job in a folder of its own."""

import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def shims(folder: Path) -> Path:
    """A folder for PATH: ``crossload`` on recorded lines; ``python -m pip`` and ``gh``, which only write down."""
    folder.mkdir()
    said = folder.parent / "said"
    for name, script in {
        "crossload": f'exec env PYTHONPATH="{ROOT}" "{sys.executable}" -m tests.recipes.crossload "$@"',
        "python": f'echo "python $*" >> "{said}"',
        "gh": f'echo "gh $*" >> "{said}"',
    }.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return folder


def of_cells(site: Path, field: str) -> set[Any]:
    """What the cells of a site's results have in one field."""
    return {cell[field] for cell in json.loads((site / "results.json").read_text())["cells"]}


@dataclass
class Job:
    """What became of one job."""

    folder: Path
    #: Name of each step that was run -> its exit status.
    statuses: dict[str, int] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    printed: str = ""

    @property
    def failed(self) -> bool:
        """Whether any of its steps failed."""
        return any(self.statuses.values())


class GitHub:
    """Carries artifacts between jobs, as upload-artifact and download-artifact do."""

    def __init__(self, repository: Path, place: Path, path: Path) -> None:
        self._repository, self._place, self._path = repository, place, path
        self.artifacts = place / "uploaded"
        self.artifacts.mkdir(parents=True)
        self._caches = place / "caches"
        self.night = 1

    def run(
        self,
        workflow: Mapping[str, Any],
        name: str,
        *,
        matrix: Mapping[str, str] | None = None,
        more: Mapping[str, str] | None = None,
    ) -> Job:
        """One job; ``more`` are expressions that the recipe has and this does not know, by their words."""
        job = workflow["jobs"][name]
        known = {f"env.{key}": value for key, value in workflow.get("env", {}).items()}
        known |= {f"matrix.{key}": value for key, value in (matrix or {}).items()}
        known |= {"github.run_id": str(self.night), "github.run_attempt": "1"} | dict(more or {})
        caches: list[tuple[str, str]] = []
        variables = {**workflow.get("env", {}), **job.get("env", {})}
        label = "-".join([name, *(matrix or {}).values()])
        done = Job(folder=self._place / label)
        shutil.rmtree(done.folder, ignore_errors=True)
        shutil.copytree(self._repository, done.folder)
        for number, step in enumerate(job["steps"]):
            if done.failed and "!cancelled()" not in step.get("if", ""):
                continue
            action = step.get("uses", "").partition("@")[0]
            given = {key: _filled(str(value), known) for key, value in step.get("with", {}).items()}
            if action == "actions/upload-artifact":
                self._upload(done.folder, given)
            elif action == "actions/download-artifact":
                self._download(done.folder, given)
            elif action in ("actions/cache", "actions/cache/restore"):
                self._restore(done.folder, given)
            elif "run" in step:
                environ = {**variables, **step.get("env", {})}
                environ = {key: _filled(str(value), known) for key, value in environ.items()}
                self.step(step, done, environ, step.get("name", str(number)))
            if action in ("actions/cache", "actions/cache/save"):
                caches.append((given["key"], given["path"]))
        for key, paths in caches:
            for path in paths.split():
                if (done.folder / path).exists() and not done.failed:
                    _copy(done.folder / path, self._caches / key / path)
        return done

    def step(self, step: Mapping[str, Any], done: Job, environ: Mapping[str, str], name: str) -> None:
        """One ``run:`` step, as the runner starts it."""
        files = {key: done.folder / f".{key}" for key in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for path in files.values():
            path.touch()
        assert "${{" not in step["run"], "An expression in a script is run as a part of it."
        ran = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=done.folder,
            env=clean(self._path) | {key: str(path) for key, path in files.items()} | dict(environ),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        done.statuses[name] = ran.returncode
        done.printed += ran.stdout + ran.stderr
        done.outputs |= dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
        done.summary = files["GITHUB_STEP_SUMMARY"].read_text()

    def _restore(self, folder: Path, given: Mapping[str, str]) -> None:
        found = [path for path in self._caches.glob("*") if path.name.startswith(given["restore-keys"])]
        if found:
            _copy(max(found, key=lambda path: path.name), folder)

    def _upload(self, folder: Path, given: Mapping[str, str]) -> None:
        """The root is the folder that was named; lines with ``!`` take away; hidden files are left out."""
        first, *rest = given["path"].split()
        root = folder / first
        for path in sorted(root.rglob("*")) if root.is_dir() else ():
            name = str(path.relative_to(folder))
            hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
            taken_away = any(fnmatch.fnmatch(name, line.removeprefix("!")) for line in rest)
            if path.is_file() and not hidden and not taken_away:
                target = self.artifacts / given["name"] / path.relative_to(root)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)

    def _download(self, folder: Path, given: Mapping[str, str]) -> None:
        found = re.fullmatch(r"\{(.*)\}(.*)", given["pattern"])
        patterns = [word + found[2] for word in found[1].split(",")] if found else [given["pattern"]]
        for artifact in self.artifacts.iterdir():
            if any(fnmatch.fnmatch(artifact.name, pattern) for pattern in patterns):
                shutil.copytree(artifact, folder / given["path"] / artifact.name)


def _copy(here: Path, there: Path) -> None:
    there.parent.mkdir(parents=True, exist_ok=True)
    if here.is_dir():
        shutil.copytree(here, there, dirs_exist_ok=True)
    else:
        shutil.copyfile(here, there)


def clean(path: Path) -> dict[str, str]:
    """The environment variables that a step starts with: none of the tests' own."""
    kept = {key: os.environ[key] for key in ("HOME", "TMPDIR", "LANG") if key in os.environ}
    return kept | {"PATH": f"{path}:{os.environ['PATH']}"}


def _filled(text: str, known: Mapping[str, str]) -> str:
    return re.sub(r"\$\{\{ *(.*?) *\}\}", lambda match: known.get(match[1], ""), text)
