"""Makes one environment inside a provisioning container: run there as root, by the base's own Python.

It is sent into the container as it stands, so it imports nothing of this project and runs on Python 3.7 and
later. ``settings.json`` beside it says what to make. What uv and the imports say goes to standard error; the
one line on standard output is the outcome, as JSON.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Carry out ``settings.json`` and print the outcome."""
    path = HERE / "settings.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()  # It may hold credentials for the package index.
    os.umask(0o022)
    guard = Path(settings["guard"])
    guard.parent.mkdir(parents=True, exist_ok=True)
    with guard.open("w") as held:
        # Other containers on this volume wait here while one makes the same environment.
        fcntl.flock(held, fcntl.LOCK_EX)
        outcome = remove(settings) if settings["action"] == "remove" else make(settings)
    print(json.dumps(outcome))


def remove(settings: dict) -> dict:  # type: ignore[type-arg]
    """Remove the environment; the packages stay in uv's cache."""
    marker, folder = Path(settings["marker"]), Path(settings["folder"])
    if marker.exists():
        marker.unlink()
    if folder.exists():
        shutil.rmtree(folder)
    return {"status": "removed"}


def make(settings: dict) -> dict:  # type: ignore[type-arg]
    """Make the environment unless its marker says that it is complete."""
    marker, folder = Path(settings["marker"]), Path(settings["folder"])
    if marker.exists():
        return {"status": "found"}
    found = "{}.{}".format(*sys.version_info[:2])
    if found != settings["python"]:
        return {"status": "wrong python", "detail": found}
    if folder.exists():
        print("Removing what an earlier, unfinished attempt left.", file=sys.stderr)
        shutil.rmtree(folder)
    uv = find_uv(settings)
    if not uv:
        return {"status": "no uv"}
    python = str(folder / "bin" / "python")
    create = [uv, "venv", "--python", sys.executable, str(folder)]
    # The lock names every package with its hash, so nothing is resolved, and the hash, not the order of the
    # indexes, decides what may be installed.
    install = [uv, "pip", "sync", "--python", python, "--require-hashes", "--allow-empty-requirements"]
    install += ["--index-strategy", "unsafe-best-match", "--link-mode", "hardlink"]
    install += [*settings["options"], str(HERE / "lock.txt")]
    reach = {"UV_CACHE_DIR": settings["cache"], "UV_NO_CONFIG": "1", "UV_PYTHON_DOWNLOADS": "never"}
    for command in (create, install):
        if run(command, {**settings["network"], **reach, "UV_NO_PROGRESS": "1"}):
            return {"status": "not installed"}
    # As in a job: isolated, in a folder with nothing to import, without the network's variables.
    if settings["imports"] and run([python, "-I", "-c", settings["imports"]], settings["variables"]):
        return {"status": "not importable"}
    marker.parent.mkdir(parents=True, exist_ok=True)
    beside = marker.with_suffix(".part")
    beside.write_text(json.dumps({"environment": settings["environment"], "base": settings["base"]}))
    beside.replace(marker)
    return {"status": "made"}


def run(command: list, variables: dict) -> int:  # type: ignore[type-arg]
    """Run a command that writes to standard error only; its status."""
    environment = {**os.environ, "HOME": "/tmp", **variables}
    return subprocess.call(command, env=environment, stdout=sys.stderr.fileno(), cwd="/tmp")


def find_uv(settings: dict) -> str:  # type: ignore[type-arg]
    """The uv that came with this script; where the host's would not run here, one that pip brings, or ''."""
    sent = HERE / "uv"
    if sent.exists():
        return str(sent)
    network = settings["network"]
    index = network.get("UV_DEFAULT_INDEX") or network.get("UV_INDEX_URL")
    variables = {
        **network,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        **({"PIP_INDEX_URL": index} if index else {}),
    }
    failed = run(
        [sys.executable, "-m", "pip", "install", "--target", str(HERE / "tools"), settings["uv"]], variables
    )
    return "" if failed else str(HERE / "tools" / "bin" / "uv")


if __name__ == "__main__":
    main()
