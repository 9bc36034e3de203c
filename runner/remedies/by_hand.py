"""How a remedy that was run in a cell is done by hand there: the snippet for this file and this consumer."""

import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from packaging.version import InvalidVersion, Version

from runner.remedies.choice import generation, made_with, misnamed
from runner.remedies.data import plain, remedy
from runner.remedies.literals import compile_call
from runner.remedies.snippets import EAGERLY, Place, builds, computes, fill
from runner.symptoms import Symptoms

#: Kind of file, and the order of the optimizer's state in it -> the snippet that reads it.
_ORDERS = {
    ("h5", "by_weight"): "h5_by_weight",
    ("h5", "by_slot"): "h5_by_slot",
    ("keras", "by_weight"): "keras_by_weight",
}
_IN_A_SHELL = "# in a shell: "
#: Snippets for which the model's own code is enough, whatever was edited.
_ALWAYS = "weights_by_order"
_KINDS = {
    "zip": "keras",
    "hdf5": "h5",
    "savedmodel": "savedmodel",
    "checkpoint": "checkpoint",
    "directory": "json",
}


def code(
    identifier: str,
    symptoms: Symptoms,
    edits: tuple[str, ...] = (),
    *,
    compiled: Mapping[str, Any] | None = None,
    state_order: str = "",
    environment: str = "",
) -> str:
    """The snippet for this cell; empty where it is the one that explains the remedy anyway.

    ``edits``, ``compiled`` and ``state_order`` are what the remedy did (runner/agent/remedies.py), ``environment``
    where. What a few lines cannot say needs the model's own code; for a file that comes without, it is a command.
    """
    item = remedy(identifier)
    if item is None:
        return ""
    place, facts = place_of(symptoms), symptoms.facts
    if facts.get("adopted"):
        known = symptoms.consumer is not None and not _before(symptoms.consumer.keras, "2.11")
        variant = _ORDERS.get((place.kind, state_order), "") if known else ""  # no build() before
        if place.kind != "h5":
            variant = variant or place.variant
        place = replace(place, compile=compile_call(compiled), variant=variant)
    found = fill(item.code, place, edits)
    # No file can say that predict is to call its model eagerly, nor that a function is another one than what Keras has
    # by its name, so that migrate writes none.
    unsaid = [one for one in edits if one == EAGERLY or computes(one)]
    if facts.get("adopted") and not facts.get("code") and not unsaid:
        if environment and (not found or builds(found)):
            found = _command(place, environment)
    elif not found:
        other = remedy(_ALWAYS)
        assert other is not None
        found = fill(other.code, place, unsaid)
    return "" if found == plain(item) else found


def is_command(found: str) -> bool:
    """Whether a snippet has this project do it."""
    return found.startswith(_IN_A_SHELL)


def _command(place: Place, environment: str) -> str:
    """Have the repaired copy written; ``{shell}`` is the file as a shell takes it."""
    beside = f" --architecture {shlex.quote(place.architecture)}" if place.architecture else ""
    own = " --custom-objects my_model.py" if place.custom else ""
    ending = ".h5" if place.generation == 2 else ".keras"
    command = f"crossload migrate {{shell}}{beside} --to {environment}{own} -o migrated{ending}"
    load = f'{{keras}}\nmodel = keras.models.load_model("migrated{ending}"{{custom}})\n'
    return f"{_IN_A_SHELL}{command}\n" + fill(load, replace(place, misnamed=False))


def place_of(symptoms: Symptoms) -> Place:
    """Where the snippet is to work."""
    made, consumer = made_with(symptoms), symptoms.consumer
    classes = symptoms.facts.get("classes", ())
    read = consumer.keras if consumer else ""
    kind = "json" if symptoms.format == "json" else _KINDS.get(symptoms.actual_format, "keras")
    if symptoms.format == "weights" and kind == "h5":
        kind = "h5" if _before(made, "2.12") else "weights"
    return Place(
        kind=kind,
        variant=_variant(kind, made, read, symptoms),
        generation=generation(read) or 3,
        tensorflow=consumer is None or consumer.backend in ("", "tensorflow"),
        misnamed=kind != "weights" and misnamed(symptoms),
        custom="custom" in symptoms.tags,
        unbuilt=bool(classes) and not {"Functional", "Model", "Sequential"} & set(classes),
        architecture=_printable(symptoms.facts.get("architecture")),
    )


def _printable(name: Any) -> str:
    """A name that can stand in a command; a file may be called anything."""
    return name if isinstance(name, str) and name.isprintable() and "{" not in name else ""


def _variant(kind: str, made: str, read: str, symptoms: Symptoms) -> str:
    """What differs between versions. Sources: the files that these versions write, and what they read of them."""
    if kind == "checkpoint" and generation(made) == 3:
        return "checkpoint_of_keras_3"
    if kind == "h5" and (generation(made), generation(read)) == (3, 3):
        return "h5_with_state"
    if kind == "json" and _before(made, "2.12"):
        return "h5"
    if kind in ("keras", "json"):
        renamed = "MultiHeadAttention" in symptoms.facts.get("classes", ()) and generation(
            made
        ) != generation(read)
        if renamed or _before(made, "2.13") or _before(read, "2.13"):
            return "tree"  # the reader looks for other names in it
    return ""


def _before(version: str, other: str) -> bool:
    try:
        return Version(version) < Version(other)
    except InvalidVersion:
        return False
