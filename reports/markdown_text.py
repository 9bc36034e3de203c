"""Text from anywhere made safe in Markdown, as GitHub and GitLab read it.

A summary is posted into a pull request: text from a model file must not become markup there, nor a link, nor ping
anybody. Backslashes do not help against the last two, because mentions and bare addresses are found after
Markdown has been read. So there are three ways to show text, and nothing else may show any:

- ``code(text)``: names, versions, exceptions. Inside code nothing is found by anyone.
- ``prose(text)``: sentences. Markup is escaped, and what would be a mention or a link is cut by an invisible joiner.
- ``block(text)``: several lines, such as code to copy.

All of them give one line but the last, and all but the last may stand in a table.
"""

import re
from collections.abc import Iterable, Sequence

from reports.text import line, visible

#: What a step summary may hold (1 MiB), and a comment (65,536 characters); with some room.
SUMMARY_LIMIT = 1_000_000
COMMENT_LIMIT = 65_000

#: A word joiner: it is not seen, and no name or address goes on behind it.
_JOINER = "\u2060"
_MARKUP = re.compile(r"[\\`*_\[\]#!|~$]|^[+=-]")
#: Where GitHub or GitLab would find a person, an issue, a label, a merge request, an emoji or an address.
_REFERENCE = re.compile(
    r"@(?=\S)|[#!$&](?=\d)|[~%](?=[\w\"])|:(?=//|[\w+-]+:)|(?<=www)(?=\.)|(?<=\bgh)-(?=\d)", re.IGNORECASE
)
#: A commit, by its number.
_COMMIT = re.compile(r"\b[0-9a-f]{7,}\b", re.IGNORECASE)
_LIST = re.compile(r"^(\d+)([.)])")


def code(text: str, limit: int = 160) -> str:
    """The text as a code span. Bars become broken bars, which end no column; empty text gives an empty string."""
    words = " ".join(line(visible(text), limit).replace("|", "¦").split())
    if not words:
        return ""
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", words)), default=0))
    edge = " " if words.startswith("`") or words.endswith("`") else ""
    return f"{fence}{edge}{words}{edge}{fence}"


def prose(text: str, limit: int = 600) -> str:
    """The text as a sentence without any markup: the first line that says something, at most ``limit`` long."""
    words = " ".join(line(visible(text), limit).split())
    words = _COMMIT.sub(_cut, _REFERENCE.sub(rf"\g<0>{_JOINER}", words))
    words = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _LIST.sub(r"\1\\\2", _MARKUP.sub(r"\\\g<0>", words))


def _cut(commit: re.Match[str]) -> str:
    return re.sub(r".{6}(?=.)", rf"\g<0>{_JOINER}", commit[0])


def block(text: str, language: str = "") -> str:
    """The text as a fenced block of code that nothing inside it can end."""
    shown = "\n".join(visible(part).rstrip() for part in text.split("\n"))
    fence = "`" * (1 + max([2, *(len(run) for run in re.findall("`+", shown))]))
    return f"{fence}{language}\n{shown}\n{fence}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[int] = ()) -> str:
    """A table of cells that are Markdown already; the columns ``right`` (from 0) are set to the right."""
    numbers = set(right)
    marks = ["---:" if index in numbers else "---" for index in range(len(head))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, marks, *rows))


def fitted(parts: Sequence[str], limit: int, left_out: str) -> str:
    """Parts with an empty line between them, as many from the front as ``limit`` bytes hold.

    Where some do not fit, the sentence ``left_out`` stands in their place: half a table would be broken.
    """
    whole = "\n\n".join(parts) + "\n"
    if len(whole.encode()) <= limit:
        return whole
    room = limit - len(left_out.encode()) - 2
    kept: list[str] = []
    for part in parts:
        room -= len(part.encode()) + 2
        if room < 0:
            break
        kept.append(part)
    return "\n\n".join([*kept, left_out]) + "\n"
