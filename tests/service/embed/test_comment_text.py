"""Paragraphs, quotes and links of a comment without a script; ``tests/embed/test_texts.py`` has the box's."""

from __future__ import annotations

import pytest

from moderation.judging.text.reading_budget import UNLIMITED, Budget
from service.embed.comment_text import MAX_HOST_CHARS, Block, Piece, blocks
from tests.steps import calls
from tests.ticking import TickingClock

HOSTS = [
    ("https://news.example/ferry", "news.example/ferry", "https://news.example/ferry"),
    ("See HTTP://News.Example.", "news.example", "http://news.example/"),
    ("https://news.example/a_(b)!", "news.example/a_(b)", "https://news.example/a_(b)"),
    ("(https://news.example/a)", "news.example/a", "https://news.example/a"),
    ("https://news.example:8443/?q=1#x", "news.example:8443/?q=1", "https://news.example:8443/?q=1#x"),
    ("https://bücher.example/", "xn--bcher-kva.example", "https://xn--bcher-kva.example/"),
    ("https://раураl.example/", "xn--l-7sba6dbr.example", "https://xn--l-7sba6dbr.example/"),
    (f"https://{'paypal.com.' * 8}evil.example/", f"{'paypal.com.' * 8}evil.example", None),
    (f"https://news.example/{'x' * 90}", f"news.example/{'x' * 28}…", None),
    ('https://news.example/"onclick="x', "news.example", "https://news.example/"),
]
PRETENDING = [
    "https://paypal.com@evil.example/", "https://user:secret@news.example/", "https://news.example\\@evil.example/",
    "javascript:alert(1)", "data:text/html,x", "https://localhost/", "https://[::1", "https://", "http:///x", "ftp://a.b",
    "https://news.example:99999999/", "https://..", "//news.example/", "mailto:a@news.example",
]  # fmt: skip


def links(text: str, *, has_links: bool = True) -> list[tuple[str, str]]:
    return [
        (piece.text, piece.address)
        for block in blocks(text, UNLIMITED, has_links=has_links)
        for paragraph in block.paragraphs
        for piece in paragraph
        if piece.address
    ]


@pytest.mark.parametrize(("text", "shown", "address"), HOSTS)
def test_an_address_is_a_link_that_shows_its_place_whole(text: str, shown: str, address: str | None) -> None:
    ((said, leads_to),) = links(text)

    assert said == shown
    assert address in (None, leads_to)


@pytest.mark.parametrize("text", PRETENDING)
def test_what_pretends_or_leads_nowhere_is_text(text: str) -> None:
    shown = [(said, to) for said, to in links(text) if "@" in to or "evil" in to or "://news.example" not in to]

    assert shown == []


def test_an_invisible_letter_ends_an_address() -> None:
    assert links("https://news.example/\u202egpj.exe") == [("news.example", "https://news.example/")]


def test_a_site_without_links_has_text_alone() -> None:
    assert links("https://news.example/", has_links=False) == []


def test_paragraphs_and_quotes_are_kept() -> None:
    made = blocks("> Cranes?\r\n>> Yes.\n\nI agree.\nVery much.\n\n\n  Indeed.\n", UNLIMITED, has_links=True)

    said = [(block.is_quote, ["".join(p.text for p in some) for some in block.paragraphs]) for block in made]
    assert said == [(True, ["Cranes?\nYes."]), (False, ["I agree.\nVery much.", "  Indeed."])]


def test_a_text_that_takes_longer_than_what_is_left_is_one_paragraph_without_links() -> None:
    text = "> Cranes?\n" + "https://bücher.example/ " * 800
    budget = Budget(1.0, TickingClock(0.1))

    first, second = (blocks(text, budget, has_links=True) for _ in range(2))

    assert first == second == [Block(False, ((Piece(text),),))]


def test_no_host_is_longer_than_a_name_may_be() -> None:
    longest = f"{'x' * 60}." * 4 + "example"

    assert links(f"https://{longest}") == [(longest, f"https://{longest}/")]
    assert links(f"https://{'ü.' * MAX_HOST_CHARS}example") == []


MOST_STEPS = 90_000
"""Of the longest text while the clock is looked at ten times. A page shows 550 texts, and needs no key."""


@pytest.mark.parametrize(
    "part",
    ["> ", "https://", "https://a.", "\n \n", "(((", "https://a.b/)", ">\n", "\u0301", "!", "https://é.é/é ", "é."],
)
def test_no_text_makes_it_slow(part: str) -> None:
    texts = [
        (part * 20_000)[:20_000],
        f"https://a.b/{part * 20_000}"[:20_000] + "a",
        f"https://{part * 20_000}"[:20_000],
    ]

    budgets = [Budget(1.0, TickingClock(0.1)) for _ in texts]

    steps = [
        calls(lambda text=text, budget=budget: blocks(text, budget, has_links=True))  # type: ignore[misc]
        for text, budget in zip(texts, budgets, strict=True)
    ]

    assert [count for count in steps if count > MOST_STEPS] == []
