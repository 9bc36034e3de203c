"""The channel in a process of its own, as it takes that process's standard output."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from runner.agent.channel import Channel

ROOT = Path(__file__).parents[3]

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


class Into(Channel):
    """A channel into a pipe of the test's instead of standard output."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.hidden = []


@given(st.dictionaries(st.text(min_size=1).filter(lambda name: name != "self"), values, max_size=5))
def test_an_event_is_one_line_of_ascii_and_comes_back(event: dict[str, Any]) -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as stream:
        try:
            Into(writer).send(**event)
        finally:
            os.close(writer)
        line = stream.read()
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert line.isascii()
    assert json.loads(line) == event


def run(script: str) -> tuple[list[dict[str, Any]], str]:
    """The events and the rest of what a process says that opens a channel."""
    ended = subprocess.run(
        [sys.executable, "-c", "from runner.agent.channel import Channel\nchannel = Channel()\n" + script],
        cwd=ROOT,
        capture_output=True,
        check=True,
        timeout=60,
    )
    return [json.loads(line) for line in ended.stdout.splitlines()], ended.stderr.decode()


def test_whatever_is_printed_goes_to_standard_error() -> None:
    events, rest = run(
        "import os\n"
        "channel.send(event='one')\n"
        """print('{"event": "fake"}', flush=True)\n"""
        """os.system('echo {\\\\"event\\\\": \\\\"fake\\\\"}')\n"""
        "channel.send(event='two')\n"
    )
    assert events == [{"event": "one"}, {"event": "two"}]
    assert rest.splitlines() == ['{"event": "fake"}'] * 2


def test_an_event_larger_than_a_pipe_holds_is_whole() -> None:
    events, _ = run("channel.send(event='cell', output='ä' * 1_000_000)")
    assert events == [{"event": "cell", "output": "ä" * 1_000_000}]


def test_what_is_no_json_is_said_as_text() -> None:
    events, _ = run("import pathlib; channel.send(event='cell', value=pathlib.PurePosixPath('a/b'))")
    assert events == [{"event": "cell", "value": "a/b"}]


def test_folders_of_this_machine_are_not_told() -> None:
    events, _ = run(
        "channel.hidden += ['/home/ä/in']\n"
        "channel.send(event='cell', value={'message': 'not found: \"/home/ä/in/artifacts/m.keras\" /home/ä/input'})"
    )
    assert events == [{"event": "cell", "value": {"message": 'not found: "artifacts/m.keras" /home/ä/input'}}]
