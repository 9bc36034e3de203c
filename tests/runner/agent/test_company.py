"""Who shares a process and who gets one of his own, from literals of what children say."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from runner.agent.company import agrees, groups, in_turn

GOOD = {"status": "done", "value": {"checks": {"outputs": "same"}, "error": None}}
BAD = {"status": "done", "value": {"checks": {"outputs": "differs"}, "error": None}}
DEAD = {"status": "crashed"}


def told(answers: dict[str, dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    """What comes out for functions a, b, c, … of which children say these; and who was started how."""
    started: list[str] = []
    names = {name: (lambda folder, name=name: name) for name in answers if " " not in name}

    def together(functions: Sequence[Any]) -> Iterator[dict[str, Any]]:
        started.append("+".join(function("") for function in functions))
        for function in functions:
            yield answers[function("")]
            if answers[function("")] is DEAD:
                return

    def alone(function: Any) -> dict[str, Any]:
        started.append(function(""))
        return answers.get(function("") + " alone", {"status": "done", "alone": function("")})

    return list(in_turn(list(names.values()), together, alone)), started


def test_those_that_agree_share_one_process() -> None:
    assert told({"a": GOOD, "b": GOOD, "c": GOOD}) == ([GOOD, GOOD, GOOD], ["a+b+c"])


def test_what_fails_in_company_is_told_by_a_process_of_its_own() -> None:
    found, started = told({"a": GOOD, "b": BAD, "c": GOOD})
    assert found == [GOOD, {"status": "done", "alone": "b"}, GOOD]
    assert started == ["a+b+c", "b"]


def test_the_first_has_been_alone_already() -> None:
    assert told({"a": BAD, "b": GOOD}) == ([BAD, GOOD], ["a+b"])


def test_one_that_dies_is_tried_alone_and_the_others_get_a_new_process() -> None:
    found, started = told({"a": GOOD, "b": DEAD, "c": GOOD, "d": GOOD})
    assert found == [GOOD, {"status": "done", "alone": "b"}, GOOD, GOOD]
    assert started == ["a+b+c+d", "b", "c+d"]


def test_the_first_that_dies_has_died_alone() -> None:
    assert told({"a": DEAD, "b": DEAD, "c": GOOD}) == ([DEAD, DEAD, GOOD], ["a+b+c", "b+c", "c"])


@pytest.mark.parametrize(
    ("checks", "expected"),
    [
        ({"outputs": "same", "optimizer": "lost", "training": "differs", "config": "differs"}, True),
        ({"outputs": "same", "resave": "failed"}, True),
        ({"outputs": "differs"}, False),
        ({"reload": "differs"}, False),
        ({"weights": "differs"}, False),
    ],
)
def test_wrong_is_what_makes_a_model_divergent(checks: dict[str, str], expected: bool) -> None:
    assert agrees({"checks": checks, "error": None}) is expected


def raising(message: str, **checks: str) -> dict[str, Any]:
    error = {"type": "ValueError", "message": message}
    return {"status": "done", "value": {"checks": checks, "error": error}}


def test_an_exception_that_one_process_of_its_own_has_confirmed_is_believed_of_the_others() -> None:
    one, two = (
        raising(f"No key in /in/artifacts/{'a' * 64}/m.h5"),
        raising(f"No key in /in/artifacts/{'b' * 64}/m.h5"),
    )
    assert told({"a": one, "b": two, "c": GOOD}) == ([one, two, GOOD], ["a+b+c"])
    found, started = told({"a": GOOD, "b": one, "b alone": one, "c": two})
    assert (found, started) == ([GOOD, one, two], ["a+b+c", "b"])


def test_another_exception_needs_its_own_word() -> None:
    one, two = raising("No key."), raising("No value.")
    assert told({"a": one, "b": two, "b alone": two, "c": two})[1] == ["a+b+c", "b"]
    assert told({"a": GOOD, "b": one, "b alone": GOOD, "c": one, "c alone": GOOD})[1] == ["a+b+c", "b", "c"]


def test_what_is_raised_once_there_is_a_model_needs_its_own_word() -> None:
    used = raising("It cannot be used.", structure="same")
    assert told({"a": used, "b": used, "b alone": used})[1] == ["a+b", "b"]


def test_groups_keep_the_order_and_a_size() -> None:
    assert groups("abABcaa", str.lower, most=3) == [["a", "A", "a"], ["a"], ["b", "B"], ["c"]]
