"""What is published: the page, the results and their schema, side by side in one folder."""

import json
import os
import tempfile
from pathlib import Path

from reports import html
from runner.results import Results, json_schema, to_json


def write(results: Results, directory: Path) -> Path:
    """Write ``index.html``, ``results.json`` and ``results.schema.json``; gives the page's path.

    Each file is written beside and renamed, so that a reader never meets half a file. The page comes last: it
    links to the others. Raises OSError when the folder cannot be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    _replace(directory / "results.schema.json", json.dumps(json_schema(), indent=1) + "\n")
    _replace(directory / "results.json", to_json(results))
    page = directory / "index.html"
    _replace(page, html.render(results))
    return page


def _replace(path: Path, content: str) -> None:
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(content)
        # mkstemp makes files for their owner alone; a site is for everyone to read.
        Path(beside).chmod(0o644)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
