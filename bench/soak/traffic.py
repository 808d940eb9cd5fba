"""A day at a news site, as its requests: articles, comments, replies, edits and reports.

It remembers the accepted comments, so that a measurement can look for them afterwards.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bench.load import CLOSED, Answer, Wire, bearer
from bench.plant import sample_articles, sample_comments, sentences_of

REPLIES, EDITS, REPORTS, NEW_ARTICLES, LISTINGS = 0.4, 0.03, 0.01, 0.005, 0.1  # for each comment
READERS = 500
OWN_WORDS = 20
RECENT = 500  # comments that replies, edits and reports are about


@dataclass
class Traffic:
    """Every call goes over one of a few connections; a comment that got no answer is sent again with its id."""

    port: int
    key: str
    connections: int = 16
    dice: random.Random = field(default_factory=lambda: random.Random(11))
    sent: int = 0
    refused: dict[int, int] = field(default_factory=dict)  # number of the comment -> HTTP status
    done: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)  # of POSTs, since the list was last taken

    def __post_init__(self) -> None:
        self.said, self.articles = sample_comments(), [str(a["id"]) for a in sample_articles()]
        self.words = sorted({word for a in sample_articles() for word in re.findall(r"[a-z]{3,}", str(a["text"]))})
        self.texts = {str(a["id"]): a for a in sample_articles()}
        self.recent: deque[tuple[str, str]] = deque(maxlen=RECENT)  # (comment's id, article's id)
        self._tasks: set[asyncio.Task[None]] = set()
        self._free: asyncio.Queue[Wire] = asyncio.Queue()
        for _ in range(self.connections):
            self._free.put_nowait(Wire(self.port, bearer(self.key)))

    @property
    def accepted(self) -> int:
        return self.sent - len(self.refused)

    async def open_articles(self) -> None:
        for name in list(self.articles):
            await self._put_article(name, self.texts[name])

    async def comments_at(self, rate: float, until: float) -> None:
        """Comments and the requests that go with them, at random moments, at so many comments a second on average."""
        due = time.perf_counter()
        while due < until:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            self._begin(self.comment(due=due))
            for share, call in ((EDITS, self.edit), (REPORTS, self.report), (NEW_ARTICLES, self.new_article),
                                (LISTINGS, self.list_article)):  # fmt: skip
                if self.dice.random() < share:
                    self._begin(call())
            due += self.dice.expovariate(rate)
        await asyncio.gather(*self._tasks)

    async def comments_while(self, wanted: Callable[[], bool], until: float) -> None:
        """Sends as many comments as the connections can, for as long as the caller asks."""

        async def one_after_the_other() -> None:
            while time.perf_counter() < until:
                if wanted():
                    await self.comment()
                else:
                    await asyncio.sleep(0.01)

        await asyncio.gather(*(one_after_the_other() for _ in range(self.connections // 2)))

    async def comment(self, *, due: float | None = None) -> None:
        number, started = self.sent, due or time.perf_counter()
        self.sent += 1
        body = self._body(number)
        while True:
            try:
                answer = await self._call("POST", "/v1/comments", body)
            except CLOSED:
                self.failed["connection"] += 1
                await asyncio.sleep(0.1)
                continue
            break
        self.seconds.append(time.perf_counter() - started)
        if answer.status in (200, 202):
            self.recent.append((str(body["id"]), str(body["article"]["id"])))
            self.done["comments"] += 1
        else:
            self.refused[number] = answer.status

    async def edit(self) -> None:
        if self.recent:
            name, _ = self.dice.choice(self.recent)
            await self._try("edits", "PATCH", f"/v1/comments/{name}", {"text": self._text()})

    async def report(self) -> None:
        if self.recent:
            name, _ = self.dice.choice(self.recent)
            said = {"reporter_id": f"reader-{self.dice.randrange(READERS)}", "reason": "insult"}
            await self._try("reports", "POST", f"/v1/comments/{name}/reports", said)

    async def new_article(self) -> None:
        name = f"new-{self.done['articles']}"
        like = self.texts[self.dice.choice(list(self.texts))]
        await self._put_article(name, like)
        self.articles = [*self.articles[-40:], name]

    async def list_article(self) -> None:
        await self._try("lists", "GET", f"/v1/articles/{self.dice.choice(self.articles)}/comments?limit=50")

    async def _put_article(self, name: str, like: dict[str, Any]) -> None:
        body = {"title": like["title"], "text": like["text"], "section": like["section"]}
        await self._try("articles", "PUT", f"/v1/articles/{name}", body)

    async def _try(self, what: str, method: str, path: str, body: Any = None) -> None:
        """Some refusals are part of the day: an edit of a rejected comment, a second report by one reader."""
        try:
            answer = await self._call(method, path, body)
        except CLOSED:
            self.failed[what] += 1
        else:
            (self.done if answer.status < 500 else self.failed)[what] += 1

    def _body(self, number: int) -> dict[str, Any]:
        body: dict[str, Any] = {}
        article = self.dice.choice(self.articles[-8:])
        if self.recent and self.dice.random() < REPLIES:
            body["parent_id"], article = self.dice.choice(self.recent)
        reader = f"reader-{self.dice.randrange(READERS)}"
        return {"id": f"s-{number}", "article": {"id": article}, "author": {"id": reader}, "text": self._text(), **body}

    def _text(self) -> str:
        """The beginning of a sample comment and some words of the reader's own: readers do not repeat each other."""
        first = sentences_of(str(self.dice.choice(self.said)["text"]))[0]
        return f"{first} {' '.join(self.dice.choices(self.words, k=OWN_WORDS)).capitalize()}."

    def _begin(self, call: Awaitable[None]) -> None:
        task = asyncio.ensure_future(call)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _call(self, method: str, path: str, body: Any) -> Answer:
        async with self._wire() as wire:
            return await wire.call(method, path, body)

    @asynccontextmanager
    async def _wire(self) -> AsyncIterator[Wire]:
        wire = await self._free.get()
        try:
            yield wire
        except CLOSED:
            wire.close()
            raise
        finally:
            self._free.put_nowait(wire)
