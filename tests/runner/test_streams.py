import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def start(code: str, **more: object) -> "subprocess.Popen[bytes]":
    text = f"import sys, os\nfrom runner import streams\nstreams.prepare()\n{code}"
    return subprocess.Popen([sys.executable, "-c", text], cwd=ROOT, stderr=subprocess.PIPE, **more)  # type: ignore[call-overload, no-any-return]


@pytest.mark.parametrize("lines", [1, 100_000])
def test_a_reader_who_leaves_does_not_change_the_end(lines: int) -> None:
    code = f"sys.stdin.read()\nfor _ in range({lines}): print('line')\nsys.exit(7)"
    with start(code, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.close()  # type: ignore[union-attr]
        process.stdin.close()  # type: ignore[union-attr]
        assert process.stderr.read() == b""  # type: ignore[union-attr]
    assert process.returncode == 7


def test_characters_that_the_reader_does_not_know_are_spelled() -> None:
    code = "print('\\u2713 \\udcff')"
    with start(code, stdout=subprocess.PIPE, env={"PYTHONIOENCODING": "ascii"}) as process:
        out, err = process.communicate(timeout=20)
    assert (out, err, process.returncode) == (b"\\u2713 \\udcff\n", b"", 0)


def test_without_a_stream_nothing_is_said() -> None:
    code = "assert sys.stdout is None\nprint('x')\nsys.exit(7)"
    with start(code, preexec_fn=lambda: __import__("os").close(1)) as process:
        process.communicate(timeout=20)
    assert process.returncode == 7


def test_a_stream_of_somebody_elses_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    code = "import io\nsys.stdout = io.StringIO()\nstreams.prepare()\nassert type(sys.stdout) is io.StringIO"
    with start(code, stdout=subprocess.PIPE) as process:
        assert process.stderr.read() == b""  # type: ignore[union-attr]
    assert process.returncode == 0
