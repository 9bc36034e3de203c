"""From what was typed to a plan: the matrix read, environments chosen, locks found, an engine picked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

from environments import lock as locks
from environments import matrix as matrices
from environments.engines import Engine
from environments.engines.docker_daemon import detect
from environments.engines.venv import VenvEngine
from environments.errors import ConfigurationError, EnvironmentUnavailable, InfrastructureError, UsageError
from environments.explain import did_you_mean
from environments.lock import Lock
from environments.matrix import Matrix
from environments.resolve import resolve
from environments.spec import Environment
from runner import probe_files
from runner.agent.capabilities import FORMATS
from runner.plan import Plan, in_order
from runner.store import Store


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the options of a command say."""

    matrix: Path
    select: tuple[str, ...] = ()
    probes: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    state: Path = Path(".crossload")
    site: Path = Path("site")
    #: ``docker``, ``venv`` or ``auto``.
    engine: str = "auto"
    #: Before images that name no registry, instead of the matrix's own mirror; empty where none was typed.
    registry_mirror: str = ""
    #: False: no work-arounds are tried, whatever the matrix says.
    remedies: bool = True


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A plan, and environments that cannot even be locked, with the reason."""

    matrix: Matrix
    plan: Plan
    unavailable: Mapping[str, str]


def matrix_of(choice: Choice) -> Matrix:
    """The matrix of a command. Its registry mirror gives way to the one that was typed, so that only one stands."""
    return matrices.load(choice.matrix, mirrored=not choice.registry_mirror)


def planned(
    choice: Choice,
    *,
    cancel: Event,
    say: Callable[[str], None],
    environments: Sequence[str] = (),
    afresh: bool = False,
) -> Planned:
    """The plan of a command; ``say`` gets a line for each floating environment that is resolved.

    ``environments`` are planned instead of the chosen ones, for a single task; what is run is still what the
    selection says. ``afresh`` resolves floating environments now; otherwise the lock that their run has left is taken
    where there is one.
    Raises ConfigurationError or UsageError for what the user has to change first.
    """
    matrix = matrix_of(choice)
    chosen = matrices.select(matrix, environments or choice.select)
    wanted = matrices.extent(matrix, choice.select)
    home = matrix.path.absolute().parent
    probes = (
        probe_files.find(choice.probes, Path.cwd())
        if choice.probes
        else probe_files.with_faults(probe_files.find(wanted.probes or (), home), wanted.faults or {})
    )
    found: dict[str, Lock] = {}
    unavailable: dict[str, str] = {}
    troubles: list[str] = []
    for environment in chosen:
        if not environment.locked:
            continue
        try:
            if environment.floating:
                found[environment.id] = _floating(environment, choice, cancel, say, afresh=afresh)
            else:
                found[environment.id] = locks.read(environment, locks.folder_of(matrix.path, environment))
        except EnvironmentUnavailable as error:
            unavailable[environment.id] = str(error)
        except ConfigurationError as error:
            troubles.append(str(error))
    if troubles:
        raise ConfigurationError("\n".join(troubles))
    plan = Plan(
        environments=in_order(chosen),
        locks=found,
        probes=probes,
        formats=_formats(choice.formats, wanted.formats or ()),
        remedies=bool(wanted.remedies) and choice.remedies,
    )
    return Planned(matrix=matrix, plan=plan, unavailable=unavailable)


def _floating(
    environment: Environment, choice: Choice, cancel: Event, say: Callable[[str], None], *, afresh: bool
) -> Lock:
    """The lock of a floating environment. It is kept with the artifacts, so that it is carried with them."""
    folder = Store(choice.state).artifacts / "locks"
    if not afresh and locks.path(environment, folder).exists():
        return locks.read(environment, folder)
    say(f"Resolving {environment.id}, which floats …")
    found = resolve(environment, cancel=cancel)
    locks.write(found, folder)
    return found


def _formats(asked: Sequence[str], of_matrix: Sequence[str]) -> tuple[str, ...]:
    for name in asked:
        if name not in FORMATS:
            raise UsageError(f"There is no format {name!r}{did_you_mean(name, FORMATS)}.")
    return tuple(asked or of_matrix)


def engine_for(
    choice: Choice,
    store: Store,
    environments: Sequence[Environment],
    *,
    cancel: Event,
    say: Callable[[str], None],
) -> tuple[Engine, tuple[str, ...]]:
    """The engine to use for these environments, and what a reader of the results must know about that choice.

    ``auto`` is docker where a daemon answers and has, or can pull, an image of any of them.
    """
    if choice.engine == "venv":
        return VenvEngine(state=store.root), ()
    usable, why = detect()
    if usable or choice.engine == "docker":
        from environments.engines.docker import DockerEngine  # with its client: see docker_daemon

        engine = DockerEngine(state=store.root, registry_mirror=choice.registry_mirror)
        if choice.engine == "docker":
            return engine, ()
        why = engine.imageless(environments, log=store.logs / "images.log", cancel=cancel)
        if not why:
            return engine, ()
        engine.close()
    note = f"{why} The venv engine is used instead: same locks, same checks, no sandbox."
    say(note)
    return VenvEngine(state=store.root), (note,)


def writable(folder: Path, option: str) -> None:
    """Make a folder for results. Raises InfrastructureError when nothing can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        trial = folder / ".trial"
        try:
            trial.write_bytes(bytes(4096))  # a full disk still takes empty files
        finally:
            trial.unlink(missing_ok=True)
    except OSError as error:
        raise InfrastructureError(
            f"The folder {folder} cannot be written: {error.strerror}. Free some space or name another: {option} DIR"
        ) from error


def with_probe(choice: Choice, matrix: Matrix, name: str) -> Choice:
    """The choice with the one probe of that name: one of the matrix's, a built-in, or a file by its path."""
    of_matrix = {
        probe.name: probe for probe in probe_files.find(matrix.probes, matrix.path.absolute().parent)
    }
    whole, plus, fault = name.partition("+")
    word = str(of_matrix[whole].path) if whole in of_matrix else whole
    return replace(choice, probes=(word + plus + fault,))
