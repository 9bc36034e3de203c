"""Text from anywhere made legal in XML: JUnit files, feeds and pictures.

XML 1.0 cannot write most control characters at all; one of them, in a layer's name, makes a whole file unreadable.
"""

import re
from collections.abc import Mapping
from html import escape

from reports.text import clip, visible

#: What XML 1.0 cannot hold, beside what ``visible`` has spelled out.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text(words: str, limit: int = 20_000) -> str:
    """The words as the content of an element, clipped in the middle."""
    return _ILLEGAL.sub("\ufffd", escape(visible(clip(words, limit))))


def attribute(words: str, limit: int = 1_000) -> str:
    """The words as the value of an attribute between double quotes. Newlines survive reading."""
    return text(words, limit).replace("\n", "&#10;").replace("\t", "&#9;")


def tag(name: str, attributes: Mapping[str, object], content: str | None = None) -> str:
    """An element; ``content`` is XML already, None for an empty element."""
    head = "".join(f' {key}="{attribute(str(value))}"' for key, value in attributes.items())
    return f"<{name}{head}/>" if content is None else f"<{name}{head}>{content}</{name}>"
