"""The comment card says openly which names of groups count less in a score."""

from __future__ import annotations

import pytest

from moderation.comments.tables import scorings
from moderation.values.comments import Comment
from moderation.values.json_form import signal_to_json
from moderation.values.signals import LeftOut, Signal, Span
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast

TEXT = "Women and Jews, women too."
WORDS = (Span(0, 5), Span(10, 14), Span(16, 21))


def scored(cast: Cast, comment: Comment, *signals: Signal) -> None:
    with cast.database.write() as conn:
        mine = scorings.c.comment_id == comment.id
        conn.execute(scorings.update().where(mine).values(signals=[signal_to_json(signal) for signal in signals]))


def test_the_card_names_them_once_with_the_values_in_full(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged(TEXT)
    toxicity = Signal("toxicity", 0.79, "test", left_out=LeftOut(0.86, WORDS))
    scored(cast, comment, toxicity, Signal("insult", 0.4, "test"))

    section = ana.get(f"/desk/review/{comment.id}").html.select_one("section[aria-labelledby=group-names-title]")

    assert section is not None
    assert [name.get_text() for name in section.select("q")] == ["Women", "Jews"]
    assert [line.get_text() for line in section.select(".figures")] == [
        "Toxicity: 0.79, or 0.86 if they counted in full"
    ]


@pytest.mark.parametrize("left_out", [None, LeftOut(0.7904, WORDS)])
def test_the_card_says_nothing_where_two_decimals_show_no_difference(
    cast: Cast, ana: Browser, left_out: LeftOut | None
) -> None:
    comment = cast.flagged(TEXT)
    scored(cast, comment, Signal("toxicity", 0.79, "test", left_out=left_out))

    assert "Names of groups count less" not in ana.get(f"/desk/review/{comment.id}").text
