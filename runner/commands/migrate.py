"""``crossload migrate``: carry a model file over into another version, by hops that were all run."""

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from reports.text import visible
from runner.commands import migrate_told, model_file, options
from runner.commands.model_file import MODEL, looked, opened
from runner.upgrade import migrate_order as orders
from runner.upgrade.migrate import Limits, told


@click.command()
@MODEL
@options.shared(model_file.FROM)
@click.option(
    "--to",
    "target",
    required=True,
    metavar="VERSION",
    help="Where it shall work: a TensorFlow version such as 2.18, or an environment.",
)
@click.option(
    "--out",
    "-o",
    type=click.Path(path_type=Path),
    help="Where to write the result; the name's ending says the format. [default: here, named after the target]",
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["keras", "h5", "savedmodel", "export", "weights"]),
    help="What to write. export gives outputs only. [default: what the target itself would save]",
)
@click.option("--force", is_flag=True, help="Replace what is at the place to write to.")
@click.option(
    "--hops",
    type=click.IntRange(1, 6),
    default=3,
    show_default=True,
    help="Environments that it may be saved in on its way, the target included.",
)
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    default=20.0,
    show_default=True,
    help="How long to look for a path.",
)
@options.shared(*model_file.COMMON, options.JSON)
def migrate(
    model: Path,
    home: str,
    target: str,
    out: Path | None,
    format_name: str | None,
    force: bool,
    hops: int,
    minutes: float,
    as_json: bool,
    **given: Any,
) -> int:
    """Carry MODEL over into another version of TensorFlow and Keras.

    Ways are tried from the cheapest on: as it is, with work-arounds, saved anew in versions between. The result is
    written only when it was loaded in the target and predicts what MODEL predicts at home. MODEL is never changed.

    \b
    Example:
      crossload migrate model.h5 --to 2.21 -o model.keras
      crossload migrate model.keras --from 2.21 --to 2.15 --custom-objects layers.py

    Exit code: 0 written, or nothing to do, 1 there is no path, 2 wrong usage, 3 it could not be known.
    """
    console = Console(stderr=True)
    order = orders.order(model, out, format_name or "", force=force)
    file = looked(model, (target,), **given)
    asked = order.asked(file, target, home)
    with opened(file, console) as workshop:
        found, written = order.carry(asked, workshop, Limits(hops=hops, minutes=minutes))
    if as_json:
        click.echo(json.dumps({**told(found), "written": str(written) if written else ""}, indent=1))
    else:
        output = Console(highlight=False)
        bare = file.found.weights_only and file.model.architecture is None
        for line in migrate_told.report(found, model, written, file.model.code, order.format, bare=bare):
            if line.startswith(" "):  # code, and steps that stand in columns
                click.echo(visible(line))
            else:
                options.prose(output, line)
    stop = found.found.stop
    if stop is None:
        return 3 if found.found.limit else 1
    return 1 if order.format and written is None else 0
