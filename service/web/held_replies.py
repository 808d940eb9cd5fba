"""Lets a limited number of requests hold their connection open until something happens.

Each held request occupies a thread. If all threads were occupied, nobody could post, so further requests are answered
at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from flask import g

from moderation.ground.values.comments import Comment
from moderation.ground.values.statuses import CommentStatus
from moderation.spine.comments import rows as comments
from service.context import gavel
from service.web import stopping
from service.web.places import places

FIRST_PAUSE_S, LONGEST_PAUSE_S, GROWTH = 0.02, 0.2, 1.3

Found = TypeVar("Found")


@contextmanager
def place(site_id: str, *, wanted: bool, length: float) -> Iterator[bool]:
    """Whether this request may wait, if it wants to. Its ``length`` is as ``Places.take`` has it."""
    if not wanted:
        yield False
        return
    key = g.get("key")
    with places().place(site_id, key.id if key is not None else "", length=length) as has_place:
        yield has_place


def poll(look: Callable[[], Found | None], *, timeout_s: float) -> Found | None:
    """Looks again after growing pauses until it finds something, the time is up, or the process is stopping.

    Call it without an open transaction.
    """
    deadline = time.monotonic() + timeout_s
    pause_s = FIRST_PAUSE_S
    while (answer := look()) is None and (left_s := deadline - time.monotonic()) > 0 and not stopping.has_begun():
        time.sleep(min(pause_s, left_s))
        pause_s = min(pause_s * GROWTH, LONGEST_PAUSE_S)
    return answer


def decided(comment_id: str, *, timeout_s: float) -> Comment | None:
    """As ``poll``, for the comment once it no longer waits."""

    def look() -> Comment | None:
        with gavel().database.read() as conn:
            comment = comments.get_by_id(conn, comment_id)
        return None if comment.status is CommentStatus.WAITING else comment

    return poll(look, timeout_s=timeout_s)
