"""``python -m tests.bench.question``: ``check`` of a small model beside bare imports of the same frameworks.

Both use the same environments, made before, and the same processors; they take turns, so that a machine that gets
slower or faster meanwhile does so for both.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from environments.engines.venv import VenvEngine
from environments.errors import CrossloadError, InfrastructureError
from runner import execute, setup
from runner.commands import options
from runner.store import Store
from tests.bench.figures import machine

#: Two eras of Keras and the way between them.
ENVIRONMENTS = (
    "tf2.9.3-cpu",
    "tf2.12.1-cpu",
    "tf2.15.1-cpu",
    "tf2.16.2-keras3.4.1-cpu",
    "tf2.18.1-keras3.8.0-cpu",
    "tf2.21.0-cpu",
)
#: How much longer than the imports the whole of ``check`` may take.
MOST = 1.5
#: As any script that loads a model; it leaves without taking the framework apart.
_IMPORT = "import os, tensorflow as tf; tf.keras.models.load_model; os._exit(0)"
_MODEL = """
import sys, numpy as np, tensorflow as tf
np.random.seed(int(sys.argv[2]))
model = tf.keras.Sequential([
    tf.keras.layers.Dense(32, activation="relu", input_shape=(10,)),
    tf.keras.layers.Dense(1, activation="sigmoid"),
])
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
model.fit(np.random.rand(64, 10), np.random.randint(0, 2, (64, 1)), verbose=0)
model.save(sys.argv[1])
"""


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What one turn took, in seconds: by the clock, and of all processors together."""

    clock: float
    processors: float


@click.command()
@options.shared(options.MATRIX, options.STATE)
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True, help="Turns of each.")
def bench(rounds: int, **given: Any) -> int:
    """Time `check` of a small model against six ready environments beside six bare imports.

    Ends with 1 when the median of the ratios, in seconds of the processors, is above 1.5.

    \b
    Example:
      python -m tests.bench.question --rounds 3
    """
    choice = options.choice(**given, select=ENVIRONMENTS)
    state = choice.state.absolute()
    setup.writable(state, "--state")
    pythons = _pythons(choice, state)
    with Store(state).folder("question-") as folder:
        words = [word for name in ENVIRONMENTS for word in ("--to", name)]
        words += ["--matrix", str(choice.matrix), "--state", str(state), "--engine", "venv"]

        def checks(turn: int) -> Callable[[], None]:
            # Each turn has a model of its own: what was found out of one file is not found out again.
            model = folder / f"small{turn}.h5"
            _run([pythons[0], "-c", _MODEL, str(model), str(turn)])
            check = [sys.executable, "-m", "runner", "check", str(model), *words, "--site", f"{model}.site"]
            return lambda: _run(check, allowed=(0, 1))

        def imports() -> None:
            with ThreadPoolExecutor(execute.jobs()) as pool:
                list(pool.map(lambda python: _run([python, "-c", _IMPORT]), pythons))

        imports()  # the first one also reads the disk
        asked = [checks(turn) for turn in range(rounds)]
        turns = [(spent(imports), spent(check)) for check in asked]
    return tell(turns)


def spent(work: Callable[[], object]) -> Spent:
    """Run it, and see what it and its processes took."""
    clock, before = time.perf_counter(), os.times()
    work()
    after = os.times()
    return Spent(clock=time.perf_counter() - clock, processors=sum(after[:4]) - sum(before[:4]))


def ratio(turns: Sequence[tuple[Spent, Spent]], of: Callable[[Spent], float]) -> float:
    """The median of how many times the first the second takes."""
    return median(of(second) / of(first) for first, second in turns)


def tell(turns: Sequence[tuple[Spent, Spent]]) -> int:
    """Print what was found; gives the exit code."""
    table = Table(title=f"check against {len(ENVIRONMENTS)} ready environments", caption=machine())
    for name in ("", "imports, s", "check, s", "ratio"):
        table.add_column(name, justify="right" if name else "left")
    kinds: dict[str, Callable[[Spent], float]] = {
        "by the clock": lambda item: item.clock,
        "of the processors": lambda item: item.processors,
    }
    for name, of in kinds.items():
        first, second = (median(of(turn[place]) for turn in turns) for place in (0, 1))
        table.add_row(name, f"{first:.1f}", f"{second:.1f}", f"{ratio(turns, of):.2f}")
    console = options.for_tables()
    console.print(table)
    console.print(f"{len(turns)} turns each, medians. The ratio may be {MOST} at most.")
    return int(ratio(turns, kinds["of the processors"]) > MOST)


def _pythons(choice: setup.Choice, state: Path) -> list[str]:
    """The Pythons of the environments, made where they were not."""
    cancel = threading.Event()
    plan = setup.planned(choice, cancel=cancel, say=options.teller(Console(stderr=True))).plan
    engine = VenvEngine(state=state)

    def made(name: str) -> str:
        log = state / "logs" / f"provision-{name}.log"
        return engine.provision(plan.environment(name), plan.locks.get(name), log=log, cancel=cancel).python

    with ThreadPoolExecutor(execute.PROVISIONERS) as makers:
        return list(makers.map(made, ENVIRONMENTS))


def _run(command: Sequence[str], allowed: Sequence[int] = (0,)) -> None:
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if ended.returncode not in allowed:
        raise InfrastructureError(
            f"{' '.join(command[:5])} ended with {ended.returncode}: {ended.stderr[-2000:]}"
        )


def main() -> int:
    """Run the command; gives its exit code."""
    try:
        return int(bench.main(prog_name="python -m tests.bench.question", standalone_mode=False) or 0)
    except CrossloadError as error:
        click.echo(error, err=True)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return 2


if __name__ == "__main__":
    sys.exit(main())
