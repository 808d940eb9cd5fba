"""Modes for breaking news: where and how long they hold, what they refuse, and which comments wait for a person."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database
from moderation.ground.errors import ArticleClosed, AuthorSlowed, FieldProblem, GavelError, InvalidInput, NotFound
from moderation.ground.values.modes import Mode, ModeName
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.ground.values.verdicts import ReasonCode
from moderation.judging.policy import verdicts
from moderation.law.modes import acting, starting
from moderation.law.modes import rows as store
from moderation.law.modes.starting import LONGEST, ModeWish
from moderation.pipeline.loading import rows as loading
from moderation.sites.audit import rows as audit_entries
from moderation.sites.rows import Site
from moderation.spine.articles import rows as articles
from moderation.spine.articles.tables import authors
from moderation.spine.comments.rows import Listed
from moderation.spine.comments.tables import comments
from tests.builders import NOON, OPERATOR, a_policy, a_signal
from tests.moderation.conftest import Newsroom
from tests.statements import Asked, steps, steps_in_postgres

SOON = NOON + timedelta(minutes=1)
HOURS = timedelta(hours=3)
FERRY = (("title", "Ferry to run all winter"), ("section", "City"))


def start(
    newsroom: Newsroom, name: ModeName, *, now: datetime = NOON, lasts: timedelta = HOURS, **said: object
) -> Mode:
    wish = ModeWish(name, now + lasts, **said)  # type: ignore[arg-type]
    return starting.start(newsroom.database, newsroom.site.id, wish, by=OPERATOR, now=now)


def codes(newsroom: Newsroom, listed: Listed, *, now: datetime = SOON) -> list[str]:
    """Why a comment that nothing else is wrong with is not published; empty if it is."""
    with newsroom.database.read() as conn:
        found = loading.load_waiting(conn, [listed.comment.id]) or loading.load_decided(conn, [listed.comment.id])
    (loaded,) = found
    verdict = verdicts.decide([a_signal("toxicity", 0.1)], a_policy(), loaded.circumstances(now))
    return [reason.code for reason in verdict.reasons if reason.action is not Action.PUBLISH]


def published_before(newsroom: Newsroom, author: str, count: int) -> None:
    with newsroom.database.write() as conn:
        conn.execute(authors.update().where(authors.c.external_id == author).values(published=count))


def test_where_everything_waits_a_person_reads_every_comment_and_is_told_why(newsroom: Newsroom) -> None:
    newsroom.post(article=FERRY)
    start(newsroom, ModeName.EVERYTHING_WAITS, article="a-1")
    here, elsewhere = newsroom.post(now=SOON), newsroom.post(article_id="a-2", now=SOON)

    assert codes(newsroom, here) == [ReasonCode.MODE]
    assert codes(newsroom, elsewhere) == []
    with newsroom.database.read() as conn:
        (loaded,) = loading.load_waiting(conn, [here.comment.id])
    (reason,) = verdicts.decide([], a_policy(), loaded.circumstances(SOON)).reasons
    assert (reason.action, reason.detail) == (Action.FLAG, "breaking news: a person reads everything here")


@pytest.mark.parametrize(("published", "held"), [(0, True), (4, True), (5, False), (6, False)])
def test_where_regulars_write_others_wait(newsroom: Newsroom, published: int, held: bool) -> None:
    listed = newsroom.post(article=FERRY)
    start(newsroom, ModeName.REGULARS_ONLY, section="City")
    published_before(newsroom, "u-1", published)

    assert codes(newsroom, listed) == ([ReasonCode.MODE] if held else [])


def test_a_regular_is_who_the_lead_says(newsroom: Newsroom) -> None:
    listed = newsroom.post()
    start(newsroom, ModeName.REGULARS_ONLY, regular_from=2)
    published_before(newsroom, "u-1", 2)

    assert codes(newsroom, listed) == []


@pytest.mark.parametrize(
    ("came", "held"),
    [(timedelta(0), True), (HOURS - timedelta(seconds=1), True), (HOURS, False)],
)
def test_a_mode_ends_by_itself(newsroom: Newsroom, came: timedelta, held: bool) -> None:
    start(newsroom, ModeName.EVERYTHING_WAITS)

    listed = newsroom.post(now=NOON + came)

    assert codes(newsroom, listed, now=NOON + came) == ([ReasonCode.MODE] if held else [])


def test_a_comment_that_came_in_time_waits_also_when_it_is_scored_later(newsroom: Newsroom) -> None:
    mode = start(newsroom, ModeName.EVERYTHING_WAITS)
    listed = newsroom.post(now=SOON)
    starting.end(newsroom.database, newsroom.site.id, mode.id, by=OPERATOR, now=SOON + timedelta(minutes=1))
    later = newsroom.post("After the end.", now=SOON + timedelta(minutes=2))

    assert codes(newsroom, listed, now=NOON + HOURS) == [ReasonCode.MODE]
    assert codes(newsroom, later, now=NOON + HOURS) == []


@pytest.mark.parametrize(
    ("status", "came", "held"),
    [
        (CommentStatus.WAITING, NOON - HOURS, True),
        (CommentStatus.FLAGGED, NOON - HOURS, True),
        (CommentStatus.PUBLISHED, NOON - HOURS, False),
        (CommentStatus.PUBLISHED, SOON, True),
    ],
)
def test_a_mode_takes_nothing_down_that_was_published_before_it(
    newsroom: Newsroom, status: CommentStatus, came: datetime, held: bool
) -> None:
    listed = newsroom.post(now=came)
    start(newsroom, ModeName.EVERYTHING_WAITS)
    with newsroom.database.write() as conn:
        conn.execute(comments.update().values(status=status))

    assert codes(newsroom, listed) == ([ReasonCode.MODE] if held else [])


def test_slow_lets_each_reader_send_one_comment_in_five_minutes_there(newsroom: Newsroom) -> None:
    newsroom.post(article=FERRY, now=NOON - HOURS)
    start(newsroom, ModeName.SLOW, article="a-1")
    newsroom.post(id="c-1", now=NOON)

    with pytest.raises(AuthorSlowed) as refused:
        newsroom.post(id="c-2", now=NOON + timedelta(minutes=4))

    assert refused.value.retry_after_s == 60
    assert refused.value.problems == (FieldProblem("author.id", "has sent a comment within 5 minutes"),)
    newsroom.post(id="c-1", now=NOON + timedelta(minutes=4))  # the same again is no other comment
    newsroom.post(id="c-3", author_id="u-2", now=NOON + timedelta(minutes=4))
    newsroom.post(id="c-4", article_id="a-2", now=NOON + timedelta(minutes=4))
    newsroom.post(id="c-5", now=NOON + timedelta(minutes=5))


def test_slow_in_a_section_counts_the_comments_of_the_section(newsroom: Newsroom) -> None:
    newsroom.post(article=FERRY, now=NOON - HOURS)
    start(newsroom, ModeName.SLOW, section="City", minutes=10)
    newsroom.post(article_id="sport-1", now=NOON)
    newsroom.post(article_id="a-1", now=NOON)

    with pytest.raises(AuthorSlowed):
        newsroom.post(article_id="a-2", article=FERRY, now=NOON + timedelta(minutes=9))
    newsroom.post(article_id="sport-1", now=NOON + timedelta(minutes=9))


def test_the_wait_is_never_longer_than_the_mode(newsroom: Newsroom) -> None:
    start(newsroom, ModeName.SLOW, lasts=timedelta(minutes=2))
    newsroom.post(now=NOON)

    with pytest.raises(AuthorSlowed) as refused:
        newsroom.post(now=SOON)

    assert refused.value.retry_after_s == 60
    newsroom.post(now=NOON + timedelta(minutes=2))


def test_closed_is_refused_like_a_closed_article_with_the_end(newsroom: Newsroom) -> None:
    newsroom.post(id="c-1", now=NOON - HOURS)
    mode = start(newsroom, ModeName.CLOSED, article="a-1")

    with pytest.raises(ArticleClosed) as refused:
        newsroom.post(id="c-2", now=SOON)

    assert refused.value.until == mode.until == NOON + HOURS
    assert newsroom.post(id="c-1", now=SOON).comment.version == 1
    newsroom.post(id="c-3", article_id="a-2", now=SOON)
    newsroom.post(id="c-4", now=NOON + HOURS)


def test_all_modes_that_hold_apply_and_readers_see_the_strictest(newsroom: Newsroom) -> None:
    newsroom.post(article=FERRY)
    start(newsroom, ModeName.SLOW)
    start(newsroom, ModeName.EVERYTHING_WAITS, section="City", lasts=timedelta(hours=1))

    def seen(now: datetime) -> ModeName | None:
        with newsroom.database.read() as conn:
            article = articles.get_article(conn, newsroom.site.id, "a-1")
            mode = acting.mode_of(conn, newsroom.site.id, article, now=now)
        return mode.name if mode else None

    assert seen(SOON) is ModeName.EVERYTHING_WAITS
    assert seen(NOON + timedelta(hours=1)) is ModeName.SLOW
    assert seen(NOON + HOURS) is None
    with newsroom.database.read() as conn:
        assert acting.mode_of(conn, newsroom.site.id, None, now=SOON).name is ModeName.SLOW  # type: ignore[union-attr]


def test_another_sites_modes_do_not_count(newsroom: Newsroom, other_site: Site) -> None:
    wish = ModeWish(ModeName.CLOSED, NOON + HOURS)
    made = starting.start(newsroom.database, other_site.id, wish, by=OPERATOR, now=NOON)

    newsroom.post(now=SOON)

    with pytest.raises(NotFound):
        starting.end(newsroom.database, newsroom.site.id, made.id, by=OPERATOR, now=SOON)


def test_a_new_mode_takes_the_place_of_the_one_there_and_both_are_in_the_trail(newsroom: Newsroom) -> None:
    newsroom.post(article=FERRY)
    first = start(newsroom, ModeName.SLOW, article="a-1")
    elsewhere = start(newsroom, ModeName.SLOW, section="City")
    second = start(newsroom, ModeName.CLOSED, article="a-1", now=SOON)
    starting.end(newsroom.database, newsroom.site.id, second.id, by=OPERATOR, now=SOON + timedelta(minutes=1))
    again = starting.end(newsroom.database, newsroom.site.id, second.id, by=OPERATOR, now=NOON + HOURS)

    assert again.ends_at == SOON + timedelta(minutes=1)
    with newsroom.database.read() as conn:
        assert store.ending_after(conn, [newsroom.site.id], SOON + timedelta(minutes=1)) == [elsewhere]
        ended = store.find(conn, newsroom.site.id, first.id)
        entries = audit_entries.entries(conn, newsroom.site.id, before=None, limit=9)
    assert ended is not None and (ended.ends_at, ended.until) == (SOON, NOON + HOURS)
    told = [(e.action, e.subject, (e.before or {}).get("mode"), (e.after or {}).get("mode")) for e in entries]
    assert told == [
        ("mode.ended", "a-1", "closed", None),
        ("mode.started", "a-1", "slow", "closed"),
        ("mode.started", "City", None, "slow"),
        ("mode.started", "a-1", None, "slow"),
    ]


def test_the_end_that_comes_by_itself_is_in_the_audit_trail_once_at_its_moment(newsroom: Newsroom) -> None:
    newsroom.post(article=FERRY)
    start(newsroom, ModeName.SLOW, article="a-1")
    by_hand = start(newsroom, ModeName.CLOSED, section="City")
    starting.end(newsroom.database, newsroom.site.id, by_hand.id, by=OPERATOR, now=SOON)
    over = NOON + HOURS

    early = starting.note_ends(newsroom.database, now=over - timedelta(seconds=1))
    noted, again = (starting.note_ends(newsroom.database, now=over + timedelta(seconds=9)) for _ in range(2))
    starting.end(newsroom.database, newsroom.site.id, by_hand.id, by=OPERATOR, now=over + timedelta(hours=1))

    assert (early, noted, again) == (0, 1, 0)
    with newsroom.database.read() as conn:
        entries = audit_entries.entries(conn, newsroom.site.id, before=None, limit=9)
    ends = [(e.actor_kind, e.subject, e.before, e.created_at) for e in entries if e.action == "mode.ended"]
    said = {"until": over.isoformat()}
    assert ends == [
        ("system", "a-1", {"place": "article", "mode": "slow", **said}, over),
        ("operator", "City", {"place": "section", "mode": "closed", **said}, SOON),
    ]


def test_the_ends_to_note_come_off_their_index(newsroom: Newsroom, database: Database) -> None:
    for day in range(300):
        start(newsroom, ModeName.SLOW, now=NOON - timedelta(days=300 - day), lasts=timedelta(hours=1))
    assert starting.note_ends(database, now=NOON, limit=300) == 300
    with database.write() as conn:
        conn.execute(sa.text("ANALYZE"))
    asked = Asked(database)

    with asked.listening():
        assert starting.note_ends(database, now=NOON) == 0

    (statement,) = asked.statements
    taken = steps(*statement) if database.is_sqlite else steps_in_postgres(database, *statement)
    assert any("ix_modes_unnoted" in step for step in taken), taken


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"lasts": timedelta(0)}, "until"),
        ({"lasts": LONGEST + timedelta(seconds=1)}, "until"),
        ({"article": "a-1", "section": "City"}, "section"),
        ({"section": "Nowhere"}, "section"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": 61}, "minutes"),
        ({"regular_from": 0}, "regular_from"),
        ({"regular_from": 1_001}, "regular_from"),
        ({"article": "unknown"}, None),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_and_changes_nothing(
    newsroom: Newsroom, said: dict[str, object], field: str | None
) -> None:
    newsroom.post(article=FERRY)

    with pytest.raises(GavelError) as refused:
        start(newsroom, ModeName.SLOW, **said)  # type: ignore[arg-type]

    if field is not None:
        assert isinstance(refused.value, InvalidInput)
        assert [problem.field for problem in refused.value.problems] == [field]
    with newsroom.database.read() as conn:
        assert store.ending_after(conn, [newsroom.site.id], NOON) == []


def test_a_mode_may_last_seven_days(newsroom: Newsroom) -> None:
    assert start(newsroom, ModeName.SLOW, lasts=LONGEST).until == NOON + LONGEST


def test_modes_come_off_their_index(newsroom: Newsroom, database: Database) -> None:
    for day in range(300):
        start(newsroom, ModeName.SLOW, now=NOON - timedelta(days=300 - day), lasts=timedelta(hours=1))
    with database.write() as conn:
        conn.execute(sa.text("ANALYZE"))
    asked = Asked(database)

    with asked.listening(), database.read() as conn:
        assert store.ending_after(conn, [newsroom.site.id], NOON) == []

    (statement,) = asked.statements
    taken = steps(*statement) if database.is_sqlite else steps_in_postgres(database, *statement)
    assert any("ix_modes_site" in step for step in taken), taken
