"""The parts of full-text search beside the tables: on SQLite an FTS5 table that triggers fill, on PostgreSQL an index.

Alembic does not know these, so the migrations that make them repeat these statements.
"""

from __future__ import annotations

import sqlalchemy as sa

from moderation.moderators.finding.spelling import POSTGRESQL_FUNCTION, words_in_sqlite

TITLE_CHARS = 200
"""How much of a title PostgreSQL indexes. It refuses a row that would take more than 2,704 bytes of an index."""

# FTS5 is keyed by integers and comments are not, and a rowid may change under VACUUM: hence the table of numbers
SQLITE = (
    "CREATE TABLE comment_numbers (number INTEGER PRIMARY KEY, comment_id CHAR(32) NOT NULL UNIQUE)",
    "CREATE VIRTUAL TABLE comment_search USING fts5(site, text, tokenize='unicode61 remove_diacritics 2')",
    f"""
    CREATE TRIGGER comment_search_insert AFTER INSERT ON comments BEGIN
      INSERT INTO comment_numbers (comment_id) VALUES (new.id);
      INSERT INTO comment_search (rowid, site, text)
        SELECT number, new.site_id, {words_in_sqlite("new.text")} FROM comment_numbers WHERE comment_id = new.id;
    END
    """,
    f"""
    CREATE TRIGGER comment_search_update AFTER UPDATE OF text ON comments WHEN new.text <> old.text BEGIN
      UPDATE comment_search SET text = {words_in_sqlite("new.text")}
        WHERE rowid = (SELECT number FROM comment_numbers WHERE comment_id = new.id);
    END
    """,
    """
    CREATE TRIGGER comment_search_delete AFTER DELETE ON comments BEGIN
      DELETE FROM comment_search WHERE rowid = (SELECT number FROM comment_numbers WHERE comment_id = old.id);
      DELETE FROM comment_numbers WHERE comment_id = old.id;
    END
    """,
    "CREATE INDEX ix_authors_lower_name ON authors (site_id, lower(name))",
    "CREATE INDEX ix_articles_lower_title ON articles (site_id, lower(title))",
)
POSTGRESQL = (
    POSTGRESQL_FUNCTION,
    "CREATE INDEX ix_authors_lower_name ON authors (site_id, lower(name) text_pattern_ops)",
    f"CREATE INDEX ix_articles_lower_title ON articles (site_id, lower(left(title, {TITLE_CHARS})) text_pattern_ops)",
)
_NAME = words_in_sqlite("coalesce(new.name, '')")
# Any word of a name, so that a surname finds its author
SQLITE_NAMES = (
    "CREATE TABLE author_numbers (number INTEGER PRIMARY KEY, author_id CHAR(32) NOT NULL UNIQUE)",
    "CREATE VIRTUAL TABLE author_search USING fts5(site, name, tokenize='unicode61 remove_diacritics 2')",
    f"""
    CREATE TRIGGER author_search_insert AFTER INSERT ON authors BEGIN
      INSERT INTO author_numbers (author_id) VALUES (new.id);
      INSERT INTO author_search (rowid, site, name)
        SELECT number, new.site_id, {_NAME} FROM author_numbers WHERE author_id = new.id;
    END
    """,
    f"""
    CREATE TRIGGER author_search_update AFTER UPDATE OF name ON authors WHEN new.name IS NOT old.name BEGIN
      UPDATE author_search SET name = {_NAME}
        WHERE rowid = (SELECT number FROM author_numbers WHERE author_id = new.id);
    END
    """,
    """
    CREATE TRIGGER author_search_delete AFTER DELETE ON authors BEGIN
      DELETE FROM author_search WHERE rowid = (SELECT number FROM author_numbers WHERE author_id = old.id);
      DELETE FROM author_numbers WHERE author_id = old.id;
    END
    """,
)
POSTGRESQL_WORDS = {
    "ix_comments_words": "CREATE INDEX ix_comments_words ON comments USING gin"
    " (to_tsvector('simple', search_words(text)))",
    "ix_authors_words": "CREATE INDEX ix_authors_words ON authors USING gin"
    " (to_tsvector('simple', search_words(coalesce(name, ''))))",
}
"""Built beside writers; each takes the place of one in ``REPLACED``."""

REPLACED = ("ix_comments_search", "ix_authors_names")
SQLITE_BACKFILL = (
    "INSERT INTO comment_numbers (comment_id) SELECT id FROM comments ORDER BY id",
    f"INSERT INTO comment_search (rowid, site, text) SELECT number, site_id, {words_in_sqlite('text')} FROM comments"
    " JOIN comment_numbers ON comment_id = id",
)


def attach(metadata: sa.MetaData) -> None:
    """Makes them whenever the tables are created."""
    for dialect, statements in (
        ("sqlite", SQLITE + SQLITE_NAMES),
        ("postgresql", (*POSTGRESQL, *POSTGRESQL_WORDS.values())),
    ):
        for statement in statements:
            sa.event.listen(metadata, "after_create", sa.DDL(statement).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]
