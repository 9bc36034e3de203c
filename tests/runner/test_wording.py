import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner import wording
from runner.wording import innermost, layers, normalised, shown, telling_line, telling_output, unwrap

NESTED = (
    "<class 'keras.src.models.functional.Functional'> could not be deserialized properly. Please ensure that"
    " components that are Python object instances are explicitly deserialized.\n\n"
    "config={'module': 'keras.src.models.functional', 'config': {'name': 'a \n b'}}.\n\n"
    "Exception encountered: Error when deserializing class 'Dense' using config={'name': 'dense'}.\n\n"
    "Exception encountered: Unrecognized keyword arguments passed to Dense: {'quantization_config': None}"
)

pieces = st.sampled_from(
    [
        "Exception encountered: ",
        "Full object config: {",
        "using config={",
        "\nconfig={'module'",
        "Example error message for object <Dense name=x>:\n\n",
        "\nList of objects that could not be loaded:\n[<a>]",
        "Error when deserializing class 'A'",
        "'",
        '"',
        "<" * 30,
        "(((1, 2",
        "{[",
        "a.b.c",
        "/x/y",
        "dense_1",
        "1e-5",
        "\x00\x1b[0m\ud800",
        " ",
        "…",
        "\n",
    ]
)
texts = st.one_of(st.text(max_size=400), st.lists(pieces, max_size=60).map("".join))


def test_the_innermost_message_is_what_counts() -> None:
    assert unwrap(NESTED) == "Unrecognized keyword arguments passed to Dense: {'quantization_config': None}"
    assert layers(NESTED)[1] == "Error when deserializing class 'Dense'"
    assert len(layers(NESTED)) == 3


def test_the_example_among_many_objects_is_what_counts() -> None:
    text = (
        "A total of 2 objects could not be loaded. Example error message for object <Dense name=dense_1>:\n\n"
        "Layer 'dense_1' expected 2 variables, but received 0 variables during loading.\n\n"
        "List of objects that could not be loaded:\n[<Dense name=dense_1>, <Dense name=dense_2>]"
    )
    assert unwrap(text) == "Layer 'dense_1' expected 2 variables, but received 0 variables during loading."


def test_a_message_that_was_cut_off_ends_in_the_traceback() -> None:
    message = "Error when deserializing class 'A' using config={" + "x" * 8000
    traceback = "TypeError: config={…}.\n\nException encountered: Unknown key 'b'\n"
    assert unwrap(innermost(message, traceback)) == "Unknown key 'b'"
    assert innermost("short", traceback) == "short"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\n\n  first\nsecond", "first"),
        (
            "Exception encountered when calling layer \"lambda\" (type Lambda).\n\nname 'k' is gone",
            "name 'k' is gone",
        ),
        ("in user code:\n    x", "x"),
        ("", ""),
        ("a\x00b\x1b[31m", "a b"),
    ],
)
def test_the_telling_line_is_not_an_announcement(text: str, line: str) -> None:
    assert telling_line(text) == line


def test_of_what_a_process_printed_the_last_line_that_tells_of_an_error_counts() -> None:
    assert telling_output("2024 F tensorflow: Check failed: a == b\nStack:\n  0x1\n  0x2\n") == (
        "2024 F tensorflow: Check failed: a == b"
    )
    assert telling_output("one\ntwo\n") == "two"
    stack = (
        "loading\nThread 0x00007f55 (most recent call first):\n"
        '  File "<frozen runpy>", line 88 in x\n\n'
        "Current thread 0x00007f56 (most recent call first):\n"
        '  File "/a/main/lib/python3.11/site-packages/keras/src/models/functional.py", line 635 in deserialize_node\n'
        '  File "/a/in/agent/cells.py", line 124 in load_cell\n'
    )
    assert telling_output(stack) == "In deserialize_node (keras/src/models/functional.py, line 635)."
    assert telling_output("Fatal Python error: Aborted\n" + stack) == "Fatal Python error: Aborted"
    assert telling_output(stack + "and went on\n") == "and went on"
    assert telling_output("") == ""


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Layer 'dense_1' expected 2 variables", "Layer 'conv' expected 13 variables"),
        ("No such file: /tmp/a/b.h5", "No such file: C:\\x\\y.keras"),
        ("object at 0x7f00ab", "object at 0x12"),
        ("shape (3, 4) is not (2, None)", "shape (10, 20, 30) is not (1,)"),
        ("Shift.__init__() got 'a'", "Other.__init__() got 'b'"),
        ("Unknown <Variable path=a>", "Unknown <Variable path=b/c, value=[[1. 2.]]>"),
    ],
)
def test_names_and_numbers_are_taken_out(one: str, two: str) -> None:
    assert normalised(one) == normalised(two)


def test_different_failures_stay_different() -> None:
    assert normalised("Table not initialized") != normalised("Bad CRC-32 for file 'x'")


@given(texts)
def test_whatever_the_text_it_is_bounded_and_stays_as_it_is_when_done_again(text: str) -> None:
    assert unwrap(unwrap(text)) == unwrap(text)
    assert len(unwrap(text)) <= wording.LONGEST
    line = telling_line(text)
    assert len(line) <= wording.LINE
    assert "\n" not in line
    assert shown(line) == line
    signature = normalised(text)
    assert normalised(signature) == signature
    assert len(signature) <= wording.SIGNATURE
    telling_output(text).encode()  # no surrogates are left


@settings(max_examples=30, deadline=None)
@given(pieces, pieces)
def test_time_is_in_proportion_to_length(one: str, two: str) -> None:
    text = ((one + two) * 8000)[: wording.LONGEST]
    start = time.process_time()
    for function in (unwrap, telling_line, normalised, telling_output):
        function(text)
    assert time.process_time() - start < 0.25


def test_colours_are_no_words() -> None:
    assert unwrap("Exception encountered: \x1b[1mDense() got an unexpected keyword\x1b[0m") == (
        "Dense() got an unexpected keyword"
    )


def test_a_variable_whose_values_run_over_the_line_is_one_whatever_its_shape() -> None:
    flat = "Unknown variable: <Variable path=dense/kernel, shape=(4, 1), dtype=float32, value=[[ 0.60957843]"
    deep = (
        "Unknown variable: <Variable path=conv/kernel, shape=(3, 3, 3, 2), value=[[[[ 0.20430592 -0.30555657]"
    )
    many = "Unknown variable: <Variable path=a/b, shape=(6, 8), value=[[ 0.36669508 -0.5501645  -0.602717"
    assert normalised(flat) == normalised(deep) == normalised(many) == "Unknown variable: <…>"
