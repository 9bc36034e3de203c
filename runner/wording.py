"""What an exception really says: wrappers taken off, the line that tells most, and its words without names.

Everything here is searched in text that strangers wrote: it never raises, and takes time in proportion to length.
"""

import re
from functools import lru_cache

#: Characters that are looked at, of each text.
LONGEST = 8000
#: Characters of a line that is shown, and of a signature.
LINE = 300
SIGNATURE = 200

_INNER = "Exception encountered: "
#: What Keras 3 says where a layer cannot be called symbolically, and where a model's from_config raised.
_ALSO_INNER = ("Error encountered:\n\n", "Error encountered during deserialization:\n")
_DUMPS = ("Full object config:", "Full config:", "using config=", "\nconfig={", "config={'module'")
_EXAMPLE = "Example error message for object "
_LISTED = "\nList of objects that could not be loaded:"
#: Lines that only announce another.
_HEADS = (
    "Exception encountered when calling",
    "Arguments received by",
    "Call arguments received by",
    "Error when deserializing class",
    "Traceback (most recent call last)",
    "in user code:",
    "During handling of the above exception",
    "The above exception was the direct cause",
    "List of objects that could not be loaded",
    "Detected at node",
    "Node: ",
    "Graph execution error",
)
_WRAPPED = ("could not be deserialized properly", "objects could not be loaded")
_TELLS = re.compile(
    r"[Ee]rror\b|[Ee]xception\b|[Cc]heck failed|[Ff]ailed|abort|Killed|cannot|not found|terminate called"
)
_COLOUR = re.compile(r"\x1b\[[\d;]{0,20}[A-Za-z]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def layers(message: str) -> list[str]:
    """The messages that were wrapped into each other, outermost first, without the configurations they quote."""
    found = []
    text = _COLOUR.sub("", message[:LONGEST])
    for also in _ALSO_INNER:
        text = text.replace(also, _INNER)
    for piece in text.split(_INNER):
        if _EXAMPLE in piece:
            head, _, rest = piece.partition(_EXAMPLE)
            found += [head, rest.partition(":\n")[2].partition(_LISTED)[0] or rest.partition(_LISTED)[0]]
        else:
            found.append(piece)
    cut = (_without_dump(piece).strip() for piece in found)
    return [piece for piece in cut if piece]


def _without_dump(piece: str) -> str:
    """A message up to the configuration that it quotes; these are long, and quote everything."""
    places = [place for place in (piece.find(dump) for dump in _DUMPS) if place >= 0]
    return piece[: min(places)] if places else piece


def unwrap(message: str) -> str:
    """The innermost message; the text itself where nothing wraps it."""
    before = None
    text = message[:LONGEST]
    while text != before:  # each turn can only make it shorter
        before = text
        text = (layers(text) or [""])[-1]
    return text


def innermost(message: str, traceback: str) -> str:
    """The whole message; where it was cut off, what the end of the traceback adds to it."""
    if len(message) < LONGEST:
        return message
    last = traceback[-LONGEST:].rpartition(_INNER)[2] if _INNER in traceback[-LONGEST:] else ""
    return message[: LONGEST // 2] + "\n\n" + _INNER + last if last else message


def telling_line(text: str) -> str:
    """The line that says most, of an exception's message without its wrappers; bounded, in one line."""
    lines = [line.strip() for line in text[:LONGEST].splitlines()]
    lines = [line for line in lines if line and not line.startswith(_HEADS)]
    plain = [line for line in lines if not any(word in line for word in _WRAPPED)]
    return shown((plain or lines or [text.strip()[:LINE]])[0])


def telling_output(text: str) -> str:
    """The line that says most, of the end of what a process printed; where it says what it was doing, that."""
    text = text[-LONGEST:].rstrip()
    stacks = list(_STACK.finditer(text))
    if stacks and stacks[-1].end() == len(text) and "Fatal Python error" not in text:
        return shown("In {2} ({0}, line {1}).".format(*_FRAME.findall(stacks[-1][1])[0]))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line in reversed(lines):
        if _TELLS.search(line[:LINE]):
            return shown(line)
    return shown(lines[-1]) if lines else ""


#: What Python's faulthandler prints of a thread, innermost first, and one line of it; the file from its package on.
_STACK = re.compile(
    r"\(most recent call first\):\n((?:  File \"[^\"\n]{1,400}\", line \d{1,7} in [^\n]{1,200}\n?)+)"
)
_FRAME = re.compile(
    r"  File \"(?:[^\"\n]*/(?:site-packages|python\d[\d.]*|in)/)?([^\"\n]+)\", line (\d+) in ([^\n]+)"
)


def raised(kind: str, message: str) -> str:
    """An exception in its own words, with the first line of them: ``ValueError: Unknown layer``."""
    lines = message.strip().splitlines()
    return f"{kind}: {lines[0] if lines else '(no message)'}"


def shown(text: str) -> str:
    """One line of bounded length, without control characters."""
    return " ".join(_CONTROL.sub(" ", _COLOUR.sub("", text[: LINE * 4])).split())[:LINE]


_NAMES = (
    # What a variable holds takes many lines, and only the first is here.
    (re.compile(r"<[^<>]{0,600}\bvalue=\[[^<>]{0,600}$"), "<…>"),
    (re.compile(r"<[^<>]{0,600}>"), "<…>"),
    (re.compile(r"\{[^{}]{0,600}\}"), "{…}"),
    (re.compile(r"\[[^\[\]]{0,600}\]"), "[…]"),
    (re.compile(r"(?<!\w)'[^'\n]{0,300}'(?!\w)"), "'…'"),
    (re.compile(r'"[^"\n]{0,300}"'), '"…"'),
    (re.compile(r"\(\s?-?\d[^()]{0,300}\)"), "(…)"),
    (re.compile(r"\b0x[0-9a-fA-F]{1,40}\b"), "#"),
    (re.compile(r"\b[A-Za-z_]{1,60}(?:\.[A-Za-z_]\w{0,60}){1,12}(?:\(\))?"), "…"),
    (re.compile(r"\b[A-Za-z]{1,40}(?:_[A-Za-z]{0,40}){0,6}_?\d{1,20}(?:_\w{1,40})?\b"), "…"),
    (re.compile(r"[-+]?\d[\d.,]{0,40}(?:e[-+]?\d{1,3})?%?"), "#"),
    (re.compile(r"(?:…[\s,]{0,3}){2,}"), "… "),
)


@lru_cache(maxsize=8192)
def normalised(line: str) -> str:
    """The line without names, numbers, paths, quoted content, addresses and shapes: equal for failures of a kind."""
    text = shown(line)
    for _ in range(20):  # what stood inside of something goes first, and then that
        before = text
        for pattern, instead in _NAMES:
            text = pattern.sub(instead, text)
        text = " ".join("…" if "/" in word or "\\" in word else word for word in text.split())
        if text == before:
            break
    return text[:SIGNATURE].strip()
