"""The recipe of docs/api.md for somebody's own CI, word for word, and where it loads the model."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import crossload
from tests.real import by_hand
from tests.real.conftest import Stacks

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]

DOCS = Path(__file__).parents[2] / "docs" / "api.md"


def _recipe() -> str:
    (found,) = re.findall(r"```python\n(# test_models\.py\n.*?)```", DOCS.read_text(), re.DOTALL)
    return str(found)


def test_the_recipe_passes_where_it_works_and_says_why_where_not(stacks: Stacks, tmp_path: Path) -> None:
    (tmp_path / ".crossload").symlink_to(stacks.state)
    (tmp_path / "test_models.py").write_text(_recipe())
    (tmp_path / "models").mkdir()
    by_hand.dense(tmp_path / "models" / "churn.h5")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--color=no", "test_models.py"]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "1 failed, 1 passed" in ended.stdout
    assert "FAILED test_models.py::test_our_model_works_in[2.21]" in ended.stdout
    assert "Last safe version: 2.15.1" in ended.stdout
    assert "✕ load failed" in ended.stdout
    assert 'keras.models.load_model("churn.h5", compile=False)' in ended.stdout


def test_models_are_loaded_in_another_process_and_another_python(stacks: Stacks, tmp_path: Path) -> None:
    told = tmp_path / "told"

    def code(x):  # type: ignore[no-untyped-def]
        import os
        import sys

        with open("TOLD", "a") as out:  # noqa: PTH123  it runs elsewhere
            out.write(str(os.getpid()) + " " + sys.prefix + "\n")
        return x

    model = by_hand.running(tmp_path / "model.h5", by_hand.filled(code, {"TOLD": told}))
    here = crossload.Place(matrix=DOCS.parents[1] / "matrix.yaml", state=stacks.state, engine="venv")
    crossload.inspect(model)
    assert not told.exists()
    assert crossload.check(model, to=["tf2.15.1-cpu"], place=here).known
    processes, prefixes = zip(*(line.split(" ", 1) for line in told.read_text().splitlines()), strict=True)
    assert str(os.getpid()) not in processes
    assert sys.prefix not in prefixes
    assert "tensorflow" not in sys.modules
