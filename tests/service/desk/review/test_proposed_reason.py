"""The red button names the reason that the scores propose, before anybody presses it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from moderation.spine.comments.tables import decisions
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast
from tests.service.desk.review.test_precedents import finds_likely


@pytest.mark.parametrize(
    ("scores", "reason"),
    [
        ({}, "Insult or abuse"),
        ({"identity_attack": 0.97}, "Hate or attack on a group"),
        ({"identity_attack": 0.97, "threat": 0.97}, "Threat or call for violence"),
        ({"toxicity": 0.1, "insult": 0.1, "spam": 0.99}, "Spam or advertising"),
    ],
)
def test_the_gravest_rule_that_held_the_comment_names_it(
    cast: Cast, ana: Browser, scores: dict[str, float], reason: str
) -> None:
    comment = cast.flagged(scores=scores)

    ana.get(f"/desk/review/{comment.id}").press("Reject")

    with cast.database.read() as conn:
        of_ana = sa.select(decisions.c.category).where(decisions.c.moderator_id.is_not(None))
        assert conn.execute(of_ana).scalars().all() == [reason]


def test_the_house_model_comes_before_the_rules(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged(scores={"threat": 0.97})
    assert ana.get(f"/desk/review/{comment.id}").has_button("Reject as threat or call for violence")

    finds_likely(cast, comment)

    page = ana.get(f"/desk/review/{comment.id}")
    assert page.has_button("Reject as insult or abuse")
    assert page.has_button("3 Threat or call for violence")
    assert not page.has_button("1 Insult or abuse")  # no reason is offered twice


def test_without_a_proposal_the_red_button_is_the_first_reason_of_the_site(
    cast: Cast, ana: Browser, ben: Browser
) -> None:
    reasons = {"name-0": "House rule 3", "name-1": "Advertising", **{f"name-{n}": "" for n in range(2, 6)}}
    ben.get("/desk/reasons", site=cast.herald.id).press("Save", **reasons)
    comment = cast.flagged()

    page = ana.get(f"/desk/review/{comment.id}")

    assert page.button("Reject as house rule 3")["data-key"] == "r 1"
    assert page.button("2 Advertising")["data-key"] == "2"
