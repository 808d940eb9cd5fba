"""A rule book that is written as Markdown and read again says the same; a wrong line is named by its number."""

from __future__ import annotations

from typing import Any

import pytest

from moderation.ground.database.engine import new_id
from moderation.ground.errors import InvalidInput
from moderation.sites.rules import markdown
from moderation.sites.rules.values import HouseRule, Must, RuleBook, RuleCase
from tests.builders import NOON

TEXTS = (
    "One line",
    "Two\nlines",
    "- a list\n- of two\n\n### Must pass\n## No rule {#x}",
    "  \\ odd\n\\#",
    "Reason: none\n  - Why: no",
)
GUIDANCE = "First.\n\n# no heading\n> no quote\nReason: no reason\n\\ a stroke\n- a list"


def a_book(*texts: str, **words: str) -> RuleBook:
    cases = tuple(
        RuleCase(new_id(), text.strip(), must, NOON, "Lea", title=f"T {number}" if number else "", why="So." * number)
        for number, text in enumerate(texts)
        for must in (Must(list(Must)[number % 2]),)
    )
    fields: dict[str, Any] = {
        "name": "No {#odd} names",
        "sentence": "Argue > attack.",
        "guidance": GUIDANCE,
        "reason": "Other",
        **words,
    }
    first = HouseRule("insults", cases=cases, **fields)
    return RuleBook("site-a", 3, (first, HouseRule("spam", "No spam", "No ads.")))


def said(book: RuleBook) -> list[object]:
    return [(rule.key, rule.words, sorted(map(told, rule.cases))) for rule in book.rules]


def told(case: RuleCase) -> tuple[str, ...]:
    return (*case.says, case.why, case.origin, case.added_by, case.added_at.isoformat())


@pytest.mark.parametrize("count", range(len(TEXTS) + 1))
def test_a_book_that_is_read_again_says_the_same(count: int) -> None:
    book = a_book(*TEXTS[:count])

    read = markdown.from_markdown(markdown.to_markdown(book), by="Lea", now=NOON)

    assert said(RuleBook("site-a", 3, read)) == said(book)
    assert RuleBook("site-a", 3, read).digest == book.digest


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_people_write_it_by_hand(ends: str) -> None:
    lines = (
        "## Be kind",
        "> Argue with",
        "> arguments.",
        "### must be held",
        "- You fool",
        "",
        "### Must pass",
        "- Fine",
    )

    (rule,) = markdown.from_markdown(ends.join(lines), by="Lea", now=NOON)

    assert (rule.key, rule.sentence, rule.reason) == ("be-kind", "Argue with arguments.", None)
    assert [case.says for case in rule.cases] == [(Must.HELD, "", "You fool"), (Must.PASS, "", "Fine")]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "file"),
        ("# Rules", "file"),
        ("Be kind", "line 1"),
        ("## Be kind\n#### Deeper", "line 2"),
        ("## Be kind\n### Must be held\nYou fool", "line 3"),
        ("## Be kind\n### Must be held\n\n  indented", "line 4"),
        ("## Be kind\n### Must be held\n- You fool\n  - From: nowhere, 2026-03-01T12:00:00+00:00, Ana", "line 4"),
        ("## Be kind\n### Must be held\n- You fool\n  - From: comment, 2026-03-01T12:00:00, Ana", "line 4"),
        ("## Be kind\n### Must be held\n- You fool\n  - From: comment", "line 4"),
    ],
)
def test_a_wrong_line_is_named(text: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        markdown.from_markdown(text, by="Lea", now=NOON)

    assert [problem.field for problem in refused.value.problems] == [field]
