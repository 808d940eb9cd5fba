"""Each format is read into the same comments, and each bad place is named."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from moderation.operations.importing.formats import FORMATS, likely_format
from moderation.operations.importing.html_text import text_of
from moderation.operations.importing.jsonl import MAX_LINE_BYTES
from moderation.operations.importing.past_comment import MAX_ID_CHARS, PastComment
from moderation.operations.importing.reading import (
    ArchiveSource,
    Bad,
    Checked,
    NotReadable,
    Skipped,
    checked,
)
from moderation.sites.settings.rejection_reasons import SPAM_REASON
from tests.moderation.operations.importing import files

GOOD: dict[str, Any] = {
    "id": "c-1",
    "article": {"id": "a-1"},
    "author": {"id": "u-1"},
    "text": "Well said.",
    "posted_at": "2018-03-01T10:00:00Z",
    "status": "published",
}


def read(name: str, text: str | bytes, **more: Any) -> list[Checked]:
    raw = text.encode() if isinstance(text, str) else text
    return list(checked(FORMATS[name](ArchiveSource(io.BytesIO(raw), **more))))


def comments(items: list[Checked]) -> dict[str, PastComment]:
    return {item.id: item for item in items if isinstance(item, PastComment)}


def bad(items: list[Checked]) -> list[str]:
    return [f"{item.place}: {item.why}" for item in items if isinstance(item, Bad)]


def skipped(items: list[Checked]) -> list[str]:
    return [item.why for item in items if isinstance(item, Skipped)]


def test_disqus_threads_are_articles() -> None:
    items = read("disqus", files.DISQUS)

    found = comments(items)
    assert set(found) == {"9001", "9002", "9003"}
    first, reply, spam = found["9001"], found["9002"], found["9003"]
    assert first.text == "Long overdue & welcome.\n\nSee the plan https://city.example/plan."
    assert (first.article.id, first.article.title) == ("tram-7", "The tram line opens")
    assert (first.author.id, first.author.name) == ("ana", "Ana Reader")
    assert (reply.parent_id, reply.author.id) == ("9001", "guest:9002")
    assert (spam.status, spam.reason, spam.article.id) == ("rejected", SPAM_REASON, "https://herald.example/ferry")
    assert skipped(items) == ["deleted"]
    assert bad(items) == [
        "post 9005: text must not be empty",
        "post 9006: names a thread that the file does not have before it",
    ]


def test_deleted_posts_of_disqus_come_in_as_the_operator_says() -> None:
    assert comments(read("disqus", files.DISQUS, deleted="rejected"))["9004"].status == "rejected"


def test_wordpress_pings_are_no_comments_and_guests_have_no_address() -> None:
    items = read("wordpress", files.WORDPRESS, digest=lambda address: f"keyed-{len(address)}")

    found = comments(items)
    assert {name: (one.status, one.reason) for name, one in found.items()} == {
        "11": ("published", None),
        "12": ("published", None),
        "13": ("rejected", SPAM_REASON),
        "14": ("rejected", None),
    }
    assert found["11"].text == "First!\nSecond line."
    assert found["11"].article.model_dump() == {
        "id": "5",
        "title": "The harbour",
        "url": "https://herald.example/?p=5",
        "section": "Local",
    }
    assert (found["11"].author.id, found["12"].author.id) == ("guest:keyed-18", "user:3")
    assert found["12"].parent_id == "11"
    assert found["11"].posted_at.isoformat() == "2020-02-01T09:00:00+00:00"
    assert skipped(items) == ["waiting for a decision", "trackback", "pingback"]
    assert bad(items) == ["comment 18 of '5': status should be 'published' or 'rejected'"]
    assert "mail.example" not in repr(items).lower()


def test_of_corals_comments_the_newest_text_counts(tmp_path: Path) -> None:
    (tmp_path / "stories.json").write_text(files.CORAL_STORIES)
    (tmp_path / "users.json").write_text(files.CORAL_USERS)

    items = read("coral", files.CORAL, stories=tmp_path / "stories.json", users=tmp_path / "users.json")

    found = comments(items)
    assert {name: one.status for name, one in found.items()} == {
        "c-1": "published",
        "c-2": "published",
        "c-3": "rejected",
    }
    assert found["c-1"].text == "Text of c-1"
    assert (found["c-1"].article.title, found["c-1"].article.section) == ("The park", "City")
    assert found["c-1"].author.name == "dora"
    assert (found["c-2"].parent_id, found["c-2"].posted_at.isoformat()) == ("c-1", "2021-01-02T00:00:00+00:00")
    assert skipped(items) == ["waiting for a decision"] * 2 + ["deleted by its author"]
    line_7, line_8 = bad(items)
    assert line_7.startswith("line 7: text ")
    assert line_8.startswith("line 8: is not JSON")


def test_coral_comes_in_without_its_other_collections() -> None:
    assert comments(read("coral", files.CORAL))["c-1"].article.model_dump(exclude_none=True)["id"] == "s-1"


def test_a_collection_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "users.json").write_text('["dora"]')

    with pytest.raises(NotReadable, match=r"users\.json: object 1"):
        read("coral", files.CORAL, users=tmp_path / "users.json")


def test_a_table_is_read_by_the_operators_map() -> None:
    items = read("csv", files.CSV, columns=files.CSV_COLUMNS, statuses=files.CSV_STATUSES)

    found = comments(items)
    assert {name: (one.status, one.reason) for name, one in found.items()} == {
        "1": ("published", None),
        "2": ("rejected", "Insult or abuse"),
    }
    assert found["1"].text == 'Well said, "neighbour".\nTwo lines.'
    assert skipped(items) == ["status 'pending'"]
    assert bad(items) == ["line 6: posted_at needs a time zone", "line 7: has fewer fields than the heading"]


@pytest.mark.parametrize(
    ("table", "columns", "words"),
    [
        ("", {}, "no heading"),
        ("id,text\n1,a", {}, "no column 'article_id'"),
        ("id,text\n1,a", {"body": "text"}, "--map body"),
        ("id,text\n1,a", {"reason": "why"}, "no column"),
        (b"id,article_id,author_id,text,posted_at,status\n1,2,3,\xff,5,6", {}, "UTF-8"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused(table: str | bytes, columns: dict[str, str], words: str) -> None:
    with pytest.raises(NotReadable, match=words):
        read("csv", table, columns=columns)


def test_our_own_format_names_each_wrong_field() -> None:
    wrong = {**GOOD, "status": "held", "article": {}, "colour": "red", "text": " "}
    lines = [json.dumps(GOOD), "", json.dumps(wrong), "[1]", "nonsense"]

    items = read("jsonl", "\n".join(lines))

    assert list(comments(items)) == ["c-1"]
    first, second, third = bad(items)
    for words in (
        "line 3:",
        "article.id is missing",
        "text must not be empty",
        "status should be",
        "colour is not known",
    ):
        assert words in first
    assert second == "line 4: is not a JSON object"
    assert third.startswith("line 5: is not JSON")


@pytest.mark.parametrize(
    ("field", "good", "wrong"),
    [
        ("id", "x" * MAX_ID_CHARS, "x" * (MAX_ID_CHARS + 1)),
        ("id", "x", ""),
        ("text", "x" * 20_000, "x" * 20_001),
        ("text", "a\tb", "a\x00b"),
        ("posted_at", "1970-01-01T00:00:00Z", "1969-12-31T23:59:59Z"),
        ("posted_at", "2200-12-31T00:00:00Z", "2201-01-01T00:00:00Z"),
        ("reason", "x" * 50, "x" * 51),
        ("language", "pt-BR", "Portuguese!"),
        ("parent_id", "7", ""),
    ],
)
def test_limits_at_their_edges(field: str, good: str, wrong: str) -> None:
    assert len(comments(read("jsonl", json.dumps({**GOOD, field: good})))) == 1
    (problem,) = bad(read("jsonl", json.dumps({**GOOD, field: wrong})))
    assert f"line 1: {field} " in problem


def test_a_line_without_end_is_named_and_the_next_one_read() -> None:
    items = read("jsonl", b"x" * (3 * MAX_LINE_BYTES) + b"\n" + json.dumps(GOOD).encode())

    assert len(bad(items)) == 1
    assert list(comments(items)) == ["c-1"]


@pytest.mark.parametrize("name", ["disqus", "wordpress"])
@pytest.mark.parametrize("text", ["", "not XML", "<open>", '<?xml version="1.0"?><a>&undefined;</a>'])
def test_a_file_that_is_no_xml_is_refused(name: str, text: str) -> None:
    with pytest.raises(NotReadable):
        read(name, text)


def test_entities_that_grow_without_end_are_stopped() -> None:
    bombs = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
    text = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e0 "boom">{bombs}]><a>&e9;</a>'

    with pytest.raises(NotReadable):
        read("disqus", text)


def test_a_large_export_is_read_in_constant_memory() -> None:
    class Endless(io.RawIOBase):
        """Twenty thousand posts, made as they are read."""

        def __init__(self) -> None:
            head, _, rest = files.DISQUS.partition('<post dsq:id="9001">')
            post, _, _ = rest.partition("</post>")
            self.parts = self._made(head, post)
            self.left = b""

        def _made(self, head: str, post: str) -> Iterator[bytes]:
            yield head.encode()
            for number in range(20_000):
                yield f'<post dsq:id="{number}">{post}</post>'.encode()
            yield b"</disqus>"

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            self.left = self.left or next(self.parts, b"")
            taken = self.left[: len(buffer)]
            self.left = self.left[len(buffer) :]
            buffer[: len(taken)] = taken
            return len(taken)

    tracemalloc.start()
    count = sum(1 for _ in FORMATS["disqus"](ArchiveSource(io.BufferedReader(Endless()))))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert count == 20_000
    assert peak < 5_000_000


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("a<br>b", "a\nb"),
        ("5 &lt; 6 &amp; 7", "5 < 6 & 7"),
        ('<a href="https://a.example/long/path">https://a.example/lo…</a>', "https://a.example/lo…"),
        ('<a href="https://bad.example">click here</a>', "click here https://bad.example"),
        ("plain", "plain"),
        ("<<<>>>", "<<<>>>"),
        ("<![hello", "<![hello"),
        ("<![hello]>there", "there"),
        ("<!-- <b> -->a<!-- open", "a<!-- open"),
        ("a<b", "a<b"),
        ("<a title=\"a > b\" HREF='https://bad.example/?a=1&amp;b=2'>x</a>", "x https://bad.example/?a=1&b=2"),
        ('<a data-href="https://no.example" href=https://bad.example>x', "x https://bad.example"),
        ("<a href=//one.example>1<a href=//two.example>2</a></a>", "1 //one.example2 //two.example"),
    ],
)
def test_the_text_of_html(html: str, text: str) -> None:
    assert text_of(html) == text


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("x.xml", files.DISQUS, "disqus"),
        ("x.xml", files.WORDPRESS, "wordpress"),
        ("comments.json", files.CORAL, "coral"),
        ("x.jsonl", json.dumps(GOOD), "jsonl"),
        ("x.csv", files.CSV, "csv"),
    ],
)
def test_a_format_is_known_by_its_beginning(tmp_path: Path, name: str, text: str, expected: str) -> None:
    (tmp_path / name).write_text(text)

    assert likely_format(tmp_path / name) == expected


def test_an_unknown_format_must_be_named(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("hello")

    with pytest.raises(NotReadable, match="--format"):
        likely_format(tmp_path / "x.txt")
