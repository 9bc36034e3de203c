"""The provisioning script on this machine, with a lock that needs no network."""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from environments import uv
from environments.engines import docker_inside

SCRIPT = Path(docker_inside.__file__)
PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    """The folder in which the script finds itself in a container."""
    place = tmp_path / "sent"
    place.mkdir()
    shutil.copy(SCRIPT, place / "inside.py")
    (place / "uv").symlink_to(uv.binary())
    (place / "lock.txt").write_text("# nothing\n")
    return place


def run(sent: Path, **changes: Any) -> tuple[dict[str, Any], str]:
    volume = sent.parent / "volume"
    settings = {
        "action": "make",
        "folder": f"{volume}/envs/k",
        "marker": f"{volume}/made/k.json",
        "guard": f"{volume}/guards/k",
        "cache": f"{volume}/cache",
        "options": ["--torch-backend", "cpu"],
        "environment": "tf",
        "base": "python",
        "python": PYTHON,
        "network": {"UV_OFFLINE": "1"},
        "imports": "import json",
        "variables": {},
        "uv": "uv",
    }
    (sent / "settings.json").write_text(json.dumps({**settings, **changes}))
    done = subprocess.run(
        [sys.executable, sent / "inside.py"], capture_output=True, text=True, check=True, env={**os.environ}
    )
    assert not (sent / "settings.json").exists()
    outcome: dict[str, Any] = json.loads(done.stdout)
    return outcome, done.stderr


def test_it_parses_on_python_3_7() -> None:
    ast.parse(SCRIPT.read_text(), feature_version=(3, 7))


def test_an_environment_is_made_found_and_removed(sent: Path) -> None:
    assert run(sent)[0] == {"status": "made"}
    volume = sent.parent / "volume"
    assert (volume / "envs/k/bin/python").exists()
    assert json.loads((volume / "made/k.json").read_text()) == {"environment": "tf", "base": "python"}
    assert run(sent) == ({"status": "found"}, "")
    assert run(sent, action="remove")[0] == {"status": "removed"}
    assert not (volume / "envs/k").exists()
    assert not (volume / "made/k.json").exists()


def test_a_half_made_one_is_made_again(sent: Path) -> None:
    half = sent.parent / "volume/envs/k/lib"
    half.mkdir(parents=True)
    outcome, said = run(sent)
    assert outcome == {"status": "made"}
    assert "Removing what an earlier, unfinished attempt left." in said
    assert not (half / "x").exists()


def test_another_python_is_told_and_nothing_is_made(sent: Path) -> None:
    assert run(sent, python="3.6")[0] == {"status": "wrong python", "detail": PYTHON}
    assert not (sent.parent / "volume/envs").exists()


def test_what_cannot_be_installed_is_not_complete(sent: Path) -> None:
    (sent / "lock.txt").write_text(f"six==1.0 --hash=sha256:{'0' * 64}\n")
    outcome, said = run(sent)
    assert outcome == {"status": "not installed"}
    assert "six" in said
    assert not (sent.parent / "volume/made").exists()


def test_what_cannot_be_imported_is_not_complete(sent: Path) -> None:
    outcome, said = run(
        sent, imports="import os; raise ImportError(os.environ['WHY'])", variables={"WHY": "broken"}
    )
    assert outcome == {"status": "not importable"}
    assert "ImportError: broken" in said
    assert not (sent.parent / "volume/made").exists()


def test_the_networks_variables_do_not_reach_the_import(sent: Path) -> None:
    network = {"UV_OFFLINE": "1", "UV_INDEX": "https://me:secret@packages.example/simple"}
    assert run(sent, network=network, imports="import os; assert 'UV_INDEX' not in os.environ")[0] == {
        "status": "made"
    }


def test_what_is_on_a_volume_is_listed_with_its_last_use(sent: Path) -> None:
    volume = sent.parent / "volume"
    assert run(sent, action="list", volume=str(volume))[0] == {"status": "listed", "made": []}
    run(sent)
    os.utime(volume / "made/k.json", (1000, 1000))
    (volume / "envs/half").mkdir()
    os.utime(volume / "envs/half", (500, 500))
    listed = run(sent, action="list", volume=str(volume))[0]
    half, whole = listed["made"]
    assert half == {"key": "half", "environment": "", "used": 500.0}
    assert (whole["key"], whole["environment"], whole["used"]) == ("k", "tf", 1000.0)
    (volume / "used").mkdir()
    (volume / "used/k").write_text("2000")
    assert run(sent, action="list", volume=str(volume))[0]["made"][1]["used"] == 2000.0


def test_what_is_dropped_goes_with_what_of_the_cache_it_alone_held(sent: Path) -> None:
    volume, archives = sent.parent / "volume", sent.parent / "volume/cache/archive-v0"
    for name in ("a", "b", "both", "young"):
        (archives / name).mkdir(parents=True)
        (archives / name / "module.py").write_bytes(bytes(1000))
        os.utime(archives / name, (0, 0) if name != "young" else (900_000, 900_000))
    for key, held in (("k1", ("a", "both")), ("k2", ("b", "both"))):
        (volume / "envs" / key).mkdir(parents=True)
        for name in held:
            os.link(archives / name / "module.py", volume / "envs" / key / f"{name}.py")
        (volume / "envs" / key / "own.pyc").write_bytes(bytes(10))
        for place in ("made", "used"):
            (volume / place).mkdir(exist_ok=True)
            (volume / place / (f"{key}.json" if place == "made" else key)).write_text("1")
    asked = {"action": "drop", "volume": str(volume), "now": 900_100.0, "keys": ["k1", "gone"]}
    assert run(sent, **asked, dry=True)[0] == {"status": "dropped", "bytes": 1010}
    assert (volume / "envs/k1/own.pyc").exists()
    outcome, _ = run(sent, **asked, dry=False)
    assert outcome == {"status": "dropped", "bytes": 1010}
    assert sorted(path.name for path in archives.iterdir()) == ["b", "both", "young"]
    assert [path.name for path in (volume / "envs").iterdir()] == ["k2"]
    assert not (volume / "made/k1.json").exists()
    assert not (volume / "used/k1").exists()
    assert (volume / "envs/k2/both.py").exists()
