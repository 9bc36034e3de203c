"""Templates to pages: what every page has in common, and how text gets into it.

Everything that a model, a log or a file name brought along is text here. It is escaped by the template engine and
made visible by :func:`reports.text.visible` on its way into the page. A content security policy keeps anything but
our own scripts and style sheet from running: of the site's pages, those that lie beside them; of a page that stands
alone, those that its hashes name.
"""

import base64
import hashlib
import json
import shlex
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from reports import addresses, outcomes, remedies, shapes, text
from reports.compiled import kept
from reports.verdicts import ATTENTION, CHECK_MEANINGS, TROUBLE
from runner.results import CellResult, EnvironmentResult, Question, Verdict

_TEMPLATES = Path(__file__).parent / "templates"

#: Characters of one traceback or log that go into a page; ``results.json`` has the whole.
LIMIT = 20_000

#: Scripts of the site's pages, by the name that a page asks for them with.
_SCRIPTS = ("page", "find", "compare")

_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "


def draw(template: str, **names: Any) -> str:
    """The text of one page of the site."""
    return _templates().get_template(template).render(style=_places()["page.css"], script=_script, **names)


def draw_alone(template: str, **names: Any) -> str:
    """The text of a page that needs no other file: style sheet and script are inside it."""
    css, script = _css(), _source("page.js")
    policy = f"{_POLICY}style-src '{_hash(css)}'; script-src '{_hash(script)}'"
    return (
        _templates()
        .get_template(template)
        .render(css=Markup(css), inside=Markup(script), policy=policy, **names)
    )


def assets() -> Mapping[str, str]:
    """Path below the site -> text of what its pages share. The names change with the text, so old pages keep theirs."""
    return {_places()[name]: _text(name) for name in _places()}


@cache
def digest() -> str:
    """What stands for all templates, scripts and styles: a run's pages are made anew when it has changed."""
    found = hashlib.sha256()
    for path in sorted(_TEMPLATES.iterdir()):
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]


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


def moment(iso: str) -> str:
    """``2026-11-20T06:40:12Z`` as people write it; what cannot be read stays as it is."""
    found = _time(iso)
    return found.strftime("%Y-%m-%d %H:%M UTC") if found else iso


def period(started: str, finished: str) -> str:
    """When a run began and how long it took; only the first where the second cannot be known."""
    begun, ended = _time(started), _time(finished)
    if begun is None or ended is None or ended < begun:
        return moment(started)
    minutes, seconds = divmod(int((ended - begun).total_seconds()), 60)
    hours, left = divmod(minutes, 60)
    took = f"{hours} h {left} min" if hours else f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
    return f"{moment(started)}, took {took}"


def _time(iso: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(iso)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _script(name: str) -> str:
    return _places()[f"{name}.js"]


@cache
def _places() -> Mapping[str, str]:
    names = ("page.css", *(f"{name}.js" for name in _SCRIPTS))
    found = {}
    for name in names:
        stem, _, ending = name.partition(".")
        found[name] = f"assets/{stem}-{hashlib.sha256(_text(name).encode()).hexdigest()[:10]}.{ending}"
    return found


def _text(name: str) -> str:
    return _css() if name == "page.css" else _source(name)


@cache
def _css() -> str:
    return _source("page.css") + _source("site.css") + shapes.css()


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
        bytecode_cache=kept(Path(__file__)),
    )
    templates.globals.update(
        checks=outcomes.checks,
        brief=outcomes.brief,
        beside=outcomes.beside,
        best=remedies.best,
        filled=remedies.filled,
        headline=remedies.headline,
        trouble=TROUBLE,
        cell_id=addresses.cell_id,
        cell_page=addresses.cell_page,
        pair_id=addresses.pair_id,
        probe_id=addresses.probe_id,
        probe_page=addresses.probe_page,
        group_id=addresses.group_id,
        upgrade_id=addresses.upgrade_id,
        environment_id=addresses.environment_id,
        environment_page=addresses.environment_page,
        cause_page=addresses.cause_page,
        attention=ATTENTION,
        check_meanings=CHECK_MEANINGS,
        verdicts=tuple(Verdict),
        shapes={verdict: Markup(shape) for verdict, shape in shapes.SHAPES.items()},
        device=device,
        period=period,
        site_policy=f"{_POLICY}style-src 'self'; script-src 'self'",
    )
    templates.filters.update(
        breaks=_breaks,
        clip=_clip,
        fact=_fact,
        line=text.line,
        moment=moment,
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
    return text.clip(value, LIMIT)


def _fact(value: Any) -> str:
    """What was read from a file, in a line."""
    return text.line(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), 240)


def _number(value: int) -> str:
    return f"{value:,}"


def _hash(source: str) -> str:
    # The HTML parser drops one newline right after <pre> only, so the element's text is the file's text.
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
