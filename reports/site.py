"""What is published, in one folder that works from a file and from any web host under any path.

``index.html`` is the latest run; ``runs/`` has a folder for each run, made once and kept; beside them lie the results,
their schema, and what other programs read. A question about one model file has one page, which stands alone.
"""

import gzip
import hashlib
import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from environments.files import replace_bytes, replace_text
from reports import outputs, question_page, run_list, run_pages, templating
from reports.addresses import file_name, run_folder
from reports.outputs import Context, keep
from reports.table import table
from reports.trend import Past
from reports.view import View, view
from runner.results import Results, json_schema, to_json

#: Says of what, and by which templates, the pages of a run were made. Written last: a run without it is not whole.
_MADE = "made.json"

#: How hard results are compressed, of 9: a seventh larger than with 6, in half the time.
_EFFORT = 4

#: Bytes that the site may take; hosts of static sites stop at a gigabyte, and what is written now is not known yet.
LIMIT = 850_000_000


def write(results: Results, directory: Path, context: Context | None = None) -> Path:
    """Write the site; gives the path of its first page.

    ``context`` is what is known beside the results, such as what changed. Each file is written beside and renamed, so
    that a reader never meets half a file, and one that stays as it is is not written. The first page comes last: it
    links to the others. Raises OSError when the folder cannot be written.
    """
    known = context or Context()
    said = to_json(results)
    page = directory / "index.html"
    keep(directory / "results.schema.json", json.dumps(json_schema(), indent=1) + "\n")
    keep(directory / "results.json", said)
    if results.question is not None:
        outputs.write(results, directory, known)
        replace_text(page, question_page.render(results, known.answer))
        return page
    for path, text in templating.assets().items():
        keep(directory / path, text)
    seen = view(results)
    _run(seen, directory / run_folder(results.run.id), said, known)
    runs = known.runs or (run_list.past(results),)
    beside = sum(path.stat().st_size for path in directory.iterdir() if path.is_file())
    prune(directory, known.dropped, runs, limit=LIMIT - beside)
    there = _there(directory, runs)
    nights = known.nights and [
        replace(night, page=f"{run_folder(night.comparison.new)}/index.html")
        if file_name(night.comparison.new) in there
        else night
        for night in known.nights
    ]
    outputs.write(results, directory, replace(known, nights=nights))
    keep(directory / "runs" / "index.html", run_list.run_list(results.run, runs, there))
    keep(directory / "runs" / "compare.html", run_list.compare(results.run, runs, there))
    first = run_pages.first(
        seen, known.compared, latest=True, trend=run_list.picture(runs), feed=nights is not None
    )
    keep(page, first)
    return page


def prune(
    directory: Path, dropped: Iterable[str], runs: Sequence[Past] = (), *, limit: int
) -> tuple[str, ...]:
    """Remove the pages of runs: of those ``dropped``, by id, then the oldest of ``runs`` while all take over ``limit``.

    ``runs`` come newest first; the newest stays. Folders of runs that neither names are left alone. Gives the ids.
    """
    gone = [run for run in dropped if _remove(directory / run_folder(run))]
    sizes = [(run.id, _size(directory / run_folder(run.id))) for run in runs]
    total = 0
    for at, (run, size) in enumerate(sizes):
        total += size
        if at and total > limit and _remove(directory / run_folder(run)):
            gone.append(run)
    return tuple(gone)


def _run(seen: View, folder: Path, said: str, known: Context) -> None:
    """The pages of the run, unless they are there already, made of the same results in the same way."""
    made = {"results": hashlib.sha256(said.encode()).hexdigest(), "pages": templating.digest()}
    if made.items() <= _made(folder).items():
        return
    (folder / _MADE).unlink(missing_ok=True)
    written = {folder / "cells.js", folder / "results.json.gz"}
    keep(folder / "cells.js", table(seen))
    # The time of day would make two files of the same results differ.
    replace_bytes(folder / "results.json.gz", gzip.compress(said.encode(), _EFFORT, mtime=0))
    for path, text in run_pages.pages(seen, known.compared):
        keep(folder / path, text)
        written.add(folder / path)
    for old in folder.rglob("*"):
        if old.is_file() and old not in written:
            old.unlink()
    replace_text(folder / _MADE, json.dumps({**made, "bytes": _measured(folder)}))


def _there(directory: Path, runs: Sequence[Past]) -> frozenset[str]:
    """The folders of those runs that have pages."""
    return frozenset(
        name for run in runs if (directory / "runs" / (name := file_name(run.id)) / _MADE).is_file()
    )


def _remove(folder: Path) -> bool:
    if not (folder / _MADE).is_file():
        return False
    # First what makes it a whole run: one that is half gone is not linked to.
    (folder / _MADE).unlink()
    shutil.rmtree(folder)
    return True


def _made(folder: Path) -> dict[str, Any]:
    """What was noted of a run's pages when they were made; nothing where they are not whole."""
    try:
        found = json.loads((folder / _MADE).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _size(folder: Path) -> int:
    """Bytes of a run's pages, as noted: after a year of nights there are too many files to ask each of them."""
    noted = _made(folder).get("bytes")
    return noted if isinstance(noted, int) else _measured(folder)


def _measured(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
