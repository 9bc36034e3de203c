import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from environments.errors import ConfigurationError, InfrastructureError, Interrupted
from runner import __main__ as program
from runner.commands import cli

ROOT = Path(__file__).parents[2]


def commands(group: click.Group, *path: str) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += commands(command, *path, name)
        else:
            found.append((*path, name))
    return found


@pytest.mark.parametrize("path", commands(cli), ids=" ".join)
def test_every_command_has_help_with_an_example(
    path: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert program.run([*path, "--help"]) == 0
    out = capsys.readouterr().out
    assert f"Example:\n    crossload {' '.join(path)}" in out


def test_it_knows_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("crossload ")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["runn"],
        ["run", "--enginee", "venv"],
        ["run", "--engine", "podman"],
        ["task", "save"],
        ["history", "--days", "99999999"],
        ["history", "--limit", "9" * 20],
        ["expect", "--from", "latest", "--days", "99999999"],
        ["clean", "--keep-days", "99999999"],
    ],
)
def test_what_is_typed_wrong_gives_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert program.run(arguments) == 2
    assert "Usage: crossload" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (ConfigurationError("m.yaml:1:1: no [bold]."), 2, "m.yaml:1:1: no [bold].\n"),
        (InfrastructureError("The disk is full."), 3, "The disk is full.\n"),
        (InfrastructureError("It says: \x1b[2J\u202e."), 3, "It says: ‹ESC›[2J‹U+202E›.\n"),
        (Interrupted("Interrupted. Kept."), 130, "Interrupted. Kept.\n"),
        (KeyboardInterrupt(), 130, "\nInterrupted.\n"),
        (
            OSError(28, "No space left on device", "/x/y"),
            3,
            "There is no room on the disk any more (/x/y). What was done until now is kept. Free some space, or name "
            "another folder with --state and --site.\n",
        ),
        (
            shutil.Error(
                [(f"a/{n}", f"b/{n}", f"[Errno 28] No space left on device: 'a/{n}'") for n in "xyz"]
            ),
            3,
            "There is no room on the disk any more (b/x). What was done until now is kept. Free some space, or name "
            "another folder with --state and --site.\n",
        ),
        (
            OSError(13, "Permission denied", "/x/y"),
            3,
            "The system refused: Permission denied (/x/y). Type: crossload doctor\n",
        ),
        (BrokenPipeError(32, "Broken pipe"), 3, "A connection broke. Type: crossload doctor\n"),
    ],
)
def test_every_trouble_has_its_code_and_its_sentence(
    raised: BaseException,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(**given: object) -> None:
        raise raised

    monkeypatch.setattr(cli.commands["plan"], "callback", fail)
    assert program.run(["plan"]) == code
    assert capsys.readouterr().err == said


def test_a_fault_of_our_own_is_not_taken_for_a_gate_that_failed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**given: object) -> None:
        raise ZeroDivisionError("of ours")

    monkeypatch.setattr(cli.commands["plan"], "callback", fail)
    assert program.run(["plan"]) == 3
    err = capsys.readouterr().err
    assert "ZeroDivisionError: of ours" in err
    assert err.endswith("This is a fault of crossload's own. What was done until now is kept.\n")


def test_a_long_sentence_is_not_broken_where_a_program_reads_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**given: object) -> None:
        raise ConfigurationError("word " * 60)

    monkeypatch.setattr(cli.commands["plan"], "callback", fail)
    assert program.run(["plan"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


WAITING = """
import sys, time
from runner import __main__ as program
from runner.commands import cli
def wait(**given):
    print("waiting", flush=True)
    time.sleep(30)
cli.commands["plan"].callback = wait
sys.argv = ["crossload", "plan"]
program.main()
"""


def _as_from_a_terminal() -> None:
    """A shell that starts these tests in the background has SIGINT ignored, and nohup has SIGHUP."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_end_it_in_one_way(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WAITING],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_as_from_a_terminal,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        started = time.monotonic()
        os.kill(process.pid, number)
        _, err = process.communicate(timeout=20)
    assert time.monotonic() - started < 10
    assert (process.returncode, err) == (130, "\nInterrupted.\n")


def test_whoever_starts_it_with_nohup_means_it() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WAITING.replace("30", "0.5")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        os.kill(process.pid, signal.SIGHUP)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")


@pytest.mark.parametrize("path", [[], ["envs"], ["task"]])
def test_no_command_is_told_of_in_half_a_sentence(
    path: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert program.run([*path, "--help"]) == 0
    told = capsys.readouterr().out.partition("Commands:")[2]
    assert told
    assert "..." not in told
