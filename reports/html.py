"""Results to one HTML page that stands alone: no network, no code but our own.

Everything that a model, a log or a file name brought along is text here. It is escaped by the template engine,
made visible by :func:`reports.text.visible` on its way into the page, and a content security policy that names
our one script and our one style sheet by their hashes keeps anything else from running.
"""

import base64
import hashlib
import shlex
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from reports import outcomes, text
from reports.grid import Square, build
from reports.text import short_names, slug
from reports.verdicts import ATTENTION, answer
from runner.results import ArtifactResult, CellResult, EnvironmentResult, Failure, Results, Verdict

_TEMPLATES = Path(__file__).parent / "templates"

#: Characters of one traceback or log that go into the page; ``results.json`` has the whole.
_LIMIT = 20_000

#: Stories listed by number of cells; the rarer ones are found in their cells.
_STORIES = 40


def render(results: Results) -> str:
    """The page, as the text of one HTML file."""
    grid = build(results)
    groups = outcomes.group(grid.entries)
    stories = _stories(groups)
    css, script = _source("page.css"), _source("page.js")
    return (
        _templates()
        .get_template("page.html.j2")
        .render(
            run=results.run,
            results=results,
            grid=grid,
            labels=short_names(grid.environments),
            answer=answer(grid.tally),
            outcomes=groups,
            stories=stories,
            listed={story.number for story in stories},
            unsaved=_unsaved(results),
            talkative=[artifact for artifact in results.artifacts if artifact.warnings or artifact.output],
            attention=ATTENTION,
            verdicts=tuple(Verdict),
            css=Markup(css),
            script=Markup(script),
            policy=_policy(css, script),
        )
    )


def command(cell: CellResult) -> str:
    """What to type to run this one cell again."""
    return shlex.join(["crossload", "reproduce", cell.producer, cell.consumer, cell.probe, cell.format])


def cell_id(cell: CellResult) -> str:
    """The address of a cell in the page. Made of names, so that a link means the same cell in the next run."""
    return "/".join(slug(name) for name in (cell.probe, cell.format, cell.producer, cell.consumer))


def artifact_id(artifact: ArtifactResult) -> str:
    """The address of what was said while an artifact was saved."""
    return "saving:" + "/".join(slug(name) for name in (artifact.probe, artifact.format, artifact.producer))


def pair_id(form: str, square: Square) -> str:
    """The address of one pair in one format."""
    return "/".join(slug(name) for name in (form, square.producer, square.consumer))


def device(environment: EnvironmentResult) -> str:
    """What an environment ran on; says so where CUDA was asked for and no GPU was there."""
    if environment.device == "cuda" and environment.status == "ready" and not environment.gpu_visible:
        return "cuda, but no GPU was visible"
    return "cuda, GPU visible" if environment.gpu_visible else environment.device


def _stories(groups: tuple[outcomes.Outcome, ...]) -> tuple[outcomes.Outcome, ...]:
    quiet = (Verdict.IDENTICAL, Verdict.UNSUPPORTED)
    loud = [group for group in groups if group.cell.verdict not in quiet]
    return tuple(sorted(loud, key=lambda group: -len(group.entries))[:_STORIES])


def _unsaved(results: Results) -> tuple[tuple[Failure, tuple[ArtifactResult, ...]], ...]:
    failures: dict[Failure, list[ArtifactResult]] = {}
    for artifact in results.artifacts:
        if artifact.status == "save_failed":
            error = artifact.error or Failure(type="unknown", message="The agent recorded no error.")
            failures.setdefault(error, []).append(artifact)
    return tuple((failure, tuple(artifacts)) for failure, artifacts in failures.items())


@cache
def _source(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


@cache
def _templates() -> jinja2.Environment:
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    templates.globals.update(
        checks=outcomes.checks,
        brief=outcomes.brief,
        where=outcomes.where,
        artifact_id=artifact_id,
        cell_id=cell_id,
        pair_id=pair_id,
        device=device,
    )
    templates.filters.update(
        breaks=_breaks,
        clip=_clip,
        command=command,
        line=text.line,
        moment=_moment,
        number=_number,
        size=text.size,
    )
    return templates


def _finalize(value: Any) -> Any:
    # Every expression of every template passes here, so no template can forget it. Markup is our own.
    return text.visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _breaks(name: str) -> Markup:
    """A name that may be broken after its dashes and underscores."""
    safe = escape(text.visible(name))
    return Markup(safe.replace("-", Markup("-<wbr>")).replace("_", Markup("_<wbr>")))


def _clip(value: str) -> str:
    return text.clip(value, _LIMIT)


def _number(value: int) -> str:
    return f"{value:,}"


def _moment(iso: str) -> str:
    """``2026-11-20T06:40:12Z`` as people write it; what cannot be read stays as it is."""
    try:
        return datetime.fromisoformat(iso).strftime("%Y-%m-%d %H:%M UTC")
    except ValueError:
        return iso


def _policy(css: str, script: str) -> str:
    return (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
        f"style-src '{_hash(css)}'; script-src '{_hash(script)}'"
    )


def _hash(source: str) -> str:
    # The HTML parser drops one newline right after <pre> only, so the element's text is the file's text.
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
