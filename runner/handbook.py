"""Every probe, cause and remedy on a page, written from the data: ``python -m runner.handbook`` writes ``docs/``."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from environments.files import replace_text
from runner.agent.faults import FAULTS
from runner.causes import Cause, Evidence, load
from runner.probe_files import ProbeFile, find
from runner.remedies.data import RemedyData, remedies, snippets

FOLDER = Path(__file__).parent.parent / "docs"
_WRITTEN = "*Written by `python -m runner.handbook` from the data; edit that.*"
#: The file of a cause -> how its group is called.
_GROUPS = {
    "security": "Refused on purpose",
    "environment": "The installation and the machine",
    "configuration": "The configuration is not understood",
    "custom_code": "Code that is not in the file",
    "weights": "Weights do not find their places",
    "optimizer": "Optimizer, loss and metrics",
    "savedmodel": "SavedModel and export",
    "checkpoint": "Checkpoints",
    "files": "The file is not what it should be",
    "saving": "It could not be saved",
    "numbers": "It loads and is wrong",
    "process": "The process did not come to its end",
}
_PLACES = {
    "type": "the exception's type",
    "message": "the exception's message",
    "raw": "the exception's message with the configurations that it quotes",
    "traceback": "the traceback",
    "warning": "a warning",
    "output": "what was printed",
}
_LISTS = {
    "verdict": "the verdict is",
    "format": "the format is",
    "actual_format": "the file really is",
    "stage": "saving stopped at",
    "backend": "the backend is",
    "age": "the producer's Keras, held against the consumer's, is",
    "differs": "the two sides differ in",
    "tags": "the probe is about",
    "fault": "broken on purpose is",
}


def pages() -> dict[str, str]:
    """File name -> text, of every page of the handbook."""
    return {
        "probes.md": _probes(find(["*"], FOLDER)),
        "causes.md": _causes(load()),
        "remedies.md": _remedies(remedies(), load()),
    }


def _probes(probes: Iterable[ProbeFile]) -> str:
    lines = ["# Probes", "", _WRITTEN, ""]
    lines += ["A probe is a small model. It is chosen by its name, by a glob, or by `tag:` and a tag.", ""]
    groups: dict[str, list[ProbeFile]] = {}
    for probe in probes:
        groups.setdefault(probe.tags[0] if probe.tags else "", []).append(probe)
    for group, members in sorted(groups.items()):
        lines += [
            f"## {group}",
            "",
            "| probe | what it exercises | tags | formats | needs |",
            "| --- | --- | --- | --- | --- |",
        ]
        for probe in members:
            needs = (f"{name} {versions}".strip() for name, versions in probe.requires.items())
            lines.append(
                f"| `{probe.name}` | {_cell(probe.why)} | {', '.join(probe.tags[1:])} "
                f"| {', '.join(probe.formats) or 'all'} | {_cell(', '.join(needs))} |"
            )
        lines.append("")
    lines += ["## Faults", "", "Any probe can be broken on purpose: its name, a plus, and the fault.", ""]
    lines += ["| fault | what it does |", "| --- | --- |"]
    lines += [f"| `{name}` | {_cell(sentence)} |" for name, sentence in FAULTS.items()]
    return "\n".join(lines) + "\n"


def _causes(causes: Iterable[Cause]) -> str:
    groups: dict[str, list[Cause]] = {name: [] for name in _GROUPS}
    for cause in causes:
        groups.setdefault(cause.file, []).append(cause)
    lines = ["# Causes", "", _WRITTEN, ""]
    lines += [
        "Why a cell is not identical. The first cause that fits is the cell's; `order` says which are tried first.",
        "Patterns are Python regular expressions, searched for in messages whose wrappers were taken off.",
        "Causes marked *environment* are faults of the installation and never count against the model.",
        "",
    ]
    for group, members in groups.items():
        lines += [f"## {_GROUPS.get(group, group)}", ""]
        for cause in sorted(members, key=lambda one: one.id):
            lines += _cause(cause)
    return "\n".join(lines)


def _cause(cause: Cause) -> list[str]:
    kind = f" *{cause.kind}*" if cause.kind != "model" else ""
    lines = [
        f"### {cause.title}",
        "",
        f"`{cause.id}`{kind}, order {cause.order}",
        "",
        cause.sentence.strip(),
        "",
    ]
    lines += ["Recognised where" if len(cause.when) == 1 else "Recognised where one of these holds:", ""]
    lines += [f"- {_evidence(evidence)}" for evidence in cause.when]
    lines.append("")
    if cause.remedies:
        several = (f"[{name}](remedies.md#{name})" for name in cause.remedies)
        lines += [f"Can help: {', '.join(several)}.", ""]
    if cause.advice:
        lines += [f"Where none does: {cause.advice}", ""]
    if cause.links:
        lines += ["Seen in: " + ", ".join(f"<{link}>" for link in cause.links), ""]
    return lines


def _evidence(evidence: Evidence) -> str:
    """One alternative in words."""
    said = [
        f"{words} {' or '.join(str(value) for value in getattr(evidence, name))}"
        for name, words in _LISTS.items()
        if getattr(evidence, name)
    ]
    for side in ("producer", "consumer"):
        said += [f"the {side}'s {name} is {_code(spec)}" for name, spec in getattr(evidence, side).items()]
    said += [f"the check {name} is {' or '.join(values)}" for name, values in evidence.checks.items()]
    said += [f"{thing} was lost" for thing in evidence.lost]
    said += [
        f"{place} has {_code(getattr(evidence, name))}"
        for name, place in _PLACES.items()
        if getattr(evidence, name)
    ]
    said += [f"the sentence on {name} has {_code(pattern)}" for name, pattern in evidence.detail.items()]
    said += [f"the file's {name} have {_code(pattern)}" for name, pattern in evidence.facts.items()]
    return ", and ".join(said)


def _remedies(several: Iterable[RemedyData], causes: tuple[Cause, ...]) -> str:
    earlier: list[RemedyData] = []
    lines = ["# Remedies", "", _WRITTEN, ""]
    lines += [
        "What is tried, in this order, where a cell is not identical. Each is run and judged by the same checks.",
        "",
    ]
    for remedy in several:
        lines += [
            f'## <a id="{remedy.id}"></a>{remedy.title}',
            "",
            f"`{remedy.id}`",
            "",
            remedy.sentence.strip(),
            "",
        ]
        same = next((one.id for one in earlier if one.code == remedy.code), "")
        if same:
            lines += [f"The code is that of [{same}](#{same}).", ""]
        for heading, code in ({} if same else snippets(remedy)).items():
            lines += [*([f"{heading}:", ""] if heading else []), "```python", code.rstrip(), "```", ""]
        earlier.append(remedy)
        named = sorted(cause.id for cause in causes if remedy.id in cause.remedies)
        if named:
            lines += ["Named by: " + ", ".join(f"`{name}`" for name in named), ""]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _code(text: str) -> str:
    """Text as code, with a fence that does not stand in it."""
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    return f"{fence} {text} {fence}" if "`" in text else f"`{text}`"


def write(several: Mapping[str, str], folder: Path) -> None:
    """Write the pages where they differ. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in several.items():
        replace_text(folder / name, text)


if __name__ == "__main__":
    write(pages(), FOLDER)
