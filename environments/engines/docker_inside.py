"""Makes environments inside a provisioning container, and lets them go: run there as root, by the base's own Python.

It is sent into the container as it stands, so it imports nothing of this project and runs on Python 3.7 and
later. ``settings.json`` beside it says what to make. What uv and the imports say goes to standard error; the
one line on standard output is the outcome, as JSON.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
#: Seconds for which what uv has unpacked stays: an installation under way may be about to link it.
YOUNG = 86_400


def main() -> None:
    """Carry out ``settings.json`` and print the outcome."""
    path = HERE / "settings.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()  # It may hold credentials for the package index.
    os.umask(0o022)
    if settings["action"] in ("list", "drop"):
        print(json.dumps(lying(settings) if settings["action"] == "list" else drop(settings)))
        return
    guard = Path(settings["guard"])
    guard.parent.mkdir(parents=True, exist_ok=True)
    with guard.open("w") as held:
        # Other containers on this volume wait here while one makes the same environment.
        fcntl.flock(held, fcntl.LOCK_EX)
        outcome = remove(settings) if settings["action"] == "remove" else make(settings)
    print(json.dumps(outcome))


def remove(settings: dict[str, Any]) -> dict[str, Any]:
    """Remove the environment; the packages stay in uv's cache."""
    marker, folder = Path(settings["marker"]), Path(settings["folder"])
    if marker.exists():
        marker.unlink()
    if folder.exists():
        shutil.rmtree(folder)
    return {"status": "removed"}


def lying(settings: dict[str, Any]) -> dict[str, Any]:
    """What is on the volume: each environment with the time of its last use. Sizes would take minutes."""
    volume, made = Path(settings["volume"]), []
    for folder in sorted((volume / "envs").glob("*")):
        name, times = "", []
        marker, stamp = volume / "made" / (folder.name + ".json"), volume / "used" / folder.name
        try:
            name = json.loads(marker.read_text(encoding="utf-8"))["environment"]
            times.append(marker.stat().st_mtime)
            times.append(float(stamp.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError):
            pass  # not finished, or not used since it was made
        used = max(times or [folder.stat().st_mtime])
        made.append({"key": folder.name, "environment": name, "used": used})
    return {"status": "listed", "made": made}


def drop(settings: dict[str, Any]) -> dict[str, Any]:
    """Remove environments, then what uv has unpacked and no environment holds; how many bytes this freed.

    With ``dry`` nothing is removed, and the bytes are those that these environments share with uv's cache at most.
    """
    volume, freed = Path(settings["volume"]), 0
    for key in settings["keys"]:
        folder = volume / "envs" / key
        if settings["dry"]:
            freed += held(folder, 2)
            continue
        guard = volume / "guards" / key
        guard.parent.mkdir(parents=True, exist_ok=True)
        with guard.open("w") as opened:
            fcntl.flock(opened, fcntl.LOCK_EX)
            freed += held(folder, 1)
            remove({"marker": str(volume / "made" / (key + ".json")), "folder": str(folder)})
            used = volume / "used" / key
            if used.exists():
                used.unlink()
    for archive in (
        sorted((volume / "cache").glob("archive-v*/*")) if settings["keys"] and not settings["dry"] else ()
    ):
        old = settings["now"] - archive.stat().st_mtime > YOUNG
        if old and all(path.lstat().st_nlink == 1 for path in files(archive)):
            freed += held(archive, 1)
            shutil.rmtree(str(archive))
    return {"status": "dropped", "bytes": freed}


def files(folder: Path) -> Iterator[Path]:
    """Every file below a folder; none where it is not there."""
    for place, _, names in os.walk(str(folder)):
        for name in names:
            yield Path(place) / name


def held(folder: Path, links: int) -> int:
    """The bytes of files that have so many names at most."""
    return sum(found.st_size for found in (path.lstat() for path in files(folder)) if found.st_nlink <= links)


def make(settings: dict[str, Any]) -> dict[str, Any]:
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


def run(command: list[str], variables: dict[str, str]) -> int:
    """Run a command that writes to standard error only; its status."""
    environment = {**os.environ, "HOME": "/tmp", **variables}
    return subprocess.call(command, env=environment, stdout=sys.stderr.fileno(), cwd="/tmp")


def find_uv(settings: dict[str, Any]) -> str:
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
