"""``python in/agent in/task.json out``: carry out one task and write what happens as JSON Lines."""

import os
import sys

if not __package__:
    # Started as a folder, not with -m: become a package, so that the modules beside this one can be imported
    # without taking common names ("compare", "probe") away from the model's own code.
    _here = os.path.dirname(os.path.abspath(__file__))
    sys.path[0] = os.path.dirname(_here)
    __package__ = os.path.basename(_here)
    __import__(__package__)

from .work import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
