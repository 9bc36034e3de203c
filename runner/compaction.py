"""Journals only grow: what of one nobody can ask for any more, and the journal without it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from environments.files import replace_bytes
from runner import journal
from runner.journal import Event
from runner.kept import sound
from runner.plan import ArtifactKey
from runner.provenance import agent_sha256
from runner.store import Store

#: Bytes from which it is worth the trouble.
WORTH = 64 * 1024
_OF_CELLS = ("cell", "remedy", "tried", "lost")


@dataclass
class Section:
    """What one run added: all under the same conditions."""

    head: Event
    events: list[Event] = field(default_factory=list)

    @property
    def conditions(self) -> tuple[str, ...]:
        """What all of it depends on, the probes aside."""
        return tuple(str(self.head.get(f"{name}_sha256")) for name in ("agent", "lock", "options"))

    def depends(self, key: ArtifactKey) -> tuple[object, ...]:
        """What an event about an artifact depends on."""
        return (*self.conditions, self.head["probes"].get(key.probe), key)


def sections(path: Path) -> list[Section]:
    """The sections of a journal, the oldest first; what is no sound event is left out."""
    found: list[Section] = []
    for event in journal.read(path):
        if sound(event, path.parent.name):
            if event["event"] == "task":
                found.append(Section(head=event))
            elif found:
                found[-1].events.append(event)
    return found


def live(found: list[Section]) -> list[Section]:
    """The sections without what no plan can ask for any more: of other checks, of another engine, or superseded.

    The last section stays, so that the reason why nothing holds can be told.
    """
    if not found:
        return []
    last = found[-1]
    engines = [
        number for number, section in enumerate(found) if section.head["engine"] != last.head["engine"]
    ]
    kept = [
        section if section is last or section.conditions[0] == agent_sha256() else Section(head=section.head)
        for number, section in enumerate(found)
        if section is last
        # A fresh start ends what was before it, whatever checks it was made with.
        or (
            number > max(engines, default=-1)
            and (section.conditions[0] == agent_sha256() or section.head.get("fresh"))
        )
    ]
    newest = [_newest(section, section.head is last.head) for section in _superseded(kept)]
    facts: set[tuple[str, ...]] = set()
    rest: list[Section] = []
    for section in reversed(newest):
        tells = any(event["event"] in ("ready", "provisioned") for event in section.events)
        about = any(event["event"] in _OF_CELLS for event in section.events)
        if (
            about
            or section.head is last.head
            or section.head.get("fresh")
            or (tells and section.conditions not in facts)
        ):
            rest.insert(0, section)
            if any(event["event"] == "ready" for event in section.events):
                facts.add(section.conditions)
    return rest


def compact(path: Path) -> int:
    """Write a journal anew, beside its place, where most of it is dead; gives the bytes that this saves.

    For whoever holds ``run`` alone. Raises OSError.
    """
    size = path.stat().st_size
    if size < WORTH:
        return 0
    text = _text(live(sections(path)))
    if len(text) > size // 2:
        return 0
    replace_bytes(path, text)
    return size - len(text)


def journals(store: Store) -> tuple[Path, ...]:
    """The journals of a store's runs and tasks."""
    return tuple(
        sorted(path for phase in ("save", "load") for path in (store.artifacts / phase).glob("*.jsonl"))
    )


def _superseded(found: list[Section]) -> list[Section]:
    """Without what was told again later. The word before the last stays too: a time-out is believed the second time."""
    later: dict[tuple[object, ...], int] = {}
    kept = []
    for section in reversed(found):
        events: list[Event] = []
        for event in reversed(section.events):
            if event["event"] not in _OF_CELLS:
                events.append(event)
                continue
            about = section.depends(ArtifactKey(**event["key"]))
            seen = later.get(about, 0)
            if seen == 0 or (seen == 1 and event["event"] in ("cell", "lost")):
                events.append(event)
            later[about] = seen + (event["event"] == "cell")
        kept.append(Section(head=section.head, events=events[::-1]))
    return kept[::-1]


def _newest(section: Section, last: bool) -> Section:
    """Without how an earlier section ended: only how the last one did is ever asked."""
    ends = ("unavailable", "broken", "ended")
    return Section(
        head=section.head, events=[event for event in section.events if last or event["event"] not in ends]
    )


def _text(found: Iterable[Section]) -> bytes:
    return journal.text(event for section in found for event in (section.head, *section.events))
