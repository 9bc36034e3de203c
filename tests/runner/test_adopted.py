"""What the host decides about a model file before any environment sees it, and what it makes of an agent's answer."""

import hashlib
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from environments.engines import Exit, Ready
from environments.errors import DiskFull, InfrastructureError, UsageError
from environments.lock import Lock
from environments.spec import Environment
from runner.adopted import Adopted, ModelFile, adopt, results_of
from runner.conversation import Conversation
from runner.results import Run
from runner.store import Store
from tests.runner.fakes import DONE, Recorded, Say, adopted

HOME = Environment(id="tf2.15.1-cpu", tensorflow="2.15.1")
OTHER = Environment(id="tf2.21.0-cpu", tensorflow="2.21.0")
RUN = Run(id="test", started="", engine="fake", matrix_sha256="", version="")


class Fake(Recorded):
    """An engine that answers as the agent would; ``spoil`` changes the answer."""

    def __init__(self, spoil: Callable[[dict[str, Any]], None] = lambda event: None) -> None:
        super().__init__({f"adopt-{HOME.id}": [self._looked]})
        self._spoil = spoil

    def _looked(self, task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        (cell,) = task["cells"]
        failure = {"type": "ValueError", "message": "no", "traceback": ""}
        ways = {"plain": failure, "compile_false": None}
        event = adopted(cell["key"], out, loaded="compile_false", ways=ways)
        self._spoil(event)
        say("what a library prints")
        say(event)
        return DONE


def taken(folder: Path, engine: Any, name: str = "m.h5", **more: Any) -> tuple[Adopted, Store]:
    (folder / "m.h5").write_text("weights")
    lock = Lock(environment_id=HOME.id, text="", sha256=hashlib.sha256(b"").hexdigest(), packages=())
    ready = Ready(environment=HOME, engine="fake", base="here", base_digest="", python="python")
    store = Store(folder / "state")
    model = ModelFile(path=folder / name, **more)
    with Conversation(ready, engine, store, key=f"adopt-{HOME.id}", cancel=threading.Event()) as agent:
        found = adopt(model, HOME.id, [HOME, OTHER], {HOME.id: lock, OTHER.id: lock}, ready, store, agent)
    return found, store


def test_the_home_environment_is_said_to_have_saved_it(tmp_path: Path) -> None:
    found, store = taken(tmp_path, Fake())
    assert str(found.key) == "tf2.15.1-cpu/m.h5/h5"
    assert found.record["loaded"] == "compile_false"
    assert store.has(found.record["sha256"])
    assert found.plan.load_task(OTHER.id, (found.key,)).artifacts == (found.key,)
    results = results_of(found, store, RUN, [HOME, OTHER])
    (artifact,) = results.artifacts
    assert (artifact.status, artifact.actual_format, artifact.name) == ("saved", "hdf5", "m.h5")
    assert [cell.consumer for cell in results.cells] == [HOME.id, OTHER.id]


def test_the_agent_is_given_what_the_user_has(tmp_path: Path) -> None:
    code, inputs = tmp_path / "layers.py", tmp_path / "some.npz"
    code.write_text("class Mine: pass")
    inputs.write_bytes(b"PK")
    engine = Fake()
    taken(tmp_path, engine, code=code, inputs=inputs)
    assert engine.inputs["model/m.h5"] == tmp_path / "m.h5"
    assert engine.inputs["probes/m.h5.py"] == code
    assert engine.inputs["inputs/some.npz"] == inputs


def test_a_file_that_ends_the_process_is_told_as_such(tmp_path: Path) -> None:
    def crash(event: dict[str, Any]) -> None:
        event.update(status="crashed", problem="Ended by signal SIGSEGV.")

    with pytest.raises(
        InfrastructureError, match=r"m\.h5 could not be looked at in tf2\.15\.1-cpu\..*SIGSEGV"
    ):
        taken(tmp_path, Fake(crash))


def test_a_full_disk_is_no_word_about_the_file(tmp_path: Path) -> None:
    def full(event: dict[str, Any]) -> None:
        failure = {"type": "OSError", "message": "[Errno 28] No space left on device", "traceback": ""}
        event["value"].update(loaded="", ways={"plain": failure})

    with pytest.raises(DiskFull, match=r"no room on the disk when .*m\.h5 was looked at in tf2\.15\.1-cpu"):
        taken(tmp_path, Fake(full))


def test_what_does_not_come_back_as_it_was_described_is_not_kept(tmp_path: Path) -> None:
    def lie(event: dict[str, Any]) -> None:
        event["value"]["sha256"] = "0" * 64

    with pytest.raises(InfrastructureError, match="did not come back whole"):
        taken(tmp_path, Fake(lie))


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name in ("none.h5", "loop"):
        with pytest.raises(UsageError, match="cannot be read"):
            taken(tmp_path, Fake(), name)


def test_names_that_paths_and_results_can_have() -> None:
    assert ModelFile(path=Path("/a/my model (1).h5")).name == "my_model__1_.h5"
    assert ModelFile(path=Path("/a/.h5")).name == "h5"
    assert ModelFile(path=Path("/a/..é")).name == "é"
