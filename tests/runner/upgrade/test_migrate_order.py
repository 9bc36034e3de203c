"""What is ordered is refused before anything is made, and written only where there is something to write."""

from pathlib import Path
from typing import Any

import pytest

from environments.errors import UsageError
from runner import setup
from runner.adopted import ModelFile
from runner.setup import Choice
from runner.upgrade import opening
from runner.upgrade.migrate import Limits, Migration
from runner.upgrade.migrate_order import order
from runner.upgrade.watching import Silent
from tests.runner.commands.conftest import folder  # noqa: F401  a fixture
from tests.runner.fakes import Recorded
from tests.runner.inspection import files

MODEL, HOME, NEW = Path("m.h5"), "tf2.15.1-cpu", "tf2.18.1-cpu"


@pytest.fixture
def engine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Recorded:  # noqa: F811
    """In a folder with a matrix and a model; agents do all that they are asked to, and all goes well."""
    files.hdf5(MODEL, keras="2.15.0")
    found = Recorded()
    monkeypatch.setattr(setup, "engine_for", lambda *chosen, **how: (found, ()))
    return found


def moved(out: str = "", format_name: str = "", **more: Any) -> tuple[Migration, Path | None]:
    wanted = order(MODEL, Path(out) if out else None, format_name, **{"force": False, **more})
    file = opening.look(ModelFile(path=MODEL), Choice(matrix=Path("matrix.yaml"), select=(NEW,)))
    asked = wanted.asked(file, NEW, HOME)
    with opening.workshop(file, Silent(lambda sentence: None), command="crossload migrate") as shop:
        return wanted.carry(asked, shop, Limits())


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("out", "format_name", "place"),
    [("new.keras", "", "new.keras"), ("", "keras", f"m-{NEW}.keras"), ("new.h5", "h5", "new.h5")],
)
def test_it_is_written_where_it_was_ordered(out: str, format_name: str, place: str) -> None:
    found, written = moved(out, format_name)
    assert written == Path(place)
    assert Path(place).read_text() == f"weights of {NEW}"
    assert found.target == NEW


@pytest.mark.usefixtures("engine")
def test_without_a_place_and_a_format_the_file_itself_is_the_answer() -> None:
    found, written = moved()
    assert (found.as_it_is, written) == (True, None)
    assert sorted(path.name for path in Path().glob("m*")) == ["m.h5", "matrix.yaml"]


@pytest.mark.parametrize(("out", "format_name"), [("old.keras", ""), ("", "keras")])
def test_what_would_be_written_over_is_told_before_anything_is_started(
    out: str, format_name: str, engine: Recorded
) -> None:
    for name in ("old.keras", f"m-{NEW}.keras"):
        Path(name).write_text("mine")
    with pytest.raises(UsageError, match="exists"):
        moved(out, format_name)
    assert engine.started == []
    _, written = moved(out, format_name, force=True)
    assert written is not None
    assert written.read_text() == f"weights of {NEW}"
