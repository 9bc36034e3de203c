import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import yaml

from runner.results import to_json
from tests.runner.commands.conftest import MATRIX, Crossload
from tests.runner.history.conftest import results

X, Y = "tf2.15.1-cpu", "tf2.18.1-cpu"
CELLS = {
    f"{X}/{X}/dense/h5": "identical",
    f"{X}/{Y}/dense/h5": "degraded",
    f"{Y}/{X}/dense/h5": "load_failed unclassified",
    f"{Y}/{Y}/dense/h5": "identical",
}


def test_entries_are_proposed_and_a_matrix_takes_them(folder: Path, crossload: Crossload) -> None:
    Path("r.json").write_text(to_json(results("r1", CELLS)))
    said = crossload("expect", "--from", "r.json", "--days", "30", "--owner", "ada")
    assert said.code == 0
    (entry,) = yaml.safe_load(said.out)["expected"]
    expires: date = entry.pop("expires")
    assert expires - datetime.now(UTC).date() <= timedelta(days=30)
    assert entry == {
        "cell": f"{Y}/{X}/*/*",
        "verdict": "load_failed",
        "reason": "as run r1 saw it; write down why",
        "owner": "ada",
    }
    (folder / "matrix.yaml").write_text(MATRIX + said.out)
    assert crossload("expect", "--from", "r.json").out == "expected: []\n"


def test_other_verdicts_when_asked_for(crossload: Crossload) -> None:
    Path("r.json").write_text(to_json(results("r1", CELLS)))
    said = crossload("expect", "--from", "r.json", "--verdict", "degraded", "--json")
    (entry,) = json.loads(said.out)
    assert (entry["cell"], entry["verdict"], entry["cells"]) == (f"{X}/{Y}/*/*", "degraded", 1)


def test_without_a_run_it_says_what_to_do(crossload: Crossload) -> None:
    said = crossload("expect", "--from", "latest")
    assert said.code == 2
    assert "There is no history in .crossload yet." in said.err
