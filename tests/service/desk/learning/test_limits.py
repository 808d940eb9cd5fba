"""Limits by wish at the desk: from people's decisions and random checks to a shadow, or to a policy."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from moderation.ground.values.comments import Comment
from moderation.ground.values.statuses import CommentStatus
from moderation.insight.checks import rows as checks
from moderation.insight.checks.rows import Check
from moderation.insight.learning.limits import choosing as limits
from moderation.insight.learning.limits import sample_rows as judged_samples
from moderation.insight.learning.limits import wished_limits
from moderation.insight.learning.limits.choosing import Wishes
from moderation.moderators.review import reviewing as review
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.sites import rows as sites
from service.commands.limits import count_limits
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast
from tests.statements import Asked

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
WISHES = Wishes(0.2, 0.3, 100)


def check(cast: Cast, comment: Comment, outcome: CommentStatus, *, probability: float = 0.5) -> None:
    """The comment was drawn at random, and a person checked it."""
    verdict = CommentStatus.PUBLISHED
    row = Check(comment.id, comment.site_id, cast.now, probability, verdict, decided_at=cast.now, outcome=outcome)
    with cast.database.write() as conn:
        checks.insert(conn, [row])


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handful of comments is enough to say something."""
    monkeypatch.setattr(limits, "FEWEST", 2)


def decided(cast: Cast, ana: Browser) -> None:
    """Two flagged comments that Ana rejected, and four published ones of which one in two was checked."""
    for number in range(2):
        cast.flagged(f"Fool {number}.", scores={"insult": 0.9})
    page = ana.get("/desk/review").press("Reject")
    page.press("Reject")
    for number, score in enumerate((0.1, 0.7, 0.2, 0.3)):
        comment = cast.published(f"Fine {number}.", scores={"toxicity": score})
        if number < 2:
            check(cast, comment, CommentStatus.REJECTED if score > 0.5 else CommentStatus.PUBLISHED)


def test_the_sample_holds_what_people_saw_by_policy_and_by_chance(cast: Cast, ana: Browser) -> None:
    decided(cast, ana)
    reported = cast.published("Taken down after a report.", scores={"toxicity": 0.1})
    choice = ModeratorChoice(Choice.REJECT, 2)
    review.decide(cast.database, cast.moderator("Ana"), reported.id, choice, now=cast.now, hold_s=0)

    with cast.database.read() as conn:
        scope: dict[str, Any] = {"since": cast.now.replace(year=2020), "most": 9, "now": cast.now}
        sent = judged_samples.sent_to_people(conn, cast.herald.id, **scope)
        drawn = judged_samples.drawn_at_random(conn, cast.herald.id, **scope)

    assert [(one.verdict, one.weight, one.is_rejected) for one in sent] == [("flagged", 1.0, True)] * 2
    assert [(one.verdict, one.weight, one.is_rejected) for one in drawn] == [
        ("published", 2.0, True),
        ("published", 2.0, False),
    ]
    assert {s.name: s.value for s in drawn[0].signals}["toxicity"] == 0.7


def test_the_page_counts_and_says_how_many_checks_a_promise_lacks(
    cast: Cast, ana: Browser, ben: Browser, few: None
) -> None:
    decided(cast, ana)
    page = ben.get("/desk/learning/limits", site=cast.herald.id)
    assert "Not counted yet" in page.text

    page = page.press("Save these targets and count", most_wrong_published="1.5", read_per_day="100", signal="toxicity")

    with cast.database.read() as conn:
        assert sites.get_site(conn, cast.herald.id).settings.most_wrong_published == 0.015
    shown = page.region("Publishing")
    assert "Your target: at most 1.5% wrongly published" in shown
    assert "Not yet sure. About 176 more checks are needed." in shown
    assert "Today: 50.0%" in shown
    assert "Random checks covered 2 that it published" in page.text
    assert "Not offered" in page.region("Rejecting")


def test_the_limit_runs_in_the_shadow_or_is_saved(cast: Cast, ana: Browser, ben: Browser, few: None) -> None:
    decided(cast, ana)
    wished_limits.count(cast.database, cast.herald.id, "toxicity", WISHES, now=cast.now)

    started = ben.get("/desk/learning/limits", site=cast.herald.id).press("Run it in the shadow", limit="0.7")
    saved = ben.get("/desk/learning/limits", site=cast.herald.id).press("Save as policy 2", limit="0.7")

    assert started.heading().startswith("Toxicity, limit 0.70: 0.0%")
    assert saved.heading() == "Policy 2"
    with cast.database.read() as conn:
        row = sites.current_policy(conn, cast.herald.id)
    rules = [(r["signal"], r["at_least"]) for r in row.document["rules"] if r.get("signal") == "toxicity"]
    assert rules == [("toxicity", 0.7)]
    assert row.note is not None and "published wrongly" in row.note


@on_sqlite
def test_too_few_checks_are_named_and_nothing_is_offered(cast: Cast, ana: Browser, ben: Browser) -> None:
    decided(cast, ana)

    page = ben.get("/desk/learning/limits", site=cast.herald.id).press("Save these targets and count")

    assert (
        "Moderators have checked too few of the comments that the policy published: 2 of 4. At least 4 are needed."
        in page.text
    )
    assert not page.has_button("Save as policy")


WRONG = [
    ("limit", "0.123", 422),
    ("limit", "much", 422),
    ("rejects", "1", 422),
    ("version", "9", 409),
    ("counted_at", "x", 409),
]


@on_sqlite
@pytest.mark.parametrize(("field", "value", "status"), WRONG)
def test_what_was_not_counted_is_not_saved(
    cast: Cast, ana: Browser, ben: Browser, few: None, field: str, value: str, status: int
) -> None:
    decided(cast, ana)
    found = wished_limits.count(cast.database, cast.herald.id, "toxicity", WISHES, now=cast.now)
    sent = {"site": cast.herald.id, "limit": "0.5", "version": "1", "where": "policy"}

    answer = ben.post("/desk/learning/limits/use", {**sent, "counted_at": found.counted_at.isoformat(), field: value})

    assert answer.status == status
    with cast.database.read() as conn:
        assert sites.current_policy(conn, cast.herald.id).version == 1


@on_sqlite
@pytest.mark.parametrize(
    ("field", "value"), [("most_wrong_published", "much"), ("read_per_day", "0"), ("signal", "links")]
)
def test_a_wish_that_makes_no_sense_is_refused(cast: Cast, ben: Browser, field: str, value: str) -> None:
    page = ben.get("/desk/learning/limits", site=cast.herald.id).press("Save these targets and count", **{field: value})

    assert page.status == 422
    assert field in page.text


@on_sqlite
def test_counting_walks_no_table(cast: Cast, ana: Browser) -> None:
    decided(cast, ana)
    asked = Asked(cast.database)

    with asked.listening():
        wished_limits.count(cast.database, cast.herald.id, "toxicity", WISHES, now=cast.now)

    assert any("judged" in statement for statement, _ in asked.statements)
    assert asked.scans() == []


@on_sqlite
def test_the_command_prints_the_same_figures(cast: Cast, ana: Browser, few: None) -> None:
    decided(cast, ana)

    class Here:
        def database(self) -> Any:
            return cast.database

    arguments = ["--site", "The Herald", "--signal", "toxicity", "--wish", "0.015"]
    printed = CliRunner().invoke(count_limits, arguments, obj=Here())
    as_json = json.loads(CliRunner().invoke(count_limits, [*arguments, "--json"], obj=Here()).output)

    assert "wish: 1.50% wrongly published    not yet sure: 176 more checks needed" in printed.output
    assert (as_json["publishing"], as_json["missing"][0]) == (None, [0.015, 176])
    kept = wished_limits.last(cast.database, cast.herald.id)
    assert kept is not None and kept.content["missing"] == as_json["missing"]
    lax = CliRunner().invoke(count_limits, [*arguments[:-1], "0.6"], obj=Here()).output
    assert "wish: 60.00% wrongly published   at 0.7    0.00% (0.00% to" in lax
