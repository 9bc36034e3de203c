"""How a cell hears warnings and tells exceptions."""

import logging
import warnings

import pytest

from runner.agent.caught import KEPT, Caught, failure, first_line


def test_warnings_and_loggers_are_heard_once_each() -> None:
    caught = Caught()
    with caught:
        for _ in range(3):
            warnings.warn("optimizer is gone", UserWarning, stacklevel=1)
            logging.getLogger("tensorflow").warning("old file")
            logging.getLogger("some.library").error("broken %d", 5)
        logging.getLogger("some.library").info("fine")
        warnings.warn("later", DeprecationWarning, stacklevel=1)
        warnings.warn("much later", PendingDeprecationWarning, stacklevel=1)
        warnings.warn("soon", FutureWarning, stacklevel=1)
    assert caught.lines == [
        "old file",
        "broken 5",
        "UserWarning: optimizer is gone",
        "FutureWarning: soon",
    ]


def test_a_logger_that_keeps_to_itself_is_heard_where_frameworks_do_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("absl", "tensorflow"):
        monkeypatch.setattr(logging.getLogger(name), "propagate", False)
    caught = Caught()
    with caught:
        logging.getLogger("absl").warning("one")
        logging.getLogger("tensorflow").warning("two")
    assert caught.lines == ["one", "two"]


def test_it_listens_only_meanwhile() -> None:
    before = [list(logging.getLogger(name).handlers) for name in (None, "absl", "tensorflow")]
    filters = list(warnings.filters)
    caught = Caught()
    with caught:
        pass
    logging.getLogger("absl").warning("too late")
    assert caught.lines == []
    assert [list(logging.getLogger(name).handlers) for name in (None, "absl", "tensorflow")] == before
    assert list(warnings.filters) == filters


def test_it_keeps_what_was_said_when_something_raises() -> None:
    caught = Caught()

    def load() -> None:
        with caught:
            warnings.warn("half loaded", UserWarning, stacklevel=1)
            raise ValueError("then it broke")

    with pytest.raises(ValueError, match="then it broke"):
        load()
    assert caught.lines == ["UserWarning: half loaded"]


def test_it_keeps_no_more_than_can_be_read() -> None:
    caught = Caught()
    with caught:
        logging.getLogger("absl").warning("x" * 100_000)
        for number in range(200):
            logging.getLogger("absl").warning("line %d", number)
    assert len(caught.lines) == 50
    assert len(caught.lines[0]) == KEPT


def test_a_failure_has_the_end_of_its_traceback() -> None:
    def deep(left: int) -> None:
        if left:
            deep(left - 1)
        else:
            raise ValueError("m" * 20_000)

    with pytest.raises(ValueError, match="m") as caught:
        deep(5)
    found = failure(caught.value)
    assert found["type"] == "ValueError"
    assert found["message"] == "m" * KEPT
    assert len(found["traceback"]) == KEPT


def test_a_failure_tells_its_cause() -> None:
    try:
        try:
            raise KeyError("config")
        except KeyError as error:
            raise TypeError("cannot load") from error
    except TypeError as error:
        found = failure(error)
    assert "KeyError: 'config'" in found["traceback"]
    assert found["traceback"].endswith("TypeError: cannot load\n")


def test_what_autograph_puts_around_a_message_is_left_out() -> None:
    message = (
        'in user code:\n\n    File "/a/traced.py", line 37, in run  *\n        found = model(inputs)\n'
        '    File "/b/utils.py", line 122, in error_handler  **\n        raise e\n\n'
        "    OperatorNotAllowedInGraphError: Exception encountered when calling UpSampling2D.call().\n\n"
        "    Iterating over a symbolic `tf.Tensor` is not allowed.\n\n    Arguments received by UpSampling2D.call():\n"
    )
    assert first_line(TypeError(message)) == (
        "TypeError: OperatorNotAllowedInGraphError: Exception encountered when calling UpSampling2D.call(). "
        "Iterating over a symbolic `tf.Tensor` is not allowed."
    )


def test_a_type_is_said_once_and_bold_letters_are_plain() -> None:
    message = (
        "in user code:\n\n    ValueError: Exception encountered when calling Crop.call().\n\n"
        "    \x1b[1mAt this time, no.\x1b[0m\n"
    )
    assert first_line(ValueError(message)) == (
        "ValueError: Exception encountered when calling Crop.call(). At this time, no."
    )
