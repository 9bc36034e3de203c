"""Pages as a browser would read them, as far as tests ask."""

import re
from html.parser import HTMLParser
from pathlib import PurePosixPath
from urllib.parse import unquote

from reports import run_pages
from reports.view import view
from runner.results import Results


class Page(HTMLParser):
    """Tags and text of a page."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.parts: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in ("td", "th", "option"):
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    @property
    def text(self) -> str:
        """The words, with one blank between any two."""
        return re.sub(r"\s+", " ", "".join(self.parts))

    @property
    def ids(self) -> list[str]:
        """All addresses inside the page."""
        return [str(attributes["id"]) for _, attributes in self.tags if "id" in attributes]

    @property
    def links(self) -> set[str]:
        """Where its links lead, and what it loads."""
        found = {str(a["href"]) for tag, a in self.tags if tag in ("a", "link") and "href" in a}
        return found | {str(a["src"]) for _, a in self.tags if "src" in a}

    def count(self, name: str) -> int:
        """How many tags of a name it has."""
        return sum(tag == name for tag, _ in self.tags)


def run(results: Results) -> dict[str, str]:
    """All pages of a run, by their path below its folder."""
    return dict(run_pages.pages(view(results)))


def target(page: str, link: str) -> tuple[str, str]:
    """The path and the place that a link of a page leads to."""
    path, _, place = link.partition("#")
    path = unquote(path.partition("?")[0])
    if not path:
        return page, place
    parts = list(PurePosixPath(page).parent.parts)
    for part in PurePosixPath(path).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts), place
