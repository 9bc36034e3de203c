import base64
import marshal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.inspection.lambdas import Bytecode, bytecode, of_layer

#: ``lambda x: foo.bar(x, axis=1)[0] == 3``, dumped by each Python.
DUMPS = {
    "2.7": (
        "YwEAAAABAAAABAAAAEMAAABzHQAAAHQAAGoBAHwAAGQBAGQCAIMBAWQDABlkBABrAgBTKAUAAABOdAQAAABheGlzaQEAAABpAAAA"
        "AGkDAAAAKAIAAAB0AwAAAGZvb3QDAAAAYmFyKAEAAAB0AQAAAHgoAAAAACgAAAAAcwgAAAA8c3RyaW5nPnQIAAAAPGxhbWJkYT4C"
        "AAAAdAAAAAA="
    ),
    "3.6": (
        "4wEAAAAAAAAAAQAAAAQAAABDAAAAcxYAAAB0AGoBfABkAWQCjQJkAxkAZARrAlMAKQVO6QEAAAApAVoEYXhpc+kAAAAA6QMAAAAp"
        "AloDZm9vWgNiYXIpAdoBeKkAcgUAAADaCDxzdHJpbmc+2gg8bGFtYmRhPgIAAABzAAAAAA=="
    ),
    "3.7": (
        "4wEAAAAAAAAAAQAAAAQAAABDAAAAcxYAAAB0AGoBfABkAWQCjQJkAxkAZARrAlMAKQVO6QEAAAApAVoEYXhpc+kAAAAA6QMAAAAp"
        "AloDZm9vWgNiYXIpAdoBeKkAcgUAAADaCDxzdHJpbmc+2gg8bGFtYmRhPgIAAADzAAAAAA=="
    ),
    "3.8": (
        "4wEAAAAAAAAAAAAAAAEAAAAEAAAAQwAAAHMWAAAAdABqAXwAZAFkAo0CZAMZAGQEawJTACkFTukBAAAAKQFaBGF4aXPpAAAAAOkD"
        "AAAAKQJaA2Zvb1oDYmFyqQHaAXipAHIGAAAA2gg8c3RyaW5nPtoIPGxhbWJkYT4CAAAA8wAAAAA="
    ),
    "3.9": (
        "4wEAAAAAAAAAAAAAAAEAAAAEAAAAQwAAAHMWAAAAdABqAXwAZAFkAo0CZAMZAGQEawJTACkFTukBAAAAKQFaBGF4aXPpAAAAAOkD"
        "AAAAKQJaA2Zvb1oDYmFyqQHaAXipAHIGAAAA2gg8c3RyaW5nPtoIPGxhbWJkYT4CAAAA8wAAAAA="
    ),
    "3.10": (
        "4wEAAAAAAAAAAAAAAAEAAAAEAAAAQwAAAHMWAAAAdABqAXwAZAFkAo0CZAMZAGQEawJTACkFTukBAAAAKQFaBGF4aXPpAAAAAOkD"
        "AAAAKQJaA2Zvb1oDYmFyqQHaAXipAHIGAAAA2gg8c3RyaW5nPtoIPGxhbWJkYT4CAAAAcwIAAAAWAA=="
    ),
    "3.11": (
        "4wEAAAAAAAAAAAAAAAQAAAADAAAA804AAACXAHQAAAAAAAAAAAAAAKABAAAAAAAAAAAAAAAAAAAAAAAAAAB8AGQBrAKmAgAAqwIA"
        "AAAAAAAAAGQDGQAAAAAAAAAAAGQEawIAAAAAUwApBU7pAQAAACkB2gRheGlz6QAAAADpAwAAACkC2gNmb2/aA2JhcqkB2gF4cwEA"
        "AAAg+gg8c3RyaW5nPvoIPGxhbWJkYT5yCwAAAAIAAABzIAAAAIAAlROXF5IXmBGgEZAX0REj1BEjoEHUESaoIdIRK4AA8wAAAAA="
    ),
    "3.12": (
        "4wEAAAAAAAAAAAAAAAQAAAADAAAA8zwAAACXAHQAAAAAAAAAAABqAwAAAAAAAAAAAAAAAAAAAAAAAHwAZAGsAqsCAAAAAAAAZAMZ"
        "AAAAZARrKAAAUwApBU7pAQAAACkB2gRheGlz6QAAAADpAwAAACkC2gNmb2/aA2JhcqkB2gF4cwEAAAAg+gg8c3RyaW5nPvoIPGxh"
        "bWJkYT5yCwAAAAIAAABzHQAAAIAAlBOXF5EXmBGgEZAX0xEjoEHRESaoIdERK4AA8wAAAAA="
    ),
    "3.13": (
        "4wEAAAAAAAAAAAAAAAUAAAADAAAA8zYAAACVAFsAAAAAAAAAAABSAwAAAAAAAAAAAAAAAAAAAAAAAFUAUwFTAjkCUwMFAAAAUwQ6"
        "SAAAJAApBU7pAQAAACkB2gRheGlz6QAAAADpAwAAACkC2gNmb2/aA2JhcqkB2gF4cwEAAAAg2gg8c3RyaW5nPtoIPGxhbWJkYT5y"
        "CwAAAAIAAABzGwAAAIAAlBOXF5EXmBGgEZAX0BEjoEHRESaoIdIRK/MAAAAA"
    ),
}


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ("2.7", "Python 2.7"),
        ("3.6", "Python 3.6 or 3.7"),
        ("3.7", "Python 3.6 or 3.7"),
        ("3.8", "Python 3.8 or 3.9"),
        ("3.9", "Python 3.8 or 3.9"),
        ("3.10", "Python 3.10"),
        ("3.11", "Python 3.11"),
        ("3.12", "Python 3.12"),
        ("3.13", "Python 3.13"),
    ],
)
def test_the_python_of_a_dump(version: str, told: str) -> None:
    found = bytecode(DUMPS[version])
    assert found is not None
    assert found.told == told
    assert version in found.readable


def test_what_two_versions_write_alike_is_not_decided() -> None:
    found = bytecode(
        "4wEAAAAAAAAAAAAAAAIAAAADAAAA8wwAAACXAHwAZAF6BQAAUwApAk7pAgAAAKkAqQHaAXhzAQAAACD6CDxzdHJpbmc++gg8bGFtYmRhPnIHAAAAAQAAAHMKAAAAgACQEZAxkROAAPMAAAAA"
    )  # lambda x: x * 2
    assert found == Bytecode(versions=("3.11", "3.12"), readable=("3.11", "3.12", "3.13"))


def test_instructions_that_nobody_has_are_of_a_later_python() -> None:
    dump = bytearray(base64.b64decode(DUMPS["3.13"]))
    dump[dump.index(b"\x95\x00")] = 128  # RESUME of 3.14
    found = bytecode(base64.b64encode(bytes(dump)).decode())
    assert found is not None
    assert found.told == "a Python after 3.13"


def test_keras_2_0_wrote_dumps_as_text() -> None:
    text = base64.b64decode(DUMPS["3.6"]).decode("raw_unicode_escape")
    found = bytecode(text)
    assert found is not None
    assert found.versions == ("3.6", "3.7")


@pytest.mark.parametrize(
    "config",
    [
        {"function": [DUMPS["3.8"], None, None], "function_type": "lambda"},
        {"function": {"class_name": "__lambda__", "config": {"code": DUMPS["3.8"], "defaults": None}}},
        {"function": {"class_name": "__lambda__", "config": {"value": [DUMPS["3.8"], None, None]}}},
        {"output_shape": [DUMPS["3.8"], None, None]},
        {"code": DUMPS["3.8"], "closure": None},
        {"value": [DUMPS["3.8"], None, None]},
    ],
)
def test_every_way_in_which_keras_keeps_a_function(config: dict[str, Any]) -> None:
    assert next(found.versions for found in of_layer(config)) == ("3.8", "3.9")


@pytest.mark.parametrize(
    "config", [None, [], {}, {"function": "name"}, {"function": ["x" * 10]}, {"function": [1]}]
)
def test_no_code_is_none(config: Any) -> None:
    assert list(of_layer(config)) == []


def test_nothing_is_brought_to_life(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: object) -> None:
        raise AssertionError("marshal was used")

    monkeypatch.setattr(marshal, "loads", refuse)
    monkeypatch.setattr(marshal, "load", refuse)
    assert bytecode(DUMPS["3.10"]) is not None


@given(st.text() | st.binary().map(lambda data: base64.b64encode(b"\xe3" + data).decode()))
def test_any_text_is_code_or_not(text: str) -> None:
    found = bytecode(text)
    assert found is None or found.told
