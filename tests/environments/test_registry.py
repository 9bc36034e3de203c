from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from environments import registry
from environments.errors import InfrastructureError
from tests.environments import shelf
from tests.environments.shelf import Shelf

HTML = b"""<!DOCTYPE html><html><body><h1>Links</h1>
<a href="../../files/a-1.0-py3-none-any.whl#sha256=00" data-requires-python="&gt;=3.8"
   data-upload-time="2024-01-02T03:04:05.678Z">a-1.0-py3-none-any.whl</a>
<a href="https://elsewhere.example/a-2.0%2Bx-py3-none-any.whl" data-yanked="">a-2.0</a>
<a name="no-link">nothing</a></body></html>"""


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    with shelf.opened(monkeypatch) as found:
        yield found


def test_a_page_in_html_tells_all_that_a_page_in_json_tells(place: Shelf) -> None:
    place.pages["/simple/a/"] = (200, "text/html; charset=utf-8", HTML)
    one, two = registry.files("a")
    assert one.name == "a-1.0-py3-none-any.whl"
    assert one.url == place.url.replace("/simple", "/files/a-1.0-py3-none-any.whl")
    assert one.uploaded == datetime(2024, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    assert (one.requires_python, one.yanked) == (">=3.8", False)
    assert (two.name, two.uploaded, two.requires_python, two.yanked) == (
        "a-2.0+x-py3-none-any.whl",
        None,
        "",
        True,
    )


@pytest.mark.parametrize(
    ("given", "yanked"), [("false", False), ("true", True), ('"broken"', True), ('""', True)]
)
def test_withdrawn_files_are_marked_in_json(place: Shelf, given: str, yanked: bool) -> None:
    text = f'{{"files": [{{"filename": "a-1-py3-none-any.whl", "url": "x", "yanked": {given}}}]}}'
    place.pages["/simple/a/"] = (200, "application/vnd.pypi.simple.v1+json", text.encode())
    assert [file.yanked for file in registry.files("a")] == [yanked]


def test_a_page_is_asked_for_once(place: Shelf) -> None:
    place.listing("a", {"a-1-py3-none-any.whl": "2024-01-02"})
    assert registry.files("a") == registry.files("a")
    assert len(place.asked) == 1


def test_credentials_of_the_index_are_sent_and_never_shown(
    place: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", place.url.replace("://", "://me:s%40cret@"))
    shelf.forget()
    place.pages["/simple/a/"] = (403, "text/plain", b"no")
    with pytest.raises(InfrastructureError, match="answers 403") as told:
        registry.files("a")
    assert place.asked == [("/simple/a/", "Basic bWU6c0BjcmV0")]
    assert "cret" not in str(told.value)


def test_an_extra_index_is_asked_first_and_need_not_have_it(
    place: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_INDEX", place.url.replace("/simple", "/extra"))
    shelf.forget()
    place.listing("a", {"a-1-py3-none-any.whl": "2024-01-02"})
    assert [file.name for file in registry.files("a")] == ["a-1-py3-none-any.whl"]
    assert [path for path, _ in place.asked] == ["/extra/a/", "/simple/a/"]


def test_what_no_index_has_is_said(place: Shelf) -> None:
    with pytest.raises(InfrastructureError, match="No package registry that is configured here knows a"):
        registry.files("a")


@pytest.mark.parametrize(
    "text", [b"{", b"[]", b'{"files": [1]}', b'{"files": [{}]}', b"\xff", b"[" * 100_000]
)
def test_an_answer_that_is_no_list_is_said(place: Shelf, text: bytes) -> None:
    place.pages["/simple/a/"] = (200, "application/json", text)
    with pytest.raises(InfrastructureError, match="is no list of packages"):
        registry.files("a")


def test_an_answer_without_end_is_not_read_to_its_end(place: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_PAGE", 1000)
    place.pages["/simple/a/"] = (200, "text/html", b" " * 2000)
    with pytest.raises(InfrastructureError, match="longer than 1,000 bytes"):
        registry.files("a")


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/simple", "file:///tmp/simple"])
def test_an_index_that_cannot_be_read_is_said_with_what_to_check(
    place: Shelf, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", url)
    shelf.forget()
    with pytest.raises(InfrastructureError, match=r"cannot be read.*UV_DEFAULT_INDEX"):
        registry.files("a")


def test_a_file_is_downloaded_up_to_a_limit(place: Shelf) -> None:
    place.listing("a", {"a-1-py3-none-any.whl": "2024-01-02"})
    place.pages["/files/a-1-py3-none-any.whl"] = (200, "application/octet-stream", b"wheel")
    (file,) = registry.files("a")
    assert registry.download(file, limit=5) == b"wheel"
    with pytest.raises(InfrastructureError, match="longer than 4 bytes"):
        registry.download(file, limit=4)
