"""When there is a search at all, and what is said where there is none; the environments here are scripts."""

from collections.abc import Mapping
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from environments import lock as locks
from environments import matrix as matrices
from environments.engines import Exit
from environments.errors import EnvironmentUnavailable, InfrastructureError, UsageError
from runner.adopted import ModelFile
from runner.inspection.inspection import Inspection
from runner.results import Run
from runner.store import Store
from runner.upgrade.check import Asked
from runner.upgrade.migrate import Limits, Migration, migrate, told
from runner.upgrade.watching import Silent
from runner.upgrade.workshop import Workshop
from tests.runner.fakes import (
    DONE,
    LOADED,
    Recorded,
    Say,
    adopted,
    carried,
    cell,
    make_lock,
    ready_event,
    well,
)

HOME, NEW = "tf2.15.1-cpu", "tf2.21.0-cpu"


def agent(loads: bool, **record: Any) -> Any:
    """An agent that adopts a file as ``record`` says, carries it, and loads it if it ``loads``."""

    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        if task["phase"] in ("load", "remedy") and loads:
            return well(task, out, say)
        say(ready_event())
        for item in task["cells"]:
            if task["phase"] == "adopt":
                say(adopted(item["key"], out, **record))
            elif task["phase"] == "carry":
                say(carried(item["key"], out))
            else:
                error = {"type": "ValueError", "message": "Unknown layer: Odd", "traceback": ""}
                say(cell(item["key"], {**LOADED, "checks": {}, "error": error}))
        return DONE

    return script


def move(tmp_path: Path, script: Any, *, broken: str = "", **more: Any) -> tuple[Migration, Recorded]:
    (tmp_path / "matrix.yaml").write_text('version: 1\nmatrix: {tensorflow: ["2.15.1", "2.21.0"]}\n')
    matrix = matrices.load(tmp_path / "matrix.yaml")
    known = {item.id: item for item in matrix.environments}
    for item in matrix.environments:
        keras = "keras==2.15.0\n" if item.id == HOME else "keras==3.15.1\n"
        locks.write(make_lock(item, keras), tmp_path / "environments" / "locks")
    (tmp_path / "m.h5").write_text("weights")
    run = Run(id="r", started="2026-01-01T00:00:00+00:00", engine="recorded", matrix_sha256="", version="1")
    engine = Recorded(
        {f"{name}-r": [script] for name in known}, broken={broken: "There is no wheel."} if broken else {}
    )
    asked = Asked(
        model=ModelFile(path=tmp_path / "m.h5"),
        found=Inspection(path="m.h5", kind="hdf5", what="HDF5"),
        home=known[HOME],
        targets=(known[NEW],),
    )
    store = Store(tmp_path / "state")
    with Workshop(
        matrix, store, engine, cancel=Event(), watcher=Silent(lambda sentence: None), run=run
    ) as shop:
        return migrate(asked, shop, known[NEW], **more), engine


def test_the_result_is_what_the_target_saved_and_loaded_again(tmp_path: Path) -> None:
    found, engine = move(tmp_path, agent(True))
    assert found.payload is not None
    assert found.payload.read_text() == f"weights of {NEW}"
    assert told(found)["hops"] == [
        {"environment": NEW, "loaded_by": "plain", "saved_as": "keras", "lost": [], "edits": []}
    ]
    assert engine.jobs[-1] == (f"{NEW}-r", [f"{NEW}/m.h5/keras"])


def test_where_nothing_has_to_be_written_nothing_is_saved(tmp_path: Path) -> None:
    found, engine = move(tmp_path, agent(True), as_it_is=True)
    assert found.as_it_is
    assert told(found)["outcome"] == "as_it_is"
    assert len(engine.jobs) == 2  # at home, and in the target


def test_without_a_path_there_is_nothing_to_write(tmp_path: Path) -> None:
    found, _ = move(tmp_path, agent(False), limits=Limits(hops=2))
    assert (found.payload, found.found.stop) == (None, None)
    why = next(one.why for one in found.found.tried if one.environment == NEW)
    assert "The class Odd is not known" in why


def test_what_does_not_load_at_home_is_not_looked_for_elsewhere(tmp_path: Path) -> None:
    failed = {"type": "ValueError", "message": "Unknown layer: Odd\nmore", "traceback": ""}
    found, engine = move(tmp_path, agent(True, loaded="", ways={"plain": failed}, batches=[]))
    assert found.obstacle_at_home == "ValueError: Unknown layer: Odd"
    assert found.payload is None
    assert not any(NEW in key and "keras" in keys[0] for key, keys in engine.jobs)


def test_without_anything_to_hold_it_against_it_cannot_be_known(tmp_path: Path) -> None:
    with pytest.raises(InfrastructureError, match="--inputs"):
        move(tmp_path, agent(True, batches=[]))


def test_a_target_that_cannot_be_made_is_told_before_the_file_is_looked_at(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentUnavailable, match="no wheel"):
        move(tmp_path, agent(True), broken=NEW)


def test_a_format_that_the_target_has_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="savedmodel"):
        move(tmp_path, agent(True), format_name="savedmodel")
