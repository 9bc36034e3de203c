from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.upgrade.halving import Found, halving, looks


def _search(
    row: Sequence[bool | None],
    known: dict[int, bool | None] | None = None,
    likely: Sequence[int] = (),
) -> tuple[Found, list[int]]:
    """Search a row whose answers are given; also tells where it was looked."""
    looked: list[int] = []
    search = halving(len(row), known or {}, likely)
    try:
        position = next(search)
        while True:
            looked.append(position)
            position = search.send(row[position])
    except StopIteration as stop:
        found: Found = stop.value
        return found, looked


def test_neighbours_need_no_look() -> None:
    assert _search([True, False]) == (Found(good=0, bad=1, between=(), again=()), [])


def test_the_middle_is_looked_at_first() -> None:
    found, looked = _search([True, True, True, False, False, False, False])
    assert (found.good, found.bad, looked) == (2, 3, [3, 1, 2])


@given(st.integers(1, 400), st.integers(1, 400))
def test_one_change_is_found_in_as_many_looks_as_halving_takes(good: int, bad: int) -> None:
    found, looked = _search([True] * good + [False] * bad)
    assert (found.good, found.bad, found.between, found.again) == (good - 1, good, (), ())
    assert len(looked) == len(set(looked)) <= looks(good + bad)


@given(st.lists(st.sampled_from([True, False, None]), max_size=60))
def test_whatever_the_row_a_change_is_found(inner: list[bool | None]) -> None:
    row = [True, *inner, False]
    found, looked = _search(row)
    assert row[found.good] is True
    assert row[found.bad] is False
    assert found.good < found.bad
    # What lies between cannot be known, all of it: a place that tells is never left out.
    assert found.between == tuple(range(found.good + 1, found.bad))
    assert all(row[place] is None for place in found.between)
    assert len(looked) == len(set(looked))


@given(st.integers(1, 40), st.integers(1, 40), st.sets(st.integers(1, 78)))
def test_what_cannot_be_known_widens_the_answer_and_nothing_else(good: int, bad: int, lost: set[int]) -> None:
    whole = [True] * good + [False] * bad
    row: list[bool | None] = [
        None if place in lost and 0 < place < len(whole) - 1 else answer for place, answer in enumerate(whole)
    ]
    found, _ = _search(row)
    assert found.good == max(place for place, answer in enumerate(row) if answer is True)
    assert found.bad == min(place for place, answer in enumerate(row) if answer is False)


def test_what_is_known_beforehand_is_not_looked_at_again() -> None:
    row: list[bool | None] = [True, True, True, False, False, False]
    assert _search(row, {2: True, 3: False}) == (Found(good=2, bad=3, between=(), again=()), [])


def test_a_row_that_changes_more_than_once_is_noticed_where_it_was_seen() -> None:
    row: list[bool | None] = [True, True, False, False, True, True, False]
    found, looked = _search(row, {2: False, 5: True})
    assert (found.good, found.bad, found.again) == (1, 2, (5,))
    assert looked == [1]


@pytest.mark.parametrize(("count", "expected"), [(2, 0), (3, 1), (4, 2), (5, 2), (24, 5), (26, 5)])
def test_how_many_looks_a_row_takes(count: int, expected: int) -> None:
    assert looks(count) == expected


@given(st.integers(1, 200), st.integers(1, 200), st.lists(st.integers(0, 400), max_size=2))
def test_a_guess_costs_a_look_at_most(good: int, bad: int, likely: list[int]) -> None:
    row = [True] * good + [False] * bad
    found, looked = _search(row, likely=likely)
    assert (found.good, found.bad) == (good - 1, good)
    assert len(looked) <= looks(good + bad) + len(likely)


def test_a_right_guess_needs_two_looks() -> None:
    row = [True] * 20 + [False] * 3
    assert _search(row, likely=(19, 20)) == (Found(good=19, bad=20, between=(), again=()), [19, 20])
