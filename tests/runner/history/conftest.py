from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from runner.history import History
from runner.results import CellResult, EnvironmentResult, Results, Run, Verdict


def results(
    name: str,
    cells: Mapping[str, str],
    *,
    selection: str = "nightly",
    started: str = "2026-11-20T02:00:00+00:00",
    attempts: int = 1,
    seconds: Mapping[str, float] | None = None,
) -> Results:
    """A run; ``cells`` are ``a/b/dense/h5`` and a verdict, with a cause after a space where there is one."""
    found = []
    for cell, said in cells.items():
        producer, consumer, probe, of_format = cell.split("/")
        verdict, _, cause = said.partition(" ")
        found.append(
            CellResult(
                producer=producer,
                consumer=consumer,
                probe=probe,
                format=of_format,
                verdict=Verdict(verdict),
                cause=cause,
                attempts=attempts,
            )
        )
    run = Run(
        id=name,
        started=started,
        finished=started,
        engine="venv",
        matrix_sha256="0" * 64,
        version="1",
        matrix="matrix.yaml",
        selection=selection,
    )
    environments = (EnvironmentResult(id="a", status="ready", seconds=seconds),) if seconds else ()
    return Results(run=run, environments=environments, artifacts=(), cells=tuple(found))


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with History(tmp_path) as found:
        yield found
