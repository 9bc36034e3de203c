"""``python in/agent in/task.json out``: carry out one task and write what happens as JSON Lines."""

import gc
import os
import sys

# Importing a framework makes hundreds of thousands of objects and no garbage to speak of; looking for it all the
# same takes a fifth of the time that the import does. It begins when all is imported.
gc.disable()

if not __package__:
    # Started as a folder, not with -m: become a package, so that the modules beside this one can be imported
    # without taking common names ("compare", "probe") away from the model's own code.
    _here = os.path.dirname(os.path.abspath(__file__))
    sys.path[0] = os.path.dirname(_here)
    __package__ = os.path.basename(_here)
    __import__(__package__)

from .work import main  # noqa: E402  not before it is clear what this package is called

if __name__ == "__main__":
    _status = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # All is said and written. Taking a framework apart would cost as much as many a cell (0.4 s on TF 2.15).
    os._exit(_status)
