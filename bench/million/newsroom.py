"""The application over a filled database, with a moderator who is logged in and a site's key."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from bench.million.filling import PASSWORD, Filled
from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import Queues
from moderation.insight.trends.day_counting import count_due
from moderation.moderators.queue.tables import saved_views
from moderation.spine.articles.tables import articles, authors
from moderation.spine.comments.tables import comments
from service.app import create_app
from service.server import settle

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
    ids = conn.execute(query.limit(200_000)).scalars().all()
    return [str(key) for key in ids[:: max(1, len(ids) // 5_000)]]
