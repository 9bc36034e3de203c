"""The agent with real TensorFlow: outcomes that were first seen by hand, and probes that misbehave."""

import contextlib
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from environments.engines.venv import VenvEngine
from environments.errors import Interrupted
from runner import probe_files
from runner.collect import collect
from runner.plan import Plan, Task
from runner.results import ArtifactResult, CellResult, Results, Run, Verdict
from runner.store import Store
from runner.tasks import run_task
from runner.told import saved_artifacts
from tests.real.conftest import IDS, Stacks

pytestmark = [pytest.mark.real, pytest.mark.timeout(1200)]

TF212, TF215, KERAS34, KERAS315 = IDS
RUN = Run(id="test", started="", engine="venv", matrix_sha256="", version="")


def run(
    stacks: Stacks, plan: Plan, tasks: Iterable[Task], state: Path, listener: Any = lambda task, event: None
) -> None:
    """Run tasks of one phase, two at a time. Cells run below ``state``, which is this test's own."""
    engine, store = VenvEngine(state=state), Store(state)

    def one(task: Task) -> None:
        ready = stacks.ready[task.environment]
        run_task(plan, task, ready, engine, store, listener=listener, cancel=threading.Event())

    with ThreadPoolExecutor(2) as runners:
        list(runners.map(one, tasks))


def plan_of(
    stacks: Stacks, ids: Sequence[str], probes: Sequence[str], formats: Sequence[str], **changes: Any
) -> Plan:
    return Plan(
        environments=tuple(replace(stacks.environments[name], **changes) for name in ids),
        locks={name: stacks.locks[name] for name in ids},
        probes=probe_files.find(probes, Path.cwd()),
        formats=tuple(formats),
    )


class Grid:
    """The results of a plan, by names."""

    def __init__(self, results: Results) -> None:
        self.results = results
        self.cells = {(cell.producer, cell.consumer, cell.probe, cell.format): cell for cell in results.cells}

    def artifact(self, producer: str, probe: str, kind: str) -> ArtifactResult:
        (found,) = (
            item
            for item in self.results.artifacts
            if (item.producer, item.probe, item.format) == (producer, probe, kind)
        )
        return found


@pytest.fixture(scope="module")
def grid(stacks: Stacks, tmp_path_factory: pytest.TempPathFactory) -> Grid:
    """The dense classifier with and without metrics, as ``.keras`` and ``.h5``, from everywhere to everywhere."""
    state = tmp_path_factory.mktemp("grid")
    text = (probe_files.BUILT_IN / "architecture" / "dense.py").read_text()
    measured = text.replace('crossentropy")', 'crossentropy", metrics=["accuracy"])')
    assert measured != text
    (state / "measured.py").write_text(measured)
    plan = plan_of(stacks, IDS, [str(state / "measured.py"), "dense"], ["keras", "h5"])
    store = Store(state)
    run(stacks, plan, [plan.save_task(name) for name in IDS], state)
    saved = tuple(saved_artifacts(plan, store, plan.artifacts()))
    run(stacks, plan, [plan.load_task(name, saved) for name in IDS], state)
    return Grid(collect(plan, store, RUN))


def failed_with(cell: CellResult) -> str:
    assert cell.verdict is Verdict.LOAD_FAILED, cell
    assert cell.error is not None
    return cell.error.message


def everything_same(cell: CellResult) -> bool:
    return cell.verdict is Verdict.IDENTICAL and set(cell.checks.values()) == {"same"}


def test_every_cell_was_run_and_ended(grid: Grid) -> None:
    assert len(grid.cells) == 4 * 4 * 2 * 2
    verdicts = {cell.verdict for cell in grid.cells.values()}
    assert verdicts == {Verdict.IDENTICAL, Verdict.DEGRADED, Verdict.LOAD_FAILED}
    assert {cell.attempts for cell in grid.cells.values()} == {1}
    assert {item.status for item in grid.results.environments} == {"ready"}


def test_environments_say_what_they_are(grid: Grid) -> None:
    found = {item.id: (item.tensorflow, item.keras) for item in grid.results.environments}
    assert found[TF212] == ("2.12.1", "2.12.0")
    assert found[TF215] == ("2.15.1", "2.15.0")
    assert found[KERAS34] == ("2.16.2", "3.4.1")
    assert found[KERAS315][0] == "2.21.0"
    assert found[KERAS315][1].startswith("3.15.")
    for item in grid.results.environments:
        assert item.devices == ("/physical_device:CPU:0",)
        assert item.packages.get("keras") == item.keras


@pytest.mark.parametrize(
    ("producer", "actual"), [(TF212, "hdf5"), (TF215, "zip"), (KERAS34, "zip"), (KERAS315, "zip")]
)
def test_what_m_dot_keras_really_is(grid: Grid, producer: str, actual: str) -> None:
    for probe in ("measured", "dense"):
        assert grid.artifact(producer, probe, "keras").actual_format == actual
        assert grid.artifact(producer, probe, "h5").actual_format == "hdf5"


@pytest.mark.parametrize("consumer", [KERAS34, KERAS315])
def test_keras_3_does_not_find_the_hdf5_file_that_is_called_keras(grid: Grid, consumer: str) -> None:
    artifact = grid.artifact(TF212, "measured", "keras")
    message = failed_with(grid.cells[TF212, consumer, "measured", "keras"])
    # The same words in every run and on every machine.
    assert f"File not found: filepath=artifacts/{artifact.sha256}/payload/m.keras." in message
    assert "accessible `.keras` zip file" in message


@pytest.mark.parametrize(
    ("producer", "consumer", "kind"),
    [
        (TF212, TF215, "keras"),
        (TF212, TF215, "h5"),
        (TF215, TF212, "h5"),
        (KERAS34, KERAS315, "keras"),
        *((name, name, "keras") for name in IDS),
        (TF212, TF212, "h5"),
        (TF215, TF215, "h5"),
    ],
)
def test_what_survives_whole(grid: Grid, producer: str, consumer: str, kind: str) -> None:
    for probe in ("measured", "dense"):
        cell = grid.cells[producer, consumer, probe, kind]
        assert everything_same(cell), cell
        assert cell.max_abs_diff is not None
        assert cell.max_abs_diff < 1e-6


def test_keras_2_12_does_not_read_the_variables_of_a_2_15_archive(grid: Grid) -> None:
    message = failed_with(grid.cells[TF215, TF212, "measured", "keras"])
    assert "expected 2 variables, but received 0 variables" in message


@pytest.mark.parametrize("consumer", [KERAS34, KERAS315])
def test_a_keras_2_archive_loses_its_optimizer_in_keras_3_with_only_a_warning(
    grid: Grid, consumer: str
) -> None:
    cell = grid.cells[TF215, consumer, "dense", "keras"]
    assert cell.verdict is Verdict.DEGRADED
    assert "optimizer" in cell.lost
    assert "training" in cell.lost
    assert cell.checks["outputs"] == cell.checks["weights"] == "same"
    assert cell.details["optimizer"].startswith("iterations 0 where 4 was; 8 of 8 slot variables gone")
    assert "TypeError" in cell.details["training"]
    assert any("Skipping variable loading for optimizer 'adam'" in line for line in cell.warnings)
    with_metrics = grid.cells[TF215, consumer, "measured", "keras"]
    assert "iterations 0 where 4 was" in with_metrics.details["optimizer"]


@pytest.mark.parametrize("producer", [TF212, TF215])
@pytest.mark.parametrize("consumer", [KERAS34, KERAS315])
def test_an_h5_of_keras_2_loses_its_slots_in_keras_3(grid: Grid, producer: str, consumer: str) -> None:
    cell = grid.cells[producer, consumer, "dense", "h5"]
    assert (cell.verdict, cell.lost) == (Verdict.DEGRADED, ("optimizer", "training"))
    assert cell.details["optimizer"] == "8 of 8 slot variables gone"
    assert "Unknown variable" in cell.details["training"]
    assert any("Error in loading the saved optimizer state" in line for line in cell.warnings)


@pytest.mark.parametrize(
    ("producer", "consumer"), [(KERAS34, KERAS34), (KERAS315, KERAS315), (KERAS34, KERAS315)]
)
def test_an_h5_loses_its_optimizer_even_in_the_keras_3_that_saved_it(
    grid: Grid, producer: str, consumer: str
) -> None:
    cell = grid.cells[producer, consumer, "dense", "h5"]
    assert (cell.verdict, cell.lost) == (Verdict.DEGRADED, ("optimizer", "training"))
    assert cell.details["optimizer"] == "8 of 8 slot variables gone"
    assert not any("optimizer" in line for line in cell.warnings)  # nobody is told


@pytest.mark.parametrize("kind", ["keras", "h5"])
def test_an_older_keras_3_does_not_know_what_a_newer_one_writes(grid: Grid, kind: str) -> None:
    message = failed_with(grid.cells[KERAS315, KERAS34, "measured", kind])
    assert "quantization_config" in message


@pytest.mark.parametrize("producer", [KERAS34, KERAS315])
@pytest.mark.parametrize("consumer", [TF212, TF215])
@pytest.mark.parametrize("kind", ["keras", "h5"])
def test_keras_2_does_not_load_keras_3(grid: Grid, producer: str, consumer: str, kind: str) -> None:
    assert "batch_shape" in failed_with(grid.cells[producer, consumer, "measured", kind])


MISBEHAVING = '''
"""A layer that does something else when it is loaded."""
import os, signal, sys, time
import numpy as np
from tensorflow import keras


def misbehave():
    {body}


class Layer(keras.layers.Layer):
    def call(self, inputs):
        return inputs * 2.0

    @classmethod
    def from_config(cls, config):
        misbehave()
        return super().from_config(config)


CUSTOM_OBJECTS = {{"Layer": Layer}}


def build_model():
    entry = keras.Input(shape=(3,))
    return keras.Model(entry, Layer()(keras.layers.Dense(2)(entry)))


def inputs():
    return np.ones((2, 3), dtype="float32")
'''
KEY = '{"producer": "tf2.21.0-cpu", "probe": "well", "format": "keras"}'
FAKE = (
    '{"event": "cell", "key": '
    + KEY
    + ', "status": "crashed", "problem": "fake", "output": "", "seconds": 0}'
)
BODIES = {
    "crashes": "os.kill(os.getpid(), signal.SIGSEGV)",
    "eats": "hoard = [b'x' * (1 << 26) for _ in range(200) if not time.sleep(0.02)]",
    "exits": "os._exit(0)",
    "hangs": "print('hanging now', flush=True); time.sleep(600)",
    "kills": "os.kill(os.getppid(), signal.SIGKILL); time.sleep(600)",
    "lies": f"print({FAKE!r}, flush=True); os.system('echo the shell, too')",
    "raises": "raise ValueError('from inside')",
    "well": "pass",
}


def write_probes(folder: Path, bodies: Mapping[str, str]) -> list[str]:
    for name, body in bodies.items():
        (folder / f"{name}.py").write_text(MISBEHAVING.format(body=body))
    return [str(folder / f"{name}.py") for name in bodies]


def working_below(folder: Path) -> list[str]:
    """The processes whose working directory is below a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            found += [process.name] if (process / "cwd").readlink().is_relative_to(folder) else []
    return found


def left_below(folder: Path) -> list[str]:
    """The same, after the moment that the kernel takes to end what was killed."""
    deadline = time.monotonic() + 5
    while working_below(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
    return working_below(folder)


@pytest.fixture(scope="module")
def misbehaved(stacks: Stacks, tmp_path_factory: pytest.TempPathFactory) -> tuple[Grid, Path]:
    """One task that loads all of these, each of which was saved without trouble."""
    state = tmp_path_factory.mktemp("misbehaved")
    words = write_probes(state, BODIES)
    cannot = MISBEHAVING.format(body="pass").replace(
        "entry = ", "raise RuntimeError('no such model')\n    entry = "
    )
    (state / "unbuildable.py").write_text(cannot)
    words.append(str(state / "unbuildable.py"))
    plan = plan_of(stacks, [KERAS315], words, ["keras"], timeout=8.0, memory=1400 << 20)
    store = Store(state)
    run(stacks, plan, [plan.save_task(KERAS315)], state)
    run(
        stacks, plan, [plan.load_task(KERAS315, tuple(saved_artifacts(plan, store, plan.artifacts())))], state
    )
    return Grid(collect(plan, store, RUN)), state


@pytest.mark.parametrize(
    ("probe", "verdict", "message"),
    [
        ("crashes", "crashed", "Ended by signal SIGSEGV."),
        ("eats", "crashed", "Took more than the 1400 MiB of memory a cell may take."),
        ("exits", "crashed", "Ended with exit status 0 and no answer."),
        ("hangs", "timed_out", "Still running after 8 seconds."),
        ("kills", "crashed", "The whole task ended with this cell"),
        ("raises", "load_failed", "from inside"),
        ("unbuildable", "save_failed", "no such model"),
    ],
)
def test_what_misbehaves_is_called_by_its_name(
    misbehaved: tuple[Grid, Path], probe: str, verdict: str, message: str
) -> None:
    cell = misbehaved[0].cells[KERAS315, KERAS315, probe, "keras"]
    assert cell.verdict == verdict
    assert cell.error is not None
    assert message in cell.error.message


def test_it_costs_the_others_nothing(misbehaved: tuple[Grid, Path]) -> None:
    grid, state = misbehaved
    well = grid.cells[KERAS315, KERAS315, "well", "keras"]
    assert well.verdict is Verdict.IDENTICAL
    attempts = {cell.probe: cell.attempts for cell in grid.cells.values()}
    assert attempts.pop("kills") == 2
    assert set(attempts.values()) == {1}
    assert left_below(state) == []
    assert list((state / "work").iterdir()) == []


def test_what_a_model_prints_is_no_event(misbehaved: tuple[Grid, Path]) -> None:
    cell = misbehaved[0].cells[KERAS315, KERAS315, "lies", "keras"]
    assert cell.verdict is Verdict.IDENTICAL
    assert FAKE in cell.output
    assert "the shell, too" in cell.output


def test_an_interrupted_task_leaves_no_hanging_cell_behind(stacks: Stacks, tmp_path: Path) -> None:
    plan = plan_of(stacks, [KERAS315], write_probes(tmp_path, {"hangs": BODIES["hangs"]}), ["keras"])
    store, engine, cancel = Store(tmp_path), VenvEngine(state=tmp_path), threading.Event()
    run(stacks, plan, [plan.save_task(KERAS315)], tmp_path)
    seen: list[list[str]] = []

    def stop(task: Task, event: Mapping[str, Any]) -> None:
        if "hanging now" in event.get("text", ""):
            seen.append(working_below(tmp_path / "work"))
            cancel.set()

    task = plan.load_task(KERAS315, tuple(saved_artifacts(plan, store, plan.artifacts())))
    with pytest.raises(Interrupted):
        run_task(plan, task, stacks.ready[KERAS315], engine, store, listener=stop, cancel=cancel, echo=True)
    assert len(seen[0]) == 2  # the agent and its cell
    assert left_below(tmp_path) == []
