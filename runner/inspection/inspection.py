"""One value with everything that a look at a file tells, and how it is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from runner.agent.capabilities import numbers
from runner.agent.configuration import unwritten
from runner.inspection import architecture, checksum, needs
from runner.inspection.architecture import Architecture
from runner.inspection.aside import Reading
from runner.inspection.known import Reason, reasons
from runner.inspection.needs import Need
from runner.symptoms import Stack

#: What the file is -> how people call it.
KINDS = {
    "zip": "Keras archive (.keras)",
    "hdf5": "HDF5",
    "savedmodel": "SavedModel",
    "checkpoint": "TensorFlow checkpoint",
    "json": "architecture (JSON)",
}
#: Keras as its files name it -> the TensorFlow it came with, where their numbers differ.
#: Source: ``tensorflow/python/keras/__init__.py`` of each release.
_CAME_WITH = {
    "2.1.6-tf": "1.11 or 1.12",
    "2.2.4-tf": "1.13 to 2.1",
    "2.3.0-tf": "2.2",
    "2.4.0": "2.3 or 2.4",
    "2.4.0-tf": "2.3",
}


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """What a file is and what it will need. Text in it is the file's own: escape it where it is shown."""

    path: str
    #: By its bytes: ``zip``, ``hdf5``, ``savedmodel``, ``checkpoint``, ``json``, or what it is instead.
    kind: str
    #: What it is, in words.
    what: str
    #: A sentence where it is no model at all.
    other: str = ""
    #: Sentences; empty where it is whole as far as can be seen.
    damage: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    sha256: str = ""
    sha256_missing: str = ""
    bytes: int = 0
    files: int = 1
    keras_version: str = ""
    #: The version that wrote it, as it stands in it, or as the Keras came with it; a sentence's part.
    tensorflow_version: str = ""
    backend: str = ""
    saved: str = ""
    weights_only: bool = False
    architecture: Architecture = field(default_factory=Architecture)
    needs: tuple[Need, ...] = ()
    parameters: int | None = None
    weight_bytes: int | None = None
    optimizer_variables: int | None = None
    signatures: tuple[str, ...] = ()
    #: What would run, or be opened, when it is loaded; sentences.
    code: tuple[str, ...] = ()
    #: Environment -> why it cannot load it, as far as that is known in advance.
    environments: Mapping[str, tuple[Reason, ...]] = field(default_factory=dict)

    @property
    def loadable(self) -> bool:
        """False where nothing can load it: it is no model, or it is damaged."""
        return not self.other and not self.damage


def inspect(
    path: Path, stacks: Mapping[str, Stack] | None = None, *, reading: Reading | None = None
) -> Inspection:
    """Look at a model file or folder, without TensorFlow and without running anything of it.

    ``stacks`` are the environments to judge; ``reading`` is one of this path that was begun before. Raises UsageError
    where there is nothing to look at, and InfrastructureError where looking failed for no reason of the file's. A
    damaged file is an answer.
    """
    with reading or Reading(path) as begun:
        return _assembled(path, begun.facts(), begun.total(), stacks or {})


def _assembled(
    path: Path, facts: Mapping[str, Any], total: checksum.Checksum, stacks: Mapping[str, Stack]
) -> Inspection:
    kind = facts["kind"]
    model, training = facts.get("model"), facts.get("training")
    found = replace(architecture.describe(model, training), slots=bool(facts.get("slots")))
    keras = str(facts.get("keras_version", "") or "")
    weights_only = kind == "checkpoint" or (kind == "hdf5" and not model and not facts.get("damage"))
    other = str(facts.get("other", ""))
    if kind == "zip" and other:
        other = f"This is {other}."
    if weights_only and kind == "hdf5" and not (facts.get("layer_names") or facts.get("layers")):
        other = "This HDF5 file holds no Keras model and no weights of one."
    damage = tuple(facts.get("damage", ()))
    classes = frozenset(facts.get("classes", ()))
    notes = list(facts.get("notes", ()))
    own = needs.own_classes(classes)
    if own:
        told = ", ".join(own[:6]) + (" and more" if len(own) > 6 else "")
        notes.append(
            f"Classes of its own: {told}. Keras 2 brings them back from the graph, without their code."
        )
    gone = unwritten([model, training], keras)
    notes += [gone] if gone else []
    judged = {} if other or damage else stacks
    return Inspection(
        path=str(path),
        kind=kind,
        what=_what(kind, facts, weights_only),
        other=other,
        damage=damage,
        notes=tuple(notes),
        sha256=total.sha256,
        sha256_missing=total.why,
        bytes=total.bytes,
        files=total.files,
        keras_version=keras,
        tensorflow_version=_tensorflow(facts, keras),
        backend=str(facts.get("backend", "") or ""),
        saved=str(facts.get("date_saved", "") or ""),
        weights_only=weights_only,
        architecture=found,
        needs=() if kind == "savedmodel" else needs.of(found),
        parameters=facts.get("parameters"),
        weight_bytes=facts.get("weight_bytes"),
        optimizer_variables=facts.get("optimizer_variables"),
        signatures=tuple(facts.get("signatures", ())),
        code=tuple(_code(found, facts)),
        environments={
            name: reasons(kind, keras, found, classes, stack, path.suffix) for name, stack in judged.items()
        },
    )


def _what(kind: str, facts: Mapping[str, Any], weights_only: bool) -> str:
    if kind == "zip" and facts.get("other"):
        return "zip archive"
    said = KINDS.get(kind, kind)
    if weights_only:
        return f"{said}: weights alone; what builds the model is its code, or its architecture as JSON"
    if kind == "json":
        return f"{said}: no weights; they are another file"
    if kind == "savedmodel" and not facts.get("keras"):
        return f"{said} that Keras did not write: tf.saved_model.load gives its outputs"
    return said


def _tensorflow(facts: Mapping[str, Any], keras: str) -> str:
    said = str(facts.get("tensorflow_version", "") or "")
    if said or not keras:
        return said
    if keras in _CAME_WITH:
        return _CAME_WITH[keras]
    minor = numbers(keras)[:2]
    if (2, 5) <= minor <= (2, 15):
        return f"{minor[0]}.{minor[1]}"
    if (2, 16) <= minor < (3,):
        return f"{minor[0]}.{minor[1]}, with tf-keras"
    return ""


def _code(found: Architecture, facts: Mapping[str, Any]) -> list[str]:
    told = []
    if found.bytecode:
        ages = "; ".join(dict.fromkeys(code.told for code in found.bytecode))
        names = f" ({', '.join(found.lambdas[:5])})" if found.lambdas else ""
        told.append(f"Lambda bytecode of {ages}{names}: it runs when the model is loaded and used.")
    elif "Lambda" in found.layers or "Lambda" in facts.get("classes", ()):
        told.append("A Lambda layer: its function is named, or lies in the graph.")
    told += [f"Refers to something outside of the file: {item}" for item in found.references[:20]]
    told += [
        f"Link out of its place, {item['name']} to {item['file'] or 'this file'}:{item['to']}: not followed."
        for item in list(facts.get("links", ()))[:20]
    ]
    told += [f"Unusual: {item}." for item in list(facts.get("unusual", ()))[:20]]
    if facts.get("reaching"):
        told.append(f"The graph has operations that reach out: {', '.join(facts['reaching'])}.")
    return told
