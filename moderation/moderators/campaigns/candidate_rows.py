"""Reads the stored comments that a batch may repeat, by the bands of its fingerprints and by its marks. It asks for all
of a site's comments at once, and every look-up is bounded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.alike_statements import union_of
from moderation.ground.database.prepared import Prepared, built_once, filled
from moderation.judging.text.contacts.shared_marks import mark_band
from moderation.spine.comments.tables import fingerprint_bands

MOST_OF_A_BAND = 200
MOST_SHARING = 50
PARTS = (4, 16, 64)  # bands or marks in one statement: a few sizes only, as each is compiled once
NO_BAND = -1  # fills a statement up; no comment has it

_column = fingerprint_bands.c


def in_bands(conn: Connection, site_id: str, bands: Collection[int]) -> dict[int, list[tuple[str, int]]]:
    """By band: ids and fingerprints of the site's newest comments in it, newest first.

    These are at most one more than ``MOST_OF_A_BAND``, so that enough are left without the comment that asks.
    """
    by_band: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for some in filled(sorted(bands), PARTS, NO_BAND):
        named = {f"band_{place}": band for place, band in enumerate(some)}
        asked = {"site_id": site_id, "most": MOST_OF_A_BAND + 1, **named}
        for band, comment_id, fingerprint in _in_bands(len(some)).read(conn, asked):
            by_band[band].append((comment_id, fingerprint))
    return {band: sorted(rows, reverse=True) for band, rows in by_band.items()}


def sharing(conn: Connection, site_id: str, marks: Collection[int]) -> dict[int, list[str]]:
    """By mark: the site's newest comments that have it, newest first, at most one more than ``MOST_SHARING``."""
    by_mark: dict[int, list[str]] = defaultdict(list)
    for some in filled(sorted(marks), PARTS, NO_BAND):
        named = {f"mark_{place}": mark for place, mark in enumerate(some)}
        bands = {f"band_{place}": mark if mark == NO_BAND else mark_band(mark) for place, mark in enumerate(some)}
        asked = {"site_id": site_id, "most": MOST_SHARING + 1, **named, **bands}
        for mark, comment_id in _sharing(len(some)).read(conn, asked):
            by_mark[mark].append(comment_id)
    return {mark: sorted(ids, reverse=True) for mark, ids in by_mark.items()}


def of_comments(conn: Connection, comment_ids: Collection[str]) -> dict[str, set[int]]:
    """By comment, the fingerprint of its text and its marks, as they were when it was scored last."""
    query = sa.select(_column.comment_id, _column.fingerprint).where(_column.comment_id.in_(comment_ids))
    by_comment: dict[str, set[int]] = defaultdict(set)
    for comment_id, fingerprint in conn.execute(query):
        by_comment[comment_id].add(fingerprint)
    return by_comment


def others_in(
    by_band: Mapping[int, Sequence[tuple[str, int]]], bands: Collection[int], *, not_comment: str
) -> dict[str, int]:
    """Fingerprints by id of the other comments that share at least one of the bands: candidates for near copies.

    At most the newest ``MOST_OF_A_BAND`` of each band: enough to recognise a text that thousands post.
    """
    others: dict[str, int] = {}
    for band in bands:
        if rows := by_band.get(band):  # most have none
            others.update([row for row in rows if row[0] != not_comment][:MOST_OF_A_BAND])
    return others


def others_sharing(by_mark: Mapping[int, Sequence[str]], marks: Collection[int], *, not_comment: str) -> set[str]:
    """The newest other comments that have one of these marks, at most ``MOST_SHARING`` for each."""
    return {
        comment_id
        for mark in marks
        for comment_id in [other for other in by_mark.get(mark, ()) if other != not_comment][:MOST_SHARING]
    }


@built_once()  # compiling the largest takes 40 ms
def _in_bands(count: int) -> Prepared:
    """The statement for so many bands."""
    newest = [
        sa.select(_column.band, _column.comment_id, _column.fingerprint)
        .where(_column.site_id == sa.bindparam("site_id"), _column.band == sa.bindparam(f"band_{place}"))
        .order_by(_column.comment_id.desc())
        .limit(sa.bindparam("most"))
        for place in range(count)
    ]
    return Prepared(union_of(newest))


@built_once()  # compiling the largest takes 40 ms
def _sharing(count: int) -> Prepared:
    newest = [
        sa.select(_column.fingerprint, _column.comment_id)
        .where(
            _column.site_id == sa.bindparam("site_id"),
            _column.band == sa.bindparam(f"band_{place}"),
            _column.fingerprint == sa.bindparam(f"mark_{place}"),
        )
        .order_by(_column.comment_id.desc())
        .limit(sa.bindparam("most"))
        for place in range(count)
    ]
    return Prepared(union_of(newest))
