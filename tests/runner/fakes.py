"""A small world for tests: environments, locks and probes of literals, and an engine that speaks recorded lines."""

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

from environments.engines import Engine, Exit, Job, Ready, Running, heard
from environments.errors import EnvironmentUnavailable, InfrastructureError, Interrupted
from environments.lock import Lock, assemble
from environments.spec import Environment
from runner import journal
from runner.agent.sniff import digest_of
from runner.plan import ArtifactKey, Plan
from runner.probe_files import ProbeFile

#: One attempt of an agent: gets its task file, its ``out`` folder and a way to say an event or a raw line.
Say = Callable[[Any], None]
Script = Callable[[Mapping[str, Any], Path, Say], Exit]

DONE = Exit(status=0)
KILLED = Exit(status=-9, problem="Ended by signal SIGKILL.", stderr="out of memory, it says\n")

FACTS = {
    "python": "3.11.9",
    "tensorflow": "2.15.1",
    "keras": "2.15.0",
    "backend": "tensorflow",
    "packages": {"numpy": "1.26.4"},
    "devices": ["/physical_device:CPU:0"],
    "gpu_visible": False,
    "cpus": 2,
}
LOADED = {
    "checks": {
        "structure": "same",
        "config": "same",
        "weights": "same",
        "outputs": "same",
        "loss": "same",
        "optimizer": "same",
        "training": "same",
        "resave": "same",
        "reload": "same",
    },
    "details": {},
    "max_abs_diff": 0.0,
    "warnings": [],
    "error": None,
}

SAVED = {
    "status": "saved",
    "sha256": "0" * 64,
    "bytes": 7,
    "name": "m.keras",
    "actual_format": "zip",
    "files": ["m.keras"],
    "stage": "",
    "error": None,
    "warnings": [],
}


def make_plan(
    folder: Path,
    *ids: str,
    keras: str = "2.15.0",
    probes: tuple[str, ...] = ("dense",),
    formats: tuple[str, ...] = ("keras",),
) -> Plan:
    """A plan over TensorFlow environments with that Keras, with probe files that are really there."""
    environments = tuple(Environment(id=name, tensorflow="2.15.1", timeout=1.0) for name in ids)
    found = []
    for name in probes:
        path = folder / f"{name}.py"
        path.write_text(f'"""Why {name}."""\ndef build_model(): ...\ndef inputs(): ...\n')
        found.append(ProbeFile(name=name, path=path, why=f"Why {name}.", sha256=f"sha-{name}", source=name))
    return Plan(
        environments=environments,
        locks={item.id: make_lock(item, f"keras=={keras}\n") for item in environments},
        probes=tuple(found),
        formats=formats,
    )


def make_lock(environment: Environment, body: str = "keras==2.15.0\n") -> Lock:
    return assemble(environment, body)


def artifact(producer: str, probe: str = "dense", format: str = "keras") -> ArtifactKey:  # noqa: A002
    return ArtifactKey(producer=producer, probe=probe, format=format)


def ready_event() -> dict[str, Any]:
    return {"event": "ready", "facts": FACTS, "seconds": 1.5}


def saved(key: Mapping[str, str], out: Path, content: str = "weights") -> dict[str, Any]:
    """Save something where the agent does, and the event that says so."""
    folder = out / key["probe"] / key["format"]
    (folder / "payload").mkdir(parents=True)
    (folder / "payload" / "m.keras").write_text(f"{content} of {key['producer']}")
    sha256, size = digest_of(str(folder))
    return cell(key, {**SAVED, "sha256": sha256, "bytes": size})


def adopted(key: Mapping[str, str], out: Path, **told: Any) -> dict[str, Any]:
    """Take a file in where the agent does, and the event that says so: it is HDF5, loads and predicts."""
    folder = out / key["probe"] / "adopted"
    (folder / "payload").mkdir(parents=True)
    (folder / "payload" / "m.h5").write_text("weights")
    value = {**SAVED, "sha256": digest_of(str(folder))[0], "name": "m.h5", "actual_format": "hdf5"}
    value |= {"files": ["m.h5"], "format": "h5", "loaded": "plain", "ways": {"plain": None}, "predict": None}
    return cell(key, {**value, "notes": [], "batches": ["2, usual values"], **told})


def carried(key: Mapping[str, str], out: Path, content: str = "weights", **told: Any) -> dict[str, Any]:
    """Save a hop's result where the agent does, and the event that says so: what was loaded is as at home."""
    event = saved({**key, "probe": "carried"}, out, content)
    return cell(key, {**event["value"], "seen": {**LOADED, "edits": []}, **told})


def cell(key: Mapping[str, str], value: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "event": "cell",
        "key": dict(key),
        "status": "done",
        "value": dict(value),
        "problem": "",
        "output": "printed",
        "seconds": 0.25,
    }


_MAKES: Mapping[str, Callable[..., dict[str, Any]]] = {"save": saved, "adopt": adopted, "carry": carried}


def well(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
    """An agent that does all it is asked to, and everything goes well."""
    say({"event": "started", "phase": task["phase"], "environment": task["environment"]})
    say(ready_event())
    for item in task["cells"]:
        say({"event": "begin", "key": item["key"]})
        make = _MAKES.get(task["phase"])
        say(make(item["key"], out) if make else cell(item["key"], LOADED))
    say({"event": "finished"})
    return DONE


def trying(loaded: Mapping[str, Any], tried: Callable[[str], Mapping[str, Any]]) -> Script:
    """An agent that loads every cell as ``loaded`` says, and each remedy in it, by its id, as ``tried`` does."""

    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        for item in task["cells"]:
            if task["phase"] == "load":
                say(cell(item["key"], loaded))
                continue
            for remedy in item["remedies"]:
                event = cell(item["key"], {"edits": [], **tried(remedy["id"])})
                say({**event, "event": "remedy", "id": remedy["id"]})
            say({"event": "tried", "key": item["key"]})
        return DONE

    return script


class Recorded:
    """An engine whose jobs are scripts of this process: ``{"load-b": [first attempt, second attempt]}``.

    The last script of a task serves all further attempts; a task that is not named goes well.
    """

    name = "recorded"
    isolation = "None: nothing runs."

    def __init__(
        self,
        scripts: Mapping[str, list[Script]] | None = None,
        *,
        broken: Mapping[str, str] | None = None,
    ) -> None:
        self._scripts = {name: list(found) for name, found in (scripts or {}).items()}
        self._broken = dict(broken or {})
        #: The processes that were started, by job key, and what was carried out: (job key, the keys of its cells).
        self.started: list[str] = []
        self.jobs: list[tuple[str, list[str]]] = []
        #: The files that were put in, by their place.
        self.inputs: dict[str, Path] = {}
        self.provisioned: list[str] = []
        self.closed = False
        self.base_digest = ""

    def provision(self, environment: Environment, lock: Lock | None, *, log: Path, cancel: Event) -> Ready:
        del lock, log
        if cancel.is_set():
            raise Interrupted("The run was interrupted.")
        if environment.id in self._broken:
            raise EnvironmentUnavailable(
                self._broken[environment.id],
                log="all of it",
                lasting="network" not in self._broken[environment.id],
            )
        self.provisioned.append(environment.id)
        return Ready(
            environment=environment,
            engine=self.name,
            base="/usr/bin/python3",
            base_digest=self.base_digest,
            python="python",
        )

    def digest(self, environment: Environment) -> str:
        return self.base_digest

    @contextmanager
    def start(self, ready: Ready, job: Job, *, cancel: Event) -> Iterator[Running]:
        del ready
        if cancel.is_set():
            raise Interrupted("The run was interrupted.")
        self.started.append(job.key)
        running = Speaking(self, job)
        running.put(job.inputs)
        running.carry_out("task.json")
        yield running

    def execute(self, ready: Ready, job: Job, *, on_line: Callable[[str], None], cancel: Event) -> Exit:
        return heard(self.start(ready, job, cancel=cancel), on_line)

    def script(self, key: str) -> Script:
        """The next one of a task."""
        scripts = self._scripts.get(key, [well])
        found: Script = scripts.pop(0) if len(scripts) > 1 else scripts[0]
        return found

    def remove(self, environment: Environment, lock: Lock, *, log: Path, cancel: Event) -> bool:
        return False

    def close(self) -> None:
        self.closed = True


class Speaking:
    """A job of :class:`Recorded`: each time that it is told something, it says all of its script at once."""

    def __init__(self, engine: Recorded, job: Job) -> None:
        self._engine, self._job = engine, job
        self._inputs: dict[str, Path] = {}
        self._lines = deque[str]()
        self._raised: BaseException | None = None
        self._number = 0
        self.exit = DONE
        self._over = False

    def hear(self) -> str | None:
        if self._lines:
            return self._lines.popleft()
        if self._raised is not None:
            raise self._raised
        assert self._over, "Nobody has asked for anything, and it would wait for ever."
        return None

    def put(self, inputs: Mapping[str, Path]) -> None:
        assert all(path.exists() for path in inputs.values())
        self._inputs |= inputs
        self._engine.inputs |= inputs

    def tell(self, line: str) -> None:
        if not self._over:
            self._number += 1
            self.carry_out(line)

    def collect(self) -> None:
        """It is written where it is wanted."""

    def carry_out(self, name: str) -> None:
        task = json.loads(self._inputs[name].read_text())
        keys = [
            "/".join(cell["key"][part] for part in ("producer", "probe", "format")) for cell in task["cells"]
        ]
        self._job.outputs.mkdir(parents=True, exist_ok=True)
        if keys or not task.get("talk"):  # else it is started before it is asked anything
            self._engine.jobs.append((self._job.key, keys))
            try:
                script = self._engine.script(self._job.key)
                self.exit = script(task, self._job.outputs, self._say)
            except (EnvironmentUnavailable, InfrastructureError, Interrupted, KeyboardInterrupt) as error:
                self._raised = error
                return
        if self.exit == DONE and task.get("talk"):
            self._say({"event": "waiting", "after": self._number})
        else:
            self._over = True

    def _say(self, said: Any) -> None:
        self._lines.append(said if isinstance(said, str) else json.dumps(said))


#: mypy checks here that the fake keeps the contract.
_conforms: Engine = Recorded()


def rewrite(path: Path, change: Callable[[journal.Event], journal.Event]) -> None:
    """A journal as another machine would have written it, with each of its events changed."""
    path.write_bytes(journal.text([change(event) for event in journal.read(path)]))


def rewrite_heads(path: Path, **changes: Any) -> None:
    """A journal as a task under other conditions would have written it."""
    rewrite(path, lambda event: {**event, **changes} if event["event"] == "task" else event)
