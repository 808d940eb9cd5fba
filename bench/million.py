"""Server time of each call and page with a million comments beside a thousand, through the application itself."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from bench import Option, Result, in_ms, percentile, ratio, tell
from bench.filling import PASSWORD, Filled, fill
from bench.plant import ChosenKind, Clock, Kind, clock_for, database_url, free_port
from bench.traffic import OPEN_COMMENT, VERSION
from moderation.arriving import intake
from moderation.articles.tables import articles
from moderation.authors.tables import authors
from moderation.comments.tables import comments
from moderation.database.engine import Database, first_id_at
from moderation.environment.settings import Settings
from moderation.jobs.jobs import Queues, connect_for_web
from moderation.operating import migrating
from moderation.queue.tables import saved_views
from moderation.queue.view_rows import QueueOrder
from moderation.trends.day_counting import count_due
from moderation.values.signals import Signal, Vector
from service.app import create_app
from service.desk.frame import cached
from service.server import settle
from workers.machine import queue_server
from workers.queue.pipeline import Pipeline
from workers.scoring.scorable import Scorable


@dataclass(frozen=True, slots=True)
class Plan:
    sizes: Annotated[tuple[int, ...], Option("sizes to compare", name="comments", metavar="N")] = (1_000, 1_000_000)
    kind: ChosenKind = Kind.SQLITE
    rounds: Annotated[int, Option("times each thing is done")] = 30
    keep: Annotated[Path | None, Option("folder for the filled databases, which another run takes up again")] = None
    # a part of the names of the cases to time; all have the empty one
    only: Annotated[str, Option("only the calls and pages so named", metavar="TEXT")] = ""


def measure(plan: Plan) -> Result:
    """Keeps a filled database in ``plan.keep`` and uses it again. Filling a million rows takes a few minutes."""
    found = {size: _measure_size(plan, size) for size in plan.sizes}
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
    rows = [_row(name, found) for name in found[plan.sizes[0]] if all(of[name].wall for of in found.values())]
    return Result(f"million-{plan.kind}", columns, rows, lines, values, failed)


def cases(newsroom: Newsroom) -> list[Case]:
    return [*Acts(newsroom).cases(), *Pages(newsroom).cases()]


def _row(name: str, found: Mapping[int, Mapping[str, Times]]) -> list[str]:
    """``found`` is by size, then by the case's name."""
    times = [of[name] for of in found.values()]
    first, last = (percentile(each.processor, 0.5) for each in (times[0], times[-1]))
    return [
        name,
        *(in_ms(percentile(each.wall, share)) for share in (0.5, 0.95) for each in times),
        *(in_ms(percentile(each.processor, share)) for share in (0.5, 0.95) for each in times),
        ratio(last, first),
    ]


def _measure_size(plan: Plan, size: int) -> dict[str, Times]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="gavel-million-", ignore_cleanup_errors=True)))
        kept = plan.keep / f"{plan.kind}-{size}" if plan.keep else folder / "database"
        database = Database(stack.enter_context(database_url(plan.kind, kept)))
        stack.callback(database.close)
        filled = _filled(database, kept, size)
        server = queue_server.start(folder / "queue", free_port())
        stack.callback(server.stop)
        newsroom = Newsroom(database, Queues(connect_for_web(server.url)), filled)
        clock = clock_for(database)
        asked = [case for case in cases(newsroom) if plan.only in case.name]
        return {case.name: time_case(case, plan.rounds, size, clock) for case in asked}


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


SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
MOST_WATCHED = 5
VIEWS = {"Sport": "section=Sport", "Insults": "signal=insult", "Old": "hours=24"}


@dataclass
class Newsroom:
    database: Database
    queues: Queues
    filled: Filled
    dice: random.Random = field(default_factory=lambda: random.Random(9))

    def __post_init__(self) -> None:
        settings = Settings(demo=True, rate_limit_per_minute=0, backlog_limit=10_000_000)
        self.app: Flask = create_app(settings, database=self.database, queues=self.queues)
        self.desk: FlaskClient = self.app.test_client()
        form = {"email": self.filled.moderators[0], "password": PASSWORD}
        answer = self.desk.post("/desk/login", data=form, headers=SAME_ORIGIN)
        assert answer.status_code == HTTPStatus.SEE_OTHER, answer.status
        self.api = self.app.test_client(use_cookies=False)
        self.bearer = {"Authorization": f"Bearer {self.filled.key}"}
        self._look_around()
        self._furnish()
        self._count_days()
        settle()  # like the server

    def one(self, among: Sequence[str]) -> str:
        return self.dice.choice(among)

    def _look_around(self) -> None:
        site_id = self.filled.site_ids[0]
        with self.database.read() as conn:
            self.comment_ids = _some(conn, sa.select(comments.c.id).where(comments.c.site_id == site_id))
            self.names = _some(conn, sa.select(comments.c.external_id).where(comments.c.site_id == site_id))
            self.articles = _some(conn, sa.select(articles.c.external_id).where(articles.c.site_id == site_id))
            self.article_ids = _some(conn, sa.select(articles.c.id))
            self.author_ids = _some(conn, sa.select(authors.c.id).where(authors.c.site_id == site_id))
            busiest = sa.select(authors.c.id).order_by(authors.c.published.desc()).limit(1)
            self.busiest = conn.execute(busiest).scalar_one()

    def _furnish(self) -> None:
        """Saved views and watched articles, whose counts every page shows. A kept database has them already."""
        with self.database.read() as conn:
            if conn.execute(sa.select(saved_views.c.id).limit(1)).first():
                return
        for name, view in VIEWS.items():
            self._post("/desk/views", name=name, view=view)
        for id in self.article_ids[:MOST_WATCHED]:
            self._post(f"/desk/articles/{id}/watch")

    def _count_days(self) -> None:
        """As the sweeper does in the background, so that Trends reads no day twice."""
        for _ in count_due(self.database, now=datetime.now(UTC)):
            pass

    def _post(self, path: str, **form: str) -> None:
        status = self.desk.post(path, data=form, headers=SAME_ORIGIN).status_code
        assert status == HTTPStatus.SEE_OTHER, (path, status)


def _some(conn: sa.engine.Connection, query: sa.Select[Any]) -> list[str]:
    """A few thousand, spread over the rows that the database finds first."""
    found = conn.execute(query.limit(200_000)).scalars().all()
    return [str(each) for each in found[:: max(1, len(found) // 5_000)]]


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
        for name, address in (each for room in rooms for each in room.items()):
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


BATCH = 32
READERS_EACH = 15  # comments a reader


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
class Acts:
    newsroom: Newsroom
    number: int = 0  # of the next comment or decision

    def __post_init__(self) -> None:
        room = self.newsroom
        self.pipeline = Pipeline(room.database, room.queues, ReadyScorer())  # type: ignore[arg-type]

    def cases(self) -> list[Case]:
        return [
            Case("accept a comment", self._accepting),
            Case("accept a reply", self._replying),
            Case("record scores and decide, each of 32", self._scoring, per=BATCH),
            Case("a moderator's decision and the next comment", partial(self._deciding, **{"HX-Request": "true"})),
            Case("the same without the page's script", self._deciding),
        ]

    def _accepting(self, **more: Any) -> Act:
        room = self.newsroom
        body = {**self._body(), "article": {"id": room.one(room.articles)}, **more}
        return lambda: room.api.post("/v1/comments", json=body, headers=room.bearer).status_code

    def _replying(self) -> Act:
        name = self.newsroom.one(self.newsroom.names)
        said = self.newsroom.api.get(f"/v1/comments/{name}", headers=self.newsroom.bearer).json
        assert said is not None
        return self._accepting(parent_id=name, article={"id": said["article_id"]})

    def _body(self) -> dict[str, Any]:
        self.number += 1
        dice = self.newsroom.dice
        reader = f"u-{int(self.newsroom.filled.comments / READERS_EACH * dice.random() ** 3)}"
        text = f"{dice.getrandbits(40):x} asks what {dice.getrandbits(40):x} would cost the port of this town"
        return {"id": f"m-{time.time_ns()}-{self.number}", "author": {"id": reader}, "text": text}

    def _scoring(self) -> Act:
        room = self.newsroom
        said = [
            intake.Submission(room.one(room.articles), body["author"]["id"], body["text"], id=body["id"])
            for body in (self._body() for _ in range(BATCH))
        ]
        listed = intake.submit_many(room.database, room.queues, room.filled.site_ids[0], said, now=datetime.now(UTC))
        ids = [each.comment.id for each in listed if not isinstance(each, Exception)]
        return lambda: 200 if self.pipeline.score(ids) == [None] * BATCH else HTTPStatus.INTERNAL_SERVER_ERROR

    def _deciding(self, **headers: str) -> Act:
        desk = self.newsroom.desk
        page = desk.get("/desk/review", follow_redirects=True)
        found, version = OPEN_COMMENT.search(page.request.path), VERSION.search(page.get_data(as_text=True))
        assert found is not None
        assert version is not None
        form = {"choice": "approve" if self.number % 2 else "reject", "version": version[1], "view": ""}
        self.number += 1
        path, headers = f"/desk/comments/{found[1]}/decisions", {**SAME_ORIGIN, **headers}
        return lambda: desk.post(path, data=form, headers=headers, follow_redirects=True).status_code


BUDGET_S = 20.0  # for one case on one database; it is done three times however long it takes
LEAST_ROUNDS = 3

Act = Callable[[], int]  # the timed call; returns the HTTP status


@dataclass(frozen=True, slots=True)
class Case:
    """``prepare`` makes ready, untimed, and returns the call to time. ``per`` divides the time of a call for many."""

    name: str
    prepare: Callable[[], Act]
    per: int = 1


@dataclass(slots=True)
class Times:
    """Seconds of each round, in order of size: on the wall clock, and of the processors."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


def time_case(case: Case, rounds: int, size: int, clock: Clock) -> Times:
    """The first run warms up and does not count. Without any times if an answer was none that was expected."""
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
