"""The table of labels, which say how a person judged a text."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.ground.database.columns import Id, id_column, metadata, moment, partial_index, reference

labels = sa.Table(
    "labels",
    metadata,
    id_column(),
    reference("site_id", "sites.id"),
    sa.Column("source", sa.String(20), nullable=False),  # the dialect that brought it
    sa.Column("signal", sa.String(50), nullable=False),  # of ours, or the dialect's own word in lower case
    sa.Column("value", sa.Float, nullable=False),  # 0 says that it is not so, 1 that it is
    sa.Column("text", sa.Text),  # null where a comment of ours has it
    sa.Column("language", sa.String(35)),
    sa.Column("reference", sa.String(200)),  # the caller's own name of the text; a comment's id where we have it
    sa.Column("key_id", Id),  # which key brought it; the key itself may be gone
    moment("created_at"),
    sa.Index("ix_labels_site", "site_id", "id"),
    partial_index("ix_labels_reference", "site_id", "reference", where="reference IS NOT NULL"),
)
