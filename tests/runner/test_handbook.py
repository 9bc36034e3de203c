from pathlib import Path

from runner import handbook
from runner.causes import load
from runner.handbook import FOLDER, pages, write
from runner.probe_files import find
from runner.remedies.data import remedies


def test_the_pages_are_what_the_data_says() -> None:
    for name, text in pages().items():
        assert (FOLDER / name).read_text("utf-8") == text, "run: python -m runner.handbook"


def test_nothing_is_left_out() -> None:
    said = pages()
    assert all(f"`{probe.name}`" in said["probes.md"] for probe in find(["*"], FOLDER))
    assert all(f"`{cause.id}`" in said["causes.md"] for cause in load())
    assert all(cause.sentence.strip() in said["causes.md"] for cause in load())
    assert all(f"`{remedy.id}`" in said["remedies.md"] for remedy in remedies())


def test_a_pattern_with_backticks_stays_whole() -> None:
    assert handbook._code("a|b") == "`a|b`"
    assert handbook._code("a `?b`? ``") == "``` a `?b`? `` ```"


def test_it_writes_beside_and_renames(tmp_path: Path) -> None:
    write({"a.md": "one\n"}, tmp_path / "docs")
    write({"a.md": "two\n"}, tmp_path / "docs")
    assert (tmp_path / "docs" / "a.md").read_text() == "two\n"
    assert [path.name for path in (tmp_path / "docs").iterdir()] == ["a.md"]
