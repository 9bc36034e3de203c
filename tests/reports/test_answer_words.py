import pytest

from reports import answer_headline
from reports import answer_words as words
from reports.answer import Answer, answer
from reports.answer_moves import moves
from runner.results import Verdict
from tests.reports.asked import (
    BATCHES,
    DEGRADED,
    DIVERGENT,
    FAILED,
    GONE,
    IDENTICAL,
    STUCK,
    UNHELD,
    checked,
    typical,
)


def lines(found: Answer) -> list[str]:
    return [": ".join(words.said(group, found)) for group in (*found.groups, *found.sides)]


def test_what_a_person_reads() -> None:
    found = answer(typical())
    assert answer_headline.headline(found) == (
        "model.h5 works up to TensorFlow 2.15.1 and breaks in 2.16.2 with Keras 3.4.1."
        " With a remedy that was tried it works in 2.21.0."
    )
    assert lines(found) == [
        "2.12.1 and 2.15.1: identical",
        "2.16.2 with Keras 3.4.1 and later: load failed; cause: An optimizer argument that Keras 3 does not know;"
        " works with: Load without compiling (verified, identical except optimizer, compile)",
        "2.18.1 with tf-keras: identical",
    ]
    assert answer_headline.safe(found) == "Last safe version: 2.15.1."
    (move,) = moves(found)
    assert (move.title, move.shell) == ("To move to 2.21.0", False)
    assert move.advice == "Load without compiling (verified, identical except optimizer, compile)."
    assert len(move.code.splitlines()) == 3


def test_a_silent_difference_says_by_how_much_and_for_which_inputs_only() -> None:
    found = answer(checked({"tf2.15.1-cpu": IDENTICAL, "tf2.16.2-cpu": DIVERGENT, "tf2.21.0-cpu": DIVERGENT}))
    assert answer_headline.headline(found) == (
        "model.h5 works up to TensorFlow 2.15.1 and predicts differently for some inputs, without an error, in 2.16.2."
    )
    assert lines(found)[1] == (
        "2.16.2 and later: divergent, loads without an error and predicts differently, only for some inputs: for"
        " “2 x 7, usual values”, and not for “2 x 32, usual values” (output 0 differs by up to 0.25 in 14 of 14"
        " numbers); cause: A layer computes something else at odd sizes; no remedy was tried"
    )
    everywhere = {**DIVERGENT, "details": {"outputs": "output 0 differs by 3"}}
    assert answer_headline.headline(answer(checked({"tf2.16.2-cpu": everywhere}))) == (
        "No, not as it is: model.h5 works in TensorFlow 2.12.1 and predicts differently, without an error, in 2.16.2."
    )
    (move,) = moves(found)
    assert move.advice.startswith("it predicts differently there. Stay on 2.15.1, or look for a way")
    assert (move.code, move.shell) == ("crossload migrate model.h5 --to tf2.21.0-cpu", True)


@pytest.mark.parametrize(
    ("checks", "details", "said"),
    [
        (
            {"outputs": "differs"},
            {"outputs": "output 0 differs by up to 3"},
            "loads without an error and predicts differently (output 0 differs by up to 3)",
        ),
        (
            {"outputs": "differs"},
            {"outputs": "for ones, of a size: output 0 is not finite"},
            "loads without an error and predicts differently, only for some inputs: ones, of a size (output 0 is"
            " not finite)",
        ),
        (
            {"outputs": "failed"},
            {"outputs": f"for {BATCHES[2]}: InvalidArgumentError: no"},
            "loads without an error and then fails, only for some inputs: for “2 x 7, zeros”, and not for"
            " “2 x 32, usual values” and “2 x 7, usual values” (InvalidArgumentError: no)",
        ),
        (
            {"structure": "differs", "outputs": "same"},
            {"structure": "a list where a tensor was"},
            "loads without an error and has another structure (a list where a tensor was)",
        ),
        ({"loss": "differs"}, {}, "loads without an error and evaluates differently"),
        ({}, {}, "loads without an error and is wrong"),
    ],
)
def test_divergence_in_words(checks: dict[str, str], details: dict[str, str], said: str) -> None:
    results = checked({"tf2.15.1-cpu": {**DIVERGENT, "checks": checks, "details": details}})
    assert words.divergence(results.cells[0], BATCHES) == said


def test_many_batches_that_agree_are_counted() -> None:
    batches = ("a", "b", "c", "d")
    cell = checked({"tf2.15.1-cpu": {**DIVERGENT, "details": {"outputs": "for d: more"}}}).cells[0]
    assert "for “d”, and not for the 3 batches tried before it (more)" in words.divergence(cell, batches)


def test_what_is_not_known_says_why() -> None:
    found = answer(checked({"tf2.14.1-cpu": GONE, "tf2.21.0-cpu": UNHELD}), asked=("tf2.14.1-cpu",))
    assert lines(found) == [
        "2.14.1: not known: No wheel of tensorflow 2.14.1 for this machine",
        "2.21.0: not known: it loads and predicts; there is no reference",
    ]
    assert [move.advice for move in moves(found)] == [
        "nothing is known against it, nor for it: it loads and predicts; there is no reference.",
        "nothing is known against it, nor for it: No wheel of tensorflow 2.14.1 for this machine.",
    ]


def test_remedies_that_do_not_help_are_counted() -> None:
    for count, said in (
        (0, "no remedy was tried"),
        (1, "the one remedy that was tried does not help"),
        (2, "none of 2 remedies tried helps"),
    ):
        found = answer(checked({"tf2.21.0-cpu": {**STUCK, "remedies": STUCK["remedies"] * count}}))
        assert lines(found) == [f"2.21.0: load failed; cause not known: TypeError: it cannot be; {said}"]


def test_a_format_that_is_not_there_is_a_break() -> None:
    gone = {"verdict": Verdict.UNSUPPORTED, "details": {"load": "tf2.21.0-cpu cannot read it."}}
    assert lines(answer(checked({"tf2.21.0-cpu": gone}))) == [
        "2.21.0: unsupported: tf2.21.0-cpu cannot read it."
    ]


def test_the_facts_name_the_file_its_home_and_what_was_compared() -> None:
    results = checked(
        {"tf2.15.1-cpu": IDENTICAL},
        asked="tf2.9.3-cpu",
        loaded="compile_false",
        damage=("the zip directory is gone",),
        notes=("it does not work in tf2.9.3-cpu: no",),
    )
    assert words.facts(answer(results)) == (
        "An HDF5 file with a whole model, written by Keras 2.12.0.",
        "Its home is TensorFlow 2.12.1. Keras 2.12.0 is the Keras of TensorFlow 2.12.",
        "You asked for tf2.9.3-cpu as its home; it was taken from 2.12.1 instead.",
        "At home it was loaded with compile=False.",
        "Predictions were compared for 3 batches of inputs: 2 x 32, usual values; 2 x 7, usual values; 2 x 7, zeros.",
        "The file is not whole: the zip directory is gone",
        "It does not work in tf2.9.3-cpu: no",
    )
    bare = checked({"tf2.15.1-cpu": UNHELD}, what="", why_home="", reference=False, batches=())
    assert words.facts(answer(bare)) == (
        "Written by Keras 2.12.0.",
        "Its home is TensorFlow 2.12.1.",
        "It does not predict at home, so there is nothing to hold other versions against.",
    )


def test_a_loss_has_its_cause() -> None:
    found = answer(checked({"tf2.12.1-cpu": IDENTICAL, "tf2.15.1-cpu": DEGRADED}))
    assert lines(found)[1] == (
        "2.15.1: degraded, loses optimizer; cause: The optimizer's state is dropped; works with: Compile again"
        " (verified, identical)"
    )
    assert words.because(found.targets[1], found) == "optimizer: The optimizer's state is dropped"
    bare = {**DEGRADED, "cause": "", "remedies": ()}
    assert lines(answer(checked({"tf2.15.1-cpu": bare}))) == ["2.15.1: degraded, loses optimizer"]


def test_a_sentence_names_the_file_and_a_command_its_path() -> None:
    found = answer(checked({"tf2.21.0-cpu": STUCK}, file="/srv/models/export.h5"))
    assert answer_headline.headline(found).startswith("No, not as it is: export.h5 works in")
    assert moves(found)[0].code == "crossload migrate /srv/models/export.h5 --to tf2.21.0-cpu"


def test_many_batches_are_counted() -> None:
    results = checked({"tf2.15.1-cpu": IDENTICAL}, batches=("a", "b", "c", "d"))
    assert "Predictions were compared for 4 batches of inputs, such as a; b; c." in words.facts(
        answer(results)
    )
    made = checked(
        {"tf2.15.1-cpu": IDENTICAL}, batches=("2, usual values", "1, padded at the end", "2 x 7, ones")
    )
    assert (
        "Predictions were compared for 3 batches of inputs: 2 rows of usual values; 1 row padded at the end; "
        "2 x 7, ones."
    ) in words.facts(answer(made))
    one = checked({"tf2.15.1-cpu": IDENTICAL}, batches=("your inputs",))
    assert "Predictions were compared for one batch of inputs: your inputs." in words.facts(answer(one))


def test_what_no_keras_has_is_named_with_what_to_type() -> None:
    said = words.facts(answer(checked({"tf2.15.1-cpu": FAILED}, needs=("Twice", "Thrice"))))
    assert (
        "It needs Twice and Thrice, which no Keras has: give the code with --custom-objects FILE.py." in said
    )


def test_who_wrote_weights_alone_stands_before_what_they_need() -> None:
    found = checked(
        {"tf2.15.1-cpu": IDENTICAL}, what="HDF5: weights alone; code is needed", writer="Keras 2.9.0"
    )
    assert words.facts(answer(found))[0] == "HDF5, written by Keras 2.9.0: weights alone; code is needed."
