"""One sender counts once, however the address is written, and a repeat is one however it is spelt."""

from __future__ import annotations

import pytest

from moderation.law.notices.notifiers import notifier_of, says_the_same
from moderation.law.notices.values import NewNotice

WHY = "§ 130 StGB: it calls for violence against a group."


@pytest.mark.parametrize(
    ("said", "notifier"),
    [
        ({"email": "Dana.Olsen+news@Mail.example"}, "mail:dana.olsen@mail.example"),
        ({"email": "Dana.Olsen+news@Gmail.com"}, "mail:danaolsen@gmail.com"),
        ({"email": "+@mail.example"}, "mail:+@mail.example"),
        ({"email": "dana@mail.example", "reader_id": "r-1"}, "reader:r-1"),
        ({"email": "dana@mail.example", "reader_id": "r-1", "flagger": "Hotline"}, "flagger:Hotline"),
    ],
)
def test_a_notifier_is_the_body_the_reader_or_the_mailbox(said: dict[str, str], notifier: str) -> None:
    assert notifier_of(NewNotice("c-1", WHY, **said)) == notifier


def test_without_a_name_the_same_words_are_one_notifier() -> None:
    first, again, other = (notifier_of(NewNotice("c-1", why)) for why in (WHY, f" {WHY.upper()}!", f"{WHY} Twice."))

    assert first == again != other


@pytest.mark.parametrize(
    ("explanation", "is_same"),
    [
        (WHY, True),
        (WHY.upper(), True),
        (" ".join(WHY), True),
        (f"{WHY} Really, really.", True),
        ("It calls for violence against a group: § 130 StGB", True),
        ("§ 185 StGB: an insult.", False),
        ("It names the street where I live.", False),
        ("違法です", False),
        ("§§ !", False),
    ],
)
def test_grounds_are_new_where_most_of_the_words_are(explanation: str, is_same: bool) -> None:
    assert says_the_same(explanation, WHY) is is_same


def test_a_long_text_does_not_swallow_a_short_one() -> None:
    everything = " ".join(f"{number} {WHY} It names the street where I live." for number in range(20)) + " Book " * 60

    assert not says_the_same("Defamation", everything)
    assert not says_the_same("It is copied from my book.", everything)


def test_a_notice_without_letters_repeats_one_without() -> None:
    assert says_the_same("!!!", "§ ?")
