"""A site with its default policy, and the cast of articles and authors, in a real database."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.comments import Comment, Lane
from moderation.judging.policy import documents
from moderation.judging.policy.default import default_policy
from moderation.pipeline.arriving import intake
from moderation.pipeline.arriving.submission import Submission
from moderation.sites import rows as sites
from moderation.sites.rows import PolicyRow, Site
from moderation.sites.settings.values import SiteSettings
from moderation.spine.comments import rows as comments
from moderation.spine.comments.rows import Listed
from tests.builders import NOON


def add_site(conn: Connection, name: str, **settings: Any) -> Site:
    """Nobody's pace is limited there, since tests post as one author, unless they say otherwise."""
    limits = {"comments_per_author_per_minute": None}
    site = sites.insert_site(conn, name=name, settings=SiteSettings(**limits | settings), now=NOON)
    document = documents.dump(default_policy())
    sites.insert_policy(conn, site.id, PolicyRow(1, document, None, "test", NOON))
    return site


@pytest.fixture
def site(database: Database) -> Site:
    with database.write() as conn:
        return add_site(conn, "The Herald")


@pytest.fixture
def other_site(database: Database) -> Site:
    with database.write() as conn:
        return add_site(conn, "The Courier")


class Newsroom:
    """Posts comments as the site would, with as little said as a test needs."""

    def __init__(self, database: Database, queues: Queues, site: Site) -> None:
        self.database, self.queues, self.site = database, queues, site

    def send(self, text: str = "A licence for every shipment will take months.", **overrides: Any) -> Comment:
        fields: dict[str, Any] = {"article_id": "a-1", "author_id": "u-1", "text": text, **overrides}
        now = fields.pop("now", NOON)
        return intake.submit(self.database, self.queues, self.site.id, Submission(**fields), lane=Lane.LIVE, now=now)

    def post(self, *said: str, **overrides: Any) -> Listed:
        """As ``send``, and looks at the comment."""
        comment = self.send(*said, **overrides)
        with self.database.read() as conn:
            return comments.get_listed(conn, self.site.id, comment.external_id)


@pytest.fixture
def newsroom(database: Database, queues: Queues, site: Site) -> Newsroom:
    return Newsroom(database, queues, site)
