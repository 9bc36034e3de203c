import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.answer import Fate, answer, exit_code, fate
from runner.results import CellResult, Remedy, Results, Verdict
from tests.reports import sample
from tests.reports.asked import (
    DEGRADED,
    DIVERGENT,
    FAILED,
    GONE,
    IDENTICAL,
    KERAS,
    STUCK,
    UNHELD,
    checked,
    typical,
)


def test_the_last_safe_version_the_first_break_and_how_to_move() -> None:
    found = answer(typical())
    assert [[target.name for target in group.targets] for group in found.groups] == [
        ["2.12.1", "2.15.1"],
        ["2.16.2 with Keras 3.4.1", "2.21.0"],
    ]
    assert [group.open_end for group in found.groups] == [False, True]
    assert [target.name for group in found.sides for target in group.targets] == ["2.18.1 with tf-keras"]
    assert found.last_safe
    assert found.first_break
    assert (found.last_safe.name, found.first_break.name) == ("2.15.1", "2.16.2 with Keras 3.4.1")
    (move,) = found.moves
    assert move.name == "2.21.0"
    assert move.works
    assert move.works.remedy.id == "compile_false"
    assert move.works.code.endswith('load_model("model.h5", compile=False)')
    assert exit_code(found) == 1


def test_everything_safe_is_zero_and_losses_count_only_where_they_may_not_be() -> None:
    results = checked({"tf2.12.1-cpu": IDENTICAL, "tf2.15.1-cpu": DEGRADED})
    for may_lose, code in (
        (None, 0),
        (("optimizer",), 0),
        (("compile", "optimizer"), 0),
        ((), 1),
        (("compile",), 1),
    ):
        assert exit_code(answer(results, may_lose=may_lose)) == code
    strict = answer(results, may_lose=())
    assert strict.last_safe == strict.home
    assert strict.first_break
    assert strict.first_break.name == "2.15.1"


@pytest.mark.parametrize(("lost", "check"), [("compile", "loss"), ("trainability", "structure")])
def test_a_loss_is_accepted_by_the_name_of_its_check_too(lost: str, check: str) -> None:
    cell = CellResult(
        producer="a", consumer="b", probe="m", format="h5", verdict=Verdict.DEGRADED, lost=(lost,)
    )
    assert fate(cell, (check,)) is Fate.SAFE
    assert fate(cell, ("training",)) is Fate.UNSAFE


def test_what_could_not_be_known_is_no_incompatibility() -> None:
    found = answer(checked({"tf2.12.1-cpu": IDENTICAL, "tf2.14.1-cpu": GONE, "tf2.15.1-cpu": IDENTICAL}))
    assert found.first_break is None
    assert found.last_safe
    assert found.last_safe.name == "2.15.1"
    assert [target.name for target in found.unknown] == ["2.14.1"]
    assert exit_code(found) == 3


def test_a_known_break_outweighs_what_is_not_known() -> None:
    assert exit_code(answer(checked({"tf2.14.1-cpu": GONE, "tf2.15.1-cpu": FAILED}))) == 1


def test_without_a_reference_nothing_is_safe_and_nothing_broken() -> None:
    found = answer(checked({"tf2.12.1-cpu": UNHELD, "tf2.15.1-cpu": UNHELD}, reference=False))
    assert (found.last_safe, found.first_break) == (None, None)
    assert exit_code(found) == 3


def test_a_home_that_differs_from_itself_makes_nothing_safe() -> None:
    found = answer(checked({"tf2.12.1-cpu": DIVERGENT, "tf2.15.1-cpu": IDENTICAL}))
    assert found.last_safe is None


def test_nothing_that_was_run_is_three() -> None:
    found = answer(checked({}))
    assert (exit_code(found), found.newest, found.moves) == (3, None, ())


def test_a_break_with_a_newer_keras_is_not_on_the_way() -> None:
    found = answer(
        checked(
            {
                "tf2.12.1-cpu": IDENTICAL,
                "tf2.16.2-cpu": FAILED,
                "tf2.18.1-keras3.8.0-cpu": IDENTICAL,
                "tf2.18.1-cpu": FAILED,
                "tf2.21.0-cpu": FAILED,
            }
        )
    )
    assert found.last_safe
    assert found.last_safe.name == "2.18.1 with Keras 3.8.0"
    assert found.first_break
    assert found.first_break.name == "2.16.2"


def test_what_works_again_after_a_break_is_not_safe_to_walk_to() -> None:
    found = answer(checked({"tf2.14.1-cpu": FAILED, "tf2.15.1-cpu": IDENTICAL}))
    assert found.last_safe == found.home


def test_older_versions_do_not_touch_the_walk_up() -> None:
    found = answer(checked({"tf2.9.3-cpu": FAILED, "tf2.12.1-cpu": IDENTICAL, "tf2.15.1-cpu": IDENTICAL}))
    assert found.first_break is None
    assert found.last_safe
    assert found.last_safe.name == "2.15.1"
    assert found.groups[0].first.name == "2.9.3"


def test_an_older_keras_under_a_newer_tensorflow_is_no_step_up() -> None:
    found = answer(
        checked(
            {"tf2.18.1-keras3.8.0-cpu": FAILED, "tf2.18.1-cpu": IDENTICAL, "tf2.21.0-cpu": IDENTICAL},
            home="tf2.16.2-cpu",
        )
    )
    assert found.first_break is None
    assert found.last_safe
    assert found.last_safe.name == "2.21.0"


def test_neighbours_differ_by_cause_loss_and_remedy() -> None:
    other = {**FAILED, "remedies": FAILED["remedies"][:1]}
    elsewhere = {**FAILED, "telling": "another exception", "signature": "another"}
    found = answer(
        checked(
            {
                "tf2.14.1-cpu": FAILED,
                "tf2.15.1-cpu": elsewhere,
                "tf2.16.2-cpu": other,
                "tf2.18.1-cpu": STUCK,
                "tf2.21.0-cpu": {**STUCK, "signature": "another"},
            }
        )
    )
    assert [len(group.targets) for group in found.groups] == [2, 1, 1, 1]


def test_asked_for_versions_get_their_own_way() -> None:
    found = answer(typical(), asked=("tf2.16.2-keras3.4.1-cpu", "tf2.12.1-cpu", "tf2.21.0-cpu"))
    assert [target.name for target in found.moves] == ["2.21.0", "2.16.2 with Keras 3.4.1"]


def test_a_remedy_in_another_version_says_so() -> None:
    through = Remedy(id="legacy", verdict=Verdict.IDENTICAL, environment="tf2.18.1-legacy-cpu")
    results = typical()
    cells = tuple(
        cell.model_copy(update={"remedies": (through,)}) if cell.consumer == "tf2.21.0-cpu" else cell
        for cell in results.cells
    )
    (move,) = answer(results.model_copy(update={"cells": cells})).moves
    assert move.works
    assert (move.works.title, move.works.through) == ("legacy", "2.18.1 with tf-keras")


def test_a_home_on_jax_is_answered_on_its_own_line() -> None:
    results = checked({"tf2.21.0-cpu": FAILED})
    jax = [
        results.environments[0].model_copy(
            update={"id": f"keras{version}-jax-cpu", "tensorflow": "", "keras": version, "backend": "jax"}
        )
        for version in ("3.8.0", "3.15.1")
    ]
    cell = CellResult(
        producer=jax[0].id, consumer=jax[1].id, probe="model.h5", format="h5", verdict=Verdict.IDENTICAL
    )
    assert results.question
    found = answer(
        results.model_copy(
            update={
                "environments": (*results.environments, *jax),
                "cells": (cell, results.cells[0].model_copy(update={"producer": jax[0].id})),
                "question": results.question.model_copy(update={"home": jax[0].id}),
            }
        )
    )
    assert found.last_safe
    assert found.last_safe.name == "Keras 3.15.1 on jax"
    assert [group.first.name for group in found.sides] == ["2.21.0"]


def test_a_whole_run_has_no_answer() -> None:
    with pytest.raises(ValueError, match="whole run"):
        answer(sample.results(environments=1))


FATES = st.sampled_from([IDENTICAL, DEGRADED, DIVERGENT, FAILED, STUCK, GONE, UNHELD])


@given(st.dictionaries(st.sampled_from(sorted(KERAS)), FATES), st.sampled_from(sorted(KERAS)))
def test_the_walk_holds_for_any_outcome(fates: dict[str, dict[str, object]], home: str) -> None:
    results: Results = checked(fates, home=home)
    found = answer(results)
    assert sorted(target.cell.consumer for target in found.targets) == sorted(fates)
    breaks = [
        target
        for target in found.targets
        if target.fate is Fate.UNSAFE and not target.stack.branch and found.home.reaches(target.stack)
    ]
    if found.last_safe and found.last_safe != found.home and not found.home.branch:
        (last,) = (target for target in found.targets if target.stack == found.last_safe)
        assert last.cell.verdict in (Verdict.IDENTICAL, Verdict.DEGRADED)
        assert not [one for one in breaks if one.stack.reaches(last.stack) and one.stack != found.home]
    unsafe = [fate for fate in fates.values() if fate in (DIVERGENT, FAILED, STUCK)]
    unknown = [fate for fate in fates.values() if fate in (GONE, UNHELD)]
    assert exit_code(found) == (1 if unsafe else 3 if unknown or not fates else 0)


def test_a_home_that_took_a_work_around_is_not_safe_as_it_is() -> None:
    results = checked({"tf2.15.1-cpu": FAILED}, loaded="compile_false")
    assert answer(results).last_safe is None
    results = checked({"tf2.15.1-cpu": FAILED}, loaded="plain")
    assert answer(results).last_safe == answer(results).home
