"""Writes and reads scorings, and the fingerprints of scored comments."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.engine import new_id
from moderation.ground.database.prepared import Prepared
from moderation.ground.values import json_form
from moderation.ground.values.encoded import Encoded
from moderation.judging.signals.scoring import Scoring
from moderation.judging.text.language_names import UNDETERMINED
from moderation.spine.comments.tables import comments, fingerprint_bands, scorings


def forget_fingerprints(conn: Connection, comment_ids: Sequence[str]) -> None:
    if comment_ids:
        conn.execute(_DELETE, {"comment_ids": list(comment_ids)})


def insert_fingerprints(conn: Connection, rows: Sequence[tuple[str, str, int, Sequence[int]]]) -> None:
    """Rows of (site id, comment id, fingerprint, bands)."""
    if rows:
        _INSERT_BANDS.write(
            conn,
            [
                {"site_id": site_id, "comment_id": comment_id, "fingerprint": fingerprint, "band": band}
                for site_id, comment_id, fingerprint, bands in rows
                for band in bands
            ],
        )


_INSERT_BANDS = Prepared(fingerprint_bands.insert(), given=("site_id", "comment_id", "fingerprint", "band"))
_DELETE = fingerprint_bands.delete().where(
    fingerprint_bands.c.comment_id.in_(sa.bindparam("comment_ids", expanding=True))
)


def insert_scorings(conn: Connection, new: Mapping[tuple[str, int], Scoring], *, now: datetime) -> dict[str, str]:
    """``new`` is by the id and the version of the comment. Returns the ids of their rows, by comment."""
    rows = [_row(comment_id, version, scoring, now) for (comment_id, version), scoring in new.items()]
    if rows:
        _INSERT.write(conn, rows)
    return {row["comment_id"]: row["id"] for row in rows}


def _row(comment_id: str, version: int, scoring: Scoring, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "comment_id": comment_id,
        "version": version,
        "signals": json_form.signals_to_text(scoring.signals),
        "models": Encoded(json.dumps(dict(scoring.models))),
        "language": scoring.language,
        "seconds": scoring.seconds,
        "created_at": now,
    }


_INSERT = Prepared(scorings.insert(), given=[column.name for column in scorings.columns])


_OF_COMMENT = (
    sa.select(scorings.c.language)
    .where(scorings.c.comment_id == comments.c.id)
    .order_by(scorings.c.id.desc())
    .limit(1)
    .correlate(comments)
    .scalar_subquery()
)
JUDGED_IN = sa.func.coalesce(comments.c.judged_in, _OF_COMMENT, sa.func.lower(comments.c.language), UNDETERMINED)
"""The language in which a comment was judged. Rows that were decided before version 1.0 have none of their own."""


def latest_scoring(conn: Connection, comment_id: str) -> Scoring | None:
    row = conn.execute(_LATEST, {"comment_id": comment_id}).one_or_none()
    if row is None:
        return None
    signals = tuple(json_form.signal_from_json(form) for form in row.signals)
    return Scoring(signals, row.models, row.language, row.seconds)


def likely_reasons(conn: Connection, comment_ids: Sequence[str], signal: str) -> dict[str, tuple[str, ...]]:
    """By comment: the reasons that this signal of its newest scoring names, the likeliest first."""
    query = sa.select(scorings.c.comment_id, scorings.c.signals).where(scorings.c.comment_id.in_(comment_ids))
    newest = {row.comment_id: row.signals for row in conn.execute(query.order_by(scorings.c.id))}
    read = {id: map(json_form.signal_from_json, forms) for id, forms in newest.items()}
    return {
        id: tuple(guess.reason for of in signals if of.name == signal for guess in of.likely)
        for id, signals in read.items()
    }


# Made once: every page of the queue runs it
_LATEST = (
    sa.select(scorings)
    .where(scorings.c.comment_id == sa.bindparam("comment_id"))
    .order_by(scorings.c.id.desc())
    .limit(1)
)
