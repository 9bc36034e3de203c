"""``crossload`` and ``python -m runner``: the only place that prints errors and picks the exit code."""

import errno
import gc
import os
import shutil
import signal
import sys
import traceback
from types import FrameType

import click
from rich.console import Console
from rich.text import Text

from environments.errors import CrossloadError, Interrupted
from reports.text import visible
from runner import streams

_FULL = (errno.ENOSPC, errno.EDQUOT)


def main() -> None:
    """Run the command line and leave the process."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup means it
            signal.signal(number, _terminated)
    streams.prepare()
    # Results are hundreds of thousands of small objects without cycles: looking for some took a tenth of the time.
    gc.set_threshold(100_000, 50, 50)
    code = run(sys.argv[1:])
    gc.freeze()  # nor are they looked through at the end
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command; gives its exit code.

    0 the gate holds, 1 the gate failed, 2 wrong usage or configuration, 3 infrastructure, 130 interrupted.
    """
    console = Console(stderr=True)
    try:
        from runner.commands import cli  # takes most of a second, in which Ctrl-C is pressed too

        return int(cli.main(arguments, prog_name="crossload", standalone_mode=False) or 0)
    except CrossloadError as error:
        style = "red" if not isinstance(error, Interrupted) else ""
        console.print(Text(visible(str(error))), style=style, soft_wrap=True)
        return error.exit_code
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except (KeyboardInterrupt, click.Abort):
        console.print("Interrupted.")
        return Interrupted.exit_code
    except OSError as error:
        console.print(Text(visible(_refused(error))), style="red", soft_wrap=True)
        return 3
    except SystemExit:  # how click takes a connection that broke; the streams of ours do not break
        console.print("A connection broke. Type: crossload doctor", style="red")
        return 3
    except Exception:  # noqa: BLE001  Python's own status for it is 1, which would say that the gate failed
        sys.stderr.write(visible(traceback.format_exc()))
        console.print("This is a fault of crossload's own. What was done until now is kept.", style="red")
        return 3


def _refused(error: OSError) -> str:
    """What the system did not let happen; one word for a whole folder that could not be copied."""
    first = error.args[0][0] if isinstance(error, shutil.Error) and isinstance(error.args[0], list) else ()
    why = str(first[2]) if first else error.strerror or str(error)
    where = f" ({first[1] if first else error.filename})" if first or error.filename else ""
    if error.errno in _FULL or os.strerror(errno.ENOSPC) in why:
        return (
            f"There is no room on the disk any more{where}. What was done until now is kept. "
            "Free some space, or name another folder with --state and --site."
        )
    return f"The system refused: {why}{where}. Type: crossload doctor"


def _terminated(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
