"""How a remedy that was run in a cell is done by hand there: the snippet for this file and this consumer."""

from packaging.version import InvalidVersion, Version

from runner.remedies.choice import generation, made_with, misnamed
from runner.remedies.data import plain, remedy
from runner.remedies.snippets import Place, fill
from runner.symptoms import Symptoms

#: Snippets for which the model's own code is enough, whatever was edited.
_ALWAYS = "weights_by_order"
_KINDS = {
    "zip": "keras",
    "hdf5": "h5",
    "savedmodel": "savedmodel",
    "checkpoint": "checkpoint",
    "directory": "json",
}


def code(identifier: str, symptoms: Symptoms, edits: tuple[str, ...] = ()) -> str:
    """The snippet for this cell; empty where it is the one that explains the remedy anyway.

    ``edits`` are those that the remedy made in a copy of the file. Where a few lines cannot say them, the snippet sets
    the file's weights in a model that its own code builds.
    """
    item = remedy(identifier)
    if item is None:
        return ""
    place = place_of(symptoms)
    found = fill(item.code, place, edits)
    if not found:
        other = remedy(_ALWAYS)
        assert other is not None
        found = fill(other.code, place)
    return "" if found == plain(item) else found


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
    )


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
