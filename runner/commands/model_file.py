"""What commands about one model file have in common: what belongs to the file, and the workshop to look at it in."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from environments.errors import Interrupted, UsageError
from runner.adopted import ModelFile
from runner.commands import options
from runner.upgrade import opening
from runner.upgrade.opening import Looked
from runner.upgrade.watching import Watching
from runner.upgrade.workshop import Workshop

# What is wrong with a file is said by whoever looks into it, in one way.
_FILE = click.Path(path_type=Path, readable=False)

MODEL = click.argument("model", type=click.Path(path_type=Path, readable=False))
FROM = click.option(
    "--from",
    "home",
    metavar="VERSION",
    default="",
    help="Where the model is used today: a TensorFlow version such as 2.10, or an environment. "
    "[default: what the file says]",
)
CODE = click.option(
    "--custom-objects",
    "code",
    type=_FILE,
    help="Python with the classes and functions that the model needs, or CUSTOM_OBJECTS, or build_model().",
)
PROBE = click.option(
    "--probe", "probe", type=_FILE, help="A probe of this model: build_model() and inputs()."
)
ARCHITECTURE = click.option(
    "--architecture",
    type=_FILE,
    help="The architecture (JSON) that goes with a file of weights. [default: one beside it of that name]",
)
INPUTS = click.option(
    "--inputs",
    type=_FILE,
    help="Inputs to predict with (npz), by the names of the model's inputs or in their order. "
    "[default: made from what the model takes]",
)
#: What belongs to the model, and where it is looked at.
COMMON = (
    CODE,
    PROBE,
    ARCHITECTURE,
    INPUTS,
    options.MATRIX,
    options.STATE,
    options.ENGINE,
    options.MIRROR,
)


def looked(path: Path, words: tuple[str, ...], **given: Any) -> Looked:
    """The file, looked at from outside. ``words`` are the environments that were named.

    Raises UsageError where there is no model or what goes with it is of no use, ConfigurationError for the matrix.
    """
    if given.get("code") and given.get("probe"):
        raise UsageError(
            "--custom-objects and --probe are one file each for the same thing: name one of them."
        )
    model = ModelFile(
        path=path,
        code=given.get("probe") or given.get("code"),
        architecture=given.get("architecture"),
        inputs=given.get("inputs"),
    )
    return opening.look(model, options.choice(**{**given, "select": words}))


@contextmanager
def opened(file: Looked, console: Console) -> Iterator[Workshop]:
    """A workshop for the file, with what is under way shown. Raises Interrupted for Ctrl-C inside."""
    try:
        with Watching(console) as watcher, opening.workshop(file, watcher) as workshop:
            yield workshop
    except KeyboardInterrupt:
        raise Interrupted("Interrupted. Environments that were made are kept.") from None
