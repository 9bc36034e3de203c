"""An agent that answers as in a real night: as many cells go wrong, in words that were captured."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zlib import crc32

from environments.engines import Exit
from runner.results import Verdict
from tests.runner.fakes import DONE, LOADED, Say, cell, ready_event, well

_FOLDER = Path(__file__).parents[1] / "runner" / "causes"
#: Of a hundred cells, so many are identical, as in the default matrix.
_IDENTICAL = 50
#: Characters of a traceback, as long as they are in the middle.
_TRACEBACK = 4_000


def typical(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
    """Saves go well; of the loads a half does; in the others the first remedy helps, and the rest is not tried."""
    if task["phase"] == "save":
        return well(task, out, say)
    say({"event": "started", "phase": task["phase"], "environment": task["environment"]})
    say(ready_event())
    for item in task["cells"]:
        say({"event": "begin", "key": item["key"]})
        if task["phase"] == "load":
            say(cell(item["key"], _loaded(item["key"])))
            continue
        (first, *_) = item["remedies"]
        say({**cell(item["key"], {**LOADED, "edits": []}), "event": "remedy", "id": first["id"]})
        say({"event": "tried", "key": item["key"]})
    say({"event": "finished"})
    return DONE


def _loaded(key: Mapping[str, str]) -> dict[str, Any]:
    number = crc32(json.dumps(key, sort_keys=True).encode())
    if number % 100 < _IDENTICAL:
        return LOADED
    return _FAILURES[number % len(_FAILURES)]


def _failures() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for entry in json.loads((_FOLDER / "captured.json").read_text()):
        if entry["verdict"] == Verdict.LOAD_FAILED and entry.get("error"):
            traceback = ('  File "keras/models.py", line 1, in load\n' * 200)[:_TRACEBACK]
            found.append({**LOADED, "checks": {}, "error": {**entry["error"], "traceback": traceback}})
        elif entry["verdict"] in (Verdict.DIVERGENT, Verdict.DEGRADED):
            checks = dict(entry["checks"])
            found.append({**LOADED, "checks": checks, "details": entry.get("details", {})})
    return found


_FAILURES = _failures()
