"""Exports that are made to be slow, large or broken: a bad place is named, and the import goes on."""

from __future__ import annotations

import io
import json
import tracemalloc

import pytest

from moderation.operations.importing.formats import FORMATS
from moderation.operations.importing.html_text import text_of
from moderation.operations.importing.reading import ArchiveSource, Bad, Item, NotReadable, checked
from moderation.operations.importing.xml_elements import MOST_CHARS
from tests.moderation.operations.importing import files
from tests.moderation.operations.importing.test_formats import bad, comments, read

MOST_BYTES = 30_000_000


@pytest.mark.parametrize(
    "piece", ["<a href=//x>", "<a ", "<!--", "<![", "<!", "</", "<a b='", '"', "&#", "<p>", "<a href=", "<aaaaaaaaa"]
)
def test_hostile_html_has_text_of_no_greater_length(piece: str) -> None:
    """With cost that grows with the square, this takes minutes for each piece."""
    html = piece * (MOST_CHARS // len(piece))

    assert len(text_of(html)) <= len(html)


@pytest.mark.parametrize("number", ["9" * 5_000, "0" * 5_000 + "65", "9" * 100])
def test_a_long_number_is_no_character_and_stops_no_import(number: str) -> None:
    items = read("disqus", files.DISQUS.replace("<p>Agreed.</p>", f'<p>&#{number}; Agreed. <a href="&#{number}">x</a>'))

    assert comments(items)["9002"].text.startswith("\ufffd Agreed.")
    assert set(comments(items)) == {"9001", "9002", "9003"}


def posts_around(inside: str) -> str:
    """An export with something between two posts."""
    head, _, rest = files.DISQUS.partition('<post dsq:id="9001">')
    post, _, _ = rest.partition("</post>")
    return f'{head}<post dsq:id="1">{post}</post>{inside}<post dsq:id="2">{post}</post></disqus>'


@pytest.mark.parametrize(
    ("inside", "named"),
    [
        ("<a/>" * 200_000, None),
        (f'<post dsq:id="bad">{"<a/>" * 200_000}</post>', "post bad"),
        (f'<post dsq:id="bad"><message>{"&lt;" * 400_000}</message></post>', "post bad"),
        (f'<post dsq:id="bad"><message x="{"y" * 2_000_000}">a</message></post>', "post bad"),
    ],
    ids=["tags between", "tags inside", "text", "attribute"],
)
def test_a_post_that_is_too_large_is_named_and_costs_little_memory(inside: str, named: str | None) -> None:
    raw = io.BytesIO(posts_around(inside).encode())

    tracemalloc.start()
    items = list(checked(FORMATS["disqus"](ArchiveSource(raw))))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert list(comments(items)) == ["1", "2"]
    assert [one.partition(":")[0] for one in bad(items)] == ([named] if named else [])
    assert peak < MOST_BYTES


def test_a_marked_section_in_a_post_does_not_end_the_import() -> None:
    items = read("disqus", files.DISQUS.replace("<p>Agreed.</p>", "<![hello]> Agreed <![bye"))

    assert comments(items)["9002"].text == "Agreed <![bye"
    assert set(comments(items)) == {"9001", "9002", "9003"}


@pytest.mark.parametrize("inside", ["<a>" * 3_000, "<a></b>", f"<!--{'x' * 5_000_000}-->"])
def test_all_that_comes_before_the_place_where_a_file_stops_making_sense_is_read(inside: str) -> None:
    found: list[Item] = []

    with pytest.raises(NotReadable, match="line"):
        found.extend(FORMATS["disqus"](ArchiveSource(io.BytesIO(posts_around(inside).encode()))))

    assert [one for one in found if not isinstance(one, Bad)]


def test_a_comment_of_wordpress_that_is_too_large_is_named_and_the_next_one_read() -> None:
    first = read("wordpress", files.WORDPRESS)

    items = read("wordpress", files.WORDPRESS.replace("<![CDATA[", f"<![CDATA[{'x' * MOST_CHARS}", 4))

    assert 0 < len(comments(items)) < len(comments(first))
    assert "has more than 300,000 characters" in "".join(bad(items))


def test_an_article_of_any_size_costs_its_comments_nothing() -> None:
    long = files.WORDPRESS.replace("<wp:post_id>", f"<body>{'x' * 900_000}</body>{'<m/>' * 900}<wp:post_id>")

    assert comments(read("wordpress", long)) == comments(read("wordpress", files.WORDPRESS))


def test_a_comment_that_breaks_the_code_is_named_and_the_next_one_read() -> None:
    first, *rest = files.CORAL.splitlines()
    broken = {**json.loads(first), "id": "bad", "createdAt": {"$date": {"$numberLong": "9" * 5_000}}}

    items = read("coral", "\n".join([json.dumps(broken), first, *rest]))

    assert any("cannot be read: ValueError" in one for one in bad(items))
    assert set(comments(items)) == set(comments(read("coral", files.CORAL)))
