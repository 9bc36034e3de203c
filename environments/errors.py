"""The errors a user can meet, each with the exit code that the command line gives for it.

A message is whole sentences: what happened, where, and what to type next. Only ``runner.__main__.main``
prints them.
"""


class CrossloadError(Exception):
    """Any trouble that is told to the user as a message instead of a traceback."""

    exit_code = 2


class ConfigurationError(CrossloadError):
    """The matrix, a lock or a probe file is wrong; nothing was run."""

    exit_code = 2


class UsageError(CrossloadError):
    """The command cannot be carried out as typed (unknown environment, a second run in one folder)."""

    exit_code = 2


class InfrastructureError(CrossloadError):
    """Something around the models failed: the disk, the daemon, the registry."""

    exit_code = 3


class DiskFull(InfrastructureError):
    """Nothing can be written any more, wherever it is tried next."""


class EnvironmentUnavailable(InfrastructureError):
    """One environment could not be made or started; the run goes on without it.

    ``log`` keeps the resolver's or the daemon's own words, whole. ``lasting`` is True where another attempt would end
    the same; else it may have been the network, and is tried again.
    """

    def __init__(self, message: str, *, log: str = "", lasting: bool = False) -> None:
        super().__init__(message)
        self.log = log
        self.lasting = lasting


class Interrupted(CrossloadError):
    """The user asked to stop (Ctrl-C or SIGTERM)."""

    exit_code = 130
