"""The command line. It sits on top of the house: the only code that may use every other room."""

from collections.abc import Iterator, MutableMapping
from importlib import import_module

import click

from runner import version
from runner.commands.group import Group

#: In the order in which they are told of. Each is a module of this folder with a command of the same name.
_NAMES = (
    "inspect",
    "check",
    "bisect",
    "migrate",
    "run",
    "plan",
    "task",
    "report",
    "history",
    "diff",
    "expect",
    "merge",
    "reproduce",
    "envs",
    "clean",
    "doctor",
)


class _Commands(MutableMapping[str, click.Command]):
    """Commands that are imported when they are asked for: together that takes seconds, and ``inspect`` none."""

    def __init__(self) -> None:
        self._others: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name in self._others:
            return self._others[name]
        if name not in _NAMES:
            raise KeyError(name)
        found: click.Command = getattr(import_module(f"runner.commands.{name}"), name)
        return found

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._others[name] = command

    def __delitem__(self, name: str) -> None:
        del self._others[name]

    def __iter__(self) -> Iterator[str]:
        return iter((*_NAMES, *self._others))

    def __len__(self) -> int:
        return len(_NAMES) + len(self._others)


@click.group(
    cls=Group,
    commands=_Commands(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(version.text(), message="crossload %(version)s")
def cli() -> None:
    """Save models in one TensorFlow/Keras environment, load them in every other, show what survived."""
