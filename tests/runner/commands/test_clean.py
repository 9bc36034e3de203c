import os
from pathlib import Path

import pytest

from tests.runner.commands.conftest import Crossload
from tests.runner.fakes import Recorded


def test_nothing_of_a_run_goes_and_what_it_has_not_goes(crossload: Crossload, engine: Recorded) -> None:
    assert crossload("run").code == 0
    old = Path(".crossload/artifacts/objects/00") / ("0" * 64)
    old.mkdir(parents=True)
    (old / "weights").write_bytes(bytes(2_500_000))
    os.utime(old, (0, 0))
    said = crossload("clean", "--dry-run")
    assert said.code == 0
    assert "artifact 000000000000: 2.5 MB, " in said.out
    assert "2.5 MB would be free: 1 files and folders." in said.out
    assert old.exists()
    assert crossload("clean").code == 0
    assert not old.exists()
    engine.jobs.clear()
    assert crossload("run").code == 0
    assert engine.jobs == []


def test_there_may_be_nothing_to_clean(crossload: Crossload) -> None:
    said = crossload("clean")
    assert said.code == 0
    assert "There is nothing at " in said.err
    assert not Path(".crossload").exists()


@pytest.mark.parametrize("size", ["much", "-5", "5XB", "nan", ""])
def test_a_size_is_written_as_people_write_it(crossload: Crossload, size: str) -> None:
    said = crossload("clean", "--max-size", size)
    assert said.code == 2
    assert "is not a size; write 500MB or 5GB." in said.err
    assert crossload("clean", "--max-size", "1.5 gb").code == 0
