import re

from hypothesis import given
from hypothesis import strategies as st

from reports import addresses
from reports.addresses import cell_id, group_id, probe_id
from runner.results import CellResult, Verdict


def test_addresses_are_made_of_names() -> None:
    cell = CellResult(producer="a-cpu", consumer="b-cpu", probe="p", format="h5", verdict=Verdict.IDENTICAL)
    assert cell_id(cell) == "p/h5/a-cpu/b-cpu"
    assert probe_id("dense") == "probe:dense"
    assert group_id("layers") == "group:layers"


def test_names_that_are_no_address_become_one() -> None:
    assert probe_id("my probe") != probe_id("my_probe")
    assert '"' not in group_id('"><script>')


def test_pages_are_called_after_names() -> None:
    assert addresses.probe_page("dense") == "probes/dense.html"
    assert addresses.environment_page("tf2.15.1-cpu") == "environments/tf2.15.1-cpu.html"
    assert addresses.cause_page("cause:compile_config") == "causes/compile_config.html"
    assert addresses.cause_page("unclassified:x") == "causes/unclassified-x.html"
    assert addresses.run_folder("2026-11-20T06-40-12Z-3f9a") == "runs/2026-11-20T06-40-12Z-3f9a"


@given(st.text())
def test_a_file_name_is_a_name_and_no_path(name: str) -> None:
    found = addresses.file_name(name)
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._~-]{0,90}", found)
    assert not found.endswith(".html")


@given(st.text(), st.text())
def test_two_names_have_two_files(one: str, other: str) -> None:
    assert one == other or addresses.file_name(one) != addresses.file_name(other)
