import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from environments.engines import Engine, Exit, Job, Ready, Running, venv
from environments.engines.venv import VenvEngine
from environments.errors import ConfigurationError, EnvironmentUnavailable, InfrastructureError, Interrupted
from environments.lock import Lock, assemble
from environments.spec import Environment

#: An environment without a package: made in a moment, without a network.
EMPTY = Environment(id="empty", python="3.11", variables=(("GREETING", "hello"),))
LOCK = assemble(EMPTY, "")

_conforms: Engine = VenvEngine(state=Path())


@pytest.fixture
def engine(tmp_path: Path) -> VenvEngine:
    return VenvEngine(state=tmp_path / "state")


def provision(engine: VenvEngine, folder: Path, lock: Lock = LOCK) -> Ready:
    return engine.provision(EMPTY, lock, log=folder / "log.txt", cancel=threading.Event())


def execute(
    engine: VenvEngine,
    ready: Ready,
    folder: Path,
    code: str,
    cancel: threading.Event | None = None,
    **more: Path,
) -> tuple[Exit, list[str]]:
    (folder / "agent").mkdir(exist_ok=True)
    (folder / "agent" / "__main__.py").write_text(code)
    (folder / "task.json").write_text('{"task": 1}')
    lines: list[str] = []
    job = Job(
        key="save-empty",
        script="agent",
        arguments=("task.json",),
        inputs={
            "agent": folder / "agent",
            "task.json": folder / "task.json",
            "deep/er/x": folder / "task.json",
            **more,
        },
        outputs=folder / "got" / "out",
        stall=20.0,
        memory=2**30,
    )
    ended = engine.execute(ready, job, on_line=lines.append, cancel=cancel or threading.Event())
    return ended, lines


#: Says what is in each file that it is named, and writes it to a file of the same name in ``out/``.
READER = """
import os, sys
for line in sys.stdin:
    name = line.strip()
    text = open(os.path.join("in", name)).read()
    for old in os.listdir("out"):
        os.unlink(os.path.join("out", old))
    open(os.path.join("out", os.path.basename(name)), "w").write(text.upper())
    print(text, flush=True)
print("end")
"""


@contextmanager
def dialogue(
    engine: VenvEngine,
    ready: Ready,
    folder: Path,
    code: str,
    *,
    stall: float = 20.0,
    cancel: threading.Event | None = None,
) -> Iterator[Running]:
    (folder / "script.py").write_text(code)
    job = Job(
        key="load-empty",
        script="script.py",
        inputs={"script.py": folder / "script.py"},
        outputs=folder / "got",
        stall=stall,
        memory=2**30,
        dialogue=True,
    )
    with engine.start(ready, job, cancel=cancel or threading.Event()) as running:
        yield running


def left(folder: Path) -> list[Path]:
    return list((folder / "state" / "work").iterdir())


def test_an_environment_is_made_once(engine: VenvEngine, tmp_path: Path) -> None:
    ready = provision(engine, tmp_path)
    assert (ready.engine, ready.base_digest, ready.gpus) == ("venv", "", False)
    assert Path(ready.python).exists()
    assert ready.base == f"host Python {ready.environment.python}"
    log = (tmp_path / "log.txt").read_text()
    assert "pip sync" in log
    assert "--require-hashes" in log
    assert provision(engine, tmp_path) == ready
    assert (tmp_path / "log.txt").read_text() == log


def test_another_lock_is_another_environment(engine: VenvEngine, tmp_path: Path) -> None:
    one = provision(engine, tmp_path)
    two = provision(engine, tmp_path, assemble(EMPTY, "# nothing\n"))
    assert one.python != two.python


def test_half_an_environment_is_made_anew(engine: VenvEngine, tmp_path: Path) -> None:
    ready = provision(engine, tmp_path)
    folder = Path(ready.python).parents[1]
    (folder / ".crossload.json").unlink()
    (folder / "half").write_text("")
    assert provision(engine, tmp_path) == ready
    assert not (folder / "half").exists()


def test_what_cannot_be_installed_is_told_with_the_log(
    engine: VenvEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = assemble(EMPTY, f"six==1.0 --hash=sha256:{'0' * 64}\n")
    for name in [name for name in os.environ if name.startswith(("UV_", "PIP_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    with pytest.raises(EnvironmentUnavailable) as caught:
        provision(engine, tmp_path, lock)
    assert str(caught.value).startswith("empty could not be made: its packages could not be installed. ")
    assert str(caught.value).endswith(f"The log has all of it: {tmp_path / 'log.txt'}")
    assert caught.value.log
    assert provision(engine, tmp_path)  # the other lock is not harmed


def test_an_image_and_a_missing_lock_are_refused(engine: VenvEngine, tmp_path: Path) -> None:
    image = Environment(id="company", image="registry.example/x:1")
    with pytest.raises(EnvironmentUnavailable, match="Use --engine docker"):
        engine.provision(image, None, log=tmp_path / "log", cancel=threading.Event())
    with pytest.raises(ConfigurationError, match="crossload envs lock"):
        engine.provision(EMPTY, None, log=tmp_path / "log", cancel=threading.Event())


def test_a_job_sees_its_files_and_gives_back_what_it_left(engine: VenvEngine, tmp_path: Path) -> None:
    code = (
        "import sys, json, pathlib\n"
        "task, out = sys.argv[1:]\n"
        "print(json.load(open(task))['task'], out, open('in/deep/er/x').read())\n"
        "pathlib.Path(out, 'a').mkdir(); pathlib.Path(out, 'a', 'm.keras').write_text('weights')\n"
    )
    ended, lines = execute(engine, provision(engine, tmp_path), tmp_path, code)
    assert ended == Exit(status=0)
    assert lines == ['1 out {"task": 1}']
    assert (tmp_path / "got" / "out" / "a" / "m.keras").read_text() == "weights"
    assert left(tmp_path) == []


def test_what_a_job_does_to_its_files_is_done_to_copies(engine: VenvEngine, tmp_path: Path) -> None:
    """Keras 3.4 unpacks weights beside the archive that it loads, and leaves them there where that one is damaged."""
    kept = tmp_path / "kept"
    (kept / "payload").mkdir(parents=True)
    (kept / "payload" / "m.keras").write_text("whole")
    code = (
        "from pathlib import Path\npayload = Path('in/model/payload')\n"
        "(payload / 'model.weights.h5').write_text('half')\n(payload / 'm.keras').write_text('other')\n"
    )
    ended, _ = execute(engine, provision(engine, tmp_path), tmp_path, code, model=kept)
    assert ended == Exit(status=0)
    assert [path.name for path in (kept / "payload").iterdir()] == ["m.keras"]
    assert (kept / "payload" / "m.keras").read_text() == "whole"


def test_a_job_does_not_see_the_hosts_secrets(
    engine: VenvEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "mine")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    code = "import os, json; print(json.dumps(dict(os.environ)))"
    _, (line,) = execute(engine, provision(engine, tmp_path), tmp_path, code)
    seen = json.loads(line)
    assert not {"AWS_SECRET_ACCESS_KEY", "PYTHONPATH"} & set(seen)
    assert seen["GREETING"] == "hello"
    assert seen["HOME"] == seen["TMPDIR"]
    assert seen["HOME"].startswith(str(tmp_path / "state" / "work"))


def test_what_was_left_before_a_crash_comes_back(engine: VenvEngine, tmp_path: Path) -> None:
    code = "import os; open('out/x', 'w').write('1'); os.kill(os.getpid(), 9)"
    ended, _ = execute(engine, provision(engine, tmp_path), tmp_path, code)
    assert (ended.status, ended.problem) == (-9, "Ended by signal SIGKILL.")
    assert (tmp_path / "got" / "out" / "x").read_text() == "1"
    assert left(tmp_path) == []


def test_links_come_back_as_links_and_special_files_not_at_all(engine: VenvEngine, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("mine")
    code = (
        "import os\nos.mkfifo('out/pipe')\nos.mkdir('out/a')\nos.mkfifo('out/a/pipe')\n"
        f"os.symlink({str(tmp_path / 'secret')!r}, 'out/link')\nopen('out/a/x', 'w').write('1')\n"
    )
    ended, _ = execute(engine, provision(engine, tmp_path), tmp_path, code)
    assert ended.status == 0
    out = tmp_path / "got" / "out"
    assert sorted(str(path.relative_to(out)) for path in out.rglob("*")) == ["a", "a/x", "link"]
    assert (out / "link").is_symlink()


def test_what_a_job_left_is_added_to_what_is_there(engine: VenvEngine, tmp_path: Path) -> None:
    ready = provision(engine, tmp_path)
    execute(engine, ready, tmp_path, "open('out/x', 'w').write('1')")
    execute(engine, ready, tmp_path, "open('out/y', 'w').write('2')")
    assert sorted(path.name for path in (tmp_path / "got" / "out").iterdir()) == ["x", "y"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="This system has no /dev/full.")
def test_a_full_disk_is_told(engine: VenvEngine, tmp_path: Path) -> None:
    (tmp_path / "got" / "out").mkdir(parents=True)
    (tmp_path / "got" / "out" / "x").symlink_to("/dev/full")
    with pytest.raises(InfrastructureError, match=r"got/out cannot be written: .*No space left on device"):
        execute(engine, provision(engine, tmp_path), tmp_path, "open('out/x', 'w').write('1')")
    assert left(tmp_path) == []


def test_outputs_in_a_place_that_is_none_are_told(engine: VenvEngine, tmp_path: Path) -> None:
    (tmp_path / "got").write_text("")
    with pytest.raises(InfrastructureError, match=r"got/out cannot be written: File exists"):
        execute(engine, provision(engine, tmp_path), tmp_path, "")


def test_interrupting_a_job_leaves_nothing(engine: VenvEngine, tmp_path: Path) -> None:
    cancel = threading.Event()
    ready = provision(engine, tmp_path)
    threading.Timer(2.0, cancel.set).start()
    started = time.monotonic()
    with pytest.raises(Interrupted):
        execute(engine, ready, tmp_path, "open('out/x', 'w').write('1'); import time; time.sleep(60)", cancel)
    assert time.monotonic() - started < 15
    assert (tmp_path / "got" / "out" / "x").exists()
    assert left(tmp_path) == []


def test_who_waits_for_another_and_is_interrupted_touches_nothing(engine: VenvEngine, tmp_path: Path) -> None:
    ready = provision(engine, tmp_path)
    target = Path(ready.python).parents[1]
    (target / ".crossload.json").unlink()  # the other is still at it
    cancel = threading.Event()
    with venv._guard(target.with_suffix(".guard"), threading.Event()):
        threading.Timer(0.3, cancel.set).start()
        with pytest.raises(Interrupted):
            engine.provision(EMPTY, LOCK, log=tmp_path / "log.txt", cancel=cancel)
        assert Path(ready.python).exists()


def test_two_who_want_one_environment_make_it_once(engine: VenvEngine, tmp_path: Path) -> None:
    threads = [threading.Thread(target=provision, args=(engine, tmp_path)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "log.txt").read_text().count(" venv ") == 1


def test_an_environment_can_be_removed(engine: VenvEngine, tmp_path: Path) -> None:
    def remove() -> bool:
        return engine.remove(EMPTY, LOCK, log=tmp_path / "log.txt", cancel=threading.Event())

    assert not remove()
    ready = provision(engine, tmp_path)
    assert remove()
    assert not Path(ready.python).exists()
    assert not remove()
    assert provision(engine, tmp_path) == ready


def test_a_job_is_told_one_thing_after_another(engine: VenvEngine, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("one")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "y").write_text("two")
    with dialogue(engine, provision(engine, tmp_path), tmp_path, READER) as running:
        running.put({"x": tmp_path / "x"})
        running.tell("x")
        assert running.hear() == "one"
        running.collect()
        assert (tmp_path / "got" / "x").read_text() == "ONE"
        (tmp_path / "x").write_text("three")
        running.put({"x": tmp_path / "x", "folder": tmp_path / "folder"})
        for name, text in (("folder/y", "two"), ("x", "three")):
            running.tell(name)
            assert running.hear() == text
    assert (tmp_path / "got" / "x").read_text() == "THREE"
    assert left(tmp_path) == []


def test_leaving_a_job_that_waits_ends_it(engine: VenvEngine, tmp_path: Path) -> None:
    started = time.monotonic()
    with dialogue(engine, provision(engine, tmp_path), tmp_path, "print(1, flush=True)\ninput()") as running:
        assert running.hear() == "1"
    assert time.monotonic() - started < 10
    assert running.exit.problem == "Ended by signal SIGKILL."


def test_what_a_dead_job_is_told_is_lost_and_its_end_is_told(engine: VenvEngine, tmp_path: Path) -> None:
    code = "import os\nprint('last', flush=True)\nos.kill(os.getpid(), 9)"
    with dialogue(engine, provision(engine, tmp_path), tmp_path, code) as running:
        assert running.hear() == "last"
        assert running.hear() is None
        running.tell("anything")
        assert running.hear() is None
    assert running.exit == Exit(status=-9, problem="Ended by signal SIGKILL.")


def test_a_job_that_is_told_something_and_is_silent_is_ended(engine: VenvEngine, tmp_path: Path) -> None:
    ready = provision(engine, tmp_path)
    with dialogue(engine, ready, tmp_path, "input()\nimport time\ntime.sleep(60)", stall=0.5) as running:
        running.tell("go")
        assert running.hear() is None
    assert running.exit.problem == "Said nothing for 0.5 seconds and was ended."


def test_time_in_which_nobody_listens_is_no_silence(engine: VenvEngine, tmp_path: Path) -> None:
    with dialogue(engine, provision(engine, tmp_path), tmp_path, "print(input())", stall=1.0) as running:
        time.sleep(1.5)
        running.tell("late")
        assert running.hear() == "late"


def test_interrupting_a_dialogue_leaves_nothing(engine: VenvEngine, tmp_path: Path) -> None:
    cancel = threading.Event()
    ready = provision(engine, tmp_path)
    threading.Timer(0.3, cancel.set).start()
    with pytest.raises(Interrupted), dialogue(engine, ready, tmp_path, READER, cancel=cancel) as running:
        running.hear()
    assert left(tmp_path) == []


HOST = """
import os, sys, threading
from pathlib import Path
from environments.engines import Job, Ready
from environments.engines.venv import VenvEngine
from environments.spec import Environment
folder = Path(sys.argv[1])
ready = Ready(environment=Environment(id="x"), engine="venv", base="", base_digest="", python=sys.executable)
job = Job(key="k", script="script.py", inputs={"script.py": folder / "script.py"}, outputs=folder / "got",
          stall=60, memory=2**30, dialogue=True)
with VenvEngine(state=folder).start(ready, job, cancel=threading.Event()) as running:
    print(running.hear(), flush=True)
    os.kill(os.getpid(), 9)
"""


def test_a_job_hears_that_this_process_was_killed(tmp_path: Path) -> None:
    code = f"import os, sys\nprint(1, flush=True)\nsys.stdin.read()\nopen({str(tmp_path / 'heard')!r}, 'w')"
    (tmp_path / "script.py").write_text(code)
    ended = subprocess.run(
        [sys.executable, "-c", HOST, str(tmp_path)], capture_output=True, text=True, check=False, timeout=60
    )
    assert (ended.returncode, ended.stdout) == (-9, "1\n")
    deadline = time.monotonic() + 10
    while not (tmp_path / "heard").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (tmp_path / "heard").exists()
