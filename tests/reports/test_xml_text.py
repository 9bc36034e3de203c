from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from reports.text import visible
from reports.xml_text import attribute, tag, text

ANY = st.text(st.characters(), max_size=40)


@given(ANY, ANY)
def test_any_text_can_be_read_back(value: str, content: str) -> None:
    read = ElementTree.fromstring(tag("a", {"b": value}, text(content)))
    assert _seen(read.attrib["b"]) == _seen(value)
    assert _seen(read.text or "") == _seen(content)


def test_control_characters_are_spelled_out() -> None:
    assert text("NUL\0 \x1b[31m \ufffe <b>&") == "NUL‹NUL› ‹ESC›[31m \ufffd &lt;b&gt;&amp;"
    assert attribute('a"b\nc\td') == "a&quot;b&#10;c&#9;d"
    assert tag("e", {}) == "<e/>"


def _seen(words: str) -> str:
    return visible(words).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
