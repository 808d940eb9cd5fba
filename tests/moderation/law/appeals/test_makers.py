"""Every way in which a decision descends from a person: another one decides the appeal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import new_id
from moderation.ground.errors import NotAllowed
from moderation.ground.values.statuses import Action, DecidedBy
from moderation.law.appeals import deciders, deciding, waiting
from moderation.law.appeals.values import AppealReason
from moderation.law.statements import rows as statements
from moderation.moderators.campaigns import reviewing as campaigns
from moderation.moderators.campaigns.reviewing import CampaignPart
from moderation.moderators.campaigns.tables import campaigns as table
from moderation.moderators.review import reviewing
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.sites.people.roles import Role
from moderation.spine.comments import decision_rows as decisions
from tests.builders import NOON
from tests.moderation.law.appeals.conftest import Court
from tests.workers.queue.test_pipeline import WordScorer
from workers.queue.pipeline import Pipeline

INSULT = "Insult or abuse"
TEXT = "Nobody told you that this fund doubles what you give within a week, look at https://helping-hands.example/join"
NEAR = TEXT.replace("Nobody told", "NOBODY   told").replace(", look", "!! look")
Path = Callable[[Court], str]


@pytest.fixture
def staff(court: Court) -> Court:
    court.hire(cem=Role.MODERATOR, dora=Role.LEAD)
    return court


def by_hand(court: Court) -> str:
    return court.rejected_by("ana")


def redone_by_another(court: Court) -> str:
    """Ana rejects, Cem takes it back, and then takes that back."""
    undone = undo(court, "cem", court.rejected_by("ana"))
    return undo(court, "cem", undone)


def again_after_a_colleague(court: Court) -> str:
    """Ana had rejected it once; a colleague puts it online, and rejects it after all."""
    court.rejected_by("ana")
    choose(court, "cem", Choice.APPROVE)
    return choose(court, "cem", Choice.REJECT)


def copy_of_what_she_treated(court: Court) -> str:
    return treated(court, TEXT, decides=True)


def near_copy_of_what_she_treated(court: Court) -> str:
    return treated(court, NEAR, decides=True)


def copy_when_she_decided_none_by_hand(court: Court) -> str:
    return treated(court, TEXT, decides=False)


PATHS = (
    by_hand, redone_by_another, again_after_a_colleague,
    copy_of_what_she_treated, near_copy_of_what_she_treated, copy_when_she_decided_none_by_hand,
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_another_person_decides(staff: Court, path: Path) -> None:
    appeal = staff.appeal(path(staff))

    with staff.database.read() as conn:
        may, makers = deciders.of_appeal(conn, appeal)
        listed = {name: waiting.count_for(conn, staff.person(name)) for name in ("ana", "ben")}
        others = waiting.of_others(conn, staff.person("ana"))

    assert staff.people["ana"] in makers and not may & makers
    assert (listed, others) == ({"ana": 0, "ben": 1}, 1)
    with pytest.raises(NotAllowed):
        deciding.decide(
            staff.database, staff.person("ana"), appeal.id, AppealReason.NOTHING_NEW, judged=uncounted, now=NOON
        )
    done = deciding.decide(
        staff.database, staff.person("ben"), appeal.id, AppealReason.NOTHING_NEW, judged=uncounted, now=NOON
    )
    assert not done.by_same_person


def test_a_copy_that_the_site_treated_itself_is_everybodys(staff: Court) -> None:
    appeal = staff.appeal(treated(staff, TEXT, decides=False, by_site=True))

    with staff.database.read() as conn:
        may, makers = deciders.of_appeal(conn, appeal)

    assert (makers, may) == (frozenset(), frozenset(staff.people.values()))


def test_a_page_promises_another_reader_only_where_there_is_one(court: Court) -> None:
    """Both people of the newsroom made the decision."""
    court.rejected_by("ana")
    choose(court, "ben", Choice.APPROVE)
    decision_id = choose(court, "ben", Choice.REJECT)

    with court.database.read() as conn:
        about = statements.get_decided(conn, court.site_id, decision_id)
        assert deciders.is_alone(conn, about)
    appeal = court.appeal(decision_id)
    done = deciding.decide(
        court.database, court.person("ben"), appeal.id, AppealReason.NOTHING_NEW, judged=uncounted, now=NOON
    )
    assert done.by_same_person


def uncounted(*_said: object) -> None:
    """These decisions are not software's alone."""


def undo(court: Court, name: str, decision_id: str) -> str:
    return reviewing.undo(court.database, court.person(name), decision_id, now=NOON, hold_s=0).id


def choose(court: Court, name: str, choice: Choice) -> str:
    comment = court.comment(f"c-{court.number}")
    with court.database.read() as conn:
        latest = decisions.latest_decision(conn, comment.id)
    assert latest is not None
    reason = INSULT if choice is Choice.REJECT else None
    decided = ModeratorChoice(choice, comment.version, reason, note="Looked again.", overturns=latest.id)
    return reviewing.decide(court.database, court.person(name), comment.id, decided, now=NOON, hold_s=0).id


def treated(court: Court, text: str, *, decides: bool, by_site: bool = False) -> str:
    """Ana treats a campaign, and the policy rejects a copy that comes after it; returns that decision."""
    first = [scored(court, TEXT, f"reader-{number}", NOON) for number in range(6)]
    with court.database.read() as conn:
        campaign_id = str(conn.execute(sa.select(table.c.id)).scalar_one())
    batch_id, ana, choice = new_id(), court.person("ana"), ModeratorChoice(Choice.REJECT, 0, INSULT)
    campaigns.treat(court.database, ana, campaign_id, Choice.REJECT, INSULT, batch_id=batch_id, seen_at=NOON, now=NOON)
    if by_site:
        with court.database.write() as conn:
            conn.execute(table.update().values(treatment_by=None))
            conn.execute(sa.text("UPDATE audit SET moderator_id = NULL WHERE action = 'campaign.treated'"))
    if decides:
        part = CampaignPart(choice, new_id(), batch_id=batch_id)
        campaigns.decide(court.database, ana, campaign_id, part, now=NOON, hold_s=0)
    assert len(first) == 6
    comment_id = scored(court, text, "late", NOON + timedelta(minutes=2))
    with court.database.read() as conn:
        decision = decisions.latest_decision(conn, comment_id)
    assert decision is not None and (decision.decided_by, decision.action) == (DecidedBy.POLICY, Action.REJECT)
    return decision.id


def scored(court: Court, text: str, author: str, now: datetime) -> str:
    posted = court.newsroom.post(text, author_id=author, now=now)
    newsroom = court.newsroom
    pipeline = Pipeline(newsroom.database, newsroom.queues, WordScorer(), now=lambda: now)  # type: ignore[arg-type]
    assert pipeline.score([posted.comment.id]) == [None]
    return posted.comment.id
