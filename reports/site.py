"""What is published: the page, the results and their schema, and what other programs read, in one folder."""

import json
from pathlib import Path

from environments.files import replace_text
from reports import html, outputs
from reports.outputs import Context
from runner.results import Results, json_schema, to_json


def write(results: Results, directory: Path, context: Context | None = None) -> Path:
    """Write ``index.html``, ``results.json``, ``results.schema.json`` and the outputs; gives the page's path.

    ``context`` is what is known beside the results, such as what changed. Each file is written beside and renamed, so
    that a reader never meets half a file. The page comes last: it links to the others. Raises OSError when the folder
    cannot be written.
    """
    replace_text(directory / "results.schema.json", json.dumps(json_schema(), indent=1) + "\n")
    replace_text(directory / "results.json", to_json(results))
    outputs.write(results, directory, context)
    page = directory / "index.html"
    replace_text(page, html.render(results, context.answer if context else None))
    return page
