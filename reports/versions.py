"""Environments as people speak of them: ``2.15.1``, ``2.16.2 with Keras 3.4.1``, ``2.18.1 with tf-keras``; in order.

Keras decides what a file is read as and TensorFlow follows it, so versions are put in the order of their Keras.
Where each release comes with the Keras of its day, that is TensorFlow's order too.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

from reports.text import visible
from runner.results import EnvironmentResult

#: TensorFlow from which ``tensorflow.keras`` is Keras 3; a Keras 2 there is tf-keras.
_KERAS_3 = Version("2.16.dev0")
_NOTHING = Version("0")

#: Names that a list spells out before it is written with its ends alone.
_SPELLED = 3


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One environment by its versions."""

    id: str
    name: str
    tensorflow: Version
    keras: Version
    #: Which way it leaves the main line of TensorFlow releases: tf-keras, jax, torch, cuda, nightly; or empty.
    branch: str

    @property
    def full(self) -> str:
        """The name as it stands alone in a sentence: ``TensorFlow 2.15.1``."""
        return f"TensorFlow {self.name}" if self.tensorflow != _NOTHING else self.name

    @property
    def order(self) -> tuple[Version, Version, str]:
        """What versions are put in order by."""
        return (self.keras, self.tensorflow, self.branch)

    def reaches(self, other: "Stack") -> bool:
        """Whether neither TensorFlow nor Keras is older there than here."""
        return self.tensorflow <= other.tensorflow and self.keras <= other.keras


def stacks(environments: Iterable[EnvironmentResult], mentioned: Iterable[str] = ()) -> Mapping[str, Stack]:
    """Every environment by its id, the oldest first; ``mentioned`` are ids that may have no result."""
    found = {one.id: _read(one) for one in environments}
    for name in mentioned:
        found.setdefault(name, _read(EnvironmentResult(id=name, status="unavailable")))
    main = Counter(tensorflow for _, tensorflow, _, branch in found.values() if not branch)
    named = (
        Stack(
            id=name,
            name=_name(name, (tensorflow, keras, branch), twice=main[tensorflow] > 1),
            tensorflow=tensorflow,
            keras=keras,
            branch=branch,
        )
        for name, tensorflow, keras, branch in found.values()
    )
    ordered = sorted(named, key=lambda stack: stack.order)
    same = Counter(stack.name for stack in ordered)
    return {
        stack.id: stack
        if same[stack.name] == 1
        else Stack(**{**vars(stack), "name": f"{stack.name} ({visible(stack.id)})"})
        for stack in ordered
    }


def spoken(names: Sequence[str], *, open_end: bool = False) -> str:
    """Neighbouring versions in words; ``open_end`` where nothing newer was tried than the last of several."""
    if open_end and len(names) > 1:
        return f"{names[0]} and later"
    if len(names) > _SPELLED:
        return f"{names[0]} to {names[-1]} ({len(names)} versions)"
    return listed(names)


def listed(words: Sequence[str], last: str = "and") -> str:
    """``a, b and c``."""
    return f" {last} ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def _read(found: EnvironmentResult) -> tuple[str, Version, Version, str]:
    """Id, versions and branch: as they were seen, or as they were locked, or as the id says."""
    said = re.match(r"(?:tf(?P<tf>[\d.]+))?-?(?:keras(?P<keras>[\d.]+))?", found.id)
    packages, parts = found.packages, found.id.split("-")
    tensorflow = _version(
        found.tensorflow, packages.get("tensorflow-cpu"), packages.get("tensorflow"), said and said["tf"]
    )
    legacy = "legacy" in parts
    keras = _version(
        found.keras,
        packages.get("tf-keras") if legacy else None,
        said and said["keras"],
        packages.get("keras"),
        # A Keras that nobody recorded: the one of that TensorFlow, or any Keras 3.
        str(tensorflow) if legacy or tensorflow < _KERAS_3 else "3",
    )
    branch = ""
    if "tfnightly" in parts or tensorflow.is_devrelease:
        branch = "nightly"
    elif found.backend not in ("", "tensorflow") or parts[1:2] in (["jax"], ["torch"]):
        branch = found.backend if found.backend not in ("", "tensorflow") else parts[1]
    elif tensorflow >= _KERAS_3 and keras.major == 2:
        branch = "tf-keras"
    elif found.device == "cuda":
        branch = "cuda"
    return found.id, tensorflow, keras, branch


def _version(*texts: str | None) -> Version:
    for text in texts:
        try:
            # tf-keras may be told as "2.18.0 (tf-keras)".
            return Version((text or "").split(" ")[0])
        except InvalidVersion:
            continue
    return _NOTHING


def _name(identifier: str, known: tuple[Version, Version, str], *, twice: bool) -> str:
    tensorflow, keras, branch = known
    if tensorflow == _NOTHING:
        return f"Keras {keras} on {branch}" if branch and keras != _NOTHING else visible(identifier)
    if branch == "tf-keras":
        return f"{tensorflow} with tf-keras"
    if branch in ("cuda", "nightly"):
        return f"{tensorflow} ({branch})"
    if keras.major == 3 and (twice or "-keras" in identifier):
        return f"{tensorflow} with Keras {keras}"
    return str(tensorflow)
