"""The tables of policies in the shadow, and their verdicts."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.ground.database.columns import Id, Json, id_column, metadata, moment, partial_index, reference

IS_RUNNING = "stopped_at IS NULL"

DIFFERS = "action <> policy_action"

shadows = sa.Table(
    "shadows",
    metadata,
    id_column(),
    reference("site_id", "sites.id"),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("document", Json, nullable=False),  # a whole policy
    sa.Column("base_version", sa.Integer, nullable=False),  # of the policy that decided when it began
    moment("started_at"),
    sa.Column("started_by", sa.String(254), nullable=False),
    moment("stopped_at", nullable=True),
    sa.Column("stopped_by", sa.String(254)),
    sa.Column("became", sa.Integer),  # the version of the policy as which it was switched on
    sa.Column("figures", Json),  # as they were counted last
    moment("counted_at", nullable=True),
    sa.Index("ix_shadows_site", "site_id", "id"),
    sa.Index(
        "uq_shadows_running",
        "site_id",
        "name",
        unique=True,
        sqlite_where=sa.text(IS_RUNNING),
        postgresql_where=sa.text(IS_RUNNING),
    ),
)

shadow_verdicts = sa.Table(
    "shadow_verdicts",
    metadata,
    sa.Column("shadow_id", Id, sa.ForeignKey("shadows.id"), primary_key=True),
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),  # of the comment
    sa.Column("action", sa.String(20), nullable=False),
    sa.Column("policy_action", sa.String(20), nullable=False),
    sa.Column("reason", sa.String(50)),  # the first signal or code for which either of the two holds the comment
    sa.Column("section", sa.String(100)),
    sa.Column("language", sa.String(35)),
    sa.Column("judged", sa.String(20)),  # published or rejected: a person's second look
    sa.Index("ix_shadow_verdicts_comment", "comment_id"),
    partial_index("ix_shadow_verdicts_differ", "shadow_id", "comment_id", where=DIFFERS),
)
