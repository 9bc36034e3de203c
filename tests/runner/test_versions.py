"""Whether a version is within a range."""

import pytest

from runner.versions import within


@pytest.mark.parametrize(
    ("version", "ranges", "expected"),
    [
        ("3.4.1", ">=3.1,<3.9", True),
        ("3.9.0", ">=3.1,<3.9", False),
        ("2.2.4", "", True),
        ("3.0.0rc1", ">=2.16", True),  # what is not final is a version, too
        ("2.20.0.dev20250101", ">=2.19", True),
        ("2.20.0.dev20250101", "<2.19", False),
    ],
)
def test_a_version_is_in_a_range_or_not(version: str, ranges: str, expected: bool) -> None:
    assert within(version, ranges, unreadable=not expected) is expected


@pytest.mark.parametrize("version", ["", "nightly", "2.2.4-tf"])
def test_what_is_no_version_is_answered_for_by_who_asks(version: str) -> None:
    assert within(version, ">=3", unreadable=True)
    assert not within(version, ">=3", unreadable=False)
    assert within(version, "", unreadable=False)
