"""What runs have found out, kept in the state folder: which runs there were, their cells, and what changed."""

from runner.history.history import History
from runner.history.records import Record, Recorded, Step

__all__ = ["History", "Record", "Recorded", "Step"]
