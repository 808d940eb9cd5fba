"""Search's old index gets the one spelling of words, beside writers and after an interruption."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic import command

from moderation.ground.database.engine import Database
from moderation.moderators.finding import search_rows as search
from moderation.operations.operating import late_search, migrating
from moderation.sites import rows as sites
from moderation.sites.settings.values import SiteSettings
from moderation.spine.articles import rows as articles
from moderation.spine.articles.tables import articles as places
from moderation.spine.articles.tables import authors as readers
from moderation.spine.comments.tables import comments
from tests.builders import NOON
from tests.moderation.operations.operating.test_migrations import (
    empty,
    empty_postgres,
    empty_sqlite,
    insert_before_the_column,
)

__all__ = ["empty", "empty_postgres", "empty_sqlite"]

TEXTS = ("They met O'Donnell.", "Herr Weiß kam.", "Nothing of note.", "Jean-Luc's l’œuvre.", "Café Ærø")
WHOLE = ("odonnell", "weiss", "note", "jeanluc", "cafe aero")


def old(database: Database) -> str:
    """The site's id, in a database at the revision before with five comments and an author."""
    with database.write() as conn:
        command.upgrade(migrating._config(conn), "v1.0020")
        site = sites.insert_site(conn, name="The Herald", settings=SiteSettings(), now=NOON)
        articles.insert_article(conn, site.id, "a-1", {}, now=NOON)
        articles.insert_author(conn, site.id, "r-1", {"name": "Sinéad O'Hara-Weiß"}, now=NOON)
        ids = {f"{table.name[:-1]}_id": conn.execute(sa.select(table.c.id)).scalar_one() for table in (places, readers)}
        for number, text in enumerate(TEXTS):
            insert(conn, site.id, number, text, ids)
    return site.id


def insert(conn: sa.Connection, site_id: str, number: int, text: str, ids: dict[str, str]) -> None:
    row = {"external_id": f"c-{number}", "status": "published", "site_id": site_id, "text": text, **ids}
    insert_before_the_column(conn, row, None)


def found(database: Database, site_id: str, typed: str) -> list[str]:
    with database.read() as conn:
        return [hit.external_id for hit in search.comments_with(conn, [site_id], typed, before=None, limit=9)]


def test_old_comments_and_authors_are_found_by_either_spelling(empty: Database) -> None:
    site_id = old(empty)

    migrating.upgrade(empty)

    assert [found(empty, site_id, typed) for typed in WHOLE] == [[f"c-{number}"] for number in range(5)]
    with empty.read() as conn:
        for typed in ("ohara", "weiss", "sinead", "oharaweiss"):
            assert len(search.authors_named(conn, [site_id], typed, limit=9)) == 1, typed


def test_an_interrupted_run_goes_on_where_it_was(empty_sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    site_id = old(empty_sqlite)
    monkeypatch.setattr(late_search, "spell", lambda db: None)  # the process ends right after the migration
    migrating.upgrade(empty_sqlite)
    monkeypatch.undo()
    with empty_sqlite.write() as conn:
        late_search.spell_batch(conn, 2)  # the author
        late_search.spell_batch(conn, 2)  # the two newest comments

    assert [bool(found(empty_sqlite, site_id, typed)) for typed in WHOLE] == [False, False, True, True, True]
    with empty_sqlite.write() as conn:
        conn.execute(comments.delete().where(comments.c.external_id == "c-2"))
        conn.execute(comments.update().where(comments.c.external_id == "c-1").values(text="Frau Groß kam."))
        ids = {f"{table.name[:-1]}_id": conn.execute(sa.select(table.c.id)).scalar_one() for table in (places, readers)}
        insert(conn, site_id, 5, "Łukasz came.", ids)
    migrating.upgrade(empty_sqlite)

    typed = (*WHOLE, "gross", "lukasz")
    assert [found(empty_sqlite, site_id, words) for words in typed] == [
        ["c-0"], [], [], ["c-3"], ["c-4"], ["c-1"], ["c-5"],
    ]  # fmt: skip
    with empty_sqlite.write() as conn:
        assert not sa.inspect(conn).has_table("search_to_spell")
        conn.exec_driver_sql("INSERT INTO comment_search (comment_search) VALUES ('integrity-check')")


def test_an_index_is_taken_away_only_after_the_one_in_its_place_is_built(empty_postgres: Database) -> None:
    old(empty_postgres)
    assert indexes(empty_postgres) == {"ix_comments_search", "ix_authors_names"}

    migrating.upgrade(empty_postgres)

    assert indexes(empty_postgres) == {"ix_comments_words", "ix_authors_words"}


def indexes(database: Database) -> set[str]:
    with database.read() as conn:
        names = conn.exec_driver_sql("SELECT indexname FROM pg_indexes WHERE indexdef LIKE '%%USING gin%%tsvector%%'")
        return set(names.scalars())
