"""What only an environment can find out about bad input: one clear message, and the right exit code."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.real import by_hand
from tests.real.conftest import Stacks

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]

MATRIX = Path(__file__).parents[2] / "matrix.yaml"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("check", "--to", "2.15", "--inputs", "shape.npz"), 2, "The model does not take what is in"),
        (("check", "--to", "2.15", "--inputs", "two.npz"), 2, "The model does not take what is in"),
        (("check", "--to", "2.15", "--custom-objects", "raises.py"), 2, "raises.py cannot be used: ZeroD"),
        (("check", "--to", "2.15", "--custom-objects", "exits.py"), 3, "It may be the code in"),
        (("bisect", "--good", "tf2.21.0-cpu", "--bad", "2.15"), 2, "--good tf2.21.0-cpu is bad already"),
        (("bisect", "--good", "2.12", "--bad", "2.15"), 2, "--bad tf2.15.1-cpu is good"),
        (("migrate", "--to", "tf2.21.0-cpu", "--inputs", "shape.npz"), 2, "does not take what is in"),
    ],
)
def test_it_is_said_once(
    words: tuple[str, ...], code: int, said: str, stacks: Stacks, tmp_path: Path
) -> None:
    model = by_hand.dense(tmp_path / "model.h5")
    np.savez(tmp_path / "shape.npz", x=np.ones((2, 7), "float32"))
    np.savez(tmp_path / "two.npz", a=np.ones((2, 3)), b=np.ones((2, 3)))
    (tmp_path / "raises.py").write_text("1 / 0\n")
    (tmp_path / "exits.py").write_text("import os\nos._exit(3)\n")
    command = [sys.executable, "-m", "runner", words[0], str(model), *words[1:]]
    command = [str(tmp_path / word) if word.endswith((".npz", ".py")) else word for word in command]
    command += ["--matrix", str(MATRIX), "--state", str(stacks.state), "--engine", "venv"]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (ended.returncode, ended.stdout) == (code, ""), ended.stderr
    assert said in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr
    assert sorted(tmp_path.glob("*.keras")) == []
