"""From what pydantic found wrong with a matrix file to sentences with positions."""

import difflib
import typing
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from environments.yaml_nodes import Document, Location, Plain, Problem


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``" (did you mean 'x'?)"`` where something near is known; else what is known, if that is short."""
    words = [str(name) for name in known]
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.55)
    if not near:
        near = [name for name in words if name.casefold() == word.casefold()]
    if near:
        return f" (did you mean {near[0]!r}?)"
    return f" (there is: {', '.join(words)})" if 0 < len(words) <= 12 else ""


def problems(error: ValidationError, document: Document, model: type[BaseModel]) -> list[Problem]:
    """One problem for each thing that is wrong."""
    return [
        _problem(detail, document, model)
        for detail in error.errors(include_url=False)
        # Nothing written is said by ``empty_values``, with the name of the key; and a list whose entries are
        # all wrong is not short of entries.
        if detail["input"] is not None and not (detail["type"] == "too_short" and detail["input"])
    ]


def empty_values(document: Document) -> list[Problem]:
    """Keys and list items after which nothing is written: nowhere in a matrix file does this mean something."""
    return [
        Problem(position=document.where(location), message=_empty(location))
        for location, value in _leaves(document.value, ())
        if value is None
    ]


def _problem(detail: ErrorDetails, document: Document, model: type[BaseModel]) -> Problem:
    kind, given, context = detail["type"], detail["input"], detail.get("ctx", {})
    location: Location = detail["loc"]
    of_key = False
    if location and location[-1] == "[key]":
        location, of_key = location[:-1], True
    if kind == "missing":
        # The position of the map that lacks the key.
        inside = f" under {_name(location[:-1])!r}" if location[:-1] else ""
        said = f"the key {location[-1]!r} is missing{inside}; add it"
        return Problem(position=document.where(location[:-1], key=len(location) > 1), message=said)
    if kind == "extra_forbidden":
        known = _fields(model, location[:-1])
        said = f"unknown key {location[-1]!r}{did_you_mean(str(location[-1]), known)}"
        return Problem(position=document.where(location, key=True), message=said)
    if kind == "literal_error":
        known = [word.strip("'") for word in str(context["expected"]).replace(" or ", ", ").split(", ")]
        said = (
            f"unknown {_thing(location)} {given!r}{did_you_mean(given, known)}"
            if isinstance(given, str)
            else f"expected one of {', '.join(known)} for {_name(location)!r}, found {_kind(given)}"
        )
    elif kind == "value_error":
        said = str(context["error"])
    elif kind in {"tuple_type", "list_type"}:
        said = f"expected a list for {_name(location)!r}, found {_kind(given)}; write {_as_list(given)}"
    elif kind in {"model_type", "dict_type", "model_attributes_type"}:
        said = f"expected a map of keys and values{_for(location)}, found {_kind(given)}"
    elif kind == "string_type":
        said = f"expected one word or text for {_name(location)!r}, found {_kind(given)}"
    elif kind == "too_short":
        said = f"the list {_name(location)!r} is empty; write at least one entry, or remove the key"
    else:
        said = f"{detail['msg']} (for {_name(location)!r})"
    return Problem(position=document.where(location, key=of_key), message=said)


def _fields(model: type[BaseModel], location: Location) -> list[str]:
    """The keys that may stand at a location."""
    current: Any = model
    for part in location:
        if not _is_section(current):
            # An index into a list, or a name in a map of sections.
            current = _section(current)
        elif isinstance(part, str) and part in current.model_fields:
            current = current.model_fields[part].annotation
        else:
            return []
    return list(current.model_fields) if _is_section(current) else []


def _is_section(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _section(annotation: Any) -> Any:
    """The model inside ``tuple[X, ...]``, ``dict[str, X]`` or ``Annotated[X, …]``, if there is one."""
    if _is_section(annotation):
        return annotation
    for inner in typing.get_args(annotation):
        found = _section(inner)
        if found is not None:
            return found
    return None


def _leaves(value: Plain, location: Location) -> Iterable[tuple[Location, str | None]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*location, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, (*location, index))
    else:
        yield location, value


def _empty(location: Location) -> str:
    if location and isinstance(location[-1], str):
        return f"nothing is written after {location[-1]!r}; write a value, or remove the key"
    if location:
        return f"an entry of {_name(location)!r} is empty; write a value, or remove it"
    return "the file is empty; begin with version: 1"


def _name(location: Location) -> str:
    """The last key on the way: what the user would call this place."""
    return next((part for part in reversed(location) if isinstance(part, str)), "the file")


def _thing(location: Location) -> str:
    singular = {"formats": "format", "rule": "gate word", "gpus": "value of gpus"}
    name = _name(location)
    return singular.get(name, name)


def _for(location: Location) -> str:
    return f" for {_name(location)!r}" if location else " such as version: 1"


def _kind(value: Any) -> str:
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a map"
    return "nothing" if value is None else f"the text {_short(value)!r}"


def _as_list(value: Any) -> str:
    if isinstance(value, str):
        return (
            f"[{_short(value)}]" if value.replace(".", "").isalnum() else "one entry a line, each after '- '"
        )
    return "one entry a line, each after '- '"


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."
