"""Compiled templates that are kept: none that is damaged, or was made otherwise, is used."""

import tempfile
from pathlib import Path

import jinja2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.compiled import kept

SOURCES = {"page": "{% if yes %}\n<p>{{ word }}</p>\n{% endif %}"}


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "own").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "own"))
    path = tmp_path / "module.py"
    path.write_text("as it is")
    return path


def drawn(module: Path, *, trim: bool = False) -> str:
    templates = jinja2.Environment(
        loader=jinja2.DictLoader(SOURCES), bytecode_cache=kept(module), autoescape=True, trim_blocks=trim
    )
    return templates.get_template("page").render(yes=True, word="<b>")


def files(module: Path) -> list[Path]:
    return [path for path in (module.parent / "own").rglob("*") if path.is_file()]


def test_what_was_compiled_is_compiled_once(module: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "<p>&lt;b&gt;</p>" in drawn(module)
    assert len(files(module)) == 1
    monkeypatch.setattr(jinja2.Environment, "compile", lambda *given: pytest.fail("compiled again"))
    assert "<p>&lt;b&gt;</p>" in drawn(module)


def test_other_options_of_the_module_are_another_template(module: Path) -> None:
    assert drawn(module) == "\n<p>&lt;b&gt;</p>\n"
    module.write_text("as it is in the next version")
    assert drawn(module, trim=True) == "<p>&lt;b&gt;</p>\n"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=80)
@given(place=st.integers(0, 5000), bit=st.integers(0, 7), cut=st.booleans())
def test_whatever_a_disk_does_to_it_the_page_is_the_same(
    module: Path, place: int, bit: int, cut: bool
) -> None:
    drawn(module)
    (path,) = files(module)
    found = bytearray(path.read_bytes())
    place %= len(found)
    found[place] ^= 1 << bit
    path.write_bytes(found[:place] if cut else found)
    assert drawn(module) == "\n<p>&lt;b&gt;</p>\n"


def test_without_room_or_a_folder_of_its_own_pages_are_drawn_all_the_same(
    module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("reports.compiled.replace_bytes", full)
    assert "<p>" in drawn(module)
    assert files(module) == []
    monkeypatch.setattr(tempfile, "tempdir", str(module))  # no folder at all
    assert kept(module) is None
    assert "<p>" in drawn(module)
