"""The tables of notices that a comment is illegal, and of notifiers whose notices a site does not take."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.database.columns import Id, id_column, metadata, moment, partial_index, reference

notices = sa.Table(
    "notices",
    metadata,
    id_column(),
    reference("site_id", "sites.id"),
    reference("comment_id", "comments.id"),
    sa.Column("explanation", sa.Text, nullable=False),  # why it is illegal; empty after an erasure
    sa.Column("category", sa.String(100), nullable=False),  # the EU's
    sa.Column("name", sa.String(200)),  # of the notifier, here and below; only as long as an answer may need it
    sa.Column("email", sa.String(254)),
    sa.Column("reader_id", sa.String(200)),  # the site's own
    sa.Column("flagger", sa.String(100)),  # a trusted flagger's key, by its name
    sa.Column("language", sa.String(2), nullable=False),  # of the answer
    sa.Column("notifier", sa.String(300)),  # whose it is, however written; goes with the address where it is one
    sa.Column("key_id", Id),  # of the key that it came by
    sa.Column("place", sa.String(20)),  # in the queue
    sa.Column("hid", sa.Boolean, nullable=False, server_default=sa.false()),
    moment("received_at"),
    sa.Column("outcome", sa.String(20)),  # NULL while it waits for a person
    reference("decision_id", "decisions.id", nullable=True),
    sa.Column("event_id", Id),  # of the answer
    sa.Column("answer", sa.Text),  # the moderator's own words
    moment("decided_at", nullable=True),
    sa.Index("ix_notices_site", "site_id", "id"),
    sa.Index("ix_notices_comment", "comment_id", "id"),
    partial_index("ix_notices_reader", "site_id", "reader_id", "id", where="reader_id IS NOT NULL"),
    partial_index("ix_notices_notifier", "site_id", "notifier", "received_at", where="notifier IS NOT NULL"),
    partial_index("ix_notices_first", "site_id", "received_at", where="place = 'first'"),
    partial_index("ix_notices_decision", "decision_id", where="decision_id IS NOT NULL"),
    partial_index("ix_notices_decided", "site_id", "decided_at", "id", where="decided_at IS NOT NULL"),
)

notifier_suspensions = sa.Table(
    "notifier_suspensions",
    metadata,
    id_column(),
    reference("site_id", "sites.id"),
    sa.Column("notifier", sa.String(300), nullable=False),  # as the notices have it; the row goes with the end
    moment("began_at"),
    moment("until"),
    sa.Index("ix_notifier_suspensions_notifier", "site_id", "notifier", unique=True),
)
