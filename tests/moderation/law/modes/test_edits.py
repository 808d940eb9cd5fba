"""No entrance shows new words while a mode forbids new comments: edits, and comments that are posted again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from moderation.ground.errors import ArticleClosed, AuthorSlowed, EditTimeOver, FieldProblem
from moderation.ground.values.articles import ArticleState
from moderation.ground.values.comments import Comment
from moderation.ground.values.modes import ModeName
from moderation.ground.values.statuses import CommentStatus
from moderation.ground.values.verdicts import ReasonCode
from moderation.law.modes import starting
from moderation.pipeline.arriving import by_reader, intake
from moderation.spine.articles import rows as articles
from moderation.spine.comments.rows import Listed
from moderation.spine.comments.tables import comments
from tests.builders import NOON, OPERATOR
from tests.moderation.conftest import Newsroom
from tests.moderation.law.modes.test_modes import FERRY, HOURS, SOON, codes, start

MINUTE = timedelta(minutes=1)
PLACES: list[dict[str, Any]] = [{"article": "a-1"}, {"section": "City"}, {}]


def edit(newsroom: Newsroom, listed: Listed, text: str = "Wholly other words.", *, now: datetime = SOON) -> Comment:
    external_id = listed.comment.external_id
    return intake.edit(newsroom.database, newsroom.queues, newsroom.site.id, external_id, text, now=now)


def check_edit(newsroom: Newsroom, listed: Listed, *, now: datetime = SOON) -> None:
    external_id = listed.comment.external_id
    by_reader.check_edit(newsroom.database, newsroom.site.id, "u-1", external_id, now=now)


def publish(newsroom: Newsroom, listed: Listed, *, at: datetime) -> None:
    with newsroom.database.write() as conn:
        row = comments.update().where(comments.c.id == listed.comment.id)
        conn.execute(row.values(status=CommentStatus.PUBLISHED, version=2, updated_at=at))


class TestClosed:
    @pytest.mark.parametrize("place", PLACES)
    def test_a_reader_may_not_rewrite_what_came_before(self, newsroom: Newsroom, place: dict[str, Any]) -> None:
        listed = newsroom.post(article=FERRY, now=NOON - MINUTE)
        check_edit(newsroom, listed)
        mode = start(newsroom, ModeName.CLOSED, **place)

        with pytest.raises(ArticleClosed) as refused:
            check_edit(newsroom, listed)

        assert refused.value.until == mode.until
        with pytest.raises(EditTimeOver):
            check_edit(newsroom, listed, now=NOON + 20 * MINUTE)
        starting.end(newsroom.database, newsroom.site.id, mode.id, by=OPERATOR, now=SOON)
        check_edit(newsroom, listed)

    def test_nor_on_a_closed_article(self, newsroom: Newsroom) -> None:
        listed = newsroom.post(article=FERRY)
        with newsroom.database.write() as conn:
            articles.update_article(conn, listed.comment.article_id, {"state": ArticleState.CLOSED}, now=NOON)

        with pytest.raises(ArticleClosed) as refused:
            check_edit(newsroom, listed)

        assert refused.value.until is None

    @pytest.mark.parametrize("place", PLACES)
    @pytest.mark.parametrize("scored", [SOON, NOON + 2 * HOURS], ids=["meanwhile", "after the end"])
    def test_a_person_reads_what_the_site_edits(
        self, newsroom: Newsroom, place: dict[str, Any], scored: datetime
    ) -> None:
        listed, elsewhere = newsroom.post(article=FERRY), newsroom.post(id="c-2", article_id="a-9", now=NOON - MINUTE)
        publish(newsroom, listed, at=NOON - MINUTE)
        start(newsroom, ModeName.CLOSED, lasts=HOURS, **place)

        assert edit(newsroom, listed).status is CommentStatus.WAITING
        edit(newsroom, elsewhere)

        assert codes(newsroom, listed, now=scored) == [ReasonCode.MODE]
        assert codes(newsroom, elsewhere, now=scored) == ([] if place else [ReasonCode.MODE])

    def test_a_held_edit_stays_held_when_it_is_scored_once_more(self, newsroom: Newsroom) -> None:
        listed = newsroom.post(article=FERRY)
        start(newsroom, ModeName.CLOSED)
        edit(newsroom, listed)
        with newsroom.database.write() as conn:
            conn.execute(comments.update().values(status=CommentStatus.FLAGGED, updated_at=NOON + 2 * HOURS))

        assert codes(newsroom, listed, now=NOON + 3 * HOURS) == [ReasonCode.MODE]

    @pytest.mark.parametrize("edited", [NOON - MINUTE, NOON + HOURS], ids=["before", "after"])
    def test_an_edit_before_or_after_is_decided_as_ever(self, newsroom: Newsroom, edited: datetime) -> None:
        listed = newsroom.post(article=FERRY, now=NOON - 2 * MINUTE)
        start(newsroom, ModeName.CLOSED)

        edit(newsroom, listed, now=edited)

        assert codes(newsroom, listed, now=max(edited, SOON)) == []

    def test_what_came_before_is_decided_and_stays_as_ever(self, newsroom: Newsroom) -> None:
        waiting, online = newsroom.post(now=NOON - MINUTE), newsroom.post(id="c-2", now=NOON - MINUTE)
        start(newsroom, ModeName.CLOSED)
        publish(newsroom, online, at=SOON)

        assert codes(newsroom, waiting) == codes(newsroom, online) == []

    def test_a_comment_that_was_withdrawn_cannot_be_posted_again(self, newsroom: Newsroom) -> None:
        first = newsroom.post(id="c-1", now=NOON - MINUTE)
        start(newsroom, ModeName.CLOSED)
        intake.withdraw(newsroom.database, newsroom.site.id, first.comment.external_id, now=SOON)

        with pytest.raises(ArticleClosed):
            newsroom.post(id="c-2", now=SOON)
        with pytest.raises(ArticleClosed):
            newsroom.post(id="c-3", parent_id="c-1", now=SOON)


class TestSlow:
    @pytest.mark.parametrize("place", PLACES)
    def test_the_first_comment_goes_through_at_once(self, newsroom: Newsroom, place: dict[str, Any]) -> None:
        newsroom.post(id="c-1", article=FERRY, now=NOON - timedelta(seconds=1))
        start(newsroom, ModeName.SLOW, **place)

        newsroom.post(id="c-2", now=NOON)

        with pytest.raises(AuthorSlowed) as refused:
            newsroom.post(id="c-3", now=NOON + 4 * MINUTE)
        assert refused.value.retry_after_s == 60

    @pytest.mark.parametrize("place", PLACES)
    def test_words_come_no_faster_by_edits(self, newsroom: Newsroom, place: dict[str, Any]) -> None:
        older = newsroom.post(id="c-0", article=FERRY, now=NOON - MINUTE)
        edit(newsroom, older, "A first edit, before.", now=NOON - timedelta(seconds=1))
        start(newsroom, ModeName.SLOW, **place)
        listed = newsroom.post(id="c-1", now=NOON)
        other = newsroom.post(id="c-2", author_id="u-2", now=NOON)

        edit(newsroom, listed, "A typo is mended.", now=SOON)

        for again in (listed, older):
            with pytest.raises(AuthorSlowed) as refused:
                edit(newsroom, again, "And wholly other words.", now=SOON + 4 * MINUTE)
            assert refused.value.retry_after_s == 60
            assert refused.value.problems == (FieldProblem("author.id", "has edited a comment within 5 minutes"),)
        assert edit(newsroom, listed, "A typo is mended.", now=SOON + MINUTE).version == 2  # the same is no edit
        edit(newsroom, other, "Of another reader.", now=SOON + MINUTE)
        edit(newsroom, listed, "Later.", now=SOON + 5 * MINUTE)

    def test_elsewhere_edits_are_not_slowed(self, newsroom: Newsroom) -> None:
        newsroom.post(id="c-0", article=FERRY)
        start(newsroom, ModeName.SLOW, article="a-1")
        elsewhere = newsroom.post(id="c-1", article_id="a-2")

        for number in range(3):
            edit(newsroom, elsewhere, f"Edit {number}.")

    def test_a_comment_that_was_withdrawn_counts(self, newsroom: Newsroom) -> None:
        start(newsroom, ModeName.SLOW)
        first = newsroom.post(id="c-1", now=NOON)
        intake.withdraw(newsroom.database, newsroom.site.id, first.comment.external_id, now=SOON)

        with pytest.raises(AuthorSlowed):
            newsroom.post(id="c-2", now=SOON)
