from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from reports.shapes import SHAPES, css
from runner.results import Verdict


def test_every_verdict_has_a_shape_of_its_own() -> None:
    assert set(SHAPES) == set(Verdict)
    assert len(set(SHAPES.values())) == len(Verdict)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_the_mask_is_a_picture_that_can_be_read(verdict: Verdict) -> None:
    (rule,) = [line for line in css().splitlines() if line.startswith(f".v-{verdict} ")]
    address = rule.partition("url('data:image/svg+xml,")[2].partition("')")[0]
    assert not set(address) & set("'\"<>#()")
    picture = ElementTree.fromstring(unquote(address))
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(picture) == SHAPES[verdict].count("/>")
