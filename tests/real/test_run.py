"""The command line from end to end: real environments, both engines, task by task, interrupted, and one broken."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import docker
import jsonschema
import pytest
from click import unstyle

from environments.engines import docker_owned
from runner.agent.capabilities import FORMATS
from runner.results import CellResult, Results, Verdict, read
from tests.real.conftest import IDS, Stacks

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
TF212, TF215, KERAS34, KERAS315 = IDS
JAX = "keras3.15.1-jax-cpu"
MIRROR = os.environ.get("CROSSLOAD_TEST_MIRROR", "")
Cell = tuple[str, str, str, str]

#: A user's own model script: a layer of its own, and nothing that only one Keras knows.
MINE = '''
"""Two inputs to a scale of its own."""
import numpy as np
from tensorflow import keras


class Scale(keras.layers.Layer):
    def build(self, shape):
        self.factor = self.add_weight(shape=(), initializer="ones", name="factor")
        super().build(shape)

    def call(self, inputs):
        return inputs * self.factor


CUSTOM_OBJECTS = {"Scale": Scale}


def build_model():
    entry = keras.Input(shape=(4,))
    model = keras.Model(entry, keras.layers.Dense(2)(Scale()(entry)))
    model.compile(optimizer="sgd", loss="mse")
    return model


def inputs():
    return np.random.RandomState(3).normal(size=(8, 4)).astype("float32")


def targets():
    return np.ones((8, 2), dtype="float32")
'''

#: Saves like any other, and never ends once it is loaded.
HANGS = MINE.replace(
    "    def call(",
    "    @classmethod\n    def from_config(cls, config):\n        import time; time.sleep(600)\n\n    def call(",
)


def start(*words: str, **changes: str) -> "subprocess.Popen[str]":
    """``crossload`` as a user starts it, in the repository's folder."""
    script = shutil.which("crossload", path=str(Path(sys.executable).parent))
    assert script, "This Python has no crossload: install the project first."
    variables = {**os.environ, "CROSSLOAD_REGISTRY_MIRROR": MIRROR, **changes}
    return subprocess.Popen(
        [script, *words],
        cwd=ROOT,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever started the tests in the background may have had them ignore Ctrl-C.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.default_int_handler),
    )


def crossload(*words: str, code: int = 0, **changes: str) -> tuple[str, str]:
    """Its standard output and standard error, once it ended with that exit code."""
    with start(*words, **changes) as process:
        out, err = process.communicate()
    assert process.returncode == code, (
        f"crossload {' '.join(words)} ended with {process.returncode}:\n{out}\n{err}"
    )
    assert "Traceback" not in err, err
    return unstyle(out), unstyle(err)


def selected(ids: Sequence[str], probes: Sequence[str], formats: Sequence[str]) -> list[str]:
    pairs = [("--select", ids), ("--probe", probes), ("--format", formats)]
    return [word for option, words in pairs for item in words for word in (option, item)]


def cells(results: Results, *, within: Sequence[str] = IDS) -> dict[Cell, CellResult]:
    """Cells by name, of the artifacts of these environments in these environments; each is there once."""
    found = [cell for cell in results.cells if cell.producer in within and cell.consumer in within]
    named = {(cell.producer, cell.consumer, cell.probe, cell.format): cell for cell in found}
    assert len(named) == len(found)
    return named


def outcome(cell: CellResult) -> str:
    """What must not depend on the engine, nor on the machines that a run was spread over, as text to compare."""
    checks = ", ".join(f"{name} {value}" for name, value in sorted(cell.checks.items()))
    error = f"{cell.error.type}: {cell.error.message.splitlines()[0]}" if cell.error else ""
    # Archives hold the time at which they were written, and an artifact is named by its content.
    error = re.sub(r"artifacts/[0-9a-f]{64}", "artifacts/…", error)
    return f"{cell.verdict}; lost {list(cell.lost)}; {checks}; {error[:200]}"


def assert_same(found: dict[Cell, CellResult], expected: dict[Cell, CellResult]) -> None:
    assert found.keys() == expected.keys()
    told = [
        f"{'/'.join(key)}\n  was {outcome(cell)}\n  now {outcome(found[key])}"
        for key, cell in expected.items()
        if outcome(found[key]) != outcome(cell)
    ]
    assert not told, "\n".join([f"{len(told)} of {len(expected)} cells differ:", *told])


Place = Callable[[str], Path]


@pytest.fixture(scope="module")
def place(stacks: Stacks, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Makes a state folder of its own, in which the environments of this session are there already."""
    made = Path(stacks.ready[TF212].python).parents[2]

    def folder(name: str) -> Path:
        state = tmp_path_factory.mktemp(name) / "state"
        state.mkdir()
        (state / "venvs").symlink_to(made)
        return state

    return folder


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mine") / "my_model.py"
    path.write_text(MINE)
    return path


@pytest.fixture(scope="module")
def words(mine: Path) -> list[str]:
    """Four environments, a built-in probe and a user's own, every format."""
    return selected(IDS, ["dense", str(mine)], list(FORMATS))


class Ended:
    """A run that came to its end."""

    def __init__(self, state: Path, words: Sequence[str], *more: str) -> None:
        self.site = state.parent / "site"
        self.out, self.err = crossload("run", *words, "--state", str(state), "--site", str(self.site), *more)
        self.results = read(self.site / "results.json")


@pytest.fixture(scope="module")
def venv(place: Place, words: list[str]) -> Ended:
    return Ended(place("venv"), words, "--engine", "venv")


def test_a_run_has_every_planned_cell_once(venv: Ended, mine: Path) -> None:
    found = cells(venv.results)
    assert found.keys() == {
        (producer, consumer, probe, name)
        for producer in IDS
        for consumer in IDS
        for probe in ("dense", "my_model")
        for name in FORMATS
    }
    assert not {cell.verdict for cell in found.values()} & {
        Verdict.NOT_RUN,
        Verdict.UNAVAILABLE,
        Verdict.CRASHED,
        Verdict.TIMED_OUT,
    }
    assert [probe.source for probe in venv.results.probes] == ["dense", str(mine)]


def test_its_results_keep_to_the_schema_beside_them(venv: Ended) -> None:
    schema = json.loads((venv.site / "results.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads((venv.site / "results.json").read_text()), schema)


def test_it_leaves_a_page_and_says_where(venv: Ended) -> None:
    page = venv.site / "index.html"
    assert venv.out.rstrip().endswith(f"The page: {page}")
    text = page.read_text()
    assert all(name in text for name in (*IDS, "my_model"))
    # It links out to where causes are discussed, and loads nothing from anywhere.
    assert not re.search(r"""<(?!a )[^>]*(src|href)=["']?(https?:)?//""", text)


def test_it_says_how_far_it_came_in_plain_lines(venv: Ended) -> None:
    assert (
        f"4 environments, 2 probes, {len(FORMATS)} formats: {32 * len(FORMATS)} cells, engine venv"
        in venv.err
    )
    for name in IDS:
        assert re.search(rf"\d s  {re.escape(name)}: saved \d+", venv.err)
        assert re.search(rf"\d s  {re.escape(name)}: loaded \d+", venv.err)
        assert re.search(rf"\d s  {re.escape(name)}: tried remedies in \d+ cells", venv.err)
    assert len(venv.err.splitlines()) < 30  # nothing of what frameworks print


@pytest.mark.parametrize(
    ("producer", "kind", "consumer", "verdict", "lost", "message"),
    [
        (TF215, "h5", TF212, Verdict.IDENTICAL, (), ""),
        (TF215, "keras", TF212, Verdict.LOAD_FAILED, (), "expected 2 variables, but received 0"),
        (TF215, "keras", KERAS315, Verdict.DEGRADED, ("optimizer", "training"), ""),
        (TF212, "h5", KERAS34, Verdict.DEGRADED, ("optimizer", "training"), ""),
        (KERAS315, "h5", KERAS315, Verdict.DEGRADED, ("optimizer", "training"), ""),
        (KERAS34, "keras", KERAS315, Verdict.IDENTICAL, (), ""),
        (KERAS315, "keras", KERAS34, Verdict.LOAD_FAILED, (), "quantization_config"),
        (KERAS315, "h5", TF215, Verdict.LOAD_FAILED, (), "batch_shape"),
    ],
)
def test_what_was_seen_by_hand_is_in_its_results(
    venv: Ended,
    producer: str,
    kind: str,
    consumer: str,
    verdict: Verdict,
    lost: tuple[str, ...],
    message: str,
) -> None:
    cell = cells(venv.results)[producer, consumer, "dense", kind]
    assert cell.verdict is verdict
    assert set(lost) <= set(cell.lost)
    assert message in (cell.error.message if cell.error else "")


@pytest.mark.docker
def test_docker_gives_the_same_outcomes_as_venv(venv: Ended, place: Place, words: list[str]) -> None:
    found = Ended(place("docker"), words, "--engine", "docker").results
    assert found.run.engine == "docker"
    for item in found.environments:
        assert item.base_digest.startswith("sha256:")
        assert not MIRROR or item.base.startswith(f"{MIRROR}/")
    assert_same(cells(found), cells(venv.results))


def test_task_by_task_over_several_machines_gives_the_same_cells(
    venv: Ended, place: Place, mine: Path
) -> None:
    ids = (TF215, KERAS315)
    what = selected((), ["dense", str(mine)], list(FORMATS))

    def carry(*sources: Path, to: Path) -> None:
        for source in sources:
            shutil.copytree(source / "artifacts", to / "artifacts", dirs_exist_ok=True)

    savers = [place(f"saves-{name}") for name in ids]
    for name, state in zip(ids, savers, strict=True):
        crossload("task", "save", name, *what, "--engine", "venv", "--state", str(state))
    loaders = [place(f"loads-{name}") for name in ids]
    for name, state in zip(ids, loaders, strict=True):
        carry(*savers, to=state)
        crossload("task", "load", name, *what, "--engine", "venv", "--state", str(state))
    last, site = place("report"), place("site")
    carry(*loaders, to=last)
    chosen = selected(ids, ["dense", str(mine)], list(FORMATS))
    crossload("report", *chosen, "--state", str(last), "--site", str(site))
    results = read(site / "results.json")
    assert "Put together from single tasks." in results.run.notes
    assert_same(cells(results), cells(venv.results, within=ids))


@pytest.mark.docker
def test_ctrl_c_leaves_no_container_and_a_page_of_what_was_done(place: Place, tmp_path: Path) -> None:
    (tmp_path / "hangs.py").write_text(HANGS)
    state, site = place("interrupted"), tmp_path / "site"
    what = selected([TF215], ["dense", str(tmp_path / "hangs.py")], ["h5"])
    process = start("run", *what, "--engine", "docker", "--state", str(state), "--site", str(site))
    journal = state / "artifacts" / "load" / f"{TF215}.jsonl"

    def hanging() -> bool:
        """Whether the one cell is done and the other one is in flight."""
        events = journal.read_text().splitlines() if journal.exists() else []
        return [json.loads(line)["event"] for line in events][-3:] == ["begin", "cell", "begin"]

    with process, closing(docker.from_env()) as client:
        label = {"label": f"{docker_owned.LABEL}.state={docker_owned.owner(state).state}"}
        wait_for(lambda: process.poll() is not None or hanging(), seconds=300)
        running = client.api.containers(filters=label)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        left = [one["Names"] for one in client.api.containers(all=True, filters=label)]
        left += [one["Name"] for one in client.api.volumes(filters=label)["Volumes"] or []]
    assert process.returncode == 130, err
    assert len(running) == 1
    assert left == []
    assert "Interrupted. What was done until now is kept and is on the page." in err
    assert f"The page: {site / 'index.html'}" in out
    results = read(site / "results.json")
    assert results.run.interrupted
    found = {cell.probe: cell.verdict for cell in results.cells}
    assert found == {"dense": Verdict.IDENTICAL, "hangs": Verdict.NOT_RUN}
    assert Verdict.NOT_RUN.meaning in (site / "index.html").read_text()


def wait_for(happened: Callable[[], bool], *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"it did not happen within {seconds} seconds"
        time.sleep(0.05)


@pytest.fixture
def tampered(tmp_path: Path) -> Path:
    """The shipped matrix with a lock beside it in which a package has a hash that no file of it has."""
    shutil.copy(ROOT / "matrix.yaml", tmp_path)
    text = (ROOT / "environments" / "locks" / f"{TF212}.txt").read_text()
    head, body = text.split("\n\n", 1)
    wrong, count = re.subn(r"(?m)(^wrapt==[^\n]*\n)((?:    --hash=sha256:[0-9a-f]{64}[^\n]*\n)+)", bend, body)
    assert count == 1
    whole = hashlib.sha256(wrong.encode()).hexdigest()
    folder = tmp_path / "environments" / "locks"
    folder.mkdir(parents=True)
    (folder / f"{TF212}.txt").write_text(re.sub(r"(?m)^# body .*", f"# body {whole}", head) + "\n\n" + wrong)
    return tmp_path / "matrix.yaml"


def bend(found: re.Match[str]) -> str:
    return found[1] + re.sub(r"[0-9a-f]{64}", "0" * 64, found[2])


@pytest.mark.parametrize("engine", ["venv", pytest.param("docker", marks=pytest.mark.docker)])
def test_an_environment_that_cannot_be_made_costs_its_own_cells_only(
    place: Place, tampered: Path, tmp_path: Path, engine: str
) -> None:
    site = tmp_path / "site"
    what = ["--matrix", str(tampered), *selected([TF212, TF215], ["dense"], ["h5"]), "--engine", engine]
    out, err = crossload(
        "run", *what, "--state", str(place(f"tampered-{engine}")), "--site", str(site), code=3
    )
    results = read(site / "results.json")
    broken, whole = results.environments
    assert (broken.id, broken.status, whole.status) == (TF212, "unavailable", "ready")
    assert broken.error
    assert f"{TF212} could not be made: its packages could not be installed." in broken.error
    assert f"{TF212} is unavailable: " in err
    found = {(cell.producer, cell.consumer): cell for cell in results.cells}
    assert found.pop((TF215, TF215)).verdict is Verdict.IDENTICAL
    assert {cell.verdict for cell in found.values()} == {Verdict.UNAVAILABLE}
    assert all(cell.error and cell.error.message == broken.error for cell in found.values())
    assert "Infrastructure, lost: FAILS, 3 cells" in out


def test_a_keras_file_goes_from_backend_to_backend(place: Place, tmp_path: Path) -> None:
    state, site = place("backends"), tmp_path / "site"
    what = [*selected([KERAS315, JAX], ["dense"], ["keras"]), "--engine", "venv"]
    crossload("run", *what, "--state", str(state), "--site", str(site))
    results = read(site / "results.json")
    assert {item.id: item.backend for item in results.environments} == {KERAS315: "tensorflow", JAX: "jax"}
    found = cells(results, within=(KERAS315, JAX))
    assert {key[:2]: str(cell.verdict) for key, cell in found.items()} == {
        (producer, consumer): "identical" for producer in (KERAS315, JAX) for consumer in (KERAS315, JAX)
    }
