"""The tables of readings, of what they cost a day, and of replays on a site's own decisions."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.ground.database.columns import Id, Json, id_column, metadata, moment, partial_index, reference

IS_DUE = "next_at IS NOT NULL"
IS_LATE = "decide_by IS NOT NULL"

second_readings = sa.Table(
    "second_readings",
    metadata,
    id_column(),
    reference("site_id", "sites.id"),
    reference("reader_id", "second_readers.id"),
    reference("comment_id", "comments.id"),
    sa.Column("version", sa.Integer, nullable=False),  # of the comment
    sa.Column("replay", sa.String(36), nullable=False),  # its id; empty for what comes from readers
    sa.Column("purpose", sa.String(10), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("counted", sa.Boolean, nullable=False),  # the reader was on when it answered
    sa.Column("attempts", sa.Integer, nullable=False),
    moment("next_at", nullable=True),  # while it waits
    moment("decide_by", nullable=True),  # while publishing waits for it
    sa.Column("answer_key", sa.String(64)),  # the same for the same text, rules and model
    sa.Column("book_version", sa.Integer),
    sa.Column("breaks", sa.Boolean),
    sa.Column("rule", sa.String(40)),
    sa.Column("quote", sa.Text),
    sa.Column("score", sa.Float),
    sa.Column("missing", sa.String(200)),
    sa.Column("model", sa.String(200), nullable=False),
    sa.Column("host", sa.String(300), nullable=False),
    sa.Column("prompt_hash", sa.String(64), nullable=False),
    sa.Column("calls", sa.Integer, nullable=False),
    sa.Column("bytes_out", sa.Integer, nullable=False),
    sa.Column("tokens_in", sa.Integer, nullable=False),
    sa.Column("tokens_out", sa.Integer, nullable=False),
    sa.Column("latency_ms", sa.Integer, nullable=False),
    sa.Column("cost", sa.BigInteger, nullable=False),  # in millionths of a euro
    sa.Column("is_cached", sa.Boolean, nullable=False),
    moment("asked_at"),
    moment("read_at", nullable=True),
    sa.Index("uq_second_readings_once", "comment_id", "reader_id", "version", "replay", unique=True),
    partial_index("ix_second_readings_due", "site_id", "replay", "id", where=IS_DUE),
    partial_index("ix_second_readings_late", "decide_by", where=IS_LATE),
    sa.Index("ix_second_readings_answer", "reader_id", "answer_key", "state"),
    sa.Index("ix_second_readings_site", "site_id", "read_at"),
    sa.Index("ix_second_readings_replay", "replay", "state"),
)

second_reader_days = sa.Table(
    "second_reader_days",
    metadata,
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),  # in UTC
    sa.Column("calls", sa.Integer, nullable=False),
    sa.Column("tokens", sa.BigInteger, nullable=False),
    sa.Column("cost", sa.BigInteger, nullable=False),  # in millionths of a euro
)

second_trials = sa.Table(
    "second_trials",
    metadata,
    id_column(),
    reference("site_id", "sites.id"),
    reference("reader_id", "second_readers.id"),
    sa.Column("fingerprint", sa.String(64), nullable=False),  # of the reader
    sa.Column("model", sa.String(200), nullable=False),
    sa.Column("host", sa.String(300), nullable=False),
    sa.Column("prompt_hash", sa.String(64), nullable=False),  # of all its questions
    sa.Column("questions", sa.Integer, nullable=False),
    sa.Column("answers", sa.String(1000), nullable=False),  # a letter for each question, in their order
    sa.Column("attempts", sa.Integer, nullable=False),  # of the next question
    sa.Column("missing", sa.String(200)),  # the reason why the newest answer is missing
    moment("next_at", nullable=True),  # while it runs
    sa.Column("started_by", sa.String(254), nullable=False),
    moment("started_at"),
    moment("ended_at", nullable=True),
    sa.Index("ix_second_trials_reader", "reader_id", "id"),
    partial_index("ix_second_trials_due", "site_id", "next_at", where=IS_DUE),
)

second_replays = sa.Table(
    "second_replays",
    metadata,
    id_column(),
    reference("site_id", "sites.id"),
    reference("reader_id", "second_readers.id"),
    sa.Column("purpose", sa.String(10), nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False),  # of the reader
    sa.Column("digest", sa.String(64), nullable=False),  # of the rule book
    sa.Column("comments", sa.Integer, nullable=False),
    sa.Column("started_by", sa.String(254), nullable=False),
    moment("started_at"),
    moment("ended_at", nullable=True),
    sa.Column("result", Json),
    sa.Index("ix_second_replays_reader", "reader_id", "id"),
)
