"""What commands about one model file have in common: what belongs to the file, and the workshop to look at it in."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from environments import matrix as matrices
from environments.errors import Interrupted, UsageError
from runner import setup
from runner.adopted import ModelFile, companion
from runner.commands import options
from runner.commands.description import describe
from runner.inspection import inspection, stacks
from runner.inspection.inspection import Inspection
from runner.store import Store
from runner.upgrade.check import usual
from runner.upgrade.watching import Watching
from runner.upgrade.workshop import Workshop

_FILE = click.Path(path_type=Path, dir_okay=False)

MODEL = click.argument("model", type=click.Path(path_type=Path))
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
    options.ANY_MATRIX,
    options.STATE,
    options.ENGINE,
    options.MIRROR,
)


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A model file that can be looked into, and where."""

    model: ModelFile
    found: Inspection
    workshop: Workshop


@contextmanager
def opened(path: Path, words: tuple[str, ...], console: Console, **given: Any) -> Iterator[Opened]:
    """Look at the file from outside, then open a workshop for it. ``words`` are the environments that were named.

    Raises UsageError where there is no model, ConfigurationError for the matrix, and Interrupted for Ctrl-C inside.
    """
    say = options.teller(console)
    matrix_path = matrices.nearest(given["matrix"])
    found = inspection.inspect(path, stacks.of_matrix(matrix_path))
    if found.other:
        raise UsageError(f"{path} is no model: {found.other} Name a model file, or a folder that holds one.")
    model = _model(path, found, given)
    choice = options.choice(**{**given, "matrix": matrix_path, "select": words})
    setup.writable(choice.state, "--state")
    matrix = setup.matrix_of(choice)
    name = hashlib.sha256(str(path.absolute()).encode()).hexdigest()[:12]
    store = Store(choice.state, journals=f"models/{name}")
    cancel = threading.Event()
    with store.claimed(f"model-{name}"), store.claimed("run", shared=True):
        engine, notes = setup.engine_for(choice, store, usual(matrix), cancel=cancel, say=say)
        run = describe(matrix, words, engine, notes)
        with (
            Watching(console) as watcher,
            Workshop(matrix, store, engine, cancel=cancel, watcher=watcher, run=run) as workshop,
        ):
            try:
                yield Opened(model=model, found=found, workshop=workshop)
            except KeyboardInterrupt:
                cancel.set()
                raise Interrupted("Interrupted. Environments that were made are kept.") from None


def _model(path: Path, found: Inspection, given: dict[str, Any]) -> ModelFile:
    if given.get("code") and given.get("probe"):
        raise UsageError(
            "--custom-objects and --probe are one file each for the same thing: name one of them."
        )
    code = given.get("probe") or given.get("code")
    for option in ("code", "probe", "architecture", "inputs"):
        file = given.get(option)
        if file is not None and not file.is_file():
            raise UsageError(f"There is no file {file}; it was named with --{_OPTIONS.get(option, option)}.")
    beside = companion(path) if found.weights_only and not path.is_dir() else None
    return ModelFile(
        path=path, code=code, architecture=given.get("architecture") or beside, inputs=given.get("inputs")
    )


#: Parameters that go by another name on the command line.
_OPTIONS = {"code": "custom-objects"}
