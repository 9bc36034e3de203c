"""``crossload check``: what becomes of a model file in the versions that its user may move to."""

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from reports import site as sites
from reports.answer import answer, exit_code
from reports.outputs import Context
from reports.terminal import answered
from runner import execute, setup
from runner.commands import model_file, options
from runner.commands.model_file import MODEL, looked, opened
from runner.results import to_json
from runner.upgrade.check import acceptable
from runner.upgrade.check import check as work


@click.command()
@MODEL
@options.shared(model_file.FROM)
@click.option(
    "--to",
    "targets",
    multiple=True,
    metavar="VERSION",
    help="Where it should work: a TensorFlow version such as 2.18, or an environment. Repeatable. "
    "[default: all from its home to the newest]",
)
@click.option(
    "--may-lose",
    multiple=True,
    metavar="NAME",
    help="What may be lost where it predicts the same, such as optimizer or compile; nothing for none. Repeatable. "
    "[default: anything]",
)
@options.shared(*model_file.COMMON)
@click.option(
    "--site",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the page and results.json. [default: site/NAME of the model]",
)
@options.shared(options.JSON)
def check(
    model: Path,
    home: str,
    targets: tuple[str, ...],
    may_lose: tuple[str, ...],
    site: Path | None,
    as_json: bool,
    **given: Any,
) -> int:
    """Tell whether MODEL works in newer versions of TensorFlow and Keras, what breaks, and what to do.

    MODEL is loaded for real, in environments of its own: first where it is at home, then in every other. What it
    answers there is held against what it answers at home.

    \b
    Example:
      crossload check model.h5
      crossload check model.h5 --from 2.10 --to 2.18 --custom-objects layers.py

    Exit code: 0 every target is identical, or degraded as allowed, 1 one is not, 2 wrong usage,
    3 it could not be known.
    """
    allowed = acceptable(may_lose) if may_lose else None
    console = Console(stderr=True)
    file = looked(model, targets, **given)
    asked = file.asked(home, file.several(targets))
    folder = site or Path("site") / file.model.name
    setup.writable(folder, "--site")
    with opened(file, console) as workshop:
        results = work(asked, workshop, workers=execute.jobs())
    said = answer(results, may_lose=allowed, asked=[target.id for target in asked.targets])
    page = sites.write(results, folder, Context(answer=said))
    if as_json:
        click.echo(to_json(results))
    else:
        Console().print(answered(said), crop=False)
        Console().print(Text(f"\nThe page: {page.absolute()}"), soft_wrap=True)
    return exit_code(said)
