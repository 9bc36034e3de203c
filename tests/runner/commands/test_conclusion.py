from pathlib import Path

import pytest

from environments.matrix import Matrix, load
from runner.commands.conclusion import announced, conclude
from runner.history import History
from tests.runner.history.conftest import results

A = "tf2.15.1-cpu/tf2.15.1-cpu/dense/h5"


@pytest.fixture
def matrix(tmp_path: Path) -> Matrix:
    path = tmp_path / "m.yaml"
    path.write_text("version: 1\nmatrix: {tensorflow: [2.15.1]}\ngate: {fail_on: [regression, crashed]}\n")
    return load(path)


def test_what_the_gate_said_is_kept_with_the_run(matrix: Matrix, tmp_path: Path) -> None:
    assert conclude(results("r1", {A: "identical"}), matrix, tmp_path).code == 0
    found = conclude(results("r2", {A: "crashed"}), matrix, tmp_path)
    assert found.code == 1
    assert found.lines == (
        f"Gate, regression: FAILS, 1 cell, compared with r1: {A} (identical -> crashed).",
        f"Gate, crashed: FAILS, 1 cell: {A}.",
        "Infrastructure, lost: holds, no cell.",
    )
    with History(tmp_path) as history:
        assert [(run.id, run.gate) for run in history.runs()] == [("r2", 1), ("r1", 0)]
    assert found.context.comparison is not None
    assert [night.comparison.old for night in found.context.nights or ()] == ["r1", ""]


def test_trouble_with_the_history_is_told_beside_the_rest(matrix: Matrix, tmp_path: Path) -> None:
    (tmp_path / "history.sqlite").write_bytes(b"no history at all" * 100)
    found = conclude(results("r1", {A: "identical"}), matrix, tmp_path)
    assert found.code == 3
    assert found.lines[:3] == (
        "Gate, crashed: holds, no cell.",
        "Gate, regression: not evaluated, there is no history to compare with.",
        "Infrastructure, lost: holds, no cell.",
    )
    assert "is damaged" in found.lines[3]
    assert found.context.nights is None


def test_lost_cells_win(matrix: Matrix, tmp_path: Path) -> None:
    conclude(results("r1", {A: "identical"}), matrix, tmp_path)
    found = conclude(results("r2", {A: "not_run"}), matrix, tmp_path)
    assert found.code == 3
    assert "Gate, regression: holds, no cell, compared with r1." in found.lines


def test_the_webhook_is_told_what_changed_and_the_feed_where_it_is(
    matrix: Matrix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CROSSLOAD_WEBHOOK", "no address")
    first, second = results("r1", {A: "identical"}), results("r2", {A: "crashed"})
    found = conclude(first, matrix, tmp_path, address="https://x.example")
    assert announced(first, found) == ""
    found = conclude(second, matrix, tmp_path, address="https://x.example")
    assert announced(second, found).startswith(
        "Webhook, Nobody was told what changed. CROSSLOAD_WEBHOOK is no"
    )
    assert found.context.address == "https://x.example"
