"""What is wrong with a file, or with what was typed, is one clear message before any environment is made."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.runner.commands.conftest import Crossload
from tests.runner.fakes import Recorded
from tests.runner.inspection import files

#: The commands that load a file, without the file.
COMMANDS = {
    "check": ("--to", "2.18.1"),
    "bisect": ("--good", "2.15.1", "--bad", "2.18.1"),
    "migrate": ("--to", "2.18.1", "-o", "out.keras"),
}
ROOT = Path(__file__).parents[3]


def _sparse(path: Path) -> None:
    with path.open("wb") as out:
        out.truncate(3 << 30)


def _loop(path: Path) -> None:
    path.symlink_to(path.with_name("b"))
    path.with_name("b").symlink_to(path)


def _cut(path: Path) -> None:
    files.hdf5(path)
    path.write_bytes(path.read_bytes()[:-500])


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "There is no m.h5. Check the path."),
        (lambda path: path.symlink_to("nowhere"), "It is a link to something that is not there."),
        (_loop, "Too many levels of symbolic links"),
        (os.mkfifo, "is no file and no folder"),
        (Path.mkdir, "This folder is empty."),
        (lambda path: path.write_bytes(b""), "it has no bytes"),
        (lambda path: path.write_text("hello"), "This is text, and no model."),
        (_sparse, "It begins with nothing but zeros"),
    ],
)
def test_what_is_no_model_is_refused_at_once(
    make: Callable[[Path], object], said: str, command: str, crossload: Crossload, engine: Recorded
) -> None:
    make(Path("m.h5"))
    told = crossload(command, "m.h5", *COMMANDS[command])
    assert (told.code, told.out) == (2, "")
    assert told.err.count(said) == 1
    assert len(told.err.splitlines()) == 1
    assert engine.provisioned == []


@pytest.mark.parametrize("command", ["bisect", "migrate"])
def test_half_a_download_is_not_searched_with(command: str, crossload: Crossload, engine: Recorded) -> None:
    _cut(Path("m.h5"))
    told = crossload(command, "m.h5", *COMMANDS[command])
    assert told.code == 2
    assert "m.h5 is not whole: It is cut off: it has " in told.err
    assert engine.provisioned == []


@pytest.mark.parametrize("command", ["inspect", *COMMANDS])
def test_a_file_without_permission_is_named(command: str, folder: Path) -> None:
    files.hdf5(Path("m.h5"))
    Path("m.h5").chmod(0)
    # Root may read everything, unless that right is taken away.
    setpriv = shutil.which("setpriv")
    if os.geteuid() == 0 and setpriv is None:
        pytest.skip("Root may read every file, and there is no setpriv to take that away.")
    less = [str(setpriv), "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    words = [*less, sys.executable, "-m", "runner", command, "m.h5", *COMMANDS.get(command, ())]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    told = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr == "m.h5 cannot be read: Permission denied. Name a file that can.\n"


@pytest.mark.parametrize("name", ["with space.h5", "-dash.h5", "ünï.h5", "ctrl\x1b[31m\n.h5", "--help.h5"])
def test_any_name_can_be_asked_about(name: str, crossload: Crossload) -> None:
    files.hdf5(Path(name))
    told = crossload("inspect", "--json", "--", name)
    assert (told.code, json.loads(told.out)["path"]) == (0, name)
    told = crossload("inspect", "--", name)
    assert told.code == 0
    assert "\x1b" not in told.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("check", "--to", "banana"), "'banana' is no environment, selection or version"),
        (("check", "--from", "banana"), "'banana' is no environment, selection or version"),
        (("check", "--to", ""), "'' is no environment, selection or version"),
        (("migrate", "--to", "2.15.1", "-o", "gone/out.keras"), "There is no folder gone"),
        (("migrate", "--to", "2.15.1", "-o", "m.h5"), "which is never changed"),
        (("migrate", "--to", "2.15.1", "-o", "out.txt"), "does not say what to write"),
        (("migrate", "--to", "banana"), "'banana' is no environment, selection or version"),
        (("bisect", "--good", "banana", "--bad", "2.18.1"), "'banana' is no environment"),
        (("bisect", "--good", "2.15.1", "--bad", "2.15.1"), "the same environment, tf2.15.1-cpu; name two"),
        (("check", "--custom-objects", "gone.py"), "There is no file gone.py"),
        (("check", "--custom-objects", "broken.py"), "broken.py:2 is no Python"),
        (("check", "--custom-objects", "."), ". is no regular file"),
        (("check", "--probe", "a.py", "--custom-objects", "a.py"), "name one of them"),
        (("check", "--architecture", "broken.py"), "broken.py is no JSON"),
        (("check", "--architecture", "list.json"), "no architecture of a model"),
        (("check", "--inputs", "broken.py"), "broken.py is no npz file"),
        (("check", "--inputs", "empty.npz"), "holds no arrays"),
        (("check", "--inputs", "objects.npz"), "'x' holds Python objects"),
        (("check", "--inputs", "pipe"), "pipe is no regular file"),
        (("check", "--may-lose", "optimiser"), "did you mean 'optimizer'"),
    ],
)
def test_what_was_typed_is_looked_at_first(
    words: tuple[str, ...], said: str, crossload: Crossload, engine: Recorded
) -> None:
    files.hdf5(Path("m.h5"))
    Path("broken.py").write_text("import os\nclass A(:\n")
    Path("list.json").write_text("[]")
    np.savez("empty.npz")
    np.savez("objects.npz", x=np.array([{}], dtype=object))
    os.mkfifo("pipe")
    told = crossload(words[0], "m.h5", *words[1:])
    assert (told.code, told.out) == (2, "")
    assert told.err.count(said) == 1
    assert len(told.err.splitlines()) == 1
    assert engine.provisioned == []
