"""The tables of figures that take seconds to count."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.ground.database.columns import Id, Json, metadata, moment

site_figures = sa.Table(
    "site_figures",
    metadata,
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True),
    sa.Column("kind", sa.String(50), primary_key=True),
    sa.Column("content", Json, nullable=False),
    moment("counted_at"),
)

counted_days = sa.Table(
    "counted_days",
    metadata,
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),  # from midnight to midnight in UTC
    sa.Column("hours", Json, nullable=False),
    sa.Column("quarters", Json, nullable=False),  # of an hour, for zones whose days begin between two hours
)

tallies = sa.Table(
    "tallies",
    metadata,
    sa.Column("site_id", Id, sa.ForeignKey("sites.id"), primary_key=True),
    sa.Column("span", sa.String(5), primary_key=True),  # day or month
    sa.Column("kind", sa.String(20), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),  # the first of the span, in UTC
    sa.Column("name", sa.String(200), primary_key=True),
    sa.Column("outcome", sa.String(20), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sqlite_with_rowid=False,  # its rows lie in the order of the key, so that a span is one stretch
)
