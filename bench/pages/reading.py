"""Server time of the calls of pages, of an article with 100,000 comments, through the application itself; by turns, so
that what else the machine does falls on all alike."""

from __future__ import annotations

import random
import runpy
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection

from bench import Option, Result, in_ms, percentile, tell
from bench.million.cases import Times
from bench.plant import ChosenKind, Clock, Kind, clock_for, database_url, free_port
from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import Queues, connect_for_web
from moderation.ground.values.statuses import CommentStatus
from moderation.operations.composition import open_database
from moderation.operations.importing.storing import id_at
from moderation.operations.operating import migrating
from moderation.sites import sites
from moderation.sites.audit import actors
from moderation.spine.articles import rows as articles
from moderation.spine.comments.tables import comments
from service.app import create_app
from service.context import utc_now
from workers.machine import queue_server

AT_ONCE = 5_000
MIGRATIONS = Path(__file__).parents[2] / "migrations" / "versions"
ORDERS = ("newest", "oldest", "most_replied")
WORDS = ("the ferry", "council", "winter timetable", "costs", "nobody asked", "why", "the price", "island", "harbour")


@dataclass(frozen=True, slots=True)
class Plan:
    comments: Annotated[int, Option("of the one article")] = 100_000
    kind: ChosenKind = Kind.SQLITE
    rounds: Annotated[int, Option("times each call is made")] = 200


def measure(plan: Plan) -> Result:
    with ExitStack() as held:
        folder = Path(held.enter_context(TemporaryDirectory()))
        database = open_database(held.enter_context(database_url(plan.kind, folder)))
        held.callback(database.close)
        migrating.upgrade(database)
        server = queue_server.start(folder, free_port())
        held.callback(server.stop)
        queues = Queues(connect_for_web(server.url), job_timeout_s=30)
        app = create_app(Settings(gavel_home=folder, rate_limit_per_minute=0), database=database, queues=queues)
        client = app.test_client()
        calls = _calls(client, _fill(database, client, plan.comments), plan.comments)
        took = _by_turns(calls, plan.rounds, clock_for(database))
    rows = [
        [name, *(in_ms(percentile(series, share)) for series in (times.wall, times.processor) for share in (0.5, 0.95))]
        for name, times in took.items()
    ]
    lines = [f"{plan.kind}; {plan.comments:,} comments on one article, two in three are replies; {plan.rounds} turns"]
    columns = ("call", "p50 ms", "p95 ms", "processor's p50 ms", "processor's p95 ms")
    seconds = {name: asdict(times) for name, times in took.items()}
    return Result(f"pages-{plan.kind}", columns, rows, lines, {"plan": asdict(plan), "seconds": seconds})


def _fill(database: Database, client: FlaskClient, count: int) -> str:
    """A site with one long discussion, in which a few threads have thousands of replies. Returns the site's id."""
    tell(f"filling {count:,} comments")
    created = sites.create_site(database, "Bench", by=actors.operator("bench"), now=utc_now())
    headers = {"Authorization": f"Bearer {created.key.token}"}
    origins = {"origins": ["https://bench.example"]}
    assert client.put("/v1/site/origins", json=origins, headers=headers).status_code == 200
    chance, begun = random.Random(7), utc_now() - timedelta(days=30)
    with database.write() as conn:
        articles.insert_article(conn, created.site.id, "long", {"title": "Ferry to run all winter"}, now=begun)
        for number in range(100):
            articles.insert_author(conn, created.site.id, f"r-{number}", {"name": f"Reader {number}"}, now=begun)
        article = articles.get_article(conn, created.site.id, "long").id
        authors = [articles.find_author(conn, created.site.id, f"r-{number}") for number in range(100)]
        _drop_what_no_page_reads(conn)
    roots: list[str] = []
    for start in range(0, count, AT_ONCE):
        rows: list[dict[str, Any]] = []
        for number in range(start, min(start + AT_ONCE, count)):
            at = begun + timedelta(seconds=20 * number)
            author = chance.choice(authors)
            assert author is not None
            # Each third begins a thread; of the replies every fourth goes to one of the first ten
            among = roots[:10] if number % 4 == 0 else roots[-500:]
            parent = None if number % 3 == 0 or not roots else chance.choice(among)
            row = _row(created.site.id, article, author.id, parent, f"c-{number}", at, chance)
            if parent is None:
                roots.append(row["id"])
            rows.append(row)
        with database.write() as conn:
            conn.execute(comments.insert(), rows)
    (migration,) = MIGRATIONS.glob("*_store_what_pages_show.py")
    with database.write() as conn:
        for statement in runpy.run_path(str(migration))["FILLING"]:
            conn.execute(sa.text(statement))
        if not database.is_sqlite:
            conn.exec_driver_sql("ANALYZE")
    return created.site.id


def _drop_what_no_page_reads(conn: Connection) -> None:
    """Search and the indexes of the queue, so that filling takes seconds."""
    for index in comments.indexes:
        if index.name != "ix_comments_article_featured":
            index.drop(conn)
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql("DROP TRIGGER comment_search_insert")
    else:
        conn.exec_driver_sql("DROP INDEX ix_comments_words")


def _row(
    site_id: str, article_id: str, author_id: str, parent_id: str | None, name: str, at: Any, chance: random.Random
) -> dict[str, Any]:
    return {
        "id": id_at(at),
        "site_id": site_id,
        "external_id": name,
        "article_id": article_id,
        "author_id": author_id,
        "parent_id": parent_id,
        "text": " ".join(chance.choices(WORDS, k=chance.randint(5, 120))),
        "lane": "live",
        "body_digest": "",
        "status": CommentStatus.PUBLISHED,
        "version": 2,
        "toxicity": chance.random() / 3,
        "relevance": chance.random(),
        "featured_at": at if chance.random() < 0.0005 else None,
        "posted_at": at,
        "received_at": at,
        "updated_at": at,
    }


def _calls(client: FlaskClient, site_id: str, count: int) -> dict[str, Callable[[], None]]:
    page = f"/v1/pages/{site_id}/articles/long"
    tag = client.get(f"{page}/version").headers["ETag"]
    paths = {f"50 threads, {order}": f"{page}?limit=50&order={order}" for order in ORDERS}
    paths["50 threads with 10 replies each, newest"] = f"{page}?limit=50&replies=10"
    following = client.get(f"{page}?limit=50&order=most_replied").get_json()["next"]
    paths["the next 50, most_replied"] = f"{page}?limit=50&order=most_replied&after={following}"
    paths["20 replies of a long thread"] = f"{page}/comments/c-0/replies"
    paths["a link to one comment"] = f"{page}/comments/c-{count // 2}"
    paths["version"] = f"{page}/version"
    paths["counts"] = f"/v1/pages/{site_id}/counts?article=long"
    paths["10 newest of the site"] = f"/v1/pages/{site_id}/newest"
    calls = {name: _call(client, path, {}, 200) for name, path in paths.items()}
    return {**calls, "a page that is known (304)": _call(client, f"{page}?limit=50", {"If-None-Match": tag}, 304)}


def _call(client: FlaskClient, path: str, headers: dict[str, str], status: int) -> Callable[[], None]:
    def ask() -> None:
        answer = client.get(path, headers=headers)
        assert answer.status_code == status, answer.text

    return ask


def _by_turns(calls: dict[str, Callable[[], None]], rounds: int, clock: Clock) -> dict[str, Times]:
    took = {name: Times() for name in calls}
    for ask in calls.values():  # the first time compiles the statements
        ask()
    for _ in range(rounds):
        for name, ask in calls.items():
            worked, begun = clock(), time.perf_counter()
            ask()
            took[name].wall.append(time.perf_counter() - begun)
            took[name].processor.append(clock() - worked)
    return {name: Times(sorted(times.wall), sorted(times.processor)) for name, times in took.items()}
