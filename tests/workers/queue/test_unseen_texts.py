"""A person's one act on a campaign reaches only texts that the person saw, and no original for its copies."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database, new_id
from moderation.ground.errors import InvalidInput, StaleVersion
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.campaigns import Treatment
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.judging.text.near_copies.fingerprints import is_near_copy
from moderation.judging.text.reading import Reading
from moderation.moderators.campaigns import by_api as campaign_by_api
from moderation.moderators.campaigns import reach
from moderation.moderators.campaigns import reviewing as campaign_review
from moderation.moderators.campaigns import rows as campaigns
from moderation.moderators.campaigns.by_api import CampaignWish, SeenComment
from moderation.moderators.campaigns.copy_rows import Ticks
from moderation.moderators.campaigns.reviewing import CampaignPart, DecidedCampaign
from moderation.moderators.campaigns.tables import campaigns as table
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.pipeline.arriving import intake
from moderation.sites.audit import actors
from moderation.spine.comments.rows import Listed
from moderation.spine.comments.tables import comments
from tests.builders import NOON
from tests.moderation.conftest import Newsroom, add_site
from tests.workers.queue.test_pipeline import WordScorer
from workers.queue.pipeline import Pipeline

HATE = (
    "All these people from the island are vermin and thieves and the government must finally throw every one of them "
    "into the sea before they ruin our whole town for good now"
)
SLOGAN = (
    "Many good readers of this paper love music and gardens so the council should always keep the old park open "
    "to children and families because they enjoy our green city very much"
)
WALKS = 4
MOST_COMMENTS = 48
SPAM = "Nobody told you that this fund doubles what you give within a week, look at https://helping-hands.example/join"
CIVIL = (
    "My mother volunteers for them on Sundays, https://helping-hands.example is worth a visit",
    "Please do not confuse the spam above with the real charity at https://helping-hands.example/about",
)
ORIGINAL = "The new bridge is lovely and I walk over it with my dog every mornnig before the shops open their doors"
MENDED = ORIGINAL.replace("mornnig", "morning")


@pytest.fixture
def newsroom(database: Database, queues: Queues) -> Newsroom:
    with database.write() as conn:
        return Newsroom(database, queues, add_site(conn, "The Herald"))


@pytest.fixture
def pipeline(database: Database, queues: Queues) -> Pipeline:
    return Pipeline(database, queues, WordScorer(), now=lambda: NOON)  # type: ignore[arg-type]


def post(newsroom: Newsroom, pipeline: Pipeline, text: str, by: str) -> Listed:
    posted = newsroom.post(text, author_id=by)
    assert pipeline.score([posted.comment.id]) == [None]
    return posted


def edit(newsroom: Newsroom, pipeline: Pipeline, one: Listed, text: str) -> None:
    at, now = newsroom.site.id, pipeline.now()
    intake.edit(newsroom.database, newsroom.queues, at, one.comment.external_id, text, now=now)
    assert pipeline.score([one.comment.id]) == [None]


def as_stored(database: Database, one: Listed) -> tuple[str, str | None]:
    """The status and the campaign."""
    with database.read() as conn:
        query = sa.select(comments.c.status, comments.c.campaign_id).where(comments.c.id == one.comment.id)
        row = conn.execute(query).one()
    return row.status, row.campaign_id


def status(newsroom: Newsroom, one: Listed) -> str:
    return as_stored(newsroom.database, one)[0]


def campaign_at(newsroom: Newsroom) -> str:
    with newsroom.database.read() as conn:
        return str(conn.execute(sa.select(table.c.id).where(table.c.site_id == newsroom.site.id)).scalar_one())


def treat(newsroom: Newsroom, action: Action, *, now: datetime) -> None:
    with newsroom.database.write() as conn:
        found = campaigns.get(conn, campaign_at(newsroom))
        treatment = Treatment(action, None, now + timedelta(days=7), "")
        campaign_review.set_treatment(conn, found, treatment, by=actors.SYSTEM, moderator_id=None, now=now)


def walked(newsroom: Newsroom, pipeline: Pipeline, chance: random.Random) -> list[tuple[str, str]]:
    """(text, status) of a walk from HATE to SLOGAN. A word that leads out of the campaign is taken back."""
    here, aim = HATE.split(), SLOGAN.split()
    assert len(here) == len(aim)
    made: list[tuple[str, str]] = []
    while here != aim and len(made) < MOST_COMMENTS:
        place = chance.choice([n for n, word in enumerate(here) if word != aim[n]])
        there = [*here[:place], aim[place], *here[place + 1 :]]
        found, campaign = as_stored(newsroom.database, post(newsroom, pipeline, " ".join(there), f"walker-{len(made)}"))
        made.append((" ".join(there), found))
        here = there if campaign is not None else here
    return [*made, (SLOGAN, status(newsroom, post(newsroom, pipeline, SLOGAN, "reader")))]


def test_a_rejection_cannot_be_walked_word_by_word_to_an_innocent_text(
    database: Database, queues: Queues, pipeline: Pipeline
) -> None:
    seen = Reading(HATE).fingerprint or 0
    arrived, unread = 0, list[str]()
    for walk in range(WALKS):
        with database.write() as conn:
            newsroom = Newsroom(database, queues, add_site(conn, f"Paper {walk}"))
        pipeline.now = lambda: NOON
        for reader in range(4):
            post(newsroom, pipeline, HATE, f"hater-{reader}")
        treat(newsroom, Action.REJECT, now=NOON + timedelta(minutes=1))
        pipeline.now = lambda: NOON + timedelta(minutes=2)

        made = walked(newsroom, pipeline, random.Random(walk))

        arrived += made[-1][1] == "rejected"
        unread += [text for text, found in made if found == "rejected"]

    assert arrived == 0
    assert unread  # the nearest copies are rejected: that is what the person decided
    assert all(is_near_copy(seen, Reading(text).fingerprint or 0) for text in unread)


def test_a_copy_of_a_later_joiner_that_shares_a_seen_contact_is_not_rejected_unread(
    newsroom: Newsroom, pipeline: Pipeline
) -> None:
    for reader in "abc":
        post(newsroom, pipeline, SPAM, reader)
    treat(newsroom, Action.REJECT, now=NOON + timedelta(minutes=1))
    pipeline.now = lambda: NOON + timedelta(minutes=2)

    later = [post(newsroom, pipeline, CIVIL[0], reader) for reader in "defgh"]

    assert {status(newsroom, one) for one in later} == {"flagged"}
    assert status(newsroom, post(newsroom, pipeline, SPAM, "i")) == "rejected"


def test_one_press_leaves_what_only_shares_a_link(newsroom: Newsroom, pipeline: Pipeline) -> None:
    first, civil = post(newsroom, pipeline, SPAM, "a"), post(newsroom, pipeline, CIVIL[0], "b")
    spam = [first, *(post(newsroom, pipeline, f"{SPAM}?{reader}", reader) for reader in "cde")]
    also_civil = post(newsroom, pipeline, CIVIL[1], "f")
    assert len({as_stored(newsroom.database, one)[1] for one in (*spam, civil, also_civil)} - {None}) == 1
    before = [status(newsroom, one) for one in (civil, also_civil)]

    made = campaign_by_api.decide(
        newsroom.database, newsroom.site.id, campaign_at(newsroom), CampaignWish(Action.REJECT), now=NOON, going_on=None
    )

    assert made.decided == len(spam)
    assert {status(newsroom, one) for one in spam} == {"rejected"}
    assert [status(newsroom, one) for one in (civil, also_civil)] == before
    with newsroom.database.read() as conn:
        assert campaign_review.covered(conn, campaign_at(newsroom), Choice.REJECT) == 0


def test_a_comment_that_is_edited_into_the_campaign_after_the_page_was_made_is_not_decided_with_it(
    newsroom: Newsroom, pipeline: Pipeline
) -> None:
    pipeline.now = lambda: datetime.now(UTC) - timedelta(minutes=1)  # ids are made by the real clock
    old = post(newsroom, pipeline, "I like the new harbour bridge, it looks rather elegant to me.", "sleeper")
    for reader in "abcd":
        post(newsroom, pipeline, HATE, reader)
    until = new_id()
    pipeline.now = lambda: datetime.now(UTC) + timedelta(seconds=1)
    edit(newsroom, pipeline, old, HATE)

    part = CampaignPart(ModeratorChoice(Choice.REJECT, 0), until)
    found = campaign_review.page(newsroom.database, campaign_at(newsroom), part)

    assert as_stored(newsroom.database, old)[1] == campaign_at(newsroom)
    assert len(found.chosen) == 4 and old.comment.id not in dict(found.chosen)


def copied(newsroom: Newsroom, pipeline: Pipeline) -> Listed:
    """A civil comment that is online, and five copies of it by others."""
    original = post(newsroom, pipeline, ORIGINAL, "author")
    for reader in "abcde":
        post(newsroom, pipeline, ORIGINAL, reader)
    assert status(newsroom, original) == "published"
    return original


def test_an_original_that_was_copied_stays_online_when_its_author_mends_a_typo(
    newsroom: Newsroom, pipeline: Pipeline
) -> None:
    original = copied(newsroom, pipeline)

    edit(newsroom, pipeline, original, MENDED)

    assert as_stored(newsroom.database, original) == ("published", campaign_at(newsroom))
    assert status(newsroom, post(newsroom, pipeline, MENDED, "f")) == "flagged"  # the next copy is one


def test_a_treatment_of_its_copies_does_not_reject_an_original_that_stayed_online(
    newsroom: Newsroom, pipeline: Pipeline
) -> None:
    original = copied(newsroom, pipeline)
    treat(newsroom, Action.REJECT, now=NOON + timedelta(minutes=1))
    pipeline.now = lambda: NOON + timedelta(minutes=2)

    edit(newsroom, pipeline, original, MENDED)

    assert status(newsroom, original) == "published"
    assert status(newsroom, post(newsroom, pipeline, ORIGINAL, "f")) == "rejected"


@pytest.mark.parametrize("was", ["another text", "rejected"])
def test_no_other_edit_is_spared(newsroom: Newsroom, pipeline: Pipeline, was: str) -> None:
    first = "A quiet word about ferries, which run on time and smell of tar and coffee." if was != "rejected" else None
    sleeper = post(newsroom, pipeline, first or ORIGINAL, "author")
    for reader in "abcde":
        post(newsroom, pipeline, ORIGINAL, reader)
    if was == "rejected":
        campaign_by_api.decide(
            newsroom.database,
            newsroom.site.id,
            campaign_at(newsroom),
            CampaignWish(Action.REJECT),
            now=NOON,
            going_on=None,
        )
        assert status(newsroom, sleeper) == CommentStatus.REJECTED

    edit(newsroom, pipeline, sleeper, MENDED)

    assert status(newsroom, sleeper) == "flagged"


def walk(newsroom: Newsroom, pipeline: Pipeline, start: str, aim: str, *, chance: random.Random) -> list[Listed]:
    """Six copies of the first text, a walk from it to the other that stays in the campaign, and four of the other."""
    posted = [post(newsroom, pipeline, start, f"first-{reader}") for reader in range(6)]
    here, there = start.split(), aim.split()
    for step in range(MOST_COMMENTS):
        if here == there:
            break
        place = chance.choice([n for n, word in enumerate(here) if word != there[n]])
        tried = [*here[:place], there[place], *here[place + 1 :]]
        posted.append(post(newsroom, pipeline, " ".join(tried), f"walker-{step}"))
        here = tried if as_stored(newsroom.database, posted[-1])[1] is not None else here
    return posted + [post(newsroom, pipeline, aim, f"last-{reader}") for reader in range(4)]


def decide(newsroom: Newsroom, *seen: Listed, now: datetime = NOON, **wish: Any) -> DecidedCampaign:
    named = tuple(SeenComment(one.comment.external_id, version_of(newsroom, one)) for one in seen) or None
    asked = CampaignWish(Action.REJECT, seen=named, **wish)
    at, campaign = newsroom.site.id, of_hate(newsroom)
    return campaign_by_api.decide(newsroom.database, at, campaign, asked, now=now, going_on=None)


def version_of(newsroom: Newsroom, one: Listed) -> int:
    with newsroom.database.read() as conn:
        query = sa.select(comments.c.version).where(comments.c.id == one.comment.id)
        return int(conn.execute(query).scalar_one())


def of_hate(newsroom: Newsroom) -> str:
    """The campaign with the most copies."""
    with newsroom.database.read() as conn:
        query = sa.select(table.c.id).where(table.c.site_id == newsroom.site.id).order_by(table.c.copies.desc())
        return str(conn.execute(query).scalars().first())


def is_near_hate(one: Listed) -> bool:
    return is_near_copy(Reading(HATE).fingerprint or 0, Reading(one.comment.text).fingerprint or 0)


@pytest.mark.parametrize(("is_forward", "seed"), [(True, 1), (False, 2), (False, 5)])
def test_a_campaign_that_was_walked_before_the_decision_is_decided_by_what_the_caller_read(
    newsroom: Newsroom, pipeline: Pipeline, is_forward: bool, seed: int
) -> None:
    ends = (HATE, SLOGAN) if is_forward else (SLOGAN, HATE)
    original = post(newsroom, pipeline, SLOGAN, "author")
    posted = walk(newsroom, pipeline, *ends, chance=random.Random(seed))
    hate = next(one for one in posted if one.comment.text == HATE)
    before = [status(newsroom, one) for one in posted]
    assert as_stored(newsroom.database, original)[1] == as_stored(newsroom.database, hate)[1] is not None

    with pytest.raises(InvalidInput) as refused:
        decide(newsroom)
    assert [problem.field for problem in refused.value.problems] == ["seen"]
    assert [status(newsroom, one) for one in posted] == before
    decide(newsroom, hate)
    at, campaign, now = newsroom.site.id, of_hate(newsroom), NOON + timedelta(minutes=1)
    seen = (SeenComment(hate.comment.external_id, version_of(newsroom, hate)),)
    with pytest.raises(InvalidInput):
        campaign_by_api.treat(newsroom.database, at, campaign, Action.REJECT, None, by=actors.SYSTEM, now=now)
    campaign_by_api.treat(newsroom.database, at, campaign, Action.REJECT, None, by=actors.SYSTEM, now=now, seen=seen)
    pipeline.now = lambda: NOON + timedelta(minutes=2)

    rejected = [one for one in posted if status(newsroom, one) == "rejected"]
    assert len(rejected) >= 4 and all(map(is_near_hate, rejected))
    assert {status(newsroom, one) for one in posted if one.comment.text == HATE} == {"rejected"}
    assert status(newsroom, original) == "published"
    later = [status(newsroom, post(newsroom, pipeline, SLOGAN, f"reader-{number}")) for number in range(3)]
    assert later == ["flagged"] * 3
    assert status(newsroom, post(newsroom, pipeline, HATE, "hater")) == "rejected"


@pytest.mark.parametrize("is_overturning", [True, False])
def test_a_comment_that_changed_since_it_was_read_is_no_ground_for_a_decision(
    newsroom: Newsroom, pipeline: Pipeline, is_overturning: bool
) -> None:
    posted = [post(newsroom, pipeline, HATE, f"hater-{number}") for number in range(5)]
    changed = SeenComment(posted[0].comment.external_id, version_of(newsroom, posted[0]))
    edit(newsroom, pipeline, posted[0], HATE.replace("vermin", "neighbours"))
    asked = CampaignWish(Action.REJECT, seen=(changed,), overturns=is_overturning)

    with pytest.raises(StaleVersion):
        campaign_by_api.decide(newsroom.database, newsroom.site.id, of_hate(newsroom), asked, now=NOON, going_on=None)

    assert "rejected" not in {status(newsroom, one) for one in posted}


def test_only_comments_of_the_campaign_are_ground_for_a_decision(newsroom: Newsroom, pipeline: Pipeline) -> None:
    posted = [post(newsroom, pipeline, HATE, f"hater-{number}") for number in range(5)]
    stranger = post(newsroom, pipeline, "A quiet word about ferries, which run on time.", "reader")

    with pytest.raises(InvalidInput) as refused:
        decide(newsroom, posted[0], stranger)
    assert [problem.field for problem in refused.value.problems] == ["seen[1].id"]
    asked = CampaignWish(Action.REJECT, seen=(SeenComment("none", 1),))
    with pytest.raises(InvalidInput) as refused:
        campaign_by_api.decide(newsroom.database, newsroom.site.id, of_hate(newsroom), asked, now=NOON, going_on=None)
    assert [problem.field for problem in refused.value.problems] == ["seen[0].id"]
    assert "rejected" not in {status(newsroom, one) for one in posted}


def test_copies_that_the_page_did_not_list_are_decided_only_if_they_are_like_a_ticked_one(
    newsroom: Newsroom, pipeline: Pipeline
) -> None:
    posted = walk(newsroom, pipeline, SLOGAN, HATE, chance=random.Random(2))
    ticked = frozenset(one.comment.id for one in posted if one.comment.text == HATE)
    choice, until = ModeratorChoice(Choice.REJECT, 0), new_id()
    part = CampaignPart(choice, until, ticks=Ticks(ticked, ticked, more=True))
    pipeline.now = lambda: datetime.now(UTC)

    found = campaign_review.page(newsroom.database, of_hate(newsroom), part)

    chosen = {one.comment.id: one for one in posted if one.comment.id in dict(found.chosen)}
    assert ticked <= chosen.keys() and all(map(is_near_hate, chosen.values()))
    assert found.seen > len(found.chosen)


def test_a_treatment_at_the_desk_holds_for_the_ticked_texts_alone(newsroom: Newsroom, pipeline: Pipeline) -> None:
    posted = walk(newsroom, pipeline, HATE, SLOGAN, chance=random.Random(3))
    ticked = frozenset(one.comment.id for one in posted if one.comment.text == HATE)
    pipeline.now = lambda: NOON + timedelta(minutes=2)
    with newsroom.database.write() as conn:
        shown = reach.of(conn, of_hate(newsroom), Ticks(ticked, ticked, more=False))
        treatment = Treatment(Action.REJECT, None, NOON + timedelta(days=7), "")
        campaign_review.set_treatment(
            conn, campaigns.get(conn, of_hate(newsroom)), treatment, by=actors.SYSTEM, moderator_id=None,
            shown=shown, now=NOON + timedelta(minutes=1),
        )  # fmt: skip

    assert status(newsroom, post(newsroom, pipeline, SLOGAN, "reader")) == "flagged"
    assert status(newsroom, post(newsroom, pipeline, HATE, "hater")) == "rejected"
