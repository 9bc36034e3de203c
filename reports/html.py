"""Results to one HTML page that stands alone: no network, no code but our own.

Everything that a model, a log or a file name brought along is text here. It is escaped by the template engine,
made visible by :func:`reports.text.visible` on its way into the page, and a content security policy that names
our one script and our one style sheet by their hashes keeps anything else from running.
"""

import base64
import hashlib
import json
import shlex
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from reports import addresses, answer_words, outcomes, remedies, shapes, text, why
from reports import answer as answers
from reports.answer import Answer
from reports.answer_moves import moves
from reports.faults import Reaction, faults
from reports.grid import Entry, Grid, build
from reports.text import short_names
from reports.upgrade import upgrades
from reports.verdicts import ATTENTION, CHECK_MEANINGS, answer
from runner.results import ArtifactResult, CellResult, EnvironmentResult, Question, Results, Verdict

_TEMPLATES = Path(__file__).parent / "templates"

#: Characters of one traceback or log that go into the page; ``results.json`` has the whole.
_LIMIT = 20_000

#: Reasons that are listed, stories of one reason, and cells of one fault; the rarer ones are found in their cells.
_REASONS, _STORIES, _CELLS = 120, 25, 60

#: Causes that are named for each move from one environment to another.
_CHANGES = 12

#: Verdicts of cells whose story is all there is to tell of them. Most cells of a run are such; a place of their own
#: for each would double the page.
_QUIET = (Verdict.IDENTICAL, Verdict.SAVE_FAILED, Verdict.UNSUPPORTED, Verdict.UNAVAILABLE, Verdict.NOT_RUN)


def render(results: Results, asked: Answer | None = None) -> str:
    """The page, as the text of one HTML file; ``asked`` is the answer to what the results ask, as it was given."""
    grid = build(results)
    told = outcomes.group(grid.entries)
    broken = outcomes.group(grid.faulted, start=len(told) + 1)
    artifacts = tuple(a for a in results.artifacts if a.status == "saved" or a.warnings or a.output)
    reasons = why.reasons(results, told, grid.environments)
    css, script = _source("page.css") + shapes.css(), _source("page.js")
    names = {probe.name: probe.fault for probe in results.probes if probe.fault}
    numbers = {entry.number: outcome.number for outcome in (*told, *broken) for entry in outcome.entries}
    meanings = {remedy.id: remedy for remedy in results.remedies}
    if results.question and asked is None:
        asked = answers.answer(results)
    # The few cells of a question have a place of their own each.
    quiet = () if asked else _QUIET
    return (
        _templates()
        .get_template("page.html.j2")
        .render(
            run=results.run,
            results=results,
            grid=grid,
            labels=short_names(grid.environments),
            asked=asked,
            answer=answer_words.headline(asked) if asked else answer(grid.tally),
            lead=answer_words.safe(asked)
            if asked
            else remedies.sentences(remedies.share(entry.cell for entry in grid.entries)),
            entries_of={entry.cell.consumer: entry for entry in grid.entries},
            upgrades={} if asked else upgrades(grid, reasons, meanings),
            listed_changes=_CHANGES,
            shown_reasons={reason.id for reason in reasons[:_REASONS]},
            reasons=reasons,
            causes=why.titled((*grid.entries, *grid.faulted), results),
            meanings=meanings,
            faults=faults(grid, names),
            reactions=tuple(Reaction),
            outcomes=(*told, *broken),
            listed={story.number for reason in reasons[:_REASONS] for story in reason.stories[:_STORIES]},
            listed_reasons=_REASONS,
            listed_stories=_STORIES,
            listed_cells=_CELLS,
            unsaved=why.unsaved(results, names),
            artifacts=artifacts,
            artifacts_of={
                s.probe.name: [a for a in artifacts if a.probe == s.probe.name] for s in grid.sheets
            },
            artifact_place=partial(_artifact_place, {_key(a): f"a{n}" for n, a in enumerate(artifacts)}),
            helped=_helped(grid),
            address=partial(_address, numbers, quiet),
            place=partial(_place, len(grid.entries), quiet),
            command=partial(command, question=results.question),
            attention=ATTENTION,
            check_meanings=CHECK_MEANINGS,
            verdicts=tuple(Verdict),
            quiet=quiet,
            trouble=remedies.TROUBLE,
            shapes={verdict: Markup(shape) for verdict, shape in shapes.SHAPES.items()},
            css=Markup(css),
            script=Markup(script),
            policy=_policy(css, script),
        )
    )


def command(cell: CellResult, question: Question | None = None) -> str:
    """What to type to run this one cell again; ``question`` is what it belongs to, where the run had one."""
    if question is not None:
        where = ["--from", cell.producer, "--to", cell.consumer]
        return shlex.join(["crossload", "check", question.file, *where])
    return shlex.join(["crossload", "reproduce", cell.producer, cell.consumer, cell.probe, cell.format])


def device(environment: EnvironmentResult) -> str:
    """What an environment ran on; says so where CUDA was asked for and no GPU was there."""
    if environment.device == "cuda" and environment.status == "ready" and not environment.gpu_visible:
        return "cuda, but no GPU was visible"
    return "cuda, GPU visible" if environment.gpu_visible else environment.device


def _helped(grid: Grid) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Format, producer and consumer of a square -> its cells that have a working remedy, and those in trouble."""
    found = {}
    for view in grid.overviews:
        for row in view.rows:
            for square in row.squares:
                share = remedies.share(entry.cell for entry in square.entries)
                found[view.format.name, square.producer, square.consumer] = (share.helped, share.troubled)
    return found


def _address(numbers: Mapping[int, int], quiet: tuple[Verdict, ...], entry: Entry) -> str:
    """Where an entry's link leads: to its own place in its story, or to the story alone."""
    if entry.cell.verdict in quiet:
        return f"story/{numbers[entry.number]}"
    return addresses.cell_id(entry.cell)


def _place(inside: int, quiet: tuple[Verdict, ...], entry: Entry) -> str:
    """Where an entry stands: its place in its grid, or the part of those that are in no grid, from ``inside`` on."""
    if entry.number >= inside:
        return "faults"
    return addresses.cell_id(entry.cell) if entry.cell.verdict in quiet else f"c{entry.number}"


def _artifact_place(places: Mapping[tuple[str, str, str], str], artifact: ArtifactResult | None) -> str:
    """Where an artifact is told of; empty where there is nothing to tell."""
    return places.get(_key(artifact), "") if artifact else ""


def _key(artifact: ArtifactResult) -> tuple[str, str, str]:
    return (artifact.producer, artifact.probe, artifact.format)


def _alike(entries: Iterable[Entry]) -> list[tuple[Verdict, str, list[Entry]]]:
    """The entries of one square by verdict and reason, in the order of attention."""
    found: dict[tuple[Verdict, str], list[Entry]] = {}
    for entry in entries:
        said = "" if entry.cell.verdict is Verdict.IDENTICAL else outcomes.brief(entry)
        found.setdefault((entry.cell.verdict, said), []).append(entry)
    groups = [(verdict, said, same) for (verdict, said), same in found.items()]
    return sorted(groups, key=lambda one: ATTENTION.index(one[0]))


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
        beside=outcomes.beside,
        alike=_alike,
        best=remedies.best,
        filled=remedies.filled,
        headline=remedies.headline,
        cell_id=addresses.cell_id,
        pair_id=addresses.pair_id,
        probe_id=addresses.probe_id,
        group_id=addresses.group_id,
        upgrade_id=addresses.upgrade_id,
        because=answer_words.because,
        facts=answer_words.facts,
        moves=moves,
        said=answer_words.said,
        verified=answer_words.verified,
        device=device,
    )
    templates.filters.update(
        breaks=_breaks,
        clip=_clip,
        fact=_fact,
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


def _fact(value: Any) -> str:
    """What was read from a file, in a line."""
    return text.line(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), 240)


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
