"""The real command line on an engine of recorded lines, as a program for the recipes to call."""

import sys

from runner import setup
from runner.__main__ import run
from tests.runner.fakes import Recorded


def main() -> int:
    """Run the command that was typed."""
    setattr(setup, "engine_for", lambda *chosen, **how: (Recorded(), ()))  # noqa: B010
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
