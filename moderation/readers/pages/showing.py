"""Keeps what pages show in step with the comments: each comment that appears or goes, in the transaction of its move.

The row of an article is locked first, and until that transaction ends. So two writers never count one article at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.values.statuses import CommentStatus
from moderation.readers.pages import showing_rows as rows
from moderation.readers.pages.showing_rows import Appearing, Root, ShownRow
from moderation.spine.comments.moves import Move


def follow(conn: Connection, moves: Sequence[Move], _now: datetime) -> None:
    """After the moves were made. An edit of a published comment takes it off the page until it is decided again."""
    gone = [move.comment for move in moves if _is_shown(move.comment.status) and not _is_shown(move.to)]
    come = [move.comment for move in moves if _is_shown(move.to) and not _is_shown(move.comment.status)]
    picked = [move.comment for move in moves if move.featured is not None]
    if seen := [*gone, *come, *picked]:
        rows.change(conn, {(comment.article_id, comment.site_id) for comment in seen})
    if gone or come:
        _update(conn, come=[comment.id for comment in come], gone=[comment.id for comment in gone])


def leave(conn: Connection, comment_ids: Collection[str]) -> None:
    """Takes away what pages show of comments that are about to be deleted. A thread stays as long as readers see a
    reply in it."""
    if articles := rows.articles_shown(conn, comment_ids):
        rows.change(conn, articles)
        _update(conn, come=(), gone=comment_ids)


def bring_into_step(conn: Connection, comment_ids: Collection[str]) -> None:
    """For comments of any status that changed by another way than a move: an import, or a process of an earlier
    version, which knew nothing of pages."""
    rows.change(conn, rows.articles_of(conn, comment_ids))
    published = {comment.id for comment in rows.appearing(conn, comment_ids)}
    _update(conn, come=published, gone=set(comment_ids) - published)


def _is_shown(status: CommentStatus) -> bool:
    return status is CommentStatus.PUBLISHED


def _update(conn: Connection, *, come: Collection[str], gone: Collection[str]) -> None:
    appearing = rows.appearing(conn, come)
    roots = rows.roots_of(conn, [reply.id for reply in appearing if reply.is_reply])
    before = rows.shown(conn, [*gone, *come, *(root.id for root in roots.values())])
    before |= rows.shown(conn, {row.root_id for row in before.values() if row.root_id} - before.keys())
    page = _Page(dict(before))
    for comment_id in gone:
        page.take_off(comment_id)
    for comment in appearing:
        page.put_on(comment, roots.get(comment.id))
    rows.write(conn, before, page.rows, page.comments, page.threads)


@dataclass(slots=True)
class _Page:
    """The rows that a batch touches, as they change, with the steps of each article's counts."""

    rows: dict[str, ShownRow]
    comments: Counter[str] = field(default_factory=Counter)
    threads: Counter[str] = field(default_factory=Counter)

    def take_off(self, comment_id: str) -> None:
        row = self.rows.get(comment_id)
        if row is None or row.is_gone:
            return
        self.comments[row.article_id] -= 1
        self.rows[row.id] = replace(row, is_gone=True)
        if row.root_id is None:
            self._drop_if_empty(row.id)
            return
        del self.rows[row.id]
        self._answer(row.root_id, -1)
        self._drop_if_empty(row.root_id)

    def put_on(self, comment: Appearing, root: Root | None) -> None:
        known = self.rows.get(comment.id)
        if known is not None and not known.is_gone:
            return
        self.comments[comment.article_id] += 1
        if known is not None:
            self.rows[comment.id] = replace(known, is_gone=False)
        elif root is None:
            self._begin(ShownRow(comment.id, comment.site_id, comment.article_id, None, comment.posted_at, False, 0))
        else:
            if root.id not in self.rows:
                self._begin(ShownRow(root.id, comment.site_id, comment.article_id, None, root.posted_at, True, 0))
            self.rows[comment.id] = ShownRow(
                comment.id, comment.site_id, comment.article_id, root.id, comment.posted_at, False, 0
            )
            self._answer(root.id, 1)

    def _begin(self, row: ShownRow) -> None:
        self.threads[row.article_id] += 1
        self.rows[row.id] = row

    def _answer(self, root_id: str, step: int) -> None:
        root = self.rows[root_id]
        self.rows[root_id] = replace(root, replies=root.replies + step)

    def _drop_if_empty(self, root_id: str) -> None:
        root = self.rows[root_id]
        if root.is_gone and root.replies == 0:
            self.threads[root.article_id] -= 1
            del self.rows[root_id]
