"""The list of all runs, pictures of how they went, and the page that compares any two of them."""

from collections.abc import Collection, Sequence

from markupsafe import Markup

from reports import trend
from reports.addresses import file_name
from reports.templating import draw
from reports.trend import PHASES, Past
from reports.verdicts import Tally
from runner.results import Results, Run, Verdict
from runner.transitions import FAILURES, INFRASTRUCTURE, RANK, Kind

#: Pages of the folder ``runs``.
_ROOT = "../"


def past(results: Results) -> Past:
    """A run as the history would remember it, where there is no history."""
    run = results.run
    tally: dict[Verdict, int] = {}
    for cell in results.cells:
        tally[cell.verdict] = tally.get(cell.verdict, 0) + 1
    return Past(
        id=run.id,
        series=" ".join(word for word in (run.matrix, run.selection, run.narrowed) if word),
        started=run.started,
        finished=run.finished,
        interrupted=run.interrupted,
        tally=tally,
        seconds={one.id: one.spent for one in results.environments},
    )


def run_list(run: Run, runs: Sequence[Past], there: Collection[str]) -> str:
    """The page of all runs, newest first; ``there`` are the folders of those that have pages."""
    same = _series(runs)
    return draw(
        "runs.html.j2",
        run=run,
        root=_ROOT,
        here=f"{file_name(run.id)}/",
        runs=[(one, file_name(one.id), _tally(one)) for one in runs],
        there=there,
        folder=file_name,
        verdict_trend=trend.verdicts(same) if len(same) > 1 else "",
        time_trend=trend.durations(same) if len(same) > 1 and any(one.total for one in same) else "",
        longest=max((one.total for one in same), default=0.0),
        most=max((one.cells for one in same), default=0),
        shown_verdicts=[verdict for verdict in Verdict if any(one.tally.get(verdict) for one in same)],
        series=runs[0].series if runs else "",
        several=len({one.series for one in runs}) > 1,
        phases=PHASES,
        environments=_environments(same),
        kinds=[kind for kind in Kind if kind is not Kind.UNCHANGED],
    )


def compare(run: Run, runs: Sequence[Past], there: Collection[str]) -> str:
    """The page that holds any two runs against each other, those that have pages."""
    return draw(
        "compare.html.j2",
        run=run,
        root=_ROOT,
        here=f"{file_name(run.id)}/",
        runs=[(one, file_name(one.id)) for one in runs if file_name(one.id) in there],
        kinds=tuple(Kind),
        ranks=RANK,
        infrastructure=INFRASTRUCTURE,
        failures=FAILURES,
    )


def picture(runs: Sequence[Past]) -> Markup | str:
    """The verdicts of the newest run's series, for the first page; empty where there is but one."""
    same = _series(runs)
    return trend.verdicts(same) if len(same) > 1 else ""


def _series(runs: Sequence[Past]) -> list[Past]:
    """The runs that the newest is compared with, and itself; the oldest first."""
    return [one for one in reversed(runs) if one.series == runs[0].series]


def _tally(one: Past) -> Tally:
    return Tally(counts=tuple((verdict, one.tally[verdict]) for verdict in Verdict if one.tally.get(verdict)))


def _environments(same: Sequence[Past]) -> list[tuple[str, Markup, float]]:
    """Environment, a line of its seconds over time, and the newest of them."""
    names = dict.fromkeys(name for one in reversed(same) for name in one.seconds)
    found = []
    for name in names:
        values = [sum(one.seconds[name].values()) for one in same if name in one.seconds]
        said = f"Seconds over {len(values)} runs, from {values[0]:.0f} to {values[-1]:.0f}"
        found.append((name, trend.line(values, said), values[-1]))
    return found
