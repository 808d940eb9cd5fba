"""Server time of each call and page with a million comments beside a thousand, through the application itself."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from bench.databases import Kind, database_url
from bench.figures import in_ms, percentile, ratio
from bench.filling import PASSWORD, Filled, fill
from bench.plant import free_port
from bench.processor import Clock, clock_for
from bench.report import Result, tell
from bench.traffic import OPEN_COMMENT, VERSION
from moderation.deciding import intake
from moderation.model.signals import Signal, Vector
from moderation.operating import migrating
from moderation.queueing.jobs import Queues, connect_for_web
from moderation.schema import articles, authors, comments, saved_views
from moderation.settings import Settings
from moderation.store.database import Database, first_id_at
from moderation.store.queue_view import Order
from service.app import create_app
from service.desk.frame import cached
from service.server import settle
from workers.machine import queue_server
from workers.queue.pipeline import Pipeline
from workers.scoring.scorable import Scorable

BATCH = 32
BUDGET_S = 20.0  # for one thing on one database; it is done three times however long it takes
LEAST_ROUNDS = 3
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
LEARNING = {
    "learning": "",
    "learnt versions": "/versions",
    "shadow": "/shadow",
    "limits": "/limits",
    "error rates": "/checks",
    "bias watch": "/bias",
    "agreement": "/agreement",
}

MOST_WATCHED = 5
VIEWS = {"Sport": "section=Sport", "Insults": "signal=insult", "Old": "hours=24"}

Act = Callable[[], int]  # the timed call; returns the HTTP status


@dataclass(frozen=True, slots=True)
class Plan:
    sizes: tuple[int, ...] = (1_000, 1_000_000)
    kind: Kind = Kind.SQLITE
    rounds: int = 30
    keep: Path | None = None


@dataclass(slots=True)
class Times:
    """Seconds of each round, in order of size: on the wall clock, and of the processors."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Case:
    """``prepare`` makes ready, untimed, and returns the call to time. ``per`` divides the time of a call for many."""

    name: str
    prepare: Callable[[], Act]
    per: int = 1


class ReadyScorer:
    """Scores that cost nothing and hold no comment, so that no words are searched: the case measures the database."""

    models = {"toxicity": "none@bench"}  # noqa: RUF012

    def score(self, batch: Sequence[Scorable]) -> list[tuple[Signal, ...]]:
        return [
            (
                Signal("toxicity", 0.05, "none@bench"),
                Signal("relevance", 0.9, "none@bench"),
                Signal("language.supported", 1.0, "lang:en"),
            )
            for _ in batch
        ]

    def vectors(self, batch: Sequence[Scorable]) -> list[Vector | None]:
        return [Vector("none@bench", bytes(384))] * len(batch)


@dataclass
class Bench:
    """The application on one filled database, with a logged-in admin and things to request."""

    database: Database
    queues: Queues
    filled: Filled
    dice: random.Random = field(default_factory=lambda: random.Random(9))
    number: int = 0

    def __post_init__(self) -> None:
        settings = Settings(demo=True, rate_limit_per_minute=0, backlog_limit=10_000_000)
        self.app: Flask = create_app(settings, database=self.database, queues=self.queues)
        self.desk: FlaskClient = self.app.test_client()
        form = {"email": self.filled.moderators[0], "password": PASSWORD}
        answer = self.desk.post("/desk/login", data=form, headers=SAME_ORIGIN)
        assert answer.status_code == 303, answer.status
        self.api = self.app.test_client(use_cookies=False)
        self.pipeline = Pipeline(self.database, self.queues, ReadyScorer())  # type: ignore[arg-type]
        with self.database.read() as conn:
            here = comments.c.site_id == self.filled.site_ids[0]
            self.comment_ids = _some(conn, sa.select(comments.c.id).where(here))
            self.names = _some(conn, sa.select(comments.c.external_id).where(here))
            self.articles = _some(
                conn, sa.select(articles.c.external_id).where(articles.c.site_id == self.filled.site_ids[0])
            )
            self.article_ids = _some(conn, sa.select(articles.c.id))
            self.author_ids = _some(conn, sa.select(authors.c.id).where(authors.c.site_id == self.filled.site_ids[0]))
            self.busiest = conn.execute(
                sa.select(authors.c.id).order_by(authors.c.published.desc()).limit(1)
            ).scalar_one()
        self._furnish()
        settle()  # like the server

    def _furnish(self) -> None:
        """Saved views and watched articles, whose counts every page shows. A kept database has them already."""
        with self.database.read() as conn:
            if conn.execute(sa.select(saved_views.c.id).limit(1)).first():
                return
        for name, view in VIEWS.items():
            self._post("/desk/views", name=name, view=view)
        for id in self.article_ids[:MOST_WATCHED]:
            self._post(f"/desk/articles/{id}/watch")

    def _post(self, path: str, **form: str) -> None:
        status = self.desk.post(path, data=form, headers=SAME_ORIGIN).status_code
        assert status == HTTPStatus.SEE_OTHER, (path, status)

    def cases(self) -> list[Case]:
        return [
            Case("accept a comment", self._accepting),
            Case("accept a reply", self._replying),
            Case("record scores and decide, each of 32", self._scoring, per=BATCH),
            Case("a moderator's decision and the next comment", partial(self._deciding, **{"HX-Request": "true"})),
            Case("the same without the page's script", self._deciding),
            *(Case(name, partial(self._calling, path)) for name, path in self._calls().items()),
            Case("desk: the way to the next comment", self._leading),
            *(Case(f"desk: {name}", partial(self._opening, path)) for name, path in self._pages().items()),
        ]

    def _calls(self) -> dict[str, Callable[[], str]]:
        return {
            "GET a comment": lambda: f"/v1/comments/{self._one(self.names)}",
            "GET an article's published": lambda: f"/v1/articles/{self._one(self.articles)}/comments?status=published",
            "GET the feed": lambda: (
                f"/v1/events?after={self.dice.randrange(max(1, self.filled.comments // 2))}&limit=100"
            ),
        }

    def _pages(self) -> dict[str, Callable[[], str]]:
        month = datetime.now(UTC).date() - timedelta(days=30)
        year = datetime.now(UTC).date() - timedelta(days=360)
        site = f"site={self.filled.site_ids[0]}"
        return {
            "queue, by priority": lambda: "/desk/review",
            **{f"queue, by {order}": partial(str, f"/desk/review?order={order}") for order in list(Order)[1:]},
            "queue, one reason": lambda: "/desk/review?signal=insult",
            "queue, one section": lambda: "/desk/review?section=Sport",
            "queue, one language": lambda: "/desk/review?language=en",
            "queue, one article": lambda: f"/desk/review?article={self._one(self.article_ids)}",
            "queue, one author": lambda: f"/desk/review?author={self._one(self.author_ids)}",
            "queue, older than a day": lambda: "/desk/review?hours=24",
            "queue, one site by toxicity": lambda: f"/desk/review?site={self.filled.site_ids[2]}&order=toxicity",
            "escalated": lambda: "/desk/review?escalated=1",
            "history": lambda: "/desk/history",
            "history, mine": lambda: "/desk/history?mine=1",
            "history, rejected": lambda: "/desk/history?outcome=rejected",
            "history, one month": lambda: f"/desk/history?from={month}&to={month + timedelta(days=29)}",
            "history, one section": lambda: "/desk/history?section=Sport",
            "history, one reason": lambda: "/desk/history?signal=insult",
            "history, one article": lambda: f"/desk/history?article={self._one(self.article_ids)}",
            "history, one author": lambda: f"/desk/history?author={self._one(self.author_ids)}",
            "published": lambda: "/desk/decided?status=published",
            "rejected, one section": lambda: "/desk/decided?status=rejected&section=Sport",
            "published, one author": lambda: f"/desk/decided?status=published&author={self._one(self.author_ids)}",
            "an article": lambda: f"/desk/articles/{self._one(self.article_ids)}",
            "campaigns": lambda: "/desk/campaigns",
            "search, a surname": lambda: f"/desk/search?q={self.dice.randrange(1, 4_000)}",
            "search, a common word": lambda: "/desk/search?q=licence",
            "search, a rare word": lambda: f"/desk/search?q=n{self.dice.randrange(40_000, 50_000)}",
            "search, two words": lambda: "/desk/search?q=the+licence",
            "search, an id": lambda: f"/desk/search?q={self._one(self.names)}",
            "timeline of a comment": lambda: f"/desk/comments/{self._one(self.comment_ids)}",
            "an author": lambda: f"/desk/authors/{self._one(self.author_ids)}",
            "the busiest author": lambda: f"/desk/authors/{self.busiest}",
            "queue changes": lambda: f"/desk/queue-changes?since={first_id_at(datetime.now(UTC) - timedelta(hours=8))}"
                            f"&lines={','.join(self.comment_ids[:40])}",
            "trends, two weeks": lambda: "/desk/trends",
            "trends, a month": lambda: f"/desk/trends?from={month}",
            "trends, a year": lambda: f"/desk/trends?from={year}",
            "policy": lambda: f"/desk/policy?site={self.filled.site_ids[0]}",
            "bulk": lambda: "/desk/bulk",
            "people": lambda: f"/desk/people?site={self.filled.site_ids[0]}",
            "audit": lambda: f"/desk/audit?{site}",
            "audit, decisions of a month": lambda: f"/desk/audit?{site}&kind=decisions&from={month}",
            "audit, all but decisions": lambda: f"/desk/audit?{site}&kind=other&from={year}",
            "audit, policy": lambda: f"/desk/audit?{site}&kind=policy&from={year}",
            "limits of one section": lambda: f"/desk/policy/override?{site}&kind=sections",
            "worth reading": lambda: "/desk/worth-reading",
            "views": lambda: "/desk/views",
            "reasons": lambda: f"/desk/reasons?{site}",
            **{name: partial(str, f"/desk/learning{end}?{site}") for name, end in LEARNING.items()},
        }  # fmt: skip

    def _one(self, among: Sequence[str]) -> str:
        return self.dice.choice(among)

    def _accepting(self, **more: Any) -> Act:
        body = {**self._body(), "article": {"id": self._one(self.articles)}, **more}
        return lambda: self.api.post("/v1/comments", json=body, headers=self._bearer()).status_code

    def _replying(self) -> Act:
        name = self._one(self.names)
        said = self.api.get(f"/v1/comments/{name}", headers=self._bearer()).json
        assert said is not None
        return self._accepting(parent_id=name, article={"id": said["article_id"]})

    def _body(self) -> dict[str, Any]:
        self.number += 1
        reader = f"u-{int(self.filled.comments / 15 * self.dice.random() ** 3)}"
        text = f"{self.dice.getrandbits(40):x} asks what {self.dice.getrandbits(40):x} would cost the port of this town"
        return {"id": f"m-{time.time_ns()}-{self.number}", "author": {"id": reader}, "text": text}

    def _scoring(self) -> Act:
        said = [
            intake.Submission(self._one(self.articles), body["author"]["id"], body["text"], id=body["id"])
            for body in (self._body() for _ in range(BATCH))
        ]
        listed = intake.submit_many(self.database, self.queues, self.filled.site_ids[0], said, now=datetime.now(UTC))
        ids = [each.comment.id for each in listed if not isinstance(each, Exception)]
        return lambda: 200 if self.pipeline.score(ids) == [None] * BATCH else 500

    def _deciding(self, **headers: str) -> Act:
        page = self.desk.get("/desk/review", follow_redirects=True)
        found, version = OPEN_COMMENT.search(page.request.path), VERSION.search(page.get_data(as_text=True))
        assert found is not None
        assert version is not None
        form = {"choice": "approve" if self.number % 2 else "reject", "version": version[1], "view": ""}
        self.number += 1
        path, headers = f"/desk/comments/{found[1]}/decisions", {**SAME_ORIGIN, **headers}
        return lambda: self.desk.post(path, data=form, headers=headers, follow_redirects=True).status_code

    def _leading(self) -> Act:
        """The request that leads to the next comment."""
        return lambda: 200 if self.desk.get("/desk/review").status_code == HTTPStatus.SEE_OTHER else 500

    def _opening(self, path: Callable[[], str]) -> Act:
        address = path()
        answer = self.desk.get(address)  # the addresses of pages with the next comment open; each is one answer
        address = answer.location or address
        self.app.extensions.pop(cached.EXTENSION, None)  # as if nobody had asked lately
        return lambda: self.desk.get(address, follow_redirects=True).status_code

    def _calling(self, path: Callable[[], str]) -> Act:
        address = path()
        return lambda: self.api.get(address, headers=self._bearer()).status_code

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.filled.key}"}


def measure(plan: Plan) -> Result:
    """Keeps a filled database in ``plan.keep`` and uses it again. Filling a million rows takes a few minutes."""
    found = {size: _measure_size(plan, size) for size in plan.sizes}
    first, last = found[plan.sizes[0]], found[plan.sizes[-1]]
    rows = [
        [
            name,
            *(in_ms(percentile(found[size][name].wall, 0.5)) for size in plan.sizes),
            *(in_ms(percentile(found[size][name].wall, 0.95)) for size in plan.sizes),
            *(in_ms(percentile(found[size][name].processor, 0.5)) for size in plan.sizes),
            *(in_ms(percentile(found[size][name].processor, 0.95)) for size in plan.sizes),
            ratio(percentile(last[name].processor, 0.5), percentile(first[name].processor, 0.5)),
        ]
        for name in first
    ]
    each = [f"{size:,}" for size in plan.sizes]
    measured = ("p50 ms", "p95 ms", "processor's p50 ms", "processor's p95 ms")
    columns = ("server time", *(f"{what}, {s}" for what in measured for s in each), "ratio of the processor's p50")
    lines = [
        f"{plan.kind}; {' and '.join(each)} comments, one in ten of them flagged; pages without what they remember"
    ]
    values = {
        "plan": {**asdict(plan), "keep": str(plan.keep)},
        "seconds": {str(s): {name: asdict(times) for name, times in f.items()} for s, f in found.items()},
    }
    failed = [
        f"{name} with {size:,} comments" for size in plan.sizes for name, took in found[size].items() if not took.wall
    ]
    return Result(f"million-{plan.kind}", columns, rows, lines, values, failed)


def _measure_size(plan: Plan, size: int) -> dict[str, Times]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="gavel-million-", ignore_cleanup_errors=True)))
        kept = plan.keep / f"{plan.kind}-{size}" if plan.keep else folder / "database"
        database = Database(stack.enter_context(database_url(plan.kind, kept)))
        stack.callback(database.close)
        filled = _filled(database, kept, size)
        server = queue_server.start(folder / "queue", free_port())
        stack.callback(server.stop)
        bench = Bench(database, Queues(connect_for_web(server.url)), filled)
        clock = clock_for(database)
        return {case.name: _time(case, plan.rounds, size, clock) for case in bench.cases()}


def _filled(database: Database, folder: Path, size: int) -> Filled:
    note = folder / f"filled-{size}.json"
    if note.exists():
        said = json.loads(note.read_text())
        tell(f"taking up {size:,} comments that are there")
        migrating.upgrade(database)
        return Filled(**{**said, "site_ids": tuple(said["site_ids"]), "moderators": tuple(said["moderators"])})
    tell(f"filling in {size:,} comments")
    filled = fill(database, size)
    tell(f"filled in {filled.seconds:.0f} s")
    note.write_text(json.dumps(asdict(filled)))
    return filled


def _time(case: Case, rounds: int, size: int, clock: Clock) -> Times:
    """The first run warms up and does not count."""
    times = Times()
    started = time.perf_counter()
    for number in range(rounds + 1):
        act = case.prepare()
        worked, before = clock(), time.perf_counter()
        status = act()
        took, work = time.perf_counter() - before, clock() - worked
        if status not in (200, 202):
            tell(f"{size:,}: {case.name} FAILED: {status}")
            return Times()
        if number:
            times.wall.append(took / case.per)
            times.processor.append(work / case.per)
        if len(times.wall) >= LEAST_ROUNDS and time.perf_counter() - started > BUDGET_S:
            break
    times.wall.sort()
    times.processor.sort()
    wall, processor = (in_ms(percentile(seconds, 0.5)) for seconds in (times.wall, times.processor))
    tell(f"{size:,}: {case.name}: p50 {wall} ms, the processor's {processor} ms")
    return times


def _some(conn: sa.engine.Connection, query: sa.Select[Any]) -> list[str]:
    """A few thousand, spread over the rows that the database finds first."""
    found = conn.execute(query.limit(200_000)).scalars().all()
    return [str(each) for each in found[:: max(1, len(found) // 5_000)]]
