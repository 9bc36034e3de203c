"""How a question about one model file begins: the file looked at from outside, then a workshop opened for it.

The command line and the Python API both begin here.
"""

import hashlib
import os
import shlex
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from environments.errors import UsageError
from environments.matrix import Matrix
from environments.spec import BUNDLED, Environment
from runner import setup
from runner.adopted import ModelFile
from runner.description import describe
from runner.inspection import inspection, stacks
from runner.inspection.inspection import Inspection
from runner.plan import in_order
from runner.setup import Choice
from runner.store import Store
from runner.upgrade import belongings, words
from runner.upgrade.check import Asked, usual
from runner.upgrade.workshop import Watcher, Workshop


@dataclass(frozen=True, kw_only=True)
class Looked:
    """A model file that can be asked about, and the matrix of the question. Nothing was started for it."""

    model: ModelFile
    found: Inspection
    matrix: Matrix
    choice: Choice

    def whole(self) -> None:
        """Raises UsageError where the file is damaged: nothing loads it anywhere, so there is nothing to look for."""
        if self.found.damage:
            raise UsageError(
                f"{self.model.path} is not whole: {self.found.damage[0]} Fetch it again, or take another copy."
            )

    def one(self, word: str) -> Environment:
        """The environment that a word names; raises what :func:`runner.upgrade.words.one` does."""
        return words.one(word, self.matrix)

    def goal(self, word: str) -> Environment:
        """Where a model is to go: of the environments that a version names, the one that installs with it today."""
        found = in_order(self.several((word,)))
        bundled = [item for item in found if item.keras == BUNDLED]
        return (bundled or [*found])[-1] if words.read(word) else self.one(word)

    def several(self, named: Sequence[str]) -> tuple[Environment, ...]:
        """The environments that words name; raises what :func:`runner.upgrade.words.several` does."""
        return words.several(named, self.matrix)

    def asked(self, home: str, targets: Sequence[Environment]) -> Asked:
        """The question whether it works in ``targets``, with the word for its home where there is one."""
        found = self.one(home) if home else None
        return Asked(model=self.model, found=self.found, home=found, targets=tuple(targets))


def look(model: ModelFile, choice: Choice) -> Looked:
    """Look at the file, and at what its user has beside it, without running any of it.

    Raises UsageError where there is no model or what goes with it is of no use, ConfigurationError for the matrix.
    """
    belongings.check(model)
    found = inspection.inspect(model.path, stacks.of_matrix(choice.matrix))
    if found.other:
        raise UsageError(
            f"{model.path} is no model of Keras. {found.other} Name a model file, or a folder that holds one."
        )
    if found.kind == "json":
        raise UsageError(
            f"{model.path} is an architecture without weights, which predicts nothing. Ask about the file that has "
            f"them: crossload check WEIGHTS --architecture {shlex.quote(str(model.path))}"
        )
    if model.architecture is None and found.weights_only and not model.path.is_dir():
        model = replace(model, architecture=belongings.companion(model.path))
    if model.architecture is not None and found.weights_only:
        beside = inspection.inspect(model.architecture)
        found = replace(found, needs=beside.needs, keras_version=found.keras_version or beside.keras_version)
    return Looked(model=model, found=found, matrix=setup.matrix_of(choice), choice=choice)


@contextmanager
def workshop(file: Looked, watcher: Watcher, *, command: str = "") -> Iterator[Workshop]:
    """Open a workshop for the file; ``command`` is what would ask the same, where that is not what was typed.

    Raises UsageError while the same file is being looked at in the same folder, InfrastructureError where the folder
    cannot be written. Ctrl-C inside ends what was started.
    """
    setup.writable(file.choice.state, "--state")
    path = os.fsencode(file.model.path.absolute())
    name = hashlib.sha256(path).hexdigest()[:12]
    store = Store(file.choice.state, journals=f"models/{name}")
    cancel = threading.Event()
    with store.claimed(f"model-{name}"), store.claimed("run", shared=True):
        around = usual(file.matrix)
        engine, notes = setup.engine_for(file.choice, store, around, cancel=cancel, say=watcher.say)
        run = describe(file.matrix, file.choice.select, engine, notes, command=command)
        with Workshop(file.matrix, store, engine, cancel=cancel, watcher=watcher, run=run) as opened:
            try:
                yield opened
            except KeyboardInterrupt:
                cancel.set()
                raise
