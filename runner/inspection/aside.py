"""Reads a stranger's file in a process that may die of it, within limits."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from environments.errors import InfrastructureError

#: Seconds until reading is given up, and bytes of the answer.
_PATIENCE, _LARGEST = 60.0, 256 << 20
_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from runner.inspection import reading; reading.main()"


class Reading:
    """Reading that has begun; :meth:`facts` waits for it."""

    def __init__(self, path: Path) -> None:
        # No folder of the user's is on the path of modules: a file beside the model must not become code.
        modules = [str(Path(entry).resolve()) for entry in sys.path if Path(entry).is_absolute()]
        root = str(Path(__file__).resolve().parent.parent.parent)
        command = [
            sys.executable,
            "-I",
            "-S",
            "-c",
            _START,
            json.dumps([*modules, root]),
            str(path.absolute()),
        ]
        variables = {
            name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "LC_ALL", "HOME")
        }
        # One thread is enough, and each more costs address space; no plug-ins of HDF5, and no locks beside the file.
        variables |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "HDF5_USE_FILE_LOCKING": "FALSE"}
        variables |= {"HDF5_PLUGIN_PRELOAD": "::"}
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=variables,
            cwd="/",
        )

    def facts(self) -> dict[str, Any]:
        """What was read. A process that died of the file is an answer: it stands under ``damage``.

        Raises InfrastructureError where reading could not begin, or failed for no reason of the file's.
        """
        try:
            out, error = self._process.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            return _died(f"Reading it did not come to an end within {_PATIENCE:.0f} seconds.")
        except BaseException:
            self._process.kill()
            self._process.communicate()
            raise
        code = self._process.returncode
        if code == -signal.SIGXCPU:
            return _died("Reading it takes more time than any model needs.")
        if code < 0:
            return _died(
                f"Reading it ended the reader ({signal.Signals(-code).name}): it is damaged, or made to harm."
            )
        if code or len(out) > _LARGEST:
            lines = error.decode("utf-8", "replace").strip().splitlines()
            raise InfrastructureError(
                f"The reader of model files failed: {lines[-1][:300] if lines else 'it said too much'}. "
                "Is h5py installed? Type: pip install crossload"
            )
        found: dict[str, Any] = json.loads(out)
        return found


def _died(said: str) -> dict[str, Any]:
    return {"kind": "unknown", "damage": [said]}
