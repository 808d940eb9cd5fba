"""Links against a policy's lists of domains, and against what the site has published."""

from __future__ import annotations

from typing import Any

from moderation.judging.signals.registry import SIGNALS
from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.text.reading import Reading
from tests.builders import a_comment, a_comment_to_score, a_policy

TEXT = "See https://diary.blogspot.com/1, https://x.blogspot.com and www.shop.casino.example/a"


def value(name: str, scored: CommentToScore) -> float | None:
    return SIGNALS[name].signal_of(scored).value


def a_scored(text: str = TEXT, known: frozenset[str] = frozenset(), **policy: Any) -> CommentToScore:
    lists = {name: frozenset(entries) for name, entries in policy.items()}
    return a_comment_to_score(comment=a_comment(text), policy=a_policy(**lists), known_domains=known)


def test_without_lists_every_link_counts_and_none_is_blocked() -> None:
    assert (value("links", a_scored()), value("links.blocked", a_scored())) == (3, 0)


def test_a_blocked_domain_counts_with_all_under_it() -> None:
    blocked = a_scored(blocked_domains={"casino.example", "blogspot.com"})

    signal = SIGNALS["links.blocked"].signal_of(blocked)

    assert signal.value == 3
    assert [TEXT[span.start : span.end] for span in signal.evidence][-1] == "www.shop.casino.example/a"


def test_the_longer_entry_of_both_lists_counts() -> None:
    scored = a_scored(blocked_domains={"blogspot.com"}, allowed_domains={"diary.blogspot.com"})

    assert (value("links", scored), value("links.blocked", scored)) == (2, 1)


def test_a_domain_on_both_lists_is_blocked() -> None:
    scored = a_scored(blocked_domains={"casino.example"}, allowed_domains={"casino.example"})

    assert (value("links", scored), value("links.blocked", scored)) == (3, 1)


def test_new_are_domains_that_are_neither_known_nor_allowed() -> None:
    assert value("links.new", a_scored()) == 3
    assert value("links.new", a_scored(known=frozenset({"casino.example"}))) == 2
    assert value("links.new", a_scored(known=frozenset({"x.blogspot.com"}), allowed_domains={"casino.example"})) == 1


def test_the_counts_are_made_again_for_a_policy_that_is_tried() -> None:
    again, policy = SIGNALS["links"].measure_again, a_policy(allowed_domains=frozenset({"blogspot.com"}))
    assert again is not None

    assert again(Reading(TEXT), policy).value == 1
