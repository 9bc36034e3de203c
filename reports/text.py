"""Text from model files made safe to show: nothing invisible, nothing endless.

Escaping for HTML is the template engine's work; this is about what escaping leaves alone: control characters,
terminal colours, and marks that turn the reading direction so that a line shows something else than it says.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping

#: Controls (without tab and newline), format characters such as bidi overrides and zero-width marks, lone
#: surrogates (which UTF-8 cannot hold), and the two line separators that are not ``\n``. Unicode's categories
#: Cc, Cf, Cs, Zl and Zp.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)

_NAMES = {"\0": "NUL", "\a": "BEL", "\b": "BS", "\r": "CR", "\x1b": "ESC", "\x7f": "DEL"}


def visible(text: str) -> str:
    """The text with every invisible character spelled out: NUL as ``‹NUL›``, a bidi override as ``‹U+202E›``."""
    # Most text is printable, and then has none of them; a page asks this for half a million pieces of it.
    return text if text.isprintable() else _INVISIBLE.sub(_spell, text)


def _spell(match: re.Match[str]) -> str:
    return f"‹{_NAMES.get(match[0]) or f'U+{ord(match[0]):04X}'}›"


def clip(text: str, limit: int) -> str:
    """The text, or its first and last part around a line that says how much was left out.

    Both ends are kept: a traceback names the exception at its end, a log its cause at its beginning.
    """
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n… {len(text) - 2 * half:,} characters left out …\n{text[-half:]}"


def line(text: str, limit: int = 160) -> str:
    """The first line that says something, at most ``limit`` characters long."""
    first = next((part.strip() for part in text.splitlines() if part.strip()), "")
    return first if len(first) <= limit else first[: limit - 1].rstrip() + "…"


def short_names(names: Iterable[str]) -> Mapping[str, str]:
    """Names without the endings that all of them share: ``tf2.15.1`` for ``tf2.15.1-cpu`` among CPU environments."""
    parts = {name: name.split("-") for name in names}
    while len({tuple(part[-1:]) for part in parts.values()}) == 1 and all(
        len(part) > 1 for part in parts.values()
    ):
        parts = {name: part[:-1] for name, part in parts.items()}
    return {name: "-".join(part) for name, part in parts.items()}


def slug(text: str) -> str:
    """A part of a ``#…`` address: letters, digits, dots, dashes and underscores of the text.

    Text that has anything else keeps its address apart from its look-alikes by a number made from it.
    """
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", unicodedata.normalize("NFKD", text))
    if plain == text:
        return plain
    number = 0
    for character in text:
        number = (number * 131 + ord(character)) % 0xFFFFFFFB
    return f"{plain[:40]}~{number:08x}"


def size(count: int) -> str:
    """A number of bytes as people read it (1 kB is 1000 bytes)."""
    if count < 1000:
        return f"{count} B"
    amount = count / 1000
    for unit in ("kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"
