"""A model goes back into the shadow where people find it wrong above the site's wish, for good; else it stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from moderation.ground.database.engine import Database
from moderation.ground.values.statuses import CommentStatus
from moderation.insight.checks import rows as checks
from moderation.insight.checks.drift import guard, is_put_back, uses_it
from moderation.sites import policy_versions
from moderation.sites import rows as sites
from moderation.sites.audit import rows as audit_entries
from moderation.sites.rows import PolicyRow, Site
from tests.builders import NOON, OPERATOR, a_check
from tests.moderation.conftest import Newsroom
from workers.sweeping.hourly import LOOK_EVERY, Hourly, guard_models

PUBLISHED, REJECTED = CommentStatus.PUBLISHED, CommentStatus.REJECTED
SIGNAL = "house"
ON = {"signal": SIGNAL, "at_least": 0.9, "action": "reject", "label": "Learnt"}


@pytest.fixture
def in_use(database: Database, site: Site) -> PolicyRow:
    """Version 2 has a rule on the signal, alone, beside another, and in a section."""
    with database.read() as conn:
        document = dict(sites.current_policy(conn, site.id).document)
    both = {"all": [{"signal": SIGNAL, "at_least": 0.5}, {"signal": "toxicity", "at_least": 0.5}], "action": "flag"}
    document["rules"] = [*document["rules"], ON, {**both, "label": "Both"}]
    document["sections"] = {"Sport": {"rules": [{**ON, "at_least": 0.8}], "without": []}}
    return policy_versions.replace(database, site.id, document, expected=1, by=OPERATOR, now=NOON)


class Checked:
    """Checks of comments that somebody posted, ten days old unless said otherwise."""

    def __init__(self, newsroom: Newsroom) -> None:
        self.newsroom, self.count = newsroom, 0

    def some(
        self, *, wrong: int, right: int, verdict: CommentStatus = PUBLISHED, days: int = 10, version: int = 2
    ) -> None:
        other = REJECTED if verdict is PUBLISHED else PUBLISHED
        at = NOON - timedelta(days=days)
        site_id = self.newsroom.site.id
        made = []
        for outcome in [other] * wrong + [verdict] * right:
            self.count += 1
            fields = {
                "drawn_at": at,
                "decided_at": at,
                "policy_version": version,
                "verdict": verdict,
                "site_id": site_id,
            }
            made.append(a_check(comment_id=self._posted(f"c{self.count}"), outcome=outcome, **fields))
        with self.newsroom.database.write() as conn:
            checks.insert(conn, made)

    def _posted(self, name: str) -> str:
        return self.newsroom.post(id=name, author_id=name).comment.id


@pytest.fixture
def checked(newsroom: Newsroom) -> Checked:
    return Checked(newsroom)


def policy_of(database: Database, site: Site) -> PolicyRow:
    with database.read() as conn:
        return sites.current_policy(conn, site.id)


def looked(database: Database) -> list[CommentStatus]:
    return [made.verdict for made in guard(database, now=NOON)]


@pytest.mark.usefixtures("in_use")
@pytest.mark.parametrize("verdict", [PUBLISHED, REJECTED])
def test_a_model_found_wrong_for_good_goes_back_into_the_shadow(
    database: Database, site: Site, checked: Checked, verdict: CommentStatus
) -> None:
    checked.some(wrong=10, right=50, verdict=verdict)

    assert looked(database) == [verdict]

    row = policy_of(database, site)
    assert row.version == 3 and is_put_back(row) and not uses_it(row)
    assert row.document["sections"]["Sport"]["rules"] == []
    assert len(row.document["rules"]) > 3  # the others stay
    with database.read() as conn:
        put_back, saved, *_ = audit_entries.entries(conn, site.id, before=None, limit=3)
    assert (put_back.action, saved.action, put_back.actor_kind) == ("model.put_back", "policy.saved", "system")
    assert put_back.after is not None
    assert (put_back.after["verdict"], put_back.after["checks"], put_back.after["error"]) == (verdict, 60, 0.1667)
    assert looked(database) == []  # once


@pytest.mark.usefixtures("in_use")
@pytest.mark.parametrize(
    ("case"),
    [
        {"wrong": 10, "right": 39},  # too few to say so
        {"wrong": 1, "right": 99},  # the interval reaches below the wish
        {"wrong": 10, "right": 50, "days": 1},  # not for good yet: one day
        {"wrong": 10, "right": 50, "version": 1},  # before the model was in use
        {"wrong": 10, "right": 50, "days": 91},  # long ago
    ],
)
def test_a_model_stays_where_its_errors_are_not_above_the_wish_for_good(
    database: Database, site: Site, checked: Checked, case: dict[str, Any]
) -> None:
    checked.some(**case)

    assert looked(database) == []
    assert policy_of(database, site).version == 2


def test_a_policy_without_the_model_is_left_alone(database: Database, site: Site, checked: Checked) -> None:
    checked.some(wrong=30, right=30, version=1)

    assert guard(database, now=NOON) == []
    assert policy_of(database, site).version == 1


@pytest.mark.usefixtures("in_use")
def test_the_sweeper_looks_once_an_hour(database: Database, site: Site, checked: Checked) -> None:
    now = NOON
    watching = Hourly(database, guard_models, now=lambda: now)
    watching.step()
    checked.some(wrong=10, right=50)

    now += LOOK_EVERY - timedelta(seconds=1)
    watching.step()
    assert policy_of(database, site).version == 2
    now += timedelta(seconds=1)
    watching.step()
    assert policy_of(database, site).version == 3
