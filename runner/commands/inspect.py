"""``crossload inspect``: what a model file is and will need, without TensorFlow and without running any of it."""

import json
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from reports.text import line, size, visible
from runner.commands import options
from runner.inspection.aside import Reading

if TYPE_CHECKING:
    from runner.inspection.inspection import Inspection
    from runner.inspection.known import Reason

_MOST = 8
#: What stands under ``needs`` already, and is the same in every environment.
_TOLD = frozenset(("custom_class_missing", "custom_function_missing"))


@click.command()
@click.argument("model", type=click.Path(path_type=Path, readable=False))
@options.shared(options.LATER_MATRIX, options.JSON)
def inspect(model: Path, matrix: Path | None, as_json: bool) -> int:
    """Tell what a model file is, who wrote it, what it needs, and where it cannot load, without loading it.

    MODEL is a .keras or HDF5 file, a SavedModel folder, a checkpoint, or an architecture as JSON. Nothing of it is
    run. Environments are those of the matrix.

    \b
    Example:
      crossload inspect model.h5

    Exit code: 0 it is whole, 1 it is damaged or no model, 2 there is nothing to look at.
    """
    with Reading(model) as reading:
        # Takes half of the time, in which the file is read.
        from environments.matrix import nearest
        from runner.inspection import inspection, stacks

        found = inspection.inspect(model, stacks.of_matrix(nearest(matrix)), reading=reading)
    if as_json:
        click.echo(json.dumps(_data(found), indent=1))
    else:
        _print(found, Console())
    return 0 if found.loadable else 1


def _data(found: "Inspection") -> dict[str, Any]:
    """The value as JSON; sets are sorted lists."""
    data = {**asdict(found), "loadable": found.loadable}
    made = data["architecture"]
    made["keys"], made["modules"] = sorted(made["keys"]), sorted(made["modules"])
    return data


def _print(found: "Inspection", console: Console) -> None:
    console.print(Text(visible(found.path), style="bold"), soft_wrap=True)
    if found.other:
        console.print(Text(visible(found.other), style="red"), soft_wrap=True)
    for sentence in found.damage[:_MOST]:
        console.print(Text(visible(sentence), style="red"), soft_wrap=True)
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _rows(found):
        table.add_row(name, Text(visible(line(value, 400))))
    console.print(table)
    if found.loadable:
        _print_environments(found, console)
        console.print(Text(visible(_next(found)), style="dim"), soft_wrap=True)
    elif found.damage:
        console.print(
            Text("Nothing loads a damaged file. Fetch it again, or take another copy.", style="dim")
        )


def _next(found: "Inspection") -> str:
    path, said = shlex.quote(found.path), "What no rule knows is found by loading it"
    if found.kind == "json":
        return f"{said} with its weights: crossload check WEIGHTS --architecture {path}"
    return f"{said}: crossload check {path}"


def _rows(found: "Inspection") -> Iterator[tuple[str, str]]:
    made = found.architecture
    yield "is", found.what
    yield "size", size(found.bytes) + (f" in {found.files:,} files" if found.files > 1 else "")
    yield "sha256", found.sha256 or f"not worked out: {found.sha256_missing}"
    if found.other:
        return
    if found.keras_version or found.tensorflow_version:
        yield "written by", _writer(found)
    if made.kind or made.layers:
        counted = ", ".join(
            f"{count} {name}" if count > 1 else name for name, count in _some(made.layers.items())
        )
        more = " …" if len(made.layers) > _MOST else ""
        yield "layers", f"{made.kind}, {sum(made.layers.values()):,}: {counted}{more}"
    if found.parameters is not None or found.weight_bytes is not None:
        parameters = f"{found.parameters:,} numbers" if found.parameters is not None else "arrays"
        yield "weights", f"{parameters}; {size(found.weight_bytes or 0)} with all that is stored beside them"
    if made.compiled:
        state = f", with {found.optimizer_variables} variables" if found.optimizer_variables else ""
        yield "compiled", f"optimizer {made.optimizer or 'none'}{state}"
        yield "", f"loss {made.loss or 'none'}; metrics {', '.join(made.metrics) or 'none'}"
    elif found.kind in ("zip", "hdf5") and not found.weights_only and not found.damage:
        yield "compiled", "no"
    if found.signatures:
        yield "signatures", ", ".join(_some(found.signatures))
    yield from _labelled("needs", _needs(found))
    if found.code or not found.damage:
        yield from _labelled("runs code", found.code[:_MOST] or ("none found",))
    yield from _labelled("note", found.notes)
    if not found.damage:
        yield "whole", "yes, as far as can be seen without loading it"


def _writer(found: "Inspection") -> str:
    parts = [f"Keras {found.keras_version}"] if found.keras_version else []
    if found.tensorflow_version:
        parts.append(f"TensorFlow {found.tensorflow_version}")
    if found.backend:
        parts.append(f"backend {found.backend}")
    return ", ".join(parts) + (f" ({found.saved})" if found.saved else "")


def _needs(found: "Inspection") -> tuple[str, ...]:
    told = []
    for only, words in ((False, "custom_objects"), (True, "custom_objects, or compile=False")):
        names = [
            f"{need.name} (of {need.module})" if need.module else need.name
            for need in found.needs
            if need.compile_only == only
        ]
        if names:
            told.append(f"{words}: {', '.join(_some(names))}{' …' if len(names) > _MOST else ''}")
    return tuple(told)


def _print_environments(found: "Inspection", console: Console) -> None:
    groups: dict[tuple[Reason, ...], list[str]] = {}
    for name, why in found.environments.items():
        why = tuple(reason for reason in why if reason.cause not in _TOLD)
        # Where no argument helps, what an argument would help against is of no use.
        why = tuple(reason for reason in why if not reason.avoid) or why
        if why:
            groups.setdefault(why, []).append(name)
    if not found.environments:
        return
    free = sum(all(reason.cause in _TOLD for reason in why) for why in found.environments.values())
    console.print()
    console.print(Text(_against(len(found.environments), free, besides=bool(found.needs)), style="bold"))
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(ratio=2, overflow="fold")
    table.add_column(ratio=3, overflow="fold")
    for why, names in groups.items():
        symbol = Text("◐", style="yellow") if why[0].avoid else Text("✕", style="red")
        table.add_row(symbol, Text(", ".join(names)), Text(visible(_told(why))))
    console.print(table)


def _against(count: int, free: int, *, besides: bool) -> str:
    if not free:
        return f"In each of {count} environments something known in advance stands against it."
    known = f"nothing known in advance{' beside what it needs' if besides else ''} stands against it"
    return f"In {f'each of {count}' if free == count else f'{free} of {count}'} environments {known}."


def _told(why: Iterable["Reason"]) -> str:
    return "\n".join(
        f"{reason.why}{f' Loads with {reason.avoid}.' if reason.avoid else ''} [{reason.cause}]"
        for reason in why
    )


def _labelled(label: str, sentences: Iterable[str]) -> Iterator[tuple[str, str]]:
    for index, sentence in enumerate(sentences):
        yield (label if index == 0 else ""), sentence


def _some(items: Iterable[Any]) -> list[Any]:
    return list(items)[:_MOST]
