"""A day at a news site, as its requests: articles, comments, replies, edits, reports, moderators at work, a feed read.

It remembers the accepted comments, so that a measurement can look for them afterwards.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.load import CLOSED, Answer, Wire, bearer
from bench.plant import ROOT, Kind, database_url, free_port, sample_articles, sample_comments, sentences_of
from moderation.comments.tables import comments, decisions
from moderation.database.engine import Database, first_id_at
from moderation.environment.settings import Settings
from moderation.jobs.jobs import Queues, connect_for_worker
from moderation.sites import sites
from moderation.sites.audit.actors import SYSTEM
from moderation.sites.people import moderators
from moderation.sites.people.roles import Role
from service.passwords import hash_password

REPLIES, EDITS, REPORTS, NEW_ARTICLES, LISTINGS = 0.4, 0.03, 0.01, 0.005, 0.1  # for each comment
READERS = 500
OWN_WORDS = 20
RECENT = 500  # comments that replies, edits and reports are about
LOG_IN_HEADERS = {"Sec_Fetch_Site": "same-origin"}
VERSION = re.compile(r'name="version" value="(\d+)"')
OPEN_COMMENT = re.compile(r"/desk/review/([0-9a-f-]{36})")


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


@dataclass
class FeedReader:
    """Reads the feed as a site does, with a cursor and long polling."""

    port: int
    key: str
    last: int = 0
    gaps: int = 0

    async def read_until(self, is_over: Callable[[], bool]) -> None:
        wire = Wire(self.port, bearer(self.key))
        while not is_over():
            try:
                await self.read_page(wire, wait_s=2)
            except CLOSED:
                wire.close()
                await asyncio.sleep(0.2)
        wire.close()

    async def read_page(self, wire: Wire, *, wait_s: int = 0) -> int:
        answer = await wire.call("GET", f"/v1/events?after={self.last}&limit=500&wait={wait_s}")
        if answer.status != 200:
            return 0
        sequences = [event["sequence"] for event in answer.json()["events"]]
        self.gaps += sum(b != a + 1 for a, b in zip([self.last, *sequences], sequences, strict=False))
        self.last = sequences[-1] if sequences else self.last
        return len(sequences)


@dataclass
class Desk:
    """A moderator in a browser without JavaScript: reads the next comment, decides, and is shown the one after it."""

    port: int
    email: str
    password: str
    pause_s: float
    decided: int = 0
    refused: int = 0

    async def work_until(self, is_over: Callable[[], bool]) -> None:
        wire = Wire(self.port)
        wire.headers |= {"Cookie": await self._log_in(wire)}
        while not is_over():
            try:
                await self._decide_next(wire)
            except CLOSED:
                wire.close()
            await asyncio.sleep(self.pause_s)
        wire.close()

    async def _log_in(self, wire: Wire) -> str:
        form = {"email": self.email, "password": self.password}
        answer = await wire.call("POST", "/desk/login", form=form, **LOG_IN_HEADERS)
        cookie = answer.fields.get("set-cookie", "").partition(";")[0]
        if not cookie:
            raise ValueError(f"the desk lets nobody in: {answer.status}")
        return cookie

    async def _decide_next(self, wire: Wire) -> None:
        answer, place = await self._follow(wire, await wire.call("GET", "/desk/review"), "/desk/review")
        comment, version = OPEN_COMMENT.search(place), VERSION.search(answer.text)
        if comment is None or version is None:
            return  # nothing to decide
        choice = "approve" if self.decided % 3 else "reject"
        form = {"choice": choice, "version": version[1], "view": ""}
        path = f"/desk/comments/{comment[1]}/decisions"
        answer, _ = await self._follow(wire, await wire.call("POST", path, form=form, **LOG_IN_HEADERS), path)
        if answer.status == 200:
            self.decided += 1
        else:
            self.refused += 1

    async def _follow(self, wire: Wire, answer: Answer, place: str) -> tuple[Answer, str]:
        while answer.status in (302, 303):
            place = answer.fields["location"]
            answer = await wire.call("GET", place)
        return answer, place


UP_WITHIN_S, ENDED_WITHIN_S = 120.0, 60.0
MODERATORS = 2
PASSWORD = "a passphrase for the soak"


@dataclass
class Running:
    """Everything up, with a site and its moderators."""

    folder: Path
    port: int
    database: Database
    process: subprocess.Popen[bytes]
    key: str = ""
    site_id: str = ""
    database_pids: tuple[int, ...] = ()
    queues: Queues = field(init=False)

    def __post_init__(self) -> None:
        made = sites.create_site(self.database, "Soak", by=SYSTEM, now=datetime.now(UTC))
        self.key, self.site_id = made.key.token, made.site.id
        sites.change_settings(
            self.database, self.site_id, by=SYSTEM, now=datetime.now(UTC), comments_per_author_per_minute=None
        )
        hashed = hash_password(PASSWORD)
        for number in range(MODERATORS):
            moderators.create_moderator(
                self.database,
                email=moderator(number),
                name=f"Moderator {number}",
                password_hash=hashed,
                roles={self.site_id: Role.MODERATOR},
                by=SYSTEM,
                now=datetime.now(UTC),
            )
        self.queues = Queues(connect_for_worker(Settings(gavel_home=self.folder).resolved_redis_url))

    def waiting(self) -> tuple[int, float]:
        """How many comments wait, and for how many seconds the oldest has waited."""
        query = sa.select(sa.func.count(), sa.func.min(comments.c.updated_at)).where(comments.c.status == "waiting")
        with self.database.read() as conn:
            count, since = conn.execute(query).one()
        return count, (datetime.now(UTC) - since).total_seconds() if since else 0.0

    def delays(self, since: datetime) -> list[float]:
        """Seconds from arrival to decision of the comments that a policy has decided since then, in order."""
        query = (
            sa.select(comments.c.received_at, decisions.c.created_at)
            .join(comments, comments.c.id == decisions.c.comment_id)
            .where(decisions.c.id >= first_id_at(since), decisions.c.version == 1)
        )
        with self.database.read() as conn:
            return sorted((row.created_at - row.received_at).total_seconds() for row in conn.execute(query))

    def decided(self, since: datetime) -> int:
        query = sa.select(sa.func.count()).where(decisions.c.id >= first_id_at(since))
        with self.database.read() as conn:
            return conn.execute(query).scalar_one()


@contextmanager
def running(kind: Kind, workers: int) -> Iterator[Running]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gavel-soak-")))
        store = folder / "database"
        url = stack.enter_context(database_url(kind, store))
        port = free_port()
        own = {
            "GAVEL_HOME": str(folder),
            "PORT": str(port),
            "DATABASE_URL": url,
            "RATE_LIMIT_PER_MINUTE": "0",
            "GAVEL_DEMO": "yes",
        }
        environ = {k: v for k, v in os.environ.items() if not k.startswith(("REDIS_URL", "DATABASE_URL"))}
        command = [sys.executable, "-m", "gavel", "up", "--workers", str(workers)]
        with (folder / "up.log").open("ab") as log:
            process = subprocess.Popen(command, cwd=ROOT, env={**environ, **own}, stdout=log, stderr=log)
        stack.callback(_end, process)
        _until_up(process, folder / "up.log")
        database = Database(url)
        stack.callback(database.close)
        yield Running(folder, port, database, process, database_pids=_pids_of_postgres(store))


def moderator(number: int) -> str:
    """The e-mail address of a moderator that the desk knows."""
    return f"moderator-{number}@example.org"


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(ENDED_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _until_up(process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + UP_WITHIN_S
    while "Gavel is up" not in log.read_text(errors="replace"):
        if process.poll() is not None or time.monotonic() > until:
            raise TimeoutError(f"Gavel did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.1)


def _pids_of_postgres(store: Path) -> tuple[int, ...]:
    file = store / "postgres" / "postmaster.pid"
    return (int(file.read_text().splitlines()[0]),) if file.exists() else ()
