"""The facts that a site sends of authors and arrivals, and the domains it published: kept, loaded and forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database
from moderation.ground.values.comments import Comment
from moderation.ground.values.statuses import CommentStatus
from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.text.contacts.domains import MOST_DOMAINS
from moderation.operations.all_tables import metadata
from moderation.operations.operating.deleting import retention
from moderation.pipeline.arriving import intake
from moderation.pipeline.arriving.submission import Submission
from moderation.pipeline.loading import looking_up
from moderation.pipeline.loading import rows as loading
from moderation.pipeline.settling.judgements import settle
from moderation.sites.audit.actors import SYSTEM
from moderation.spine.comments import fact_rows as facts
from moderation.spine.comments.moves import Move
from moderation.spine.comments.tables import comment_facts, comments
from moderation.spine.domains import counts
from moderation.spine.domains import rows as domains
from moderation.spine.domains.tables import published_domains
from tests.builders import NOON
from tests.moderation.conftest import Newsroom
from tests.moderation.spine.comments.test_door import judge
from tests.statements import Asked, steps
from tests.ticking import TickingClock

ADDRESS = "198.51.100.7"
LINKS = "See https://shop.example.com/a and https://example.com/b"


def load(database: Database, comment: Comment) -> CommentToScore:
    with database.read() as conn:
        (scored,) = looking_up.known_of(conn, loading.load_waiting(conn, [comment.id]), now=NOON)
    return scored


def published(newsroom: Newsroom, text: str = LINKS, **said: Any) -> Comment:
    comment = newsroom.post(text, **said).comment
    settle(newsroom.database, [judge(newsroom.database, comment.id)], now=NOON)
    return comment


def known(newsroom: Newsroom) -> dict[str, int]:
    with newsroom.database.read() as conn:
        rows = conn.execute(sa.select(published_domains)).all()
    return {row.domain: row.comments for row in rows}


class TestAuthors:
    def test_facts_are_kept_and_one_that_is_not_sent_again_stays(self, newsroom: Newsroom) -> None:
        registered = NOON - timedelta(days=3)
        newsroom.post(author_registered_at=registered, author_email_domain="example.org")

        author = load(newsroom.database, newsroom.post("Another text.").comment).author

        assert (author.registered_at, author.email_domain) == (registered, "example.org")

    def test_a_fact_that_changes_is_changed(self, newsroom: Newsroom) -> None:
        newsroom.post(author_email_domain="example.org")

        author = load(newsroom.database, newsroom.post("Another.", author_email_domain="mailinator.com").comment).author

        assert author.email_domain == "mailinator.com"


class TestWebsites:
    def test_each_comment_keeps_its_own_though_the_author_enters_another_later(self, newsroom: Newsroom) -> None:
        first = newsroom.post(author_url="https://escort-paris.example").comment
        newsroom.post("Another text.", author_url="https://dana.example")

        assert load(newsroom.database, first).website == "https://escort-paris.example"

    def test_a_comment_without_one_has_none(self, newsroom: Newsroom) -> None:
        assert load(newsroom.database, newsroom.post(typed_s=3.0).comment).website is None


class TestAddresses:
    def test_no_column_of_any_table_holds_one(self, newsroom: Newsroom) -> None:
        newsroom.post(author_address=ADDRESS, typed_s=4.5)

        with newsroom.database.read() as conn:
            everything = [str(tuple(row)) for t in metadata.sorted_tables for row in conn.execute(sa.select(t))]
            (kept,) = conn.execute(sa.select(comment_facts)).all()
        assert not [row for row in everything if ADDRESS in row]
        assert len(kept.address) == 64
        assert kept.typed_s == 4.5

    def test_one_address_has_one_digest_in_a_site_and_another_in_another(
        self, newsroom: Newsroom, other_site: Any
    ) -> None:
        with newsroom.database.write() as conn:
            first, again = (facts.address_digest(conn, newsroom.site.id, ADDRESS) for _ in range(2))
            elsewhere = facts.address_digest(conn, other_site.id, ADDRESS)

        assert first == again != elsewhere

    def test_the_same_comment_from_another_address_is_the_same(self, newsroom: Newsroom) -> None:
        first = newsroom.post(id="c-1", author_address=ADDRESS)

        again = newsroom.post(id="c-1", author_address="198.51.100.8", typed_s=3.0)

        assert again.comment.id == first.comment.id

    def test_a_submission_shows_none_in_a_log(self) -> None:
        said = Submission(article_id="a", author_id="u", text="t", author_address=ADDRESS)

        assert ADDRESS not in repr(said)

    @pytest.mark.parametrize(("days", "left"), [(29, 3), (31, 0)])
    def test_they_are_forgotten_after_thirty_days_and_nothing_else_is(
        self, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, days: int, left: int
    ) -> None:
        monkeypatch.setattr(retention, "PAGE", 2)
        for number in range(3):
            newsroom.post(f"Text {number}.", author_address=ADDRESS, typed_s=1.0)
        when = datetime.now(tz=NOON.tzinfo) + timedelta(days=days)  # ids hold the time at which they were made

        forgotten = sum(page.count for page in retention.retain(newsroom.database, by=SYSTEM, now=when))

        with newsroom.database.read() as conn:
            rows = conn.execute(sa.select(comment_facts)).all()
        assert forgotten == 3 - left
        assert [row.address is not None for row in rows] == [left > 0] * 3
        assert [row.typed_s for row in rows] == [1.0] * 3

    def test_one_subscriber_of_ipv6_is_one_address(self, newsroom: Newsroom) -> None:
        now = datetime.now(tz=NOON.tzinfo)
        newsroom.post("One.", author_address="2001:db8:0:1::5", now=now)
        newsroom.post("Two.", author_id="u-2", author_address="2001:DB8:0:2::5", now=now)

        newest = newsroom.post("Three.", author_id="u-3", author_address="2001:db8::1:0:0:0:77", now=now).comment

        assert load(newsroom.database, newest).recent == 1


class TestTyping:
    def test_the_time_is_of_the_text_that_was_typed_and_goes_with_an_edit(self, newsroom: Newsroom) -> None:
        comment = newsroom.post("The first text.", typed_s=3.0).comment
        assert load(newsroom.database, comment).typed_s == 3.0

        intake.edit(newsroom.database, newsroom.queues, newsroom.site.id, comment.external_id, "Another.", now=NOON)

        assert load(newsroom.database, comment).typed_s is None


class TestBurst:
    def recent(self, newsroom: Newsroom, **said: Any) -> int:
        return load(newsroom.database, newsroom.post("The newest.", now=NOON, **said).comment).recent

    def test_it_counts_the_authors_own_of_ten_minutes(self, newsroom: Newsroom) -> None:
        for minutes in (1, 9, 11):
            newsroom.post(f"{minutes} ago.", posted_at=NOON - timedelta(minutes=minutes))
        newsroom.post("Somebody else's.", author_id="u-2")

        assert self.recent(newsroom) == 2

    def test_the_same_address_counts_and_nothing_twice(self, newsroom: Newsroom) -> None:
        now = datetime.now(tz=NOON.tzinfo)
        newsroom.post("One.", author_address=ADDRESS, now=now)
        newsroom.post("Two.", author_id="u-2", author_address=ADDRESS, now=now)
        newsroom.post("Three.", author_id="u-3", author_address="198.51.100.8", now=now)

        newest = newsroom.post("Four.", author_address=ADDRESS, now=now).comment

        assert load(newsroom.database, newest).recent == 2

    def test_a_batch_has_the_counts_that_its_comments_have_alone(self, newsroom: Newsroom) -> None:
        posted = [
            newsroom.post(
                f"Text {n}.",
                id=f"n-{n}",
                author_id=f"u-{n % 5}",
                author_address=None if n % 3 == 0 else f"198.51.100.{n % 3}",
                now=NOON + timedelta(seconds=10 * n),
            ).comment.id
            for n in range(70)
        ]

        with newsroom.database.read() as conn:
            together = {c.comment.id: c.recent for c in loading.load_waiting(conn, posted)}
            alone = {id: loading.load_waiting(conn, [id])[0].recent for id in posted}

        assert together == alone
        assert len(set(alone.values())) > 5


class TestDomains:
    def test_what_is_published_makes_its_domains_known_once_for_each_comment(self, newsroom: Newsroom) -> None:
        published(newsroom)
        published(newsroom, "Also https://example.com/c and https://other.example.org")

        assert known(newsroom) == {"example.com": 2, "example.org": 1}
        scored = load(newsroom.database, newsroom.post("https://x.example.com and https://new.test").comment)
        assert scored.known_domains == {"example.com"}

    def test_a_published_comment_that_is_scored_again_does_not_make_its_own_known(self, newsroom: Newsroom) -> None:
        comment = published(newsroom)
        published(newsroom, "https://example.com/c https://example.org")

        with newsroom.database.read() as conn:
            (again,) = looking_up.known_of(conn, loading.load_decided(conn, [comment.id]), now=NOON)
        assert again.known_domains == {"example.com"}
        published(newsroom, "https://only.example.net", id="c-9")
        with newsroom.database.read() as conn:
            own = conn.execute(sa.select(comments.c.id).where(comments.c.external_id == "c-9")).scalar_one()
            (again,) = looking_up.known_of(conn, loading.load_decided(conn, [own]), now=NOON)
        assert again.known_domains == frozenset()

    def test_a_text_of_nothing_but_domains_makes_few_of_them_known(self, newsroom: Newsroom) -> None:
        published(newsroom, " ".join(f"https://d{number:03}.example{number:03}.com" for number in range(200)))

        assert len(known(newsroom)) == MOST_DOMAINS

    def test_what_waits_or_is_held_makes_nothing_known(self, newsroom: Newsroom) -> None:
        newsroom.post(LINKS)
        comment = newsroom.post("https://held.example.net/").comment
        settle(newsroom.database, [judge(newsroom.database, comment.id, toxicity=0.99)], now=NOON)

        assert known(newsroom) == {}

    def test_what_goes_offline_takes_its_domains_with_it(self, newsroom: Newsroom) -> None:
        comment = published(newsroom)
        kept = published(newsroom, "Also https://example.com/c")
        other = published(newsroom, "https://gone.example.net/")

        intake.withdraw(newsroom.database, newsroom.site.id, other.external_id, now=NOON)
        intake.edit(
            newsroom.database, newsroom.queues, newsroom.site.id, comment.external_id, "No link any more.", now=NOON
        )

        assert kept
        assert known(newsroom) == {"example.com": 1, "example.net": 0}
        with newsroom.database.read() as conn:
            assert domains.known_domains(conn, newsroom.site.id, {"example.com", "example.net"}) == {"example.com"}

    def test_a_count_never_falls_below_none(self, newsroom: Newsroom) -> None:
        """As where a comment goes offline that was published before domains were counted."""
        with newsroom.database.write() as conn:
            domains.count_domains(conn, {(newsroom.site.id, "example.com"): -1})
            domains.count_domains(conn, {(newsroom.site.id, "example.com"): 1})
            domains.count_domains(conn, {(newsroom.site.id, "example.com"): -5})

        assert known(newsroom) == {"example.com": 0}

    def test_those_that_go_are_counted_first_where_there_is_no_time_for_all(
        self, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        gone = replace(published(newsroom, "https://gone.example.net/"), status=CommentStatus.PUBLISHED)
        come = newsroom.post("https://come.example.org/").comment
        monkeypatch.setattr(counts, "READ_S", 1.0)
        monkeypatch.setattr(counts, "own_time", TickingClock(2.0))  # one text takes all of it

        with newsroom.database.write() as conn:
            moves = [Move(come, CommentStatus.PUBLISHED, NOON), Move(gone, CommentStatus.WITHDRAWN, NOON)]
            counts.follow(conn, moves, NOON)

        assert known(newsroom) == {"example.net": 0}


def test_each_look_uses_an_index(newsroom: Newsroom) -> None:
    comment = newsroom.post(LINKS, author_address=ADDRESS).comment
    asked = Asked(newsroom.database)

    with asked.listening():
        load(newsroom.database, comment)
        list(retention.retain(newsroom.database, by=SYSTEM, now=NOON))

    mine = [
        a for a in asked.statements if "comment_facts" in a[0] or "published_domains" in a[0] or "posted_at" in a[0]
    ]
    if newsroom.database.engine.dialect.name == "sqlite":
        taken = [step for statement, parameters in mine for step in steps(statement, parameters)]
        assert any("ix_comment_facts_address" in step for step in taken)
        assert any("ix_comments_author_listing" in step for step in taken)
        assert not [step for step in taken if step.startswith(("SCAN comment", "SCAN published"))]
