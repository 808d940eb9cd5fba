"""A lead tries changes of the policy at the desk: the time of the page's answer over the site's newest comments.

It is the thread's own time, so that a busy machine matters little; compare the lines.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from flask.testing import FlaskClient

from bench.databases import ChosenKind, Kind, database_url
from bench.engines import development_texts
from bench.figures import in_ms, percentile
from bench.filling import PASSWORD
from bench.million_newsroom import SAME_ORIGIN
from bench.options import Option
from bench.plant import free_port
from bench.report import Result, tell
from moderation.arriving import intake
from moderation.database.engine import Database
from moderation.environment.settings import Settings
from moderation.jobs.jobs import Queues, connect_for_web
from moderation.operating import migrating
from moderation.sites import sites
from moderation.sites.audit.actors import SYSTEM
from moderation.sites.people import moderators
from moderation.sites.people.roles import Role
from moderation.values.signals import Signal, Span, Vector
from service.app import create_app
from service.desk.frame import cached
from service.passwords import hash_password
from service.server import settle
from workers.machine import queue_server
from workers.queue.pipeline import Pipeline
from workers.scoring.scorable import Scorable

BATCH = 32
JOINED = 3  # texts of the development suite make a comment: most of them are one sentence
TOXICITY = re.compile(r'name="(limit-\d+)"[^>]*aria-label="Toxicity: flag from"')
ADDRESS = "lead@example.org"
SCORES = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack", "sexual_explicit", "spam")


@dataclass(frozen=True, slots=True)
class Plan:
    comments: int = 2_000  # the page replays no more
    rounds: Annotated[int, Option("(default: %(default)s)")] = 20
    kind: ChosenKind = Kind.SQLITE


class DrawnScorer:
    """Drawn scores instead of a model's, a few of them high. Everything that reads the text is real."""

    models = {"toxicity": "none@bench"}  # noqa: RUF012

    def __init__(self) -> None:
        self._dice = random.Random(4)

    def score(self, batch: Sequence[Scorable]) -> list[tuple[Signal, ...]]:
        known = (Signal("relevance", 0.9, "none@bench"), Signal("language.supported", 1.0, "lang:en"))
        return [(*(Signal(name, self._dice.random() ** 4, "none@bench") for name in SCORES), *known) for _ in batch]

    def explain(self, wanted: Sequence[tuple[Scorable, frozenset[str]]]) -> list[dict[str, tuple[Span, ...]]]:
        return [{} for _ in wanted]

    def vectors(self, batch: Sequence[Scorable]) -> list[Vector | None]:
        return [Vector("none@bench", bytes(384))] * len(batch)


def measure(plan: Plan) -> Result:
    """Each round opens the page without what the process remembers, and then tries changes, one after the other."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="gavel-policy-", ignore_cleanup_errors=True)))
        database = Database(stack.enter_context(database_url(plan.kind, folder / "database")))
        stack.callback(database.close)
        server = queue_server.start(folder / "queue", free_port())
        stack.callback(server.stop)
        queues = Queues(connect_for_web(server.url))
        site_id = _fill(database, queues, plan.comments)
        app = create_app(Settings(demo=True, rate_limit_per_minute=0), database=database, queues=queues)
        desk = app.test_client()
        desk.post("/desk/login", data={"email": ADDRESS, "password": PASSWORD}, headers=SAME_ORIGIN)
        settle()  # like the server
        rounds = []
        for number in range(plan.rounds + 1):
            app.extensions.pop(cached.EXTENSION, None)
            rounds.append(_round(desk, site_id, number))
    return _result(plan, rounds[1:])  # the first one warms up


def _round(desk: FlaskClient, site_id: str, number: int) -> dict[str, float]:
    opened, page = _timed(desk, "GET", f"/desk/policy?site={site_id}", {})
    found = TOXICITY.search(page)
    assert found is not None
    changes = {
        "a limit": {found[1]: f"{0.5 + number / 100:.2f}"},
        "another limit": {found[1]: f"{0.7 + number / 100:.2f}"},
        "a listed word": {"banned_words": f"council{number}"},
        "another listed word": {"banned_words": f"council{number}\nmayor{number}"},
        "a blocked domain": {"blocked_domains": f"blocked-{number}.example"},
    }
    tried = {name: _timed(desk, "POST", f"/desk/policy/try?site={site_id}", form)[0] for name, form in changes.items()}
    return {"the page, opened first": opened, **tried}


def _timed(desk: FlaskClient, method: str, path: str, form: Mapping[str, str]) -> tuple[float, str]:
    began = time.thread_time()
    answer = desk.open(path, method=method, data=form or None, headers=SAME_ORIGIN)
    seconds = time.thread_time() - began
    assert answer.status_code == 200, answer.status
    return seconds, answer.get_data(as_text=True)


def _fill(database: Database, queues: Queues, count: int) -> str:
    """A site with a lead and so many decided comments. Returns the site's id."""
    migrating.upgrade(database)
    now = datetime.now(UTC)
    site_id = sites.create_site(database, "The Herald", by=SYSTEM, now=now).site.id
    hashed = hash_password(PASSWORD)
    moderators.create_moderator(
        database, email=ADDRESS, name="Lead", password_hash=hashed, roles={site_id: Role.LEAD}, by=SYSTEM, now=now
    )
    pipeline = Pipeline(database, queues, DrawnScorer())  # type: ignore[arg-type]
    texts = _texts(count)
    while batch := list(islice(texts, BATCH)):
        said = [intake.Submission(f"a-{len(text) % 20}", f"u-{len(text) % 300}", text) for text in batch]
        listed = intake.submit_many(database, queues, site_id, said, now=datetime.now(UTC))
        pipeline.score([each.comment.id for each in listed if not isinstance(each, Exception)])
    tell(f"{count:,} comments are decided")
    return site_id


def _texts(count: int) -> Iterator[str]:
    texts, dice = development_texts(), random.Random(3)
    return (" ".join(dice.sample(texts, JOINED)) for _ in range(count))


def _result(plan: Plan, rounds: Sequence[Mapping[str, float]]) -> Result:
    seconds = {name: sorted(each[name] for each in rounds) for name in rounds[0]}
    rows = [[name, in_ms(percentile(found, 0.5)), in_ms(percentile(found, 0.95))] for name, found in seconds.items()]
    lines = [f"{plan.kind}, {plan.comments:,} comments, {plan.rounds} rounds; the thread's own time"]
    values: dict[str, Any] = {"plan": asdict(plan), "seconds": seconds}
    return Result(f"policy-{plan.kind}", ("answer", "p50 ms", "p95 ms"), rows, lines, values)
