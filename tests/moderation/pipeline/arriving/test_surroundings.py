"""The one statement with which a new comment's site, article and author are looked up."""

from __future__ import annotations

import uuid

import pytest

from moderation.ground.database.engine import Database
from moderation.ground.errors import NotFound
from moderation.ground.values.articles import ArticleState
from moderation.pipeline.arriving.surroundings_rows import Surroundings, surroundings
from moderation.sites.rows import Site
from tests.builders import NOON
from tests.moderation.conftest import Newsroom
from tests.statements import Asked, steps

FERRY = {"title": "Ferry to run all winter", "text": "The council voted on Monday."}


def look(database: Database, site: Site, *described: str, article: str = "a-1", author: str = "u-1") -> Surroundings:
    with database.read() as conn:
        return surroundings(conn, site.id, article, author, described, now=NOON)


def test_an_article_and_an_author_are_found_with_what_was_asked_for(newsroom: Newsroom) -> None:
    listed = newsroom.post(article=tuple(FERRY.items()), author_name="Dana", author_email_domain="news.example")

    found = look(newsroom.database, newsroom.site, "text", "section")

    assert found.place is not None and found.author is not None
    assert found.place.id == listed.comment.article_id
    assert found.place.state is ArticleState.OPEN
    assert found.place.described == {"text": FERRY["text"], "section": None}
    assert found.author.id == listed.comment.author_id
    assert (found.author.name, found.author.email_domain, found.author.published) == ("Dana", "news.example", 0)


@pytest.mark.parametrize(("article", "author"), [("a-2", "u-1"), ("a-1", "u-2"), ("a-2", "u-2")])
def test_each_is_missing_by_itself(newsroom: Newsroom, article: str, author: str) -> None:
    newsroom.post()

    found = look(newsroom.database, newsroom.site, "title", article=article, author=author)

    assert (found.place is None) == (article == "a-2")
    assert (found.author is None) == (author == "u-2")


def test_another_sites_article_and_author_are_not_found(newsroom: Newsroom, other_site: Site) -> None:
    newsroom.post()

    found = look(newsroom.database, other_site)

    assert found == Surroundings(None, None, None)


def test_a_site_that_is_gone_is_named(database: Database) -> None:
    with pytest.raises(NotFound, match="site"), database.read() as conn:
        surroundings(conn, str(uuid.uuid4()), "a-1", "u-1", (), now=NOON)


def test_it_is_one_statement_that_walks_indexes_and_leaves_the_articles_text(newsroom: Newsroom) -> None:
    newsroom.post(article=tuple(FERRY.items()))
    asked = Asked(newsroom.database)

    with asked.listening():
        newsroom.send("Another one.")

    ((statement, parameters),) = asked.statements
    assert "articles.text" not in statement and "articles.title" not in statement
    if newsroom.database.is_sqlite:
        walked = [step for step in steps(statement, parameters) if "SUBQUERY" not in step]
        assert len(walked) == 4 and all("USING INDEX" in step for step in walked), walked
        assert not asked.scans()


def test_a_comment_with_an_id_takes_one_statement_more(newsroom: Newsroom) -> None:
    newsroom.post()
    asked = Asked(newsroom.database)

    with asked.listening():
        newsroom.send("Another one.", id="n-2")

    assert len(asked.statements) == 2
