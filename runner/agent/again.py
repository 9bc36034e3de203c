"""Saves once more while something is broken on purpose, and says what such a save leaves behind."""

from __future__ import annotations

import functools
import os
import shutil
from typing import Any, Callable

from .faults import SAVING
from .sniff import actual_format, digest_of, files_of


def wanted(cell: dict[str, Any], found: dict[str, Any]) -> bool:
    """Whether the cell is about a fault of saving, and there is a whole save to hold what is left against."""
    saved = found["status"] == "done" and found["value"]["status"] == "saved"
    return saved and cell.get("fault") in SAVING


def save_again(
    save: Callable[[str, int, str], Any],
    run: Callable[[Callable[[str], Any]], dict[str, Any]],
    cell: dict[str, Any],
    out: str,
    first: dict[str, Any],
) -> dict[str, Any]:
    """Replace the payload below ``out`` with what a save under the cell's fault leaves; the event of the cell.

    ``save`` is called in a child with the new payload, the size of the first one's largest file and a fresh folder.
    """
    record = dict(first["value"])
    payload, whole = os.path.join(out, "payload"), os.path.join(out, "whole")
    os.rename(payload, whole)
    os.makedirs(payload)
    largest = max([os.path.getsize(os.path.join(whole, name)) for name in files_of(whole)] or [0])
    ended = run(functools.partial(save, payload, largest))
    os.chmod(payload, 0o755)  # the fault may have been that it cannot be written to
    answer = ended.get("value") or {}
    if answer.get("impossible"):
        value: dict[str, Any] = {"status": "unsupported", "fault": answer["impossible"]}
    else:
        left, looks = _left(payload, whole, record)
        told = "{} {}{}".format(_said(ended, answer), _limit(cell["fault"], largest), looks)
        if left:
            value = _as_left(record, payload, told)
        else:
            value = {
                "status": "save_failed",
                "name": record["name"],
                "stage": answer.get("stage", "save"),
                "error": answer.get("raised") or {"type": ended["status"], "message": _said(ended, answer)},
                "warnings": record["warnings"],
                "fault": told,
            }
    shutil.rmtree(whole)
    if value["status"] == "saved":
        value["sha256"], _ = digest_of(out)
    return {
        "status": "done",
        "value": value,
        "problem": "",
        "output": ended["output"],
        "seconds": round(first["seconds"] + ended["seconds"], 4),
    }


def _as_left(record: dict[str, Any], payload: str, told: str) -> dict[str, Any]:
    record["fault"] = told
    record["files"] = files_of(payload)
    record["actual_format"] = actual_format(os.path.join(payload, record["name"]))
    _, record["bytes"] = digest_of(payload)
    return record


def _said(ended: dict[str, Any], answer: dict[str, Any]) -> str:
    """What the save itself said."""
    if ended["status"] != "done":
        return "While saving, the process did not come to its end. {}".format(ended["problem"])
    raised = answer.get("raised")
    if raised is None:
        return "Saving ended without an error."
    line = (raised["message"].strip().splitlines() or [""])[0].rstrip(".")
    what = "Saving" if answer.get("stage", "save") == "save" else "Making the same model again"
    return "{} raised {}: {}.".format(what, raised["type"], line)


def _limit(fault: str, largest: int) -> str:
    if fault in ("disk_full", "killed"):
        return "No file could grow beyond {} bytes. ".format(largest // 2)
    return ""


def _left(payload: str, whole: str, record: dict[str, Any]) -> tuple[bool, str]:
    """Whether something is left under the artifact's name, and a sentence on it."""
    wanted, found = files_of(whole), files_of(payload)
    (_, full), (_, size) = digest_of(whole), digest_of(payload)
    path = os.path.join(payload, record["name"])
    there = os.path.isfile(path) or any(name.startswith(record["name"] + "/") for name in found)
    if not there:
        return False, "Nothing was left under the name {}.".format(record["name"])
    amount = "{} of {} bytes were left".format(size, full)
    missing = [name for name in wanted if name not in found]
    if missing:
        return True, "{}, and it does not look whole: {} is not there.".format(amount, missing[0])
    kind = actual_format(path)
    if kind != record["actual_format"]:
        return True, "{}, and it does not look whole: it begins like {}, not like {}.".format(
            amount, kind, record["actual_format"]
        )
    empty = [name for name in found if not os.path.getsize(os.path.join(payload, name))]
    empty = [name for name in empty if name in wanted and os.path.getsize(os.path.join(whole, name))]
    if empty:
        return True, "{}, and it does not look whole: {} is empty.".format(amount, empty[0])
    if size >= full:
        return True, "{}: the fault was not felt.".format(amount)
    return True, "{}, and it looks whole by the names and first bytes of its files.".format(amount)
