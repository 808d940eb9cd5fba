from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database, new_id
from moderation.moderators.finding import search_rows as search
from moderation.moderators.finding.tables import TITLE_CHARS
from moderation.pipeline.arriving import intake
from moderation.sites.rows import Site
from moderation.spine.articles.tables import articles, authors
from tests.builders import NOON
from tests.moderation.conftest import Newsroom
from tests.statements import Asked, steps


def texts(database: Database, site: Site, words: str, **overrides: object) -> list[str]:
    with database.read() as conn:
        fields: dict[str, object] = {"before": None, "limit": 10, **overrides}
        return [found.text for found in search.comments_with(conn, [site.id], words, **fields)]  # type: ignore[arg-type]


def test_comments_are_found_by_all_their_words_newest_first(newsroom: Newsroom, database: Database) -> None:
    newsroom.post("The crane at the port is broken.")
    newsroom.post("A second crane for the port.")
    newsroom.post("Only a crane.")

    assert texts(database, newsroom.site, "port crane") == [
        "A second crane for the port.",
        "The crane at the port is broken.",
    ]


def test_the_last_word_may_be_unfinished(newsroom: Newsroom, database: Database) -> None:
    newsroom.post("Licences for magnets.")

    assert texts(database, newsroom.site, "licences magn") == ["Licences for magnets."]


SPELLED = {
    "O'Donnell": ["odonnell", "ODonnell", "O'Donnell", "o’donnell", "Oʼdonn", "donnell"],
    "O’Donnell": ["odonnell", "o'donnell", "o`donnell"],
    "ODonnell": ["o'donnell", "O’Donnell", "odonnell"],
    "Weiß": ["weiss", "weiß", "WEISS", "wei"],
    "Weiss": ["Weiß", "weiss"],
    "STRAẞE": ["strasse", "straße"],
    "Gößweinstein": ["gossweinstein", "Gossweinst", "gößwein"],
    "Encyclopædia": ["encyclopaedia", "Encyclopædia"],
    "Æsop": ["aesop", "æsop"],
    "l'œuvre": ["oeuvre", "œuvre", "l’oeuvre", "loeuvre"],
    "Jørgensen": ["jorgensen", "jørgen"],
    "Łukasz": ["lukasz", "łukasz"],
    "Đorđe": ["dorde", "đorđe"],
    "Þórr": ["thorr", "þórr"],
    "Café": ["cafe", "café", "cafe\u0301"],
    "cafe\u0301": ["cafe", "café"],
    "señor": ["senor", "señor"],
    "Dvořák": ["dvorak", "Dvořák"],
    "Nguyễn": ["nguyen", "nguyễn"],
    "Jean-Luc": ["jeanluc", "jean-luc", "jean‐luc", "luc", "Jean Luc"],
    "JeanLuc": ["jean-luc"],
    "Müller–Schmidt": ["muller-schmidt", "schmidt", "mullerschmidt"],
    "Donau\u00addampf": ["donaudampf"],
    "don't": ["dont", "don’t", "don't"],
    "qu'il": ["quil", "il", "qu’il"],
    "https://example.org/a-road?b=see": ["example", "road see", "example.org/a-road"],
    "Ёлка": ["ёлка"],
    "서울시": ["서울", "서울시"],
}


@pytest.mark.parametrize("written", SPELLED)
def test_words_are_found_however_they_are_spelled(newsroom: Newsroom, database: Database, written: str) -> None:
    newsroom.post(f"They met {written} there.")
    newsroom.post("They met nobody there.")

    missed = [
        typed for typed in SPELLED[written] if texts(database, newsroom.site, typed) != [f"They met {written} there."]
    ]

    assert missed == []


@pytest.mark.parametrize("typed", ["o'brien", "donnellan", "weis ", "weisse", "jeanl", "now-here"])
def test_another_word_is_not_found(newsroom: Newsroom, database: Database, typed: str) -> None:
    newsroom.post("O'Donnell met Weiß and Jean Luc right now there.")

    assert texts(database, newsroom.site, f"{typed} there") == []


@pytest.mark.parametrize(("name", "typed"), [
    ("Sinéad O'Donnell", "odonnell"), ("Jürgen Weiß", "weiss"), ("Søren Ærø", "aero"), ("Anne-Marie Noël", "annemarie"),
    ("ANNEMARIE WEISS", "Anne-Marie Weiß"),
])  # fmt: skip
def test_names_are_found_however_they_are_spelled(
    newsroom: Newsroom, database: Database, name: str, typed: str
) -> None:
    newsroom.post(author_id="u-9", author_name=name)
    newsroom.post(author_id="u-8", author_name="Donna")

    with database.read() as conn:
        found = search.authors_named(conn, [newsroom.site.id], typed, limit=10)

    assert [author.name for author in found] == [name]


def test_an_edit_is_found_by_its_new_words_only(newsroom: Newsroom, database: Database) -> None:
    comment = newsroom.post("The old wording.").comment

    intake.edit(
        database, newsroom.queues, newsroom.site.id, comment.external_id, text="A newer text.", version=None, now=NOON
    )

    assert texts(database, newsroom.site, "newer") == ["A newer text."]
    assert texts(database, newsroom.site, "wording") == []


def test_another_site_is_never_searched(newsroom: Newsroom, database: Database, other_site: Site) -> None:
    newsroom.post("The crane.")

    assert texts(database, other_site, "crane") == []


@pytest.mark.parametrize("words", ['"', "crane OR", "a* NOT b", "'; DROP TABLE comments; --", "site : x", "&|!", "%"])
def test_every_input_is_words_not_syntax(newsroom: Newsroom, database: Database, words: str) -> None:
    newsroom.post("Something else.")

    assert texts(database, newsroom.site, words) == []


def test_pages_follow_each_other(newsroom: Newsroom, database: Database) -> None:
    made = [newsroom.post(f"Crane {number}.").comment for number in range(3)]

    assert texts(database, newsroom.site, "crane", limit=2) == ["Crane 2.", "Crane 1."]
    assert texts(database, newsroom.site, "crane", limit=2, before=made[1].id) == ["Crane 0."]


@pytest.mark.parametrize("typed", ["Keller", "kell", "Schröder", "schroder keller", "Dana Keller"])
def test_authors_are_found_by_any_word_of_their_name(newsroom: Newsroom, database: Database, typed: str) -> None:
    newsroom.post(author_id="u-9", author_name="Dana Schröder Keller")
    newsroom.post(author_id="u-8", author_name="Kelvin")
    newsroom.post(author_id="u-7", author_name=None)

    with database.read() as conn:
        found = search.authors_named(conn, [newsroom.site.id], typed, limit=10)

    assert [author.name for author in found] == ["Dana Schröder Keller"]


def test_a_name_is_found_as_it_is_now_and_at_its_own_site(newsroom: Newsroom, database: Database) -> None:
    newsroom.post(author_id="u-9", author_name="Dana Keller")
    with database.write() as conn:
        conn.execute(authors.update().values(name="Dana Brandt"))

    with database.read() as conn:
        named = {
            typed: len(search.authors_named(conn, [newsroom.site.id], typed, limit=9)) for typed in ("keller", "brandt")
        }
        elsewhere = search.authors_named(conn, ["01890a5d-ac96-774b-bcce-b302099a8057"], "brandt", limit=9)
    with database.write() as conn:
        conn.execute(authors.update().values(name=None))
        gone = search.authors_named(conn, [newsroom.site.id], "brandt", limit=9)

    assert named == {"keller": 0, "brandt": 1}
    assert elsewhere == gone == []


@pytest.mark.parametrize("typed", ["dana", "Dana K", "u-9"])
def test_authors_are_found_by_the_beginning_of_their_name_or_by_id(
    newsroom: Newsroom, database: Database, typed: str
) -> None:
    newsroom.post(author_id="u-9", author_name="Dana Keller")
    newsroom.post(author_id="u-8", author_name="Dan_ny")

    with database.read() as conn:
        found = search.authors_named(conn, [newsroom.site.id], typed, limit=10)

    assert [author.name for author in found] == ["Dana Keller"]


def test_a_name_is_no_pattern(newsroom: Newsroom, database: Database) -> None:
    newsroom.post(author_id="u-9", author_name="Dana Keller")

    with database.read() as conn:
        assert search.authors_named(conn, [newsroom.site.id], "D_na", limit=10) == []


@pytest.mark.parametrize("chars", [3, TITLE_CHARS - 1, TITLE_CHARS, TITLE_CHARS + 1, 1_000])
def test_articles_are_found_by_the_beginning_of_their_title_however_long(
    newsroom: Newsroom, database: Database, chars: int
) -> None:
    title = "Tarife " + "Ärger " * 165 + "Ende"
    newsroom.post(article_id="a-1", article=(("title", title),))
    newsroom.post(article_id="a-2", article=(("title", title[: TITLE_CHARS // 2]),))
    newsroom.post(article_id="a-3", article=(("title", f"{title[:TITLE_CHARS]} but another end"),))

    with database.read() as conn:
        found = search.articles_named(conn, [newsroom.site.id], title[:chars], limit=10)

    every = [("a-1", True), ("a-2", chars <= TITLE_CHARS // 2), ("a-3", chars <= TITLE_CHARS)]
    assert sorted(article.external_id for article in found) == [id for id, fits in every if fits]


def test_searching_titles_walks_the_index_on_their_beginning(database: Database, site: Site) -> None:
    many = [
        {"id": new_id(), "site_id": site.id, "external_id": f"a-{n}", "title": f"Number {n}", "tags": [],
         "state": "open", "created_at": NOON, "updated_at": NOON}
        for n in range(2_000)
    ]  # fmt: skip
    with database.write() as conn:
        conn.execute(articles.insert(), many)
        conn.execute(sa.text("ANALYZE articles"))
    asked = Asked(database)

    with asked.listening(), database.read() as conn:
        found = search.articles_named(conn, [site.id], "number 1999", limit=10)

    assert [article.external_id for article in found] == ["a-1999"]
    _by_id, (statement, parameters) = asked.statements
    if database.is_sqlite:
        assert any("ix_articles_lower_title" in step for step in steps(statement, parameters))
        return
    with database.read() as conn:
        plan = "\n".join(row[0] for row in conn.exec_driver_sql(f"EXPLAIN {statement}", parameters))
    assert "ix_articles_lower_title" in plan
    assert re.search(r'Index Cond: .*lower\("left"\(title, 200\)\) ~>=~', plan)


def test_searching_words_walks_no_table(newsroom: Newsroom, database: Database) -> None:
    """PostgreSQL's planner prefers a scan while the table is small, so the test forbids scans."""
    with database.read() as conn:
        if database.is_sqlite:
            plan = "\n".join(
                row.detail
                for row in conn.execute(sa.text(
                    "EXPLAIN QUERY PLAN SELECT comment_id FROM comment_search JOIN comment_numbers"
                    " ON number = comment_search.rowid WHERE comment_search MATCH 'crane'"
                ))
            )  # fmt: skip
            assert "VIRTUAL TABLE INDEX" in plan
            assert "SEARCH comment_numbers" in plan
        else:
            conn.execute(sa.text("SET LOCAL enable_seqscan = off"))
            plan = "\n".join(
                conn.execute(sa.text(
                    "EXPLAIN SELECT id FROM comments"
                    " WHERE to_tsvector('simple', search_words(text)) @@ to_tsquery('simple', 'crane')"
                )).scalars()
            )  # fmt: skip
            assert "ix_comments_words" in plan
