"""JUnit XML, which most CI systems show: one suite for each environment, with what it saved and what it loaded.

- A verdict on a model that is not ``identical`` is a ``<failure>`` whose type is the verdict.
- What infrastructure cost is an ``<error>``: it says nothing about a model.
- What is known beforehand, inherited from a failed save, or expected by the matrix is ``<skipped>``, with the reason.

A failed save is a failure once, in the suite of the environment that could not save. Cells of probes that are
broken on purpose are left out: there, an exception is what one hopes for.

The file follows both schemas that are about: Jenkins' ``jenkins-junit.xsd``, and Ant's ``JUnit.xsd``, which
asks for more (https://github.com/windyroad/JUnit-Schema).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reports.grid import Entry, environment_ids
from reports.outcomes import brief
from reports.text import line
from reports.xml_text import tag, text
from runner.results import ArtifactResult, CellResult, EnvironmentResult, Failure, Results, Verdict

#: Names of a cell -> why the matrix expects its verdict.
Known = Mapping[tuple[str, str, str, str], str]

_LOST = (Verdict.UNAVAILABLE, Verdict.NOT_RUN)


@dataclass(frozen=True, kw_only=True)
class _Case:
    kind: str
    xml: str
    seconds: float


def junit(results: Results, known: Known | None = None) -> str:
    """The whole file. ``known`` has the cells whose verdict the matrix expects, with the reason."""
    broken = {probe.name for probe in results.probes if probe.fault}
    environments = {item.id: item for item in results.environments}
    cases: dict[str, list[_Case]] = {name: [] for name in environment_ids(results)}
    for artifact in results.artifacts:
        if artifact.probe not in broken:
            cases.setdefault(artifact.producer, []).append(_saved(artifact))
    artifacts = {(item.producer, item.probe, item.format): item for item in results.artifacts}
    for cell in results.cells:
        if cell.probe not in broken:
            entry = Entry(cell=cell, artifact=artifacts.get((cell.producer, cell.probe, cell.format)))
            cases[cell.consumer].append(_loaded(entry, known or {}))
    suites = (
        _suite(number, name, environments.get(name), found, results)
        for number, (name, found) in enumerate(cases.items())
    )
    return (
        "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", *suites, "</testsuites>"]) + "\n"
    )


def _suite(
    number: int, name: str, environment: EnvironmentResult | None, cases: list[_Case], results: Results
) -> str:
    counts = {kind: sum(case.kind == kind for case in cases) for kind in ("failure", "error", "skipped")}
    head = {
        "name": name,
        "package": "crossload",
        "id": number,
        # The schema wants UTC without saying so.
        "timestamp": results.run.started[:19] or "1970-01-01T00:00:00",
        "hostname": line(results.run.host) or "unknown",
        "tests": len(cases),
        "failures": counts["failure"],
        "errors": counts["error"],
        "skipped": counts["skipped"],
        "time": f"{sum(case.seconds for case in cases):.3f}",
    }
    properties = "".join(tag("property", {"name": k, "value": v}) for k, v in _facts(environment, results))
    body = [tag("properties", {}, properties), *(case.xml for case in cases)]
    trouble = environment.error if environment and environment.error else ""
    return tag(
        "testsuite", head, "\n".join(["", *body, "<system-out/>", tag("system-err", {}, text(trouble))])
    )


def _facts(environment: EnvironmentResult | None, results: Results) -> Iterator[tuple[str, str]]:
    yield "run", results.run.id or "unknown"
    if environment is not None:
        for name in ("python", "tensorflow", "keras", "backend", "device", "lock_sha256"):
            if value := str(getattr(environment, name)):
                yield name, value


def _saved(artifact: ArtifactResult) -> _Case:
    name, group = f"save {artifact.probe} as {artifact.format}", f"{artifact.producer}.save"
    if artifact.status == "saved":
        return _case(name, group, artifact.seconds)
    message = _said(artifact.error) or artifact.telling or artifact.fault
    if artifact.status == "unsupported":
        return _case(name, group, 0.0, "skipped", "unsupported", message or Verdict.UNSUPPORTED.meaning)
    kind = "failure" if artifact.status == "save_failed" else "error"
    body = artifact.error.traceback if artifact.error else ""
    message = message or Verdict(artifact.status).meaning
    return _case(name, group, artifact.seconds, kind, artifact.status, message, body)


def _loaded(entry: Entry, known: Known) -> _Case:
    cell = entry.cell
    name = f"load {cell.probe} as {cell.format} from {cell.producer}"
    group = f"{cell.consumer}.load.{cell.producer}"
    verdict = cell.verdict
    if verdict is Verdict.IDENTICAL:
        return _case(name, group, cell.seconds)
    message = brief(entry) or verdict.meaning
    reason = known.get((cell.producer, cell.consumer, cell.probe, cell.format))
    if reason is not None:
        return _case(name, group, cell.seconds, "skipped", verdict, f"Expected {verdict}: {reason}")
    if verdict in (Verdict.UNSUPPORTED, Verdict.SAVE_FAILED):
        return _case(name, group, 0.0, "skipped", verdict, f"{verdict}: {message}")
    kind = "error" if verdict in _LOST else "failure"
    return _case(name, group, cell.seconds, kind, verdict, message, _story(cell))


def _case(
    name: str,
    group: str,
    seconds: float,
    kind: str = "passed",
    of: str = "",
    message: str = "",
    body: str = "",
) -> _Case:
    head = {"name": name, "classname": group, "time": f"{seconds:.3f}"}
    inner = None
    if kind == "skipped":
        inner = tag(kind, {"message": message})
    elif kind != "passed":
        inner = tag(kind, {"type": of, "message": message}, text(body))
    return _Case(kind=kind, xml=tag("testcase", head, inner), seconds=seconds)


def _story(cell: CellResult) -> str:
    """All that is known of a cell, for people who see nothing but this file."""
    parts = [f"cause: {cell.cause}"] if cell.cause else []
    parts += [f"lost: {', '.join(cell.lost)}"] if cell.lost else []
    parts += [f"{check}: {cell.checks.get(check, '')} {said}".strip() for check, said in cell.details.items()]
    parts += [f"remedy {one.id}: {one.verdict}" for one in cell.remedies]
    names = " ".join((cell.producer, cell.consumer, cell.probe, cell.format))
    parts += [f"again: crossload reproduce {names}"]
    parts += [cell.error.traceback or _said(cell.error)] if cell.error else []
    return "\n".join(parts)


def _said(error: Failure | None) -> str:
    return f"{error.type}: {error.message.strip()}" if error else ""
