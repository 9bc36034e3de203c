"""What ``migrate`` says at the end: the path, what was lost at each hop, how to do it again, or why there is none."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from reports.remedies import with_names
from reports.text import line, visible
from runner.results import Verdict
from runner.upgrade.migrate import Migration
from runner.upgrade.migrate_out import ENDINGS
from runner.upgrade.migrate_search import Hop, Tried, Way

#: Obstacles that are named where there is no path.
_MOST = 12
#: What saves a model in a format; ``{path}`` is the file.
_SAVE = {
    "keras": 'model.save("{path}")',
    "h5": 'model.save("{path}")',
    "savedmodel": 'model.save("{path}", save_format="tf")',
    "export": 'model.export("{path}")',
    "weights": 'model.save_weights("{path}")',
}
_WORDS = {
    "optimizer": "the optimizer's state",
    "compile": "loss and metrics",
    "training": "the next training step",
    "trainability": "which layers are frozen",
    "resave": "saving it in the same format",
    "reload": "loading it a second time",
}
#: What bare outputs have not, and a model had.
_OUTPUTS = ("everything but its outputs: what was written is no Keras model any more",)


def lost(names: tuple[str, ...]) -> str:
    """What was lost, in words."""
    return ", ".join(_WORDS.get(name, name) for name in names) or "nothing"


def report(
    migration: Migration,
    model: Path,
    out: Path | None,
    code: Path | None,
    wanted: str = "",
    *,
    bare: bool = False,
) -> Iterator[str]:
    """Lines for the terminal. ``out`` is what was written, if anything was; ``code`` is the user's own.

    ``wanted`` is the format that was asked for, where one was; ``bare`` weights have no architecture with them.
    """
    found, target = migration.found, migration.target
    yield f"{model.name} is at home in {migration.at.home.id}."
    if found.stop is None:
        yield from _no_path(migration, bare=bare)
        return
    if migration.as_it_is:
        yield from _as_it_is(migration, out, wanted)
        return
    final = _final(migration)
    yield f"Carried over to {target}: loaded there in a fresh process, its outputs are those of home. Lost: {final}."
    if found.tried and not found.tried[0].hops and found.tried[0].verdict is Verdict.IDENTICAL:
        yield "The file itself loads there too, and is what it was at home: it need not be carried over."
    yield ""
    before: tuple[str, ...] = ()
    for number, hop in enumerate(found.stop.hops, 1):
        by = f"loaded by {hop.way.id}" if hop.way.id else "loaded as it is"
        yield f"  {number}. {hop.environment}: {by}, saved as {hop.format}. Lost here: {_newly(hop.way.lost, before)}"
        yield from (f"       {line(visible(edit), 160)}" for edit in hop.way.edits[:_MOST])
        before = hop.way.lost
    more = tuple(name for name in found.opened.lost if name not in before)
    if found.stop.format == "export":
        yield f"     The result has lost {_OUTPUTS[0]}."
    elif more:
        yield f"     What was saved last does not bring back: {lost(more)}"
    if found.opened.id:
        yield "     It holds Python code of its own, which Keras runs only if told to: load it with safe_mode=False."
    if code is not None:
        yield f"     Loading it takes what {code.name} defines, as before: custom_objects=…"
    yield ""
    yield "How to do it again:"
    yield from _again(found.stop.hops, model, out or Path(f"migrated{model.suffix}"), code)
    if out is not None:
        yield ""
        yield f"Written: {out}"


def _as_it_is(migration: Migration, out: Path | None, wanted: str) -> Iterator[str]:
    missing = migration.found.opened.lost
    same = f"predicts the same there (lost: {lost(missing)})" if missing else "is there what it was at home"
    yield f"It loads in {migration.target} as it is, and {same}."
    if out is not None:
        yield f"What loads there cannot be saved there, so this is a copy of the file: {out}"
    elif wanted:
        yield f"It cannot be saved there as {wanted}, so nothing was written:"
        yield from _obstacles([one for one in migration.found.tried if one.why])
    else:
        yield "There is nothing to do."


def _final(migration: Migration) -> str:
    stop = migration.found.stop
    return (
        "all but outputs"
        if stop is not None and stop.format == "export"
        else lost(migration.found.opened.lost)
    )


def _newly(names: tuple[str, ...], before: tuple[str, ...]) -> str:
    return lost(tuple(name for name in names if name not in before))


def _again(hops: tuple[Hop, ...], model: Path, out: Path, code: Path | None) -> Iterator[str]:
    """The Python of each hop."""
    path = str(model)
    for number, hop in enumerate(hops, 1):
        last = number == len(hops)
        target = str(out) if last else f"hop{number}{ENDINGS.get(hop.format, '')}"
        yield ""
        yield f"  # {number}. in {hop.environment}"
        text = _code(hop.way, path, code) + with_names(_SAVE[hop.format], target, "")
        yield from (f"  {visible(row)}" for row in text.splitlines())
        path = target


def _code(way: Way, path: str, code: Path | None) -> str:
    text = way.code
    if code is not None and code.stem.isidentifier():
        text = re.sub(r"\bmy_model\b", code.stem, text)
    text = with_names(text, path, f"copy-of-{Path(path).name}")
    return text if text.endswith("\n") or not text else text + "\n"


def _no_path(migration: Migration, *, bare: bool) -> Iterator[str]:
    found = migration.found
    if migration.obstacle_at_home:
        yield f"There is no path: it does not load even there. {line(visible(migration.obstacle_at_home), 400)}"
        if not migration.at.adopted.plan.probes[0].path.name.startswith("_no_code"):
            return
        if bare:
            yield "These are weights alone. Give what builds the model: --architecture FILE.json, or --probe FILE.py"
        else:
            yield "Where it needs code of its own, give it: --custom-objects FILE.py"
        return
    yield (
        f"No path was found to {migration.target}. {found.limit}"
        if found.limit
        else f"There is no path to {migration.target}. Nothing was written."
    )
    yield ""
    yield from _obstacles(found.tried)


def _obstacles(tried: Sequence[Tried]) -> Iterator[str]:
    for one in tried[:_MOST]:
        yield f"  {_where(one)}: {line(visible(one.why), 240) or one.verdict}"
    if len(tried) > _MOST:
        yield f"  … and {len(tried) - _MOST} more (--json has them all)"


def _where(one: Tried) -> str:
    """What was tried, in the order in which it happened."""
    path = "".join(f"{hop.environment} ({hop.format}) → " for hop in one.hops)
    what = f", saving as {one.format}" if one.format else ""
    return f"{path}{one.environment}{what}{f' by {one.way}' if one.way else ''}"
