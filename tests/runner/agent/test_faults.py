"""What a fault means is known before anything runs."""

import pytest

from environments import scalars
from runner.agent.faults import FAULTS, SAVING, kind_of, obstacle


def test_the_words_of_the_matrix_are_these() -> None:
    assert tuple(FAULTS) == scalars.FAULTS
    assert set(SAVING) < set(FAULTS)
    assert all(sentence.endswith(".") for sentence in FAULTS.values())


@pytest.mark.parametrize(
    ("format_name", "keras", "kind"),
    [
        ("keras", "2.12.0", "hdf5"),
        ("keras", "2.13.1", "zip"),
        ("keras", "3.15.1", "zip"),
        ("keras", "", ""),
        ("h5", "3.15.1", "hdf5"),
        ("weights", "", "hdf5"),
        ("savedmodel", "2.15.0", "directory"),
        ("checkpoint", "", "directory"),
        ("json", "3.15.1", "directory"),
    ],
)
def test_what_is_written(format_name: str, keras: str, kind: str) -> None:
    assert kind_of(format_name, keras) == kind


def test_a_fault_that_means_nothing_is_known() -> None:
    assert obstacle("missing_config", "keras", "3.15.1") == ""
    assert obstacle("missing_config", "keras", "") == ""  # an image: it is tried
    assert obstacle("missing_config", "keras", "2.12.0") == (
        "The fault missing_config is not for what is written here: it is no archive with members."
    )
    assert obstacle("missing_shard", "h5", "2.15.0").endswith("it is a single file.")
    assert obstacle("missing_shard", "savedmodel", "2.15.0") == ""
    assert obstacle("renamed", "export", "2.15.0").endswith("its name says nothing.")
    everywhere = [fault for fault in FAULTS if not obstacle(fault, "h5", "2.15.0")]
    assert everywhere == [
        "garbage",
        "bit_flip",
        "truncated",
        "emptied",
        "lfs_pointer",
        "renamed",
        *SAVING,
    ]
