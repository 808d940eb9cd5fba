"""Learning at a glance: how much is decided without a person, and what was learnt from people so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from werkzeug.wrappers import Response

from moderation.model import CommentStatus
from moderation.people.roles import Role
from moderation.store import learning, queue, trends
from moderation.store.trends import Period
from service.context import gavel, utc_now
from service.desk.frame import cached
from service.desk.frame.rendering import my_sites, page, site_asked
from service.desk.frame.routes import Routes

routes = Routes(under="learning")

DAYS = 30
KEPT_S = 300.0


@dataclass(frozen=True, slots=True)
class Automated:
    """First decisions about the comments that arrived lately."""

    published: int
    rejected: int
    held: int  # for a person

    @property
    def decided(self) -> int:
        return self.published + self.rejected + self.held

    @property
    def share(self) -> float | None:
        """Decided without a person; None while nothing was decided."""
        return (self.published + self.rejected) / self.decided if self.decided else None


@routes.get("/learning", role=Role.LEAD, title="Learning", place=75, part=10, endpoint="learning")
def show() -> Response:
    site_id = site_asked()
    with gavel().database.read() as conn:
        site_names = queue.site_names(conn, my_sites())
        learnt = learning.versions_in_use(conn, site_id)
    return page(
        "desk/learning/overview.html",
        site_id=site_id,
        site_names=site_names,
        automated=cached.value(("automated", site_id), KEPT_S, lambda: _automated(site_id)),
        days=DAYS,
        learnt=learnt,
    )


def _automated(site_id: str) -> Automated:
    now = utc_now()
    with gavel().database.read() as conn:
        found = trends.first_verdicts(conn, Period((site_id,), now - timedelta(days=DAYS), now + timedelta(days=1)))
    counts = (CommentStatus.PUBLISHED, CommentStatus.REJECTED, CommentStatus.FLAGGED)
    return Automated(*(found.get(status, 0) for status in counts))
