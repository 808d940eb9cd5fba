"""A contact or a domain becomes the same number however it is written, and what everybody links to becomes none."""

from __future__ import annotations

import pytest

from moderation.judging.text.contacts.shared_marks import MARK, MOST, mark_band, shared_marks
from moderation.judging.text.near_copies import fingerprints
from moderation.judging.text.reading import Reading


def marks(text: str, **said: object) -> tuple[int, ...]:
    read = Reading(text)
    return shared_marks(read.contacts_written, read.domains, **{"well_known": (), **said})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Call +44 7700 900123 now", "WhatsApp: 07700-900-123 !!"),
        ("Write to anna@trade.example", "my address: Anna@Trade.example, ok?"),
        ("Telegram @fast_money_ana", "t e l l me on telegram: @FAST_MONEY_ANA"),
        ("See https://shop.pills.example/a?b=1", "go to http://www.pills.example, thank me later"),
        ("hxxps://pills[.]example/x", "https://pills.example"),
    ],
)
def test_one_thing_written_in_two_ways_has_one_mark(left: str, right: str) -> None:
    assert set(marks(left)) & set(marks(right))


@pytest.mark.parametrize(
    "text", ["The harbour opened in 1994 and cost 12 million.", "No links here.", "", "Article 12, paragraph 3"]
)
def test_a_text_without_either_has_none(text: str) -> None:
    assert marks(text) == ()


def test_what_says_nothing_is_left_out() -> None:
    assert marks("https://news.example/a", well_known={"news.example"}) == ()
    assert marks("Call +44 7700 900123", sources=("The helpline is +44 7700 900123.", None)) == ()
    assert marks("Sign https://www.change.org/p/save-the-crane") == ()


def test_different_ones_differ_and_there_are_few_of_one_text() -> None:
    text = " ".join(f"https://shop-{number}.example" for number in range(20))

    found = marks(text)

    assert len(set(found)) == len(found) == MOST


def test_marks_meet_neither_the_keys_nor_the_bands_of_texts() -> None:
    (mark,) = marks("https://pills.example")
    keys = fingerprints.keys(-1)

    assert MARK <= mark < 2**63 and max(keys) < MARK
    assert max(fingerprints.bands(-1)) < mark_band(mark) < 2**31


class Article(str):
    """A text that counts how often something is looked for in it."""

    looks = 0

    def __contains__(self, part: str) -> bool:  # type: ignore[override]
        self.looks += 1
        return super().__contains__(part)


def test_an_article_is_searched_for_no_more_contacts_than_are_kept() -> None:
    numbers = [f"+44 7700 {900_000 + 7 * number}" for number in range(300)]
    article = Article("The helpline is " + numbers[0])

    kept = marks(", ".join(numbers), sources=(article,))

    assert len(kept) == MOST
    assert article.looks <= MOST + 1


def test_the_marks_kept_are_the_lowest_of_those_that_the_article_does_not_give() -> None:
    numbers = [f"+44 7700 {900_000 + 7 * number}" for number in range(20)]
    each = {number: marks(f"Call {number}")[0] for number in numbers}
    lowest = sorted(numbers, key=each.__getitem__)
    given = " ".join(lowest[:3])

    assert marks(", ".join(numbers), sources=(given,)) == tuple(each[number] for number in lowest[3 : 3 + MOST])
