"""What a user wants carried over, and where to: asked about before anything is made, written when it was verified.

The command line and the Python API both order here.
"""

from dataclasses import dataclass
from pathlib import Path

from runner.upgrade.check import Asked
from runner.upgrade.migrate import Limits, Migration, migrate
from runner.upgrade.migrate_out import format_of, free, suggested, write
from runner.upgrade.opening import Looked
from runner.upgrade.workshop import Workshop


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be written of one model file."""

    model: Path
    #: None for here, named after the target.
    out: Path | None
    #: Empty for what the target itself would save.
    format: str
    #: Whether what is at the place to write to is replaced.
    force: bool

    def asked(self, file: Looked, to: str, home: str) -> Asked:
        """The question whether the file works in the environment ``to``, with a word for its home where there is one.

        Raises UsageError where it could not be answered, or what comes of it not be written.
        """
        file.whole()
        target = file.goal(to)
        if self.out is None and self.format:
            self._free(suggested(self.model, target.id, self.format))
        return file.asked(home, [target])

    def carry(self, asked: Asked, workshop: Workshop, limits: Limits) -> tuple[Migration, Path | None]:
        """Carry the file over, and what was written of it; raises what :func:`runner.upgrade.migrate.migrate` does.

        A copy of the file itself is written where its format is the one that is wanted, and never under another
        format's name.
        """
        (target,) = asked.targets
        as_it_is = self.out is None and not self.format
        found = migrate(asked, workshop, target, format_name=self.format, limits=limits, as_it_is=as_it_is)
        stop = found.found.stop
        if found.payload is None or stop is None or not (stop.hops or stop.format == self.format):
            return found, None
        place = self.out or suggested(self.model, target.id, stop.format)
        self._free(place)
        write(found.payload, place, force=self.force)
        return found, place

    def _free(self, place: Path) -> None:
        free(place, self.model, force=self.force)


def order(model: Path, out: Path | None, format_name: str, *, force: bool) -> Order:
    """The order, where it can be carried out as far as names and places tell; else UsageError."""
    found = Order(model=model, out=out, format=format_of(out, format_name), force=force)
    if out is not None:
        free(out, model, force=force)
    return found
