"""Take measures about authors: a history of them, events without a comment, and marks that end by themselves.

Marks that were over before this end here without an event: the site would hear of ends that are long past.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
OF_PERSON = sa.text("moderator_id IS NOT NULL")
OF_AUTHOR = sa.text("author_id IS NOT NULL")
ENDING = sa.text("standing <> 'normal' AND standing_until IS NOT NULL")
IS_REJECTED = sa.text("status = 'rejected'")


def upgrade() -> None:
    _measures()
    with op.batch_alter_table("events") as events:  # SQLite copies the table
        events.alter_column("comment_id", existing_type=sa.Uuid(), nullable=True)
        events.add_column(sa.Column("author_id", sa.Uuid(), nullable=True))
        events.create_foreign_key("fk_events_author_id", "authors", ["author_id"], ["id"])
    _create("ix_events_author", "events", ["author_id", "id"], OF_AUTHOR)
    _end_marks_that_are_over()
    _create("ix_authors_ending", "authors", ["standing_until", "id"], ENDING)
    _create("ix_comments_author_rejected", "comments", ["author_id", "updated_at"], IS_REJECTED)


def downgrade() -> None:
    op.drop_index("ix_comments_author_rejected", table_name="comments", if_exists=True)
    op.drop_index("ix_authors_ending", table_name="authors", if_exists=True)
    op.drop_index("ix_events_author", table_name="events", if_exists=True)
    op.execute("DELETE FROM events WHERE comment_id IS NULL")
    with op.batch_alter_table("events") as events:
        events.drop_constraint("fk_events_author_id", type_="foreignkey")
        events.drop_column("author_id")
        events.alter_column("comment_id", existing_type=sa.Uuid(), nullable=False)
    op.drop_table("author_measures")
    op.execute("UPDATE authors SET standing = 'hold' WHERE standing IN ('suspended', 'banned')")  # the harshest before


def _measures() -> None:
    op.create_table(
        "author_measures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), sa.ForeignKey("sites.id", name="fk_author_measures_site_id"), nullable=False),
        sa.Column(
            "author_id", sa.Uuid(), sa.ForeignKey("authors.id", name="fk_author_measures_author_id"), nullable=False
        ),
        sa.Column("measure", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("category", sa.String(50), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("about_id", sa.Uuid(), nullable=True),
        sa.Column("message", Json, nullable=True),
        sa.Column("made_by", sa.String(20), nullable=False),
        sa.Column("actor_name", sa.String(200), nullable=True),
        sa.Column(
            "moderator_id",
            sa.Uuid(),
            sa.ForeignKey("moderators.id", name="fk_author_measures_moderator_id"),
            nullable=True,
        ),
        sa.Column("before", Json, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(200), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_author_measures"),
    )
    op.create_index("ix_author_measures_author", "author_measures", ["author_id", "id"])
    op.create_index(
        "ix_author_measures_moderator",
        "author_measures",
        ["moderator_id", "id"],
        sqlite_where=OF_PERSON,
        postgresql_where=OF_PERSON,
    )


def _end_marks_that_are_over() -> None:
    authors = sa.table(
        "authors",
        sa.column("standing", sa.String),
        sa.column("standing_reason", sa.Text),
        sa.column("standing_until", sa.DateTime(timezone=True)),
    )
    over = sa.and_(authors.c.standing != "normal", authors.c.standing_until <= datetime.now(UTC))
    normal = {"standing": "normal", "standing_reason": None, "standing_until": None}
    op.execute(authors.update().where(over).values(**normal))


def _create(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    if op.get_bind().dialect.name == "sqlite":  # on PostgreSQL moderation/operating/late_indexes.py builds it
        op.create_index(name, table, columns, sqlite_where=where)
