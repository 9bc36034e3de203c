"""Reads a stranger's file in a process that may die of it, within limits on memory, time and files."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from environments.errors import InfrastructureError
from runner.inspection import checkpoint, checksum
from runner.inspection.checksum import Checksum

#: Seconds until reading is given up, and bytes of the answer.
_PATIENCE, _LARGEST = 60.0, 256 << 20
#: Signals that no file sends: whoever shares this machine does, or the system where it has no memory left.
_FROM_OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
#: The child has the modules that this process has, and no others.
_START = (
    "import json, sys\n"
    "sys.path[:] = json.loads(sys.argv[1])\n"
    "from runner.inspection.reading import main\n"
    "main()\n"
)
_KEPT = ("PATH", "LANG", "LC_ALL", "HOME", "LD_LIBRARY_PATH")
#: One thread is enough, and each more costs memory; no locks beside the file, and no plug-ins of HDF5.
_SET = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "HDF5_USE_FILE_LOCKING": "FALSE",
    "HDF5_PLUGIN_PRELOAD": "::",
}


class Reading:
    """Reading that has begun, and the checksum beside it; :meth:`facts` and :meth:`total` wait for them."""

    def __init__(self, path: Path) -> None:
        """Begin. Raises UsageError where there is nothing to read."""
        place = path.with_name(path.name + ".index") if checkpoint.is_prefix(path) else path
        checksum.readable(place)
        # No folder of the user's is on the path of modules: a file beside the model must not become code.
        modules = [entry for entry in sys.path if Path(entry).is_absolute()]
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
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=kept | _SET,
            cwd="/",
        )
        summing = ThreadPoolExecutor(1)
        self._sum = summing.submit(checksum.of, place)
        summing.shutdown(wait=False)

    def __enter__(self) -> "Reading":
        return self

    def __exit__(self, *error: object) -> None:
        """End it, where nobody waited for it."""
        if self._process.stdout and not self._process.stdout.closed:
            self._end()

    def total(self) -> Checksum:
        """Size and checksum."""
        return self._sum.result()

    def facts(self) -> dict[str, Any]:
        """What was read. A process that died of the file is an answer: it stands under ``damage``.

        Raises InfrastructureError where reading could not begin, or come to its end, for no reason of the file's.
        """
        try:
            out, error = self._process.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            self._end()
            raise InfrastructureError(
                f"Reading the file did not come to an end within {_PATIENCE:.0f} seconds, though it may compute for "
                "half of them only: its disk is slow, or this machine is busy. Try again."
            ) from None
        except BaseException:
            self._end()
            raise
        code = self._process.returncode
        if code == -signal.SIGXCPU:
            return _died("Reading it takes more time than any model needs.")
        if -code in _FROM_OUTSIDE:
            raise InfrastructureError(
                f"The reader of model files was ended from outside ({signal.Signals(-code).name}). Free some memory, "
                "and try again."
            )
        if code < 0:
            name = signal.Signals(-code).name
            return _died(f"Reading it ended the reader ({name}): it is damaged, or made to harm.")
        if code or len(out) > _LARGEST:
            lines = error.decode("utf-8", "replace").strip().splitlines()
            raise InfrastructureError(
                f"The reader of model files failed: {lines[-1][:300] if lines else 'it said too much'}. "
                "Is crossload installed whole? Type: pip install --force-reinstall crossload"
            )
        found: dict[str, Any] = json.loads(out)
        return found

    def _end(self) -> None:
        self._process.kill()
        self._process.communicate()


def _died(said: str) -> dict[str, Any]:
    return {"kind": "unknown", "damage": [said]}
