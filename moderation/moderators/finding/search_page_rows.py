"""Pages of comments that match words and filters, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.engine import first_id_at
from moderation.ground.values.statuses import CommentStatus
from moderation.moderators.finding import search_rows as search
from moderation.moderators.finding.search_rows import SearchHit
from moderation.moderators.finding.spelling import typed_words
from moderation.spine.comments.tables import comments

LOOKED_AT = 1_000  # matches of the words that one page looks through on SQLite, for those that fit the filters


@dataclass(frozen=True, slots=True)
class Filters:
    """Without any of them every comment fits."""

    status: CommentStatus | None = None
    since: datetime | None = None  # when it arrived

    @property
    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """Ids grow with the time of arrival."""
        since = [] if self.since is None else [comments.c.id >= first_id_at(self.since)]
        return since if self.status is None else [*since, comments.c.status == self.status]


@dataclass(frozen=True, slots=True)
class Results:
    found: tuple[SearchHit, ...]
    older: str | None  # where the next page continues; None at the end
    is_cut: bool = False  # there may be more, though this page is not full


def page(
    conn: Connection, site_ids: Sequence[str], words: str, filters: Filters, *, before: str | None, limit: int
) -> Results:
    """``before`` is the ``older`` of the page above."""
    wanted = typed_words(words)
    if not wanted or not site_ids:
        return Results((), None)
    end: str | None = None
    matching: list[sa.ColumnElement[bool]]
    if conn.dialect.name == "sqlite":
        most = LOOKED_AT if filters.conditions else limit + 1
        ids = search.ids_in_sqlite(conn, site_ids, wanted, before, most)
        end = ids[-1] if filters.conditions and len(ids) == most else None
        matching = [comments.c.id.in_(ids)]
    else:
        matching = search.conditions_in_postgres(site_ids, wanted, before)
    query = search.found_where(*matching, *filters.conditions).order_by(comments.c.id.desc()).limit(limit + 1)
    hits = tuple(search.found_from(row) for row in conn.execute(query))
    if len(hits) > limit:
        return Results(hits[:limit], hits[limit - 1].id)
    return Results(hits, end, is_cut=end is not None)
