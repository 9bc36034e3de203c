import json
from pathlib import Path

import jsonschema
import pytest

from reports import html, site
from runner.results import read
from tests.reports import sample

#: What every site has.
FILES = [
    "badges",
    "cells.csv",
    "index.html",
    "junit.xml",
    "results.json",
    "results.schema.json",
    "summary.md",
]


def test_a_site_is_files_that_fit_together(tmp_path: Path) -> None:
    results = sample.results(hostile=True, environments=2)
    page = site.write(results, tmp_path / "new" / "site")
    assert page == tmp_path / "new" / "site" / "index.html"
    assert sorted(path.name for path in page.parent.iterdir()) == FILES
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert read(page.parent / "results.json") == results
    schema = json.loads((page.parent / "results.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads((page.parent / "results.json").read_text(encoding="utf-8")), schema)


def test_others_may_read_the_files(tmp_path: Path) -> None:
    page = site.write(sample.results(environments=1), tmp_path)
    assert {path.stat().st_mode & 0o777 for path in page.parent.rglob("*.*")} == {0o644}


def test_a_failure_leaves_the_old_page_and_no_litter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = site.write(sample.results(environments=1), tmp_path)
    before = page.read_bytes()
    monkeypatch.setattr(html, "render", lambda *_: "half a page \ud800")
    with pytest.raises(UnicodeEncodeError):
        site.write(sample.results(environments=2), tmp_path)
    assert page.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES
