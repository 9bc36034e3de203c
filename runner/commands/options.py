"""Options that several commands share, and the one value they become."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.text import Text

from environments import scalars
from reports.text import visible

if TYPE_CHECKING:
    from runner.setup import Choice

#: Days, as many as calendars have room for on either side, and how many of something.
DAYS, COUNT = click.IntRange(1, 36_500), click.IntRange(1, 10**9)

Function = Callable[..., Any]


def _nearest(context: click.Context, parameter: click.Parameter, value: Path | None) -> Path:
    """The matrix that is meant."""
    from environments import matrix  # takes a while, and not every command needs it

    return matrix.nearest(value)


def _matrix(**more: Any) -> Callable[[Function], Function]:
    """The option, where the shipped matrix serves as well."""
    return click.option(
        "--matrix",
        "-m",
        type=click.Path(path_type=Path, dir_okay=False),
        help="The matrix file. [default: matrix.yaml here, else the one that comes with crossload]",
        **more,
    )


MATRIX = _matrix(callback=_nearest)
#: Of a command that finds it by itself, with something else to do meanwhile.
LATER_MATRIX = _matrix()
#: Of commands that write beside it.
OWN_MATRIX = click.option(
    "--matrix",
    "-m",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("matrix.yaml"),
    show_default=True,
    help="The matrix file.",
)
SELECT = click.option(
    "--select",
    "-s",
    multiple=True,
    metavar="WORD",
    help="A selection of the matrix, an environment id, or a glob over ids. Repeatable. [default: default]",
)
PROBES = click.option(
    "--probe",
    "-p",
    "probes",
    multiple=True,
    metavar="WORD",
    help="A built-in probe by name, glob or tag:NAME, or the path of your own file; PROBE+FAULT breaks it on "
    "purpose. Repeatable. [default: the matrix's]",
)
FORMATS = click.option(
    "--format",
    "-f",
    "formats",
    multiple=True,
    metavar="NAME",
    help="A format. Repeatable. [default: the matrix's]",
)
REMEDIES = click.option(
    "--no-remedies",
    "remedies",
    flag_value=False,
    default=True,
    help="Do not try work-arounds in cells that are not identical: about half the time.",
)
STATE = click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".crossload"),
    show_default=True,
    help="Folder for environments, artifacts and logs.",
)
SITE = click.option(
    "--site",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("site"),
    show_default=True,
    help="Folder for the page and results.json.",
)
ADDRESS = click.option(
    "--address",
    envvar="CROSSLOAD_ADDRESS",
    show_envvar=True,
    metavar="URL",
    default="",
    help="Where the site will be published, for links in the feed, the summary and messages.",
)
ENGINE = click.option(
    "--engine",
    type=click.Choice(["auto", "docker", "venv"]),
    default="auto",
    show_default=True,
    help="Where environments come to life; auto is docker when a daemon answers.",
)


def _mirror(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """The prefix, by the rule that the matrix has for its own."""
    try:
        return TypeAdapter(scalars.Mirror).validate_python(value) if value else ""
    except ValidationError as error:
        raise click.BadParameter(str(error.errors()[0]["ctx"]["error"]), context, parameter) from None


MIRROR = click.option(
    "--registry-mirror",
    envvar="CROSSLOAD_REGISTRY_MIRROR",
    show_envvar=True,
    callback=_mirror,
    metavar="PREFIX",
    default="",
    help="With docker: host[:port][/path] to put before images that name no registry of their own, "
    "instead of the matrix's registry_mirror.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print data as JSON.")


def shared(*options: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """Several options as one decorator, in the order given."""

    def decorate(function: Function) -> Function:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


#: What decides the plan.
PLAN = (MATRIX, SELECT, PROBES, FORMATS, REMEDIES, STATE)


def choice(**given: Any) -> "Choice":
    """The options as a value."""
    from runner.setup import Choice  # brings Docker along, which takes long and not every command needs

    names = (
        "matrix",
        "select",
        "probes",
        "formats",
        "state",
        "site",
        "engine",
        "registry_mirror",
        "remedies",
    )
    return Choice(**{name: given[name] for name in names if name in given})


def teller(console: Console) -> Callable[[str], None]:
    """Says one line to the user; text from elsewhere in it is no markup, and does nothing to a terminal."""
    return lambda line: console.print(Text(visible(line)), soft_wrap=True)


def prose(console: Console, sentences: str, style: str = "") -> None:
    """Sentences, broken between words on a terminal; elsewhere nothing is folded."""
    console.print(Text(visible(sentences), style=style), soft_wrap=not console.is_terminal)


def for_tables() -> Console:
    """Standard output; wide enough that nothing is folded where another program reads it."""
    console = Console()
    return console if console.is_terminal else Console(width=200)
