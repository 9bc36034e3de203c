import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.results import CHECKS, Verdict
from runner.verdicts import judge

SAME = dict.fromkeys(CHECKS, "same")
VALUES = ("same", "differs", "lost", "failed", "not_applicable", "not_run")


@pytest.mark.parametrize(
    ("checks", "verdict", "lost"),
    [
        ({}, "identical", ()),
        ({"loss": "not_applicable", "optimizer": "not_applicable"}, "identical", ()),
        # outputs, weights, loss or structure differ: it is wrong
        ({"structure": "differs"}, "divergent", ()),
        ({"weights": "differs"}, "divergent", ()),
        ({"outputs": "differs"}, "divergent", ()),
        ({"loss": "differs"}, "divergent", ()),
        ({"outputs": "differs", "optimizer": "lost"}, "divergent", ()),
        ({"weights": "failed"}, "divergent", ()),
        ({"outputs": "lost"}, "divergent", ()),
        # it predicts the same, and something is gone
        ({"loss": "lost", "training": "lost"}, "degraded", ("compile", "training")),
        ({"loss": "failed"}, "degraded", ("compile",)),
        ({"optimizer": "lost"}, "degraded", ("optimizer",)),
        ({"optimizer": "differs"}, "degraded", ("optimizer",)),
        ({"training": "failed"}, "degraded", ("training",)),
        ({"training": "differs"}, "degraded", ("training",)),
        ({"resave": "failed"}, "degraded", ("resave",)),
        ({"structure": "lost"}, "degraded", ("trainability",)),
        ({"resave": "differs"}, "degraded", ("resave",)),
        ({"reload": "failed"}, "degraded", ("reload",)),
        # the same file gives two models: one of them is wrong
        ({"reload": "differs"}, "divergent", ()),
        # a setting that changed and changes nothing that is seen is told, and is no loss
        ({"config": "differs"}, "identical", ()),
        # what was not looked at is not called identical
        ({"resave": "not_run"}, "not_run", ()),
        ({"outputs": "not_applicable"}, "not_run", ()),
        # other numbers in a step follow from a lost optimizer; a step that raises does not
        ({"optimizer": "lost", "training": "differs"}, "degraded", ("optimizer",)),
        ({"optimizer": "lost", "training": "failed"}, "degraded", ("optimizer", "training")),
    ],
)
def test_the_table_of_the_design(checks: dict[str, str], verdict: str, lost: tuple[str, ...]) -> None:
    assert judge(checks={**SAME, **checks}, failed=False) == (Verdict(verdict), lost)


def test_what_raised_failed_to_load_whatever_was_seen_before() -> None:
    assert judge(checks=SAME, failed=True) == (Verdict.LOAD_FAILED, ())


@given(st.dictionaries(st.sampled_from(CHECKS), st.sampled_from(VALUES)), st.booleans())
def test_identical_means_that_every_check_was_the_same(checks: dict[str, str], failed: bool) -> None:
    verdict, lost = judge(checks=checks, failed=failed)
    if verdict is Verdict.IDENTICAL:
        assert checks["outputs"] == "same"
        assert {checks[name] for name in checks if name != "config"} <= {"same", "not_applicable"}
        assert not failed
    assert (verdict is Verdict.DEGRADED) == bool(lost)
