"""Real children: they return, raise, die, hang, eat memory, shout and leave others behind."""

import faulthandler
import os
import select
import shutil
import signal
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runner.agent.isolate import OUTPUT, in_child, in_company, in_place

MIB = 1 << 20


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Cells get their folders below ``tmp_path``; none may be left, nor any descriptor."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = descriptors()
    yield
    assert not list(tmp_path.glob("cell-*"))
    assert descriptors() == before


def descriptors() -> set[int]:
    return {int(path.name) for path in Path("/proc/self/fd").iterdir() if path.exists()}


def run(
    function: Callable[[str], Any], *, timeout: float = 20, memory: int = 4096 * MIB, **more: Any
) -> dict[str, Any]:
    def as_outside_pytest(folder: str) -> Any:
        faulthandler.disable()
        sys.stdout, sys.stderr = (os.fdopen(number, "w", closefd=False) for number in (1, 2))
        return function(folder)

    return in_child(as_outside_pytest, timeout=timeout, memory=memory, **more)


def alive(pid: int) -> bool:
    """Whether a process runs; what has ended and waits to be reaped by init does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def gone_soon(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not alive(pid)


def test_what_the_function_returns_comes_back() -> None:
    found = run(lambda folder: {"one": [1, None, "ä\udc80"], "two": float("inf")})
    assert found["status"] == "done"
    assert found["value"] == {"one": [1, None, "ä\udc80"], "two": float("inf")}
    assert found["problem"] == ""
    assert found["output"] == ""
    assert 0 < found["seconds"] < 20


def test_an_answer_larger_than_a_pipe_holds_comes_back_whole() -> None:
    found = run(lambda folder: "x" * 3_000_000)
    assert found["value"] == "x" * 3_000_000


def test_the_child_is_another_process_in_a_fresh_folder() -> None:
    def function(folder: str) -> Any:
        Path("left.txt").write_text("behind")
        return [os.getpid(), Path.cwd().samefile(folder), [path.name for path in Path(folder).iterdir()]]

    first, second = run(function), run(function)
    assert os.getpid() not in (first["value"][0], second["value"][0])
    assert first["value"][1:] == second["value"][1:] == [True, ["left.txt"]]


def test_what_the_child_changes_stays_there() -> None:
    changed: list[int] = []
    run(lambda folder: changed.append(1))
    assert changed == []


def test_an_exception_that_nobody_caught_is_a_crash_and_is_printed() -> None:
    def function(folder: str) -> None:
        raise RuntimeError("not expected")

    found = run(function)
    assert found["status"] == "crashed"
    assert "value" not in found
    assert "exit status 1" in found["problem"]
    assert "RuntimeError: not expected" in found["output"]


def test_even_sys_exit_is_no_answer() -> None:
    found = run(lambda folder: sys.exit(0))
    assert (found["status"], found["problem"]) == ("crashed", "Ended with exit status 1 and no answer.")


@pytest.mark.parametrize("status", [0, 3])
def test_a_child_that_leaves_without_an_answer_has_crashed(status: int) -> None:
    found = run(lambda folder: os._exit(status))
    assert found["status"] == "crashed"
    assert found["problem"] == f"Ended with exit status {status} and no answer."


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM])
def test_a_signal_is_named(number: signal.Signals) -> None:
    found = run(lambda folder: os.kill(os.getpid(), number))
    assert found["status"] == "crashed"
    assert found["problem"] == f"Ended by signal {number.name}."


def test_a_signal_without_a_name_is_a_number() -> None:
    number = signal.SIGRTMIN + 1
    found = run(lambda folder: os.kill(os.getpid(), number))
    assert found["problem"] == f"Ended by signal {number}."


def test_being_killed_hints_at_memory() -> None:
    found = run(lambda folder: os.kill(os.getpid(), signal.SIGKILL))
    assert found["status"] == "crashed"
    assert "SIGKILL" in found["problem"]
    assert "out-of-memory" in found["problem"]


def test_a_child_that_sleeps_beyond_its_deadline_is_ended() -> None:
    started = time.monotonic()
    found = run(lambda folder: time.sleep(60), timeout=0.3)
    assert found["status"] == "timed_out"
    assert found["problem"] == "Still running after 0.3 seconds."
    assert time.monotonic() - started < 10


def test_the_deadline_holds_for_one_that_closed_its_pipe_and_ignores_signals() -> None:
    def function(folder: str) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.closerange(3, 256)
        time.sleep(60)

    assert run(function, timeout=0.4)["status"] == "timed_out"


def test_what_was_printed_before_the_deadline_is_kept_and_where_it_was_then_is_added() -> None:
    def function(folder: str) -> None:
        print("loading …", flush=True)
        time.sleep(60)

    printed, _, stack = run(function, timeout=0.4)["output"].partition("\n")
    assert printed == "loading …"
    innermost = stack.split("(most recent call first):\n")[-1].splitlines()[0]
    assert innermost.endswith(" in function")


def test_one_that_works_without_end_is_ended_early_and_says_where() -> None:
    def function(folder: str) -> None:
        number = 0
        while True:
            number += 1

    started = time.monotonic()
    found = run(function, busy=0.5, timeout=60)
    assert (found["status"], found["looping"]) == ("timed_out", True)
    assert found["problem"] == "Worked for 0.5 seconds and came to no end: far longer than saving it took."
    assert found["output"].rstrip().split("(most recent call first):\n")[-1].startswith("  File ")
    assert time.monotonic() - started < 20


def test_one_that_waits_is_not_taken_to_go_round_in_a_loop() -> None:
    found = run(lambda folder: time.sleep(1), busy=0.2)
    assert (found["status"], "looping" in found) == ("done", False)


def test_the_work_of_those_before_is_not_counted() -> None:
    def work(folder: str) -> None:
        until = time.process_time() + 0.4
        while time.process_time() < until:
            pass

    assert [found["status"] for found in company(*[work] * 4, busy=0.9)] == ["done"] * 4


def test_a_child_that_takes_too_much_memory_is_ended() -> None:
    def function(folder: str) -> None:
        hoard = []
        while True:
            hoard.append(b"x" * (8 * MIB))
            time.sleep(0.002)

    limit = resident() + 200 * MIB
    found = run(function, memory=limit)
    assert found["status"] == "crashed"
    assert found["problem"] == f"Took more than the {limit >> 20} MiB of memory a cell may take."


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_the_end_of_what_is_printed_is_kept_whatever_its_bytes() -> None:
    def function(folder: str) -> None:
        os.write(1, b"first\n")
        for _ in range(1000):
            os.write(2, b"\xff\xfe " * 100)
        os.write(1, b"\xe2\x82")  # half of a character

    output = run(function)["output"]
    assert "first" not in output
    assert output.startswith(("\ufffd", " "))
    assert output.endswith(" \ufffd")
    assert OUTPUT / 4 < len(output) <= OUTPUT


def test_a_child_that_fills_the_disk_with_what_it_prints_is_ended() -> None:
    def chatter(folder: str) -> None:
        while True:
            os.write(1, b"x" * (1 << 20))

    found = in_child(chatter, 60.0, 1 << 40)
    assert (found["status"], found["problem"]) == ("crashed", "Printed more than 64 MiB.")
    assert found["seconds"] < 30


def test_python_and_other_prints_are_caught_alike() -> None:
    def function(folder: str) -> None:
        print("one", flush=True)
        os.system("echo two")

    assert run(function)["output"] == "one\ntwo\n"


def test_a_grandchild_is_gone_afterwards() -> None:
    def function(folder: str) -> int:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(60)
            os._exit(0)
        return pid

    started = time.monotonic()
    found = run(function)
    # It holds the pipe open; the answer counts from the moment at which the child itself has ended.
    assert found["status"] == "done"
    assert time.monotonic() - started < 10
    assert gone_soon(found["value"])


def test_a_child_ends_with_whoever_forked_it() -> None:
    reader, writer = os.pipe()

    def hang(folder: str) -> None:
        os.write(writer, str(os.getpid()).encode())
        time.sleep(60)

    agent = os.fork()
    if agent == 0:
        try:
            run(hang, timeout=60)
        finally:
            os._exit(0)
    try:
        assert select.select([reader], [], [], 20)[0]
        child = int(os.read(reader, 64))
        assert alive(child)
    finally:
        os.kill(agent, signal.SIGKILL)
        os.waitpid(agent, 0)
        os.close(reader)
        os.close(writer)
    assert gone_soon(child)
    for folder in Path(tempfile.gettempdir()).glob("cell-*"):
        shutil.rmtree(folder)  # the killed one could not


def test_the_private_descriptor_is_not_there() -> None:
    reader, writer = os.pipe()

    def function(folder: str) -> str:
        try:
            os.write(writer, b"fake")
        except OSError as error:
            return os.strerror(error.errno or 0)
        return "written"

    try:
        assert run(function, private=(writer,))["value"] == "Bad file descriptor"
        assert run(function)["value"] == "written"
        assert os.read(reader, 64) == b"fake"
    finally:
        os.close(reader)
        os.close(writer)


def test_what_the_models_code_writes_into_the_pipe_is_no_answer() -> None:
    before = descriptors()

    def function(folder: str) -> str:
        for number in descriptors() - before:
            if stat.S_ISFIFO(os.fstat(number).st_mode):
                os.write(number, b"{")
        return "value"

    found = run(function)
    assert (found["status"], found["problem"]) == ("crashed", "Ended with an answer that is not whole.")


def test_a_child_that_removes_its_own_folder_is_nobodys_trouble() -> None:
    def function(folder: str) -> str:
        print("still heard", flush=True)
        Path(folder).rmdir()
        return "gone"

    found = run(function)
    assert (found["value"], found["output"]) == ("gone", "still heard\n")


def test_echo_hears_everything_in_order_while_it_runs() -> None:
    heard: list[tuple[float, str]] = []

    def function(folder: str) -> None:
        os.write(1, "one €".encode()[:-1])
        time.sleep(0.4)
        os.write(1, "€".encode()[-1:] + b"\n")
        os.write(2, b"x" * 100_000 + b"\xff")

    started = time.monotonic()
    found = run(function, echo=lambda text: heard.append((time.monotonic() - started, text)))
    assert "".join(text for _, text in heard) == "one €\n" + "x" * 100_000 + "\ufffd"
    assert heard[0][1].startswith("one")
    assert heard[0][0] < 0.4 <= found["seconds"]


def test_in_place_is_this_process_in_a_fresh_folder_that_is_gone_afterwards() -> None:
    found = in_place(lambda folder: [os.getpid(), folder, os.path.isdir(folder)])  # noqa: PTH112
    pid, folder, there = found["value"]
    assert (found["status"], pid, there) == ("done", os.getpid(), True)
    assert not Path(folder).exists()
    assert sorted(found) == sorted(in_child(lambda folder: 1, 10.0, 1 << 40))


def company(*functions: Callable[[str], Any], **more: Any) -> list[dict[str, Any]]:
    def first(folder: str) -> Any:
        faulthandler.disable()
        sys.stdout, sys.stderr = (os.fdopen(number, "w", closefd=False) for number in (1, 2))
        return functions[0](folder)

    return list(in_company([first, *functions[1:]], **{"timeout": 20, "memory": 4096 * MIB, **more}))


def test_company_shares_a_process_and_nothing_that_is_said() -> None:
    def talk(folder: str) -> Any:
        print("I am in", Path(folder).name)
        return [os.getpid(), folder, str(Path.cwd())]

    one, two = company(talk, talk)
    assert (one["output"], two["output"]) == ("I am in 0\n", "I am in 1\n")
    assert one["value"][0] == two["value"][0] != os.getpid()
    assert one["value"][1] == one["value"][2] != two["value"][1]


def test_the_one_that_dies_ends_the_company() -> None:
    answers = company(lambda folder: 1, lambda folder: os.kill(os.getpid(), signal.SIGSEGV), lambda folder: 3)
    assert [answer["status"] for answer in answers] == ["done", "crashed"]
    assert answers[1]["problem"] == "Ended by signal SIGSEGV."


def test_the_deadline_is_for_each_of_a_company() -> None:
    answers = company(*[lambda folder: time.sleep(0.4)] * 3, lambda folder: time.sleep(60), timeout=1.0)
    assert [answer["status"] for answer in answers] == ["done", "done", "done", "timed_out"]
    assert all(0.4 <= answer["seconds"] < 1 for answer in answers[:3])


def test_a_company_that_is_left_early_is_ended() -> None:
    stream = in_company(
        [lambda folder: os.getpid(), lambda folder: time.sleep(60)], timeout=90, memory=4096 * MIB
    )
    pid = next(stream)["value"]
    stream.close()  # type: ignore[attr-defined]
    assert gone_soon(pid)
