"""The simulated site: rules for newcomers hold what they say, and a reader whose comments are online waits no more."""

from __future__ import annotations

from moderation.ground.values.signals import Signal
from training.spam.newcomers import BEFORE, Measured, Written, policies, simulate
from training.spam.rows import Text

LINK_OF_A_NEWCOMER = "and newcomers' links and contacts"
FIRST_THREE = "and newcomers' first three comments"


def written(author: int, *, links: int = 0, is_spam: bool = False) -> Written:
    values = {"links": float(links), "contacts": 0.0, "spam": 0.0}
    text = Text("A text.", is_spam, "own", "en", "comment")
    return Written(author, text, tuple(Signal(name, value, "test") for name, value in values.items()))


def measured(name: str, *comments: Written) -> Measured:
    """With an advertisement after them, and before them as many comments of another reader, which are not measured."""
    measured = [*comments, written(98, is_spam=True)]
    before = [written(99) for _ in range(int(len(measured) * BEFORE / (1 - BEFORE)))]
    return simulate([*before, *measured], policies()[name])


def test_a_readers_first_three_comments_wait_and_no_later_ones() -> None:
    found = measured(FIRST_THREE, *(written(1) for _ in range(6)))

    assert (found.comments_delayed, found.readers_delayed) == (0.5, 1.0)


def test_a_link_waits_only_until_three_comments_are_online() -> None:
    first, later = written(1, links=1), [written(1), written(1), written(1), written(1, links=1)]

    found = measured(LINK_OF_A_NEWCOMER, first, *later, written(2))

    assert (found.comments_delayed, found.readers_delayed) == (1 / 6, 0.5)


def test_an_advertiser_stays_a_newcomer_however_often_they_try() -> None:
    spam = [written(3, links=1, is_spam=True) for _ in range(8)]

    found = measured(LINK_OF_A_NEWCOMER, *spam, written(1))

    assert (found.spam_stopped, found.comments_delayed) == (8 / 9, 0.0)  # the ninth has no link
