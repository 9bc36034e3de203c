from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from runner.commands import bisect as command
from runner.upgrade.bisect import Answer, Change
from runner.upgrade.looking import Step
from tests.environments import shelf
from tests.environments.shelf import Shelf
from tests.runner.commands.conftest import Crossload
from tests.runner.inspection import files

GOOD = Step(tensorflow="2.15.1", keras="2.15.0", environment="tf2.15.1-cpu", good=True, verdict="identical")
LEGACY = Step(
    tensorflow="2.16.1", keras="2.16.0", environment="tf2.16.1-legacy-cpu", good=True, verdict="identical"
)
BAD = Step(
    tensorflow="2.16.1",
    keras="3.0.0",
    environment="tf2.16.1-keras3.0.0-cpu",
    good=False,
    verdict="load_failed",
    cause="lambda_refused",
    telling="ValueError: no",
)


def _answer(**changes: object) -> Answer:
    answer = Answer(
        tensorflow=Change(last_good=GOOD, first_bad=replace(BAD, keras="3.1.1")),
        keras=Change(last_good=LEGACY, first_bad=BAD),
        blame="keras",
        why="TensorFlow 2.16.1 with Keras 2.16.0 (tf-keras) works.",
        steps=(GOOD, LEGACY, BAD),
    )
    return replace(answer, **changes)  # type: ignore[arg-type]


def _text(answer: Answer) -> list[str]:
    return [line for line in command.sentences(answer) if line]


def test_the_answer_names_both_releases_and_which_it_is() -> None:
    assert _text(_answer()) == [
        "TensorFlow: 2.16.1 (Keras 3.1.1) is the first that breaks it; 2.15.1 (Keras 2.15.0) is the last that works.",
        "Keras: 3.0.0 is the first that breaks it on TensorFlow 2.16.1; 2.16.0 (tf-keras) is the last that works.",
        "It is Keras, not TensorFlow: TensorFlow 2.16.1 with Keras 2.16.0 (tf-keras) works.",
        "What breaks: lambda_refused: ValueError: no",
    ]


def test_what_loads_and_is_wrong_does_not_work_and_is_no_home() -> None:
    wrong = replace(GOOD, tensorflow="2.16.1", keras="3.0.1", environment="wrong", verdict="divergent")
    answer = _answer(
        keras=Change(last_good=wrong, first_bad=replace(BAD, keras="3.0.2")), steps=(GOOD, BAD, wrong)
    )
    told = "\n".join(command.sentences(answer))
    assert "3.0.1 is the last that loads it." in told
    assert (
        "It loads and is wrong (divergent) in 2.16.1 (Keras 3.0.1). Since when: the same with --on outputs."
        in told
    )
    assert command._next(Path("m.h5"), answer) == (
        "crossload check m.h5 --from tf2.15.1-cpu --to tf2.16.1-keras3.0.0-cpu"
    )


def test_what_was_skipped_widens_the_answer() -> None:
    skipped = Change(last_good=GOOD, first_bad=BAD, skipped=("2.15.2", "2.16.0"), good_again=("2.18.0",))
    assert _text(_answer(tensorflow=skipped))[:2] == [
        "TensorFlow: it breaks between 2.15.1 (Keras 2.15.0), which works, and 2.16.1 (Keras 3.0.0), which does not."
        " Skipped in between: 2.15.2, 2.16.0.",
        "It works again in 2.18.0: there is more than one change.",
    ]


def test_downwards_the_words_turn_around() -> None:
    back = Change(last_good=replace(BAD, good=True), first_bad=replace(GOOD, good=False))
    assert _text(_answer(tensorflow=back))[0] == (
        "TensorFlow: 2.15.1 (Keras 2.15.0) is the newest that breaks it; 2.16.1 (Keras 3.0.0) is the oldest that works."
    )


def test_another_reason_elsewhere_is_said() -> None:
    steps = (GOOD, BAD, replace(BAD, environment="other", cause="other_cause"))
    assert "more than one change is in the way: other_cause." in _text(_answer(steps=steps))[-1]


@pytest.mark.parametrize(
    ("step", "line"),
    [
        (GOOD, "✓ TensorFlow 2.15.1, Keras 2.15.0      identical"),
        (BAD, "✕ TensorFlow 2.16.1, Keras 3.0.0       load failed: lambda_refused: ValueError: no"),
        (
            replace(BAD, cached=True, cause=""),
            "✕ TensorFlow 2.16.1, Keras 3.0.0       load failed: ValueError: no (known from before)",
        ),
        (
            Step(tensorflow="2.16.1", keras="", environment="e", good=None, telling="It is\nnot there."),
            "– TensorFlow 2.16.1                    skipped: It is",
        ),
        (
            replace(BAD, cause="", telling="\x1b[31mred \u202eback"),
            "✕ TensorFlow 2.16.1, Keras 3.0.0       load failed: ‹ESC›[31mred ‹U+202E›back",
        ),
    ],
)
def test_a_step_is_one_line_of_text_that_can_be_shown(step: Step, line: str) -> None:
    assert command.step_line(step) == line


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    with shelf.opened(monkeypatch) as place:
        place.listing("tensorflow", {})
        wheel = "tensorflow_cpu-2.15.1-cp311-cp311-manylinux2014_x86_64.whl"
        place.listing("tensorflow-cpu", {wheel: "2024-03-08"})
        yield place


@pytest.mark.usefixtures("registry")
@pytest.mark.parametrize(
    ("ends", "told"),
    [
        (("2.15.1", "2.19"), "has no TensorFlow 2.19"),
        (("2.15.1", "tf2.15.1-cpu"), "the same environment"),
        (("all", "2.15.1"), "one is needed"),
        (("company", "2.15.1"), "has no exact version of TensorFlow"),
        (("tf2.15.1-cpo", "2.15.1"), "did you mean 'tf2.15.1-cpu'?"),
    ],
)
def test_wrong_ends_are_told_before_anything_is_made(
    crossload: Crossload, folder: Path, ends: tuple[str, str], told: str
) -> None:
    files.hdf5(folder / "m.h5")
    said = crossload("bisect", "m.h5", "--engine", "venv", "--good", ends[0], "--bad", ends[1])
    assert (said.code, said.out) == (2, "")
    assert told in said.err
    assert not (folder / ".crossload" / "environments").exists()


def test_without_a_model_there_is_nothing_to_search(crossload: Crossload, folder: Path) -> None:
    said = crossload("bisect", "m.h5", "--good", "2.15.1", "--bad", "2.18.1")
    assert said.code == 2
    assert "There is no m.h5" in said.err
    (folder / "m.h5").write_text("some text")
    said = crossload("bisect", "m.h5", "--good", "2.15.1", "--bad", "2.18.1")
    assert said.code == 2
    assert "is no model" in said.err
