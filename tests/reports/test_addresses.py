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
