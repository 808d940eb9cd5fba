"""Learning at a glance: how much is decided without a person, and what was learnt from people so far."""

from __future__ import annotations

from werkzeug.wrappers import Response

from moderation.learning import rows as learning
from moderation.queue import rows as queue
from moderation.sites.people.roles import Role
from service.context import gavel
from service.desk.frame.headline import DAYS, automated_at, headline_of
from service.desk.frame.rendering import my_sites, page, site_asked
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.wording import reason_title as signal_title
from service.languages.wording import N_

routes = Routes(under="learning")


@routes.get("/learning", role=Role.LEAD, title=N_("Learning"), place=75, part=10, endpoint="learning")
def show() -> Response:
    site_id = site_asked()
    with gavel().database.read() as conn:
        site_names = queue.site_names(conn, my_sites())
        learnt = learning.versions_in_use(conn, site_id)
    return page(
        "desk/learning/overview.html",
        site_id=site_id,
        site_names=site_names,
        headline=headline_of(site_id),
        automated=automated_at(site_id),
        days=DAYS,
        learnt=learnt,
        titles={one.signal: signal_title(one.signal) for one in learnt},
    )
