"""Signals from facts that a site may send, and may not: unknown stays unknown."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from moderation.ground.values.signals import Signal
from moderation.judging.signals.registry import SIGNALS
from moderation.judging.signals.scoring import CommentToScore
from tests.builders import NOON, a_comment, a_comment_to_score, a_policy, an_author

FACTS = ("author.age_days", "author.disposable_email", "typing_speed")


def measured(name: str, scored: CommentToScore) -> Signal:
    return SIGNALS[name].signal_of(scored)


@pytest.mark.parametrize("name", FACTS)
def test_a_fact_that_was_not_sent_abstains(name: str) -> None:
    signal = measured(name, a_comment_to_score())

    assert (signal.value, signal.abstained) == (None, "not sent")


@pytest.mark.parametrize(
    ("hours", "days"), [(0, 0), (23, 0), (24, 1), (24 * 400, 400), (-5, 0)], ids=["now", "23h", "24h", "long", "later"]
)
def test_an_account_is_as_old_as_when_the_comment_was_posted(hours: int, days: int) -> None:
    author = an_author(registered_at=NOON - timedelta(hours=hours))

    assert (
        measured("author.age_days", a_comment_to_score(comment=a_comment(posted_at=NOON), author=author)).value == days
    )


@pytest.mark.parametrize(
    ("domain", "value"),
    [("mailinator.com", 1), ("x.mailinator.com", 1), ("example.org", 0), ("mailinator.com.example", 0)],
)
def test_disposable_addresses_are_known_by_their_domain(domain: str, value: int) -> None:
    assert measured("author.disposable_email", a_comment_to_score(author=an_author(email_domain=domain))).value == value


@pytest.mark.parametrize(("typed_s", "speed"), [(10.0, 10), (100.0, 1), (0.1, 1_000), (0.0, 1_000)])
def test_the_speed_is_in_characters_a_second(typed_s: float, speed: int) -> None:
    scored = a_comment_to_score(comment=a_comment("x" * 100), typed_s=typed_s)

    assert measured("typing_speed", scored).value == speed


def test_a_short_text_has_no_speed() -> None:
    assert measured("typing_speed", a_comment_to_score(comment=a_comment("Yes!"), typed_s=0.1)).abstained == "too short"


@pytest.mark.parametrize(
    ("name", "website", "count"),
    [
        ("Dana", None, 0),
        (None, "https://dana.example/about", 0),
        ("escort paris", None, 1),
        ("Dana", "https://escort-paris.example", 1),
        ("Dana", "https://www.EscortParis.example/", 1),
        ("Dana", "https://x.example/best%2Dcasino", 1),
        ("Dana", "https://x.example/?go=b\u0430cklinks", 1),  # with a Cyrillic letter
        ("Dana", "https://specialist.example/", 0),
        ("Dana", "http://", 0),
        ("Cheap viagra", "https://casino.example/porn", 3),
        ("Dana", "https://x.example/" + "a" * 2_000 + "/casino", 0),  # beyond what is read
    ],
)
def test_names_and_websites_that_advertise_are_counted(name: str | None, website: str | None, count: int) -> None:
    scored = a_comment_to_score(author=an_author(name=name), website=website)

    assert measured("author.profile", scored).value == count


def test_the_lists_of_the_policy_count_in_names_and_websites() -> None:
    policy = a_policy(banned_words=("ferries",), blocked_domains=frozenset({"bad.example"}))
    scored = a_comment_to_score(author=an_author(name="Ferries"), website="https://shop.bad.example/", policy=policy)
    allowed = replace(scored, policy=replace(policy, allowed_domains=frozenset({"shop.bad.example"})))

    assert measured("author.profile", scored).value == 2
    assert measured("author.profile", allowed).value == 1
