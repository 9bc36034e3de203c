"""One warm process inside an environment: import once, then load each artifact and call it once. The floor.

``python in/floor.py in/task.json out``. It loads by the agent's own way of loading, and leaves out all else: no
process for a cell, no check, no limit. What one model registers or breaks, the next one meets.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

# This file is a link, and Python follows it; what is imported lies beside the link.
sys.path[0] = str(Path(__file__).absolute().parent)

from runner.agent import formats, observe  # noqa: E402
from runner.agent.arrays import flatten, to_numpy  # noqa: E402
from runner.agent.channel import Channel  # noqa: E402
from runner.agent.probe import Probe, load_probe  # noqa: E402
from runner.agent.stack import devices, import_stack  # noqa: E402


def main(task_file: str) -> None:
    """Say ``ready`` when it is warm, and ``cell`` with its seconds after each artifact."""
    channel = Channel()
    task = json.loads(Path(task_file).read_text())
    root = Path(task_file).absolute().parent
    started = time.perf_counter()
    stack = import_stack(task["backend"])
    devices(stack)  # starts the runtime, which is part of being warm
    channel.send(event="ready", seconds=time.perf_counter() - started)
    known: dict[str, tuple[Probe, Any]] = {}
    for cell in task["cells"]:
        started = time.perf_counter()
        error = ""
        try:
            if cell["probe"] not in known:
                probe = load_probe(str(root / "probes" / (cell["probe"] + ".py")))
                known[cell["probe"]] = probe, probe.inputs()
            probe, inputs = known[cell["probe"]]
            artifact = root / cell["artifact"]
            facts = json.loads((artifact / "reference.json").read_text())
            model = formats.load(stack, probe, cell["format"], str(artifact / "payload"), facts, inputs)
            for leaf in flatten(observe.call(model, inputs))[0]:
                to_numpy(leaf)
        except Exception as problem:  # noqa: BLE001  a cell that fails is a cell, as in the other ways
            error = type(problem).__name__
        channel.send(event="cell", key=cell["key"], seconds=time.perf_counter() - started, error=error)


if __name__ == "__main__":
    main(sys.argv[1])
