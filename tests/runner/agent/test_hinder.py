"""Faults of saving, by themselves; what they leave behind is in test_again.py."""

import os
import resource
from pathlib import Path
from typing import Any

from runner.agent.hinder import hindered
from runner.agent.isolate import in_child


def test_memory_can_be_had_again_afterwards(tmp_path: Path) -> None:
    def child(folder: str) -> dict[str, Any]:
        before = resource.getrlimit(resource.RLIMIT_AS)
        refused = False
        with hindered("out_of_memory", str(tmp_path), 0):
            try:
                bytearray(64 << 20)
            except MemoryError:
                refused = True
        return {"refused": refused, "same": resource.getrlimit(resource.RLIMIT_AS) == before}

    assert in_child(child, timeout=20, memory=1 << 31)["value"] == {"refused": True, "same": True}


def test_what_is_printed_counts_for_no_limit(tmp_path: Path) -> None:
    def child(folder: str) -> str:
        os.write(1, b"x" * 1000)
        with hindered("killed", str(tmp_path), 200):
            os.write(1, b"y" * 1000)
            (tmp_path / "m").write_bytes(b"z" * 100)
        return "alive"

    ended = in_child(child, timeout=20, memory=1 << 31)
    assert (ended.get("value"), ended["output"]) == ("alive", "x" * 1000)


def test_a_folder_may_still_be_read(tmp_path: Path) -> None:
    (tmp_path / "m").write_text("a")

    def child(folder: str) -> list[str]:
        with hindered("read_only", str(tmp_path), 0):
            return [(tmp_path / "m").read_text(), str(os.access(tmp_path, os.W_OK, effective_ids=True))]

    assert in_child(child, timeout=20, memory=1 << 31)["value"] == ["a", "False"]
