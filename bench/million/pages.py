"""The calls that read and the pages of the desk, each with its address."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus

from bench.million.cases import Act, Case
from bench.million.newsroom import Newsroom
from moderation.ground.database.engine import first_id_at
from moderation.moderators.queue.view_rows import QueueOrder
from service import cached

Address = Callable[[], str]  # each time another one, of the same kind

LEARNING = {
    "learning": "",
    "learnt versions": "/versions",
    "shadow": "/shadow",
    "limits": "/limits",
    "error rates": "/checks",
    "bias watch": "/bias",
    "agreement": "/agreement",
}


@dataclass(frozen=True, slots=True)
class Pages:
    newsroom: Newsroom

    def cases(self) -> Iterator[Case]:
        for name, address in self._calls().items():
            yield Case(name, partial(self._calling, address))
        yield Case("desk: the way to the next comment", self._leading)
        rooms = (self._queue(), self._history(), self._comments(), self._numbers(), self._settings())
        for name, address in (call for room in rooms for call in room.items()):
            yield Case(f"desk: {name}", partial(self._opening, address))

    def _calling(self, address: Address) -> Act:
        path, room = address(), self.newsroom
        return lambda: room.api.get(path, headers=room.bearer).status_code

    def _leading(self) -> Act:
        """The request that leads to the next comment."""
        desk, led, failed = self.newsroom.desk, HTTPStatus.SEE_OTHER, HTTPStatus.INTERNAL_SERVER_ERROR
        return lambda: 200 if desk.get("/desk/review").status_code == led else failed

    def _opening(self, address: Address) -> Act:
        room, path = self.newsroom, address()
        answer = room.desk.get(path)  # the addresses of pages with the next comment open; each is one answer
        path = answer.location or path
        cached.register(room.app, time.monotonic)  # as if nobody had asked lately
        return lambda: room.desk.get(path, follow_redirects=True).status_code

    def _calls(self) -> dict[str, Address]:
        room = self.newsroom
        first_half = max(1, room.filled.comments // 2)
        return {
            "GET a comment": lambda: f"/v1/comments/{room.one(room.names)}",
            "GET an article's published": lambda: f"/v1/articles/{room.one(room.articles)}/comments?status=published",
            "GET the feed": lambda: f"/v1/events?after={room.dice.randrange(first_half)}&limit=100",
        }

    def _queue(self) -> dict[str, Address]:
        room = self.newsroom
        lines = ",".join(room.comment_ids[:40])
        return {
            "queue, by priority": _same("review"),
            **{f"queue, by {order}": _same(f"review?order={order}") for order in list(QueueOrder)[1:]},
            "queue, one reason": _same("review?signal=insult"),
            "queue, one section": _same("review?section=Sport"),
            "queue, one language": _same("review?language=en"),
            "queue, one article": lambda: f"/desk/review?article={room.one(room.article_ids)}",
            "queue, one author": lambda: f"/desk/review?author={room.one(room.author_ids)}",
            "queue, older than a day": _same("review?hours=24"),
            "queue, one site by toxicity": _same(f"review?site={room.filled.site_ids[2]}&order=toxicity"),
            "escalated": _same("review?escalated=1"),
            "queue changes": lambda: f"/desk/queue-changes?since={first_id_at(_ago(hours=8))}&lines={lines}",
            "views": _same("views"),
            "bulk": _same("bulk"),
        }

    def _history(self) -> dict[str, Address]:
        room, site = self.newsroom, f"site={self.newsroom.filled.site_ids[0]}"
        month, last, year = (_ago(days=days).date() for days in (30, 1, 360))
        return {
            "history": _same("history"),
            "history, mine": _same("history?mine=1"),
            "history, rejected": _same("history?outcome=rejected"),
            "history, one month": _same(f"history?from={month}&to={last}"),
            "history, one section": _same("history?section=Sport"),
            "history, one reason": _same("history?signal=insult"),
            "history, one article": lambda: f"/desk/history?article={room.one(room.article_ids)}",
            "history, one author": lambda: f"/desk/history?author={room.one(room.author_ids)}",
            "audit": _same(f"audit?{site}"),
            "audit, decisions of a month": _same(f"audit?{site}&kind=decisions&from={month}"),
            "audit, all but decisions": _same(f"audit?{site}&kind=other&from={year}"),
            "audit, policy": _same(f"audit?{site}&kind=policy&from={year}"),
        }

    def _comments(self) -> dict[str, Address]:
        room = self.newsroom
        return {
            "published": _same("decided?status=published"),
            "rejected, one section": _same("decided?status=rejected&section=Sport"),
            "published, one author": lambda: f"/desk/decided?status=published&author={room.one(room.author_ids)}",
            "an article": lambda: f"/desk/articles/{room.one(room.article_ids)}",
            "campaigns": _same("campaigns"),
            "worth reading": _same("worth-reading"),
            "search, a surname": lambda: f"/desk/search?q={room.dice.randrange(1, 4_000)}",
            "search, a common word": _same("search?q=licence"),
            "search, a rare word": lambda: f"/desk/search?q=n{room.dice.randrange(40_000, 50_000)}",
            "search, two words": _same("search?q=the+licence"),
            "search, an id": lambda: f"/desk/search?q={room.one(room.names)}",
            "timeline of a comment": lambda: f"/desk/comments/{room.one(room.comment_ids)}",
            "an author": lambda: f"/desk/authors/{room.one(room.author_ids)}",
            "the busiest author": _same(f"authors/{room.busiest}"),
        }

    def _numbers(self) -> dict[str, Address]:
        site = f"site={self.newsroom.filled.site_ids[0]}"
        return {
            "trends, two weeks": _same("trends"),
            "trends, a month": _same(f"trends?from={_ago(days=30).date()}"),
            "trends, a year": _same(f"trends?from={_ago(days=360).date()}"),
            **{name: _same(f"learning{end}?{site}") for name, end in LEARNING.items()},
        }

    def _settings(self) -> dict[str, Address]:
        site = f"site={self.newsroom.filled.site_ids[0]}"
        return {
            "policy": _same(f"policy?{site}"),
            "limits of one section": _same(f"policy/override?{site}&kind=sections"),
            "people": _same(f"people?{site}"),
            "reasons": _same(f"reasons?{site}"),
        }


def _same(path: str) -> Address:
    return lambda: f"/desk/{path}"


def _ago(**age: float) -> datetime:
    return datetime.now(UTC) - timedelta(**age)
