from datetime import UTC, datetime, timedelta

import pytest

from runner.description import begun, earlier, narrowed, selection
from runner.results import Run

RUN = Run(
    id="r",
    started="2026-11-20T10:00:00.500+00:00",
    finished="2026-11-20T11:00:00.000+00:00",
    engine="",
    matrix_sha256="",
    version="",
)


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        ("2026-11-20T10:00:00.400+00:00", True),
        ("2026-11-20T10:00:00.500+00:00", False),
        ("2026-11-20T10:30:00.000+00:00", False),
        ("2026-11-20T12:00:00.000+00:00", True),  # the clock was put back since
        ("2026-11-20T10:00:00+00:00", True),  # of before times were told to the millisecond
        ("", False),
    ],
)
def test_what_was_told_before_a_run_began_is_of_an_earlier_one(since: str, expected: bool) -> None:
    assert earlier(since, RUN) is expected


def test_a_run_of_single_tasks_begins_with_the_first_after_the_last_run() -> None:
    now = datetime.now(UTC)
    times = [(now - timedelta(hours=ago)).isoformat(timespec="milliseconds") for ago in (3, 5, 2, 4)]
    heads = [{"started": time} for time in times]
    assert begun(heads, after="") == times[1]
    assert begun(heads, after=times[1]) == times[3]
    assert begun([*heads, {"started": "\x1b[2J"}, {}], after=times[0]) == times[2]
    assert begun(heads, after=times[2]) > times[2]  # now: there is nothing new
    # A history that was lost makes no night of a fortnight.
    old = (now - timedelta(days=14)).isoformat(timespec="milliseconds")
    assert begun([*heads, {"started": old}], after="") == times[1]


def test_the_order_in_which_less_is_asked_for_means_nothing() -> None:
    assert (
        narrowed(["b", "a", "b"], ["h5"]) == narrowed(["a", "b"], ["h5"]) == "--probe a --probe b --format h5"
    )
    assert narrowed([], []) == ""
    assert selection([]) == "default"
