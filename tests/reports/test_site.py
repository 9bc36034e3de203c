import gzip
import json
from pathlib import Path

import jsonschema
import pytest

from reports import run_pages, site
from reports.feed import Night
from reports.outputs import Context
from reports.trend import Past
from runner import transitions
from runner.results import Results, Verdict, read, to_json
from tests.reports import asked, sample

#: What every site has.
FILES = [
    "assets",
    "badges",
    "cells.csv",
    "index.html",
    "junit.xml",
    "results.json",
    "results.schema.json",
    "runs",
    "summary.md",
]
RUN = "runs/2026-11-20T06-40-12Z-3f9a"


def named(results: Results, run: str) -> Results:
    """The same results, as those of another run."""
    return results.model_copy(update={"run": results.run.model_copy(update={"id": run})})


def ages(folder: Path) -> dict[str, int]:
    """Path below the folder -> when it was written."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.stat().st_mtime_ns for path in files}


def test_a_site_is_files_that_fit_together(tmp_path: Path) -> None:
    results = sample.results(hostile=True, environments=2)
    page = site.write(results, tmp_path / "new" / "site")
    assert page == tmp_path / "new" / "site" / "index.html"
    assert sorted(path.name for path in page.parent.iterdir()) == FILES
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert read(page.parent / "results.json") == results
    schema = json.loads((page.parent / "results.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads((page.parent / "results.json").read_text(encoding="utf-8")), schema)
    kept = gzip.decompress((page.parent / RUN / "results.json.gz").read_bytes())
    assert kept.decode() == to_json(results)


def test_others_may_read_the_files(tmp_path: Path) -> None:
    page = site.write(sample.results(environments=1), tmp_path)
    assert {path.stat().st_mode & 0o777 for path in page.parent.rglob("*.*") if path.is_file()} == {0o644}


def test_what_stays_as_it_is_is_not_written_again(tmp_path: Path) -> None:
    results = sample.results(environments=1)
    site.write(results, tmp_path)
    before = ages(tmp_path)
    site.write(results, tmp_path)
    after = ages(tmp_path)
    assert {path for path in after if after[path] != before[path]} == set()


def test_a_later_run_leaves_the_pages_of_the_earlier_ones_alone(tmp_path: Path) -> None:
    first, second = sample.results(environments=1), named(sample.results(environments=1), "second")
    site.write(first, tmp_path)
    before = ages(tmp_path / RUN)
    runs = (
        Past(id="second", series="m", started="2026-11-21T06:40:12+00:00", before=first.run.id),
        Past(id=first.run.id, series="m", started=first.run.started),
        Past(id="gone", series="m", started="2026-11-19T06:40:12+00:00"),
    )
    site.write(second, tmp_path, Context(runs=runs))
    assert ages(tmp_path / RUN) == before
    assert 'href="runs/second/index.html"' in (tmp_path / "index.html").read_text()
    listed = (tmp_path / "runs" / "index.html").read_text()
    assert 'href="second/index.html"' in listed
    assert f'href="{first.run.id}/index.html"' in listed
    assert f'href="compare.html?old={first.run.id}&amp;new=second"' in listed
    # The history knows it, but there are no pages of it here.
    assert "gone" in listed
    assert 'href="gone/' not in listed


def test_a_run_that_is_reported_anew_has_its_pages_made_anew(tmp_path: Path) -> None:
    whole = sample.results(environments=2)
    site.write(whole, tmp_path)
    part = whole.model_copy(
        update={
            "probes": tuple(probe for probe in whole.probes if probe.name == "dense"),
            "artifacts": (),
            "cells": tuple(cell for cell in whole.cells if cell.probe == "dense"),
        }
    )
    site.write(part, tmp_path)
    assert [path.name for path in (tmp_path / RUN / "probes").iterdir()] == ["dense.html"]
    assert json.loads(gzip.decompress((tmp_path / RUN / "results.json.gz").read_bytes()))["artifacts"] == []


def test_pages_that_were_half_made_are_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def some(*_: object) -> object:
        yield "index.html", "half"
        raise OSError("No space left on device")

    results = sample.results(environments=1)
    with monkeypatch.context() as patched:
        patched.setattr(run_pages, "pages", some)
        with pytest.raises(OSError, match="No space"):
            site.write(results, tmp_path)
    assert not (tmp_path / "index.html").exists()
    site.write(results, tmp_path)
    assert (tmp_path / RUN / "index.html").read_text() != "half"
    assert (tmp_path / RUN / "probes" / "dense.html").exists()


def test_a_failure_leaves_the_old_page_and_no_litter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = site.write(sample.results(environments=1), tmp_path)
    before = page.read_bytes()
    monkeypatch.setattr(run_pages, "first", lambda *_, **__: "half a page \ud800")
    with pytest.raises(UnicodeEncodeError):
        site.write(sample.results(environments=2), tmp_path)
    assert page.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES


def test_the_feed_leads_to_the_run_where_it_has_pages(tmp_path: Path) -> None:
    new = sample.results(environments=1)
    changed = new.cells[0].model_copy(update={"verdict": Verdict.DIVERGENT})
    old = named(new.model_copy(update={"cells": (changed, *new.cells[1:])}), "old")
    elsewhere = named(new, "elsewhere")
    nights = (
        Night(comparison=transitions.between(old, new), time="2026-11-20T06:44:37+00:00"),
        Night(comparison=transitions.between(old, elsewhere), time="2026-11-19T06:44:37+00:00"),
    )
    runs = (Past(id=new.run.id, series="m", started=""), Past(id="elsewhere", series="m", started=""))
    site.write(new, tmp_path, Context(nights=nights, runs=runs, comparison=nights[0].comparison))
    feed = (tmp_path / "feed.xml").read_text()
    assert feed.count(f'href="{RUN}/index.html"') == 1
    assert feed.count('href="index.html"') == 1
    assert "What changed" in (tmp_path / RUN / "index.html").read_text()
    assert 'type="application/atom+xml"' in (tmp_path / "index.html").read_text()


def test_runs_that_were_dropped_and_the_oldest_beyond_the_limit_are_removed(tmp_path: Path) -> None:
    for name in ("a", "b", "c", "stranger"):
        site.write(named(sample.results(environments=1), name), tmp_path)
    (tmp_path / "runs" / "mine").mkdir()
    runs = [Past(id=name, series="m", started="") for name in ("c", "b", "a")]
    assert site.prune(tmp_path, ["a", "mine", "never"], runs, limit=10**9) == ("a",)
    size = sum(path.stat().st_size for path in (tmp_path / "runs" / "c").rglob("*") if path.is_file())
    assert site.prune(tmp_path, (), runs[:2], limit=size) == ("b",)
    assert site.prune(tmp_path, (), runs[:1], limit=1) == ()
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == [
        "c",
        "compare.html",
        "index.html",
        "mine",
        "stranger",
    ]


def test_large_results_leave_less_room_for_the_pages_of_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = tuple(Past(id=name, series="m", started="") for name in ("b", "a"))
    site.write(named(sample.results(environments=1), "a"), tmp_path)
    beside = sum(path.stat().st_size for path in tmp_path.iterdir() if path.is_file())
    both = 2 * site._size(tmp_path / "runs" / "a")
    monkeypatch.setattr(site, "LIMIT", beside + both + 2000)
    site.write(named(sample.results(environments=1), "b"), tmp_path, Context(runs=runs))
    assert (tmp_path / "runs" / "a").exists()
    monkeypatch.setattr(site, "LIMIT", beside + both - 2000)
    site.write(named(sample.results(environments=1), "b"), tmp_path, Context(runs=runs))
    assert not (tmp_path / "runs" / "a").exists()


def test_how_large_the_pages_of_a_run_are_is_noted_when_they_are_made(tmp_path: Path) -> None:
    results = sample.results(environments=1)
    site.write(results, tmp_path)
    folder = tmp_path / "runs" / results.run.id
    noted = json.loads((folder / "made.json").read_text())
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "made.json"]
    assert noted["bytes"] == sum(path.stat().st_size for path in files)
    (folder / "made.json").write_text("[")
    site.write(results, tmp_path)
    assert json.loads((folder / "made.json").read_text()) == noted


@pytest.mark.parametrize(
    "name", ["..", ".", "../../evil", "index.html", "compare.html", "", ".git", "x" * 300]
)
def test_a_run_with_a_hostile_id_stays_in_its_place(tmp_path: Path, name: str) -> None:
    results = named(sample.results(environments=1), name)
    site.write(results, tmp_path / "site")
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    assert sorted(path.name for path in (tmp_path / "site").iterdir()) == FILES
    (folder,) = [path for path in (tmp_path / "site" / "runs").iterdir() if path.is_dir()]
    assert (folder / "index.html").is_file()
    assert (tmp_path / "site" / "runs" / "index.html").is_file()


def test_a_question_has_one_page(tmp_path: Path) -> None:
    page = site.write(asked.typical(), tmp_path)
    assert "<style>" in page.read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        name for name in FILES if name not in ("assets", "runs")
    ]
