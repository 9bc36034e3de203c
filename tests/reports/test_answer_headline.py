import pytest

from reports import answer_headline
from reports.answer import answer
from runner.results import Results
from tests.reports.asked import DEGRADED, DIVERGENT, FAILED, GONE, IDENTICAL, STUCK, UNHELD, checked


@pytest.mark.parametrize(
    ("results", "headline", "safe"),
    [
        (
            checked({"tf2.12.1-cpu": IDENTICAL, "tf2.21.0-cpu": IDENTICAL}),
            "Yes: model.h5 works as it is up to TensorFlow 2.21.0, the newest that was tried.",
            "Last safe version: 2.21.0, the newest that was tried.",
        ),
        (
            checked({"tf2.15.1-cpu": DEGRADED}),
            "Yes: model.h5 predicts the same and loses optimizer up to TensorFlow 2.15.1, the newest that was tried.",
            "Last safe version: 2.15.1, the newest that was tried.",
        ),
        (
            checked({"tf2.15.1-cpu": GONE}),
            "It could not be known whether model.h5 works in a version newer than TensorFlow 2.12.1.",
            "Last safe version: 2.12.1, its home.",
        ),
        (
            checked({"tf2.15.1-cpu": IDENTICAL, "tf2.21.0-cpu": GONE}),
            "model.h5 works up to TensorFlow 2.15.1; what it does in 2.21.0 could not be known.",
            "Last safe version: 2.15.1.",
        ),
        (
            checked({"tf2.14.1-cpu": GONE, "tf2.15.1-cpu": IDENTICAL, "tf2.21.0-cpu": STUCK}),
            "model.h5 works up to TensorFlow 2.15.1 and breaks in 2.21.0.",
            "Last safe version: 2.15.1. Nothing is known of 2.14.1.",
        ),
        (
            checked({"tf2.21.0-cpu": STUCK}),
            "No, not as it is: model.h5 works in TensorFlow 2.12.1 and breaks in 2.21.0.",
            "Last safe version: 2.12.1, its home.",
        ),
        (
            checked({"tf2.12.1-cpu": STUCK, "tf2.21.0-cpu": STUCK}, reference=False, needs=("shop>Scale",)),
            "model.h5 needs code that was not given (shop>Scale): without it no version that was tried loads it.",
            "Last safe version: not known.",
        ),
        (
            checked({"tf2.12.1-cpu": IDENTICAL}, home="tf2.15.1-cpu"),
            "Yes: model.h5 works as it is in 2.12.1.",
            "Last safe version: 2.15.1, its home.",
        ),
        (
            checked({"tf2.12.1-cpu": FAILED, "tf2.18.1-legacy-cpu": IDENTICAL}, home="tf2.15.1-cpu"),
            "No, not as it is: model.h5 breaks in 2.12.1, and works as it is in 2.18.1 with tf-keras."
            " With a remedy that was tried it works there.",
            "Last safe version: 2.15.1, its home.",
        ),
        (
            checked(
                {"tf2.21.0-cpu": {**STUCK, "cause": "configuration_missing"}},
                reference=False,
                loaded="",
            ),
            "model.h5 holds weights and no model: without its architecture or its code nothing loads it.",
            "Last safe version: none that was tried.",
        ),
        (
            checked({"tf2.12.1-cpu": STUCK, "tf2.21.0-cpu": STUCK}, reference=False),
            "model.h5 works in no version that was tried.",
            "Last safe version: none that was tried.",
        ),
        (
            checked({"tf2.12.1-cpu": FAILED, "tf2.21.0-cpu": FAILED}),
            "model.h5 works as it is in no version that was tried. With a remedy that was tried it works in "
            "2.12.1 and 2.21.0.",
            "Last safe version: none that was tried.",
        ),
        (
            checked({"tf2.12.1-cpu": UNHELD, "tf2.21.0-cpu": UNHELD}, reference=False),
            "It cannot be known: model.h5 gives no predictions at home (TensorFlow 2.12.1) to compare with.",
            "Last safe version: not known.",
        ),
        (
            checked({"tf2.12.1-cpu": DIVERGENT, "tf2.21.0-cpu": IDENTICAL}),
            "It cannot be known: model.h5 does not do the same twice in TensorFlow 2.12.1, its home.",
            "Last safe version: not known.",
        ),
        (
            checked({"tf2.21.0-cpu": FAILED}),
            "No, not as it is: model.h5 works in TensorFlow 2.12.1 and breaks in 2.21.0. With a remedy that was tried"
            " it works there.",
            "Last safe version: 2.12.1, its home.",
        ),
        (
            checked({"tf2.12.1-cpu": IDENTICAL}),
            "model.h5 was tried in no version newer than TensorFlow 2.12.1.",
            "Last safe version: 2.12.1, its home.",
        ),
    ],
)
def test_headlines(results: Results, headline: str, safe: str) -> None:
    found = answer(results)
    assert (answer_headline.headline(found), answer_headline.safe(found)) == (headline, safe)
