"""Create second readers, their readings, what these cost a day, and replays."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "v1.0026"
down_revision = "v1.0025"
branch_labels = None
depends_on = None

_ID = sa.Uuid(as_uuid=False)
_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_readers()
    _create_readings()
    op.create_table(
        "second_reader_days",
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_second_reader_days_site_id")),
        sa.PrimaryKeyConstraint("site_id", "day", name=op.f("pk_second_reader_days")),
    )
    op.create_table(
        "second_replays",
        sa.Column("id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("reader_id", _ID, nullable=False),
        sa.Column("purpose", sa.String(10), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("comments", sa.Integer(), nullable=False),
        sa.Column("started_by", sa.String(254), nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.Column("result", _JSON),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_second_replays_site_id")),
        sa.ForeignKeyConstraint(["reader_id"], ["second_readers.id"], name=op.f("fk_second_replays_reader_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_replays")),
    )
    op.create_index("ix_second_replays_reader", "second_replays", ["reader_id", "id"])


def _create_readers() -> None:
    op.create_table(
        "second_readers",
        sa.Column("id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("contract", sa.String(40), nullable=False),
        sa.Column("base_url", sa.String(2000), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("key", sa.Text()),
        sa.Column("masked", sa.Boolean(), nullable=False),
        sa.Column("price_in", sa.Float(), nullable=False),
        sa.Column("price_out", sa.Float(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("state_since", _MOMENT, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("removed_at", _MOMENT),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_second_readers_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_readers")),
    )
    op.create_index("ix_second_readers_site", "second_readers", ["site_id", "id"])


def _create_readings() -> None:
    name = "second_readings"
    op.create_table(
        name,
        sa.Column("id", _ID, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("reader_id", _ID, nullable=False),
        sa.Column("comment_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("replay", sa.String(36), nullable=False),
        sa.Column("purpose", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", _MOMENT),
        sa.Column("decide_by", _MOMENT),
        sa.Column("answer_key", sa.String(64)),
        sa.Column("book_version", sa.Integer()),
        sa.Column("breaks", sa.Boolean()),
        sa.Column("rule", sa.String(40)),
        sa.Column("quote", sa.Text()),
        sa.Column("score", sa.Float()),
        sa.Column("missing", sa.String(200)),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("host", sa.String(300), nullable=False),
        sa.Column("prompt_hash", sa.String(64), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("bytes_out", sa.Integer(), nullable=False),
        sa.Column("tokens_in", sa.Integer(), nullable=False),
        sa.Column("tokens_out", sa.Integer(), nullable=False),
        sa.Column("latency_ms", sa.Integer(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("is_cached", sa.Boolean(), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("read_at", _MOMENT),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_second_readings_site_id")),
        sa.ForeignKeyConstraint(["reader_id"], ["second_readers.id"], name=op.f("fk_second_readings_reader_id")),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_second_readings_comment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_readings")),
    )
    once = ["comment_id", "reader_id", "version", "replay"]
    op.create_index("uq_second_readings_once", name, once, unique=True)
    due, late = sa.text("next_at IS NOT NULL"), sa.text("decide_by IS NOT NULL")
    ordered = ["site_id", "replay", "id"]
    op.create_index("ix_second_readings_due", name, ordered, sqlite_where=due, postgresql_where=due)
    op.create_index("ix_second_readings_late", name, ["decide_by"], sqlite_where=late, postgresql_where=late)
    op.create_index("ix_second_readings_answer", name, ["reader_id", "answer_key", "state"])
    op.create_index("ix_second_readings_site", name, ["site_id", "read_at"])
    op.create_index("ix_second_readings_replay", name, ["replay", "state"])


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
