"""``crossload diff``: what changed between two runs."""

import json
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError
from rich.console import Console
from rich.text import Text

from environments.errors import UsageError
from reports import markdown
from reports.text import line, visible
from runner import results, transitions
from runner.commands import options
from runner.commands.history import opened
from runner.transitions import CellName, Comparison, Kind, Seen, Transition

#: Cells of one kind that are listed before the rest is counted.
_LISTED = 50


@click.command()
@click.argument("old")
@click.argument("new")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print Markdown, such as for a comment.")
@click.option("--all", "everything", is_flag=True, help=f"List every cell, not {_LISTED} of a kind.")
@options.shared(options.STATE, options.JSON)
def diff(
    old: str, new: str, as_markdown: bool, everything: bool, state: Path, as_json: bool, **given: Any
) -> int:
    """Show what changed from run OLD to run NEW. Exit code 1 when any cell is worse, or missing.

    A run is the id of one of the history, or how it begins; latest; previous (the one before the latest, of the same
    selection); or the path of a results.json, or of the site that it is in.

    \b
    Example:
      crossload diff previous latest
      crossload diff site-of-monday/results.json site/results.json
    """
    if as_json and as_markdown:
        raise UsageError("Output is JSON or Markdown: type one of --json and --markdown.")
    (old_name, old_cells), (new_name, new_cells) = (cells_of(word, state) for word in (old, new))
    found = transitions.compare(old_cells, new_cells, named=(old_name, new_name))
    if as_json:
        click.echo(json.dumps(as_data(found), indent=1))
    elif as_markdown:
        click.echo("\n\n".join(markdown.changes(found)))
    else:
        _print(found, options.for_tables(), None if everything else _LISTED)
    return int(found.worse)


def as_data(found: Comparison) -> dict[str, Any]:
    """A comparison as plain data."""
    return {
        "old": found.old,
        "new": found.new,
        "worse": found.worse,
        "counts": {str(kind): count for kind, count in found.counts.items()},
        "transitions": [
            {
                **item.cell._asdict(),
                "kind": str(item.kind),
                "before": _seen(item.before),
                "after": _seen(item.after),
                "sentence": item.sentence,
            }
            for item in found.transitions
        ],
    }


def _seen(seen: Seen | None) -> dict[str, Any] | None:
    if seen is None:
        return None
    return {
        "verdict": str(seen.verdict),
        "cause": seen.cause,
        "lost": seen.lost,
        "checks": dict(seen.checks),
    }


def cells_of(word: str, state: Path) -> tuple[str, dict[CellName, Seen]]:
    """The name and the cells of a run: a file or folder of that name comes first, then the history."""
    path = Path(word)
    if path.is_dir():
        path /= "results.json"
    if path.is_file():
        return _read(path)
    if "/" in word or word.endswith(".json"):
        raise UsageError(f"There is no file {word}. Name a results.json, the site it is in, or a run.")
    with opened(state) as history:
        record = history.find(word)
        return record.id, dict(history.cells(record))


def _read(path: Path) -> tuple[str, dict[CellName, Seen]]:
    try:
        found = results.read(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"{path} is no results.json of crossload: {first['msg']}{f' ({where})' if where else ''}. "
            "One that a newer crossload wrote is read by that one."
        ) from error
    return found.run.id or str(path), transitions.seen(found.cells)


def _print(found: Comparison, console: Console, most: int | None) -> None:
    for kind in Kind:
        of_kind = found.of(kind)
        if not of_kind:
            continue
        console.print(Text(f"{kind}: {len(of_kind):,}", style="bold"), Text(f"  {kind.meaning}"), sep="")
        width = max(len(str(item.cell)) for item in of_kind[:most])
        for item in of_kind[:most]:
            console.print(_row(item, width), soft_wrap=True)
        if most is not None and len(of_kind) > most:
            console.print(f"  … and {len(of_kind) - most:,} more; list them with --all")
        console.print()
    counts = ", ".join(f"{count:,} {kind}" for kind, count in found.counts.items() if count)
    console.print(Text(visible(f"{found.old} to {found.new}: {counts or 'no cells'}.")), soft_wrap=True)


def _row(item: Transition, width: int) -> Text:
    return Text("  " + line(visible(f"{item.cell!s:{width}}  {item.sentence}"), 400))
