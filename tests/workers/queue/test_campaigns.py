"""Copies by several authors are one campaign, found as they arrive, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY

from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.campaigns import Treatment
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.moderators.campaigns import change_rows as campaign_changes
from moderation.moderators.campaigns import copy_rows as campaign_copies
from moderation.moderators.campaigns import joining as core
from moderation.moderators.campaigns import rows as campaigns
from moderation.moderators.campaigns.rows import Campaign
from moderation.moderators.campaigns.tables import campaign_authors, campaign_keys
from moderation.moderators.campaigns.tables import campaigns as table
from moderation.operations.operating.deleting import erasing
from moderation.operations.operating.deleting import retention_rows as retention
from moderation.pipeline.arriving import intake
from moderation.sites.audit import actors
from moderation.sites.rows import Site
from moderation.spine.articles import rows as article_store
from moderation.spine.articles.tables import authors
from moderation.spine.comments import scoring_rows as scoring
from moderation.spine.comments.rows import Listed
from moderation.spine.comments.tables import comments
from moderation.spine.domains import rows as domains
from tests.builders import NOON
from tests.moderation.conftest import Newsroom, add_site
from tests.statements import Asked, steps
from tests.workers.queue.test_pipeline import WordScorer, codes, decide
from workers.queue.pipeline import Pipeline

TEXT = "Read this before they delete it: the mayor has sold the harbour to his own brother for one euro and a boat"


@pytest.fixture
def site(database: Database) -> Site:
    with database.write() as conn:
        return add_site(conn, "The Herald")


@pytest.fixture
def newsroom(database: Database, queues: Queues, site: Site) -> Newsroom:
    return Newsroom(database, queues, site)


@pytest.fixture
def pipeline(database: Database, queues: Queues) -> Pipeline:
    return Pipeline(database, queues, WordScorer(), now=lambda: NOON)  # type: ignore[arg-type]


def copies(
    newsroom: Newsroom, pipeline: Pipeline, *by: str, text: str = TEXT, at_once: bool = False, **said: object
) -> list[Listed]:
    """One copy by each, scored one by one or in one batch."""
    posted = [newsroom.post(text, author_id=author, id=f"{author}-{n}", **said) for n, author in enumerate(by)]
    for batch in [posted] if at_once else [[one] for one in posted]:
        assert pipeline.score([one.comment.id for one in batch]) == [None] * len(batch)
    return posted


def found(database: Database) -> list[Campaign]:
    with database.read() as conn:
        ids = conn.execute(sa.select(table.c.id).order_by(table.c.id)).scalars().all()
        return [campaigns.get(conn, id) for id in ids]


def members(database: Database) -> set[str]:
    with database.read() as conn:
        query = sa.select(comments.c.external_id).where(comments.c.campaign_id.is_not(None))
        return set(conn.execute(query).scalars())


def value(pipeline: Pipeline, listed: Listed) -> float | None:
    with pipeline.database.read() as conn:
        latest = scoring.latest_scoring(conn, listed.comment.id)
    assert latest is not None
    return latest.value("campaign")


@pytest.mark.parametrize("at_once", [True, False])
def test_copies_by_several_authors_are_one_campaign(newsroom: Newsroom, pipeline: Pipeline, at_once: bool) -> None:
    posted = copies(newsroom, pipeline, *"abcdc", at_once=at_once)

    (campaign,) = found(pipeline.database)
    assert (campaign.copies, campaign.authors, campaign.first_at) == (5, 4, NOON)
    assert [value(pipeline, one) for one in posted] == [0, 1, 2, 3, 3]
    assert members(pipeline.database) == {one.comment.external_id for one in posted}


def test_the_fourth_author_is_the_first_to_be_held_for_the_campaign(newsroom: Newsroom, pipeline: Pipeline) -> None:
    *before, last = copies(newsroom, pipeline, *"abcd")

    decided = decide(pipeline, last)

    assert "campaign" in codes(decided[last.comment.external_id])
    assert not any("campaign" in codes(decided[one.comment.external_id]) for one in before)


def test_copies_by_one_author_are_no_campaign(newsroom: Newsroom, pipeline: Pipeline) -> None:
    posted = copies(newsroom, pipeline, *"aaaa")

    assert found(pipeline.database) == []
    assert value(pipeline, posted[-1]) == 0


@pytest.mark.parametrize(
    "variant",
    [
        TEXT.upper(),
        TEXT.replace("e", "е"),  # Cyrillic
        TEXT.replace("mayor", "m\u200bayor") + " !!!",
        TEXT.replace("one euro", "2 euro"),
        TEXT.replace("brother", "nephew"),
        f"{TEXT} https://boat.example/{{}}",
    ],
)
def test_a_disguised_or_changed_copy_joins(newsroom: Newsroom, pipeline: Pipeline, variant: str) -> None:
    copies(newsroom, pipeline, "a", "b")
    copies(newsroom, pipeline, "c", text=variant)

    (campaign,) = found(pipeline.database)
    assert (campaign.copies, campaign.authors) == (3, 3)


def test_an_innocent_text_that_is_edited_into_a_copy_joins_and_leaves_with_the_next_edit(
    newsroom: Newsroom, pipeline: Pipeline, queues: Queues
) -> None:
    copies(newsroom, pipeline, "a", "b")
    (sleeper,) = copies(newsroom, pipeline, "c", text="I like the new harbour bridge, it looks rather elegant to me.")

    for text, held in ((TEXT, 3), ("It really is a lovely bridge, and I walk over it every day.", 2)):
        intake.edit(pipeline.database, queues, newsroom.site.id, sleeper.comment.external_id, text, now=NOON)
        pipeline.score([sleeper.comment.id])
        (campaign,) = found(pipeline.database)
        assert (campaign.copies, campaign.authors) == (held, held)


def test_an_older_text_is_not_counted_and_begins_no_campaign(newsroom: Newsroom, pipeline: Pipeline) -> None:
    copies(newsroom, pipeline, "a", "b")
    pipeline.now = lambda: datetime.now(UTC) + timedelta(days=7, minutes=1)

    (late,) = copies(newsroom, pipeline, "c")

    assert value(pipeline, late) == 0
    (campaign,) = found(pipeline.database)
    assert campaign.copies == 2


def test_other_sites_copies_do_not_count(
    newsroom: Newsroom, pipeline: Pipeline, database: Database, queues: Queues
) -> None:
    with database.write() as conn:
        elsewhere = Newsroom(database, queues, add_site(conn, "The Courier"))
    copies(elsewhere, pipeline, *"abc")

    (here,) = copies(newsroom, pipeline, "d")

    assert value(pipeline, here) == 0


@pytest.mark.parametrize("gone", ["deleted", "erased", "text erased"])
def test_a_comment_that_goes_for_good_leaves_its_campaign(newsroom: Newsroom, pipeline: Pipeline, gone: str) -> None:
    posted = copies(newsroom, pipeline, *"abb")
    db = pipeline.database

    def go(external_id: str, comment_id: str) -> None:
        if gone == "erased":
            erasing.erase(db, newsroom.site.id, external_id, by=actors.SYSTEM, now=NOON)
            return
        with db.write() as conn:
            remove = retention.delete_comments if gone == "deleted" else retention.erase_texts
            remove(conn, [comment_id])

    go("a", posted[0].comment.id)

    (campaign,) = found(db)
    assert (campaign.copies, campaign.authors) == (2, 1)
    with db.read() as conn:
        kept = conn.execute(sa.select(campaign_keys.c.comment_id)).scalars().all()
    assert posted[0].comment.id not in kept

    for one in posted[1:]:
        go("b", one.comment.id)
    assert found(db) == []
    with db.read() as conn:
        for each in (campaign_keys, campaign_authors):
            assert conn.execute(sa.select(sa.func.count()).select_from(each)).scalar_one() == 0


def test_two_workers_that_score_the_first_copies_at_once_make_one_campaign(
    newsroom: Newsroom, database: Database, queues: Queues
) -> None:
    """Both have read the database before either writes, and each batch has two authors."""
    posted = [newsroom.post(TEXT, author_id=f"u-{n}", id=f"n-{n}").comment.id for n in range(4)]
    both_have_read = threading.Barrier(2, timeout=60)

    def work(ids: list[str]) -> list[BaseException | None]:
        scorer = WordScorer()
        scorer.before_scoring = lambda: (both_have_read.wait(), None)[1]
        return Pipeline(database, queues, scorer, now=lambda: NOON).score(ids)  # type: ignore[arg-type]

    with ThreadPoolExecutor(2) as workers:
        assert list(workers.map(work, (posted[:2], posted[2:]))) == [[None, None]] * 2

    (campaign,) = found(database)
    assert (campaign.copies, campaign.authors) == (4, 4)


def test_copies_that_two_workers_scored_at_once_come_in_with_the_next(
    newsroom: Newsroom, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(core, "_is_copy", lambda _scored: False)
        copies(newsroom, pipeline, "a", "b")
    assert found(pipeline.database) == []

    copies(newsroom, pipeline, "c")

    (campaign,) = found(pipeline.database)
    assert (campaign.copies, campaign.authors) == (3, 3)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_look_up_of_a_copy_walks_an_index(newsroom: Newsroom, pipeline: Pipeline) -> None:
    copies(newsroom, pipeline, "a", "b")
    asked = Asked(pipeline.database)

    with asked.listening():
        copies(newsroom, pipeline, "c")

    assert asked.scans() == []
    about = [each for each in asked.statements if "campaign" in each[0]]
    assert about
    for statement, parameters in about:
        assert not any(step.startswith(("SCAN campaign", "SCAN comments")) for step in steps(statement, parameters))


@contextmanager
def every_statement(database: Database) -> Iterator[list[str]]:
    heard: list[str] = []

    def note(*said: Any) -> None:
        heard.append(said[2])

    sa.event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield heard
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_sixtieth_copy_asks_no_more_of_the_database_than_the_third(newsroom: Newsroom, pipeline: Pipeline) -> None:
    asked = []
    for number in range(60):
        with every_statement(pipeline.database) as statements:
            copies(newsroom, pipeline, f"author-{number}")
        asked.append(len(statements))

    assert asked[59] == asked[2]
    (campaign,) = found(pipeline.database)
    assert campaign.copies == 60


def test_a_copy_whose_campaign_was_decided_is_counted_by_status(newsroom: Newsroom, pipeline: Pipeline) -> None:
    copies(newsroom, pipeline, *"abcde")
    (campaign,) = found(pipeline.database)

    with pipeline.database.read() as conn:
        counted = {s: campaign_copies.count(conn, campaign.id, s, at_most=3) for s in CommentStatus}
        recent = campaign_copies.count_since(conn, campaign.id, NOON, at_most=100)

    assert counted[CommentStatus.PUBLISHED] + counted[CommentStatus.FLAGGED] == 5
    assert recent == 5


ARTICLE = "The council voted on Monday to keep the ferry running from November to March, as many had asked."


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"> {ARTICLE}", "quotes the article"),
        ("Rest in peace dear John, my deepest condolences to your family and friends", "a wish that many write"),
        ("Please sign the petition for the ferry, we need ten thousand names before Friday", "a petition"),
    ],
)
def test_innocent_copies_are_published_and_make_no_campaign(
    newsroom: Newsroom, pipeline: Pipeline, text: str, why: str
) -> None:
    with newsroom.database.write() as conn:
        article_store.insert_article(conn, newsroom.site.id, "a-1", {"title": "Ferry", "text": ARTICLE}, now=NOON)

    posted = copies(newsroom, pipeline, *"abcdef", text=text)

    decided = decide(pipeline, posted[-1])
    assert {decided[one.comment.external_id].status for one in posted} == {"published"}
    assert found(pipeline.database) == []
    with pipeline.database.read() as conn:
        latest = scoring.latest_scoring(conn, posted[-1].comment.id)
    assert latest is not None
    assert {s.name: s.abstained for s in latest.signals if s.name in ("repeat", "campaign")} == {
        "repeat": why, "campaign": why,
    }  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_passage_of_another_article_is_a_copy_like_any_other(newsroom: Newsroom, pipeline: Pipeline) -> None:
    copies(newsroom, pipeline, *"abc", text=ARTICLE)

    (campaign,) = found(pipeline.database)
    assert campaign.copies == 3


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_metric_counts_what_joins_a_campaign(newsroom: Newsroom, pipeline: Pipeline) -> None:
    def counted() -> float:
        return REGISTRY.get_sample_value("gavel_campaign_copies_total") or 0.0

    before = counted()
    copies(newsroom, pipeline, "a")
    assert counted() == before

    copies(newsroom, pipeline, *"bcd")
    assert counted() == before + 4  # the first one was taken in


LURES = (
    "I was poor for years until I wrote to this lady, and she changed it all: write her at anna@trade.example",
    "Nobody believed my neighbour when he paid back his house, ask ANNA@trade.example how it was done",
    "Thank you anna@trade.example, the money came on Friday and my wife cried with joy",
    "If you want to know what the banks hide from us, anna@trade.example explains it in a minute",
)


def lured(newsroom: Newsroom, pipeline: Pipeline, *texts: str, by: str = "reader") -> list[Listed]:
    return [copies(newsroom, pipeline, f"{by}{n}", text=text)[0] for n, text in enumerate(texts)]


def test_texts_that_share_a_contact_are_one_campaign(newsroom: Newsroom, pipeline: Pipeline) -> None:
    posted = lured(newsroom, pipeline, *LURES)

    (campaign,) = found(pipeline.database)
    assert (campaign.copies, campaign.authors) == (4, 4)
    assert [value(pipeline, one) for one in posted] == [0, 1, 2, 3]


def test_a_copy_of_one_that_shares_a_contact_joins_the_same_campaign(newsroom: Newsroom, pipeline: Pipeline) -> None:
    lured(newsroom, pipeline, *LURES, f"{TEXT} anna@trade.example")

    copies(newsroom, pipeline, "copyist", text=TEXT)

    (campaign,) = found(pipeline.database)
    assert (campaign.copies, campaign.authors) == (6, 6)


def test_texts_that_share_a_new_domain_are_one_campaign_and_those_with_a_known_one_are_not(
    newsroom: Newsroom, pipeline: Pipeline
) -> None:
    texts = (
        "Great shop at https://{}/a for all",
        "Who knows https://{}/b from the radio?",
        "Try www.{}/c instead, friends",
    )
    lured(newsroom, pipeline, *(text.format("pills.example") for text in texts))
    (campaign,) = found(pipeline.database)
    assert campaign.copies == 3

    with pipeline.database.write() as conn:
        domains.count_domains(conn, {(newsroom.site.id, "broadcaster.example"): 6})
    lured(newsroom, pipeline, *(text.format("broadcaster.example") for text in texts), by="viewer")

    assert len(found(pipeline.database)) == 1


OPINIONS = (
    "The new mayor keeps every promise that the old one broke, and the paper never says so",
    "Nobody at the harbour believes the numbers any more, but everybody there trusts the mayor",
    "My pension went up this spring and I know very well whom I have to thank for it",
    "Before this mayor the buses did not run on Sundays, and people forget that too quickly",
)


@pytest.mark.parametrize(("mail", "together"), [("mailinator.com", [0, 1, 2, 3]), ("mail.example", [0, 0, 0, 0])])
def test_newcomers_with_one_provider_of_disposable_mail_are_one_campaign(
    newsroom: Newsroom, pipeline: Pipeline, mail: str, together: list[int]
) -> None:
    posted = [
        copies(newsroom, pipeline, f"fan{n}", text=text, author_email_domain=mail)[0] for n, text in enumerate(OPINIONS)
    ]

    assert [value(pipeline, one) for one in posted] == together


def test_an_author_with_a_record_is_no_newcomer_whatever_the_mail(newsroom: Newsroom, pipeline: Pipeline) -> None:
    copies(newsroom, pipeline, "regular")
    with pipeline.database.write() as conn:
        conn.execute(authors.update().where(authors.c.external_id == "regular").values(published=9))

    for n, text in enumerate(OPINIONS[:2]):
        copies(newsroom, pipeline, f"fan{n}", text=text, author_email_domain="mailinator.com")
    (regular,) = [newsroom.post(OPINIONS[3], author_id="regular", id="r-2", author_email_domain="mailinator.com")]
    assert pipeline.score([regular.comment.id]) == [None]

    assert value(pipeline, regular) == 0


def test_a_comment_that_only_shares_a_contact_is_not_rejected_unread(newsroom: Newsroom, pipeline: Pipeline) -> None:
    posted = lured(newsroom, pipeline, *LURES[:3])
    (campaign,) = found(pipeline.database)
    with pipeline.database.write() as conn:
        rejected = Treatment(Action.REJECT, "spam", NOON + timedelta(days=7), "Ana")
        campaign_changes.treat(conn, campaign.id, rejected, None, seen_at=NOON)

    warning = lured(newsroom, pipeline, "Do not write to anna@trade.example, she took my savings", by="victim")
    again = copies(newsroom, pipeline, "copyist", text=LURES[0])

    decided = decide(pipeline, *posted, *warning, *again)
    assert decided[warning[0].comment.external_id].status == "flagged"
    assert decided[again[0].comment.external_id].status == "flagged"  # the text of one that shares it alone
