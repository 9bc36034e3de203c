import os
import sys
import threading
import time
from pathlib import Path

import pytest

from environments.engines import Exit, process
from environments.errors import EnvironmentUnavailable, Interrupted


def run(
    folder: Path, code: str, *, stall: float = 20.0, cancel: threading.Event | None = None
) -> tuple[Exit, list[str]]:
    lines: list[str] = []
    ended = process.run(
        [sys.executable, "-c", code],
        cwd=folder,
        variables={"PATH": os.environ["PATH"]},
        on_line=lines.append,
        stall=stall,
        cancel=cancel or threading.Event(),
    )
    return ended, lines


def alive(pid: int) -> bool:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return text.rsplit(")", 1)[1].split()[0] != "Z"


def gone(pid: int) -> bool:
    """Whether it ends within a moment: the kernel needs one."""
    deadline = time.monotonic() + 5
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not alive(pid)


def test_lines_come_as_they_are_written(tmp_path: Path) -> None:
    ended, lines = run(tmp_path, "print('one'); print('größer'); print('no end', end='')")
    assert ended == Exit(status=0)
    assert lines == ["one", "größer", "no end"]


def test_line_ends_of_windows_and_bytes_that_are_no_text(tmp_path: Path) -> None:
    _, lines = run(tmp_path, r"import os; os.write(1, b'a\r\nb\xff\n\nc\n')")
    assert lines == ["a", "b�", "", "c"]


def test_a_line_without_end_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "LONGEST_LINE", 100_000)
    _, lines = run(tmp_path, "print('x' * 500_000)")
    assert "".join(lines) == "x" * 500_000
    assert len(lines) > 2


def test_only_what_it_is_given_is_in_its_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "mine")
    code = "import os, sys; print(os.environ.get('SECRET'), os.getcwd(), repr(sys.stdin.read()))"
    _, lines = run(tmp_path, code)
    assert lines == [f"None {tmp_path} ''"]


def test_the_end_of_standard_error_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_STDERR", 1000)
    ended, _ = run(tmp_path, "import sys; sys.stderr.write('x' * 5000 + 'end')")
    assert len(ended.stderr) == 1000
    assert ended.stderr.endswith("xend")


def test_how_it_ended_is_told(tmp_path: Path) -> None:
    ended, _ = run(tmp_path, "import sys; sys.exit(3)")
    assert (ended.status, ended.problem) == (3, "Ended with status 3.")
    ended, _ = run(tmp_path, "import os; os.kill(os.getpid(), 11)")
    assert (ended.status, ended.problem) == (-11, "Ended by signal SIGSEGV.")
    ended, _ = run(tmp_path, "import os; os.kill(os.getpid(), 40)")  # a real-time signal has no name
    assert ended.problem == "Ended by signal 40."


def test_silence_is_ended(tmp_path: Path) -> None:
    started = time.monotonic()
    ended, lines = run(tmp_path, "import time; print('last', flush=True); time.sleep(60)", stall=0.5)
    assert ended.problem == "Said nothing for 0.5 seconds and was ended."
    assert lines == ["last"]
    assert time.monotonic() - started < 15


def test_closing_both_streams_is_silence_too(tmp_path: Path) -> None:
    ended, _ = run(tmp_path, "import os, time; os.close(1); os.close(2); time.sleep(60)", stall=0.5)
    assert ended.problem == "Said nothing for 0.5 seconds and was ended."


def test_noise_on_standard_error_is_no_sign_of_life(tmp_path: Path) -> None:
    code = "import sys, time\nwhile True: sys.stderr.write('.'); sys.stderr.flush(); time.sleep(0.05)"
    ended, _ = run(tmp_path, code, stall=0.5)
    assert ended.problem.startswith("Said nothing")


CHILD = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])
print(child.pid, flush=True)
"""


@pytest.mark.parametrize("rest", ["", "time.sleep(60)"])
def test_nothing_of_its_group_is_left(tmp_path: Path, rest: str) -> None:
    _, lines = run(tmp_path, CHILD + rest, stall=1.0)
    assert gone(int(lines[0]))


@pytest.mark.parametrize("code", [CHILD + "time.sleep(60)", CHILD + "while True: print('noise')"])
def test_interrupting_ends_it_and_its_children(tmp_path: Path, code: str) -> None:
    cancel = threading.Event()
    heard: list[str] = []

    def listen(line: str) -> None:
        if not heard:
            heard.append(line)
            cancel.set()

    started = time.monotonic()
    with pytest.raises(Interrupted):
        process.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            variables={},
            on_line=listen,
            stall=60.0,
            cancel=cancel,
        )
    assert time.monotonic() - started < 10
    assert gone(int(heard[0]))


def test_a_listener_that_raises_leaves_nothing_behind(tmp_path: Path) -> None:
    heard: list[str] = []

    def listen(line: str) -> None:
        heard.append(line)
        raise ValueError("full")

    with pytest.raises(ValueError, match="full"):
        process.run(
            [sys.executable, "-c", CHILD + "time.sleep(60)"],
            cwd=tmp_path,
            variables={},
            on_line=listen,
            stall=60.0,
            cancel=threading.Event(),
        )
    assert gone(int(heard[0]))


def test_a_command_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentUnavailable, match=r"/no/python cannot be started: No such file"):
        process.run(
            ["/no/python"],
            cwd=tmp_path,
            variables={},
            on_line=lambda line: None,
            stall=1.0,
            cancel=threading.Event(),
        )


def test_ctrl_c_at_the_terminal_does_not_reach_it(tmp_path: Path) -> None:
    _, lines = run(tmp_path, "import os; print(os.getsid(0) == os.getpid())")
    assert lines == ["True"]
