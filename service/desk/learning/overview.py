"""Learning at a glance: how much is decided without a person, what was learnt from people so far, and the next step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import url_for
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response

from moderation.insight.checks import drift
from moderation.insight.learning import examples
from moderation.insight.learning import rows as learning
from moderation.insight.learning.examples import FEWEST, FEWEST_OF_EACH, HouseReadiness
from moderation.insight.learning.rows import LearntVersion
from moderation.insight.learning.shadows import rows as shadows
from moderation.judging.signals.house import HOUSE
from moderation.moderators.queue import rows as queue
from moderation.sites import rows as sites
from moderation.sites.people.roles import Role
from service import cached
from service.context import gavel, utc_now
from service.desk.frame.headline import DAYS, automated_at, headline_of
from service.desk.frame.rendering import my_sites, page, site_asked
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.wording import reason_title as signal_title
from service.languages.wording import N_, gettext

routes = Routes(under="learning")

KEPT_S = 60.0
LISTED = 20
NEVER = -1


@dataclass(frozen=True, slots=True)
class NextStep:
    """The next step for a lead: a sentence, and a link to where it is done."""

    words: str
    link: str
    address: str


@routes.get("/learning", role=Role.LEAD, title=N_("Learning"), place=62, part=10, endpoint="learning")
def show() -> Response:
    site_id, now = site_asked(), utc_now()
    ready = cached.value(("readiness", site_id), KEPT_S, lambda: _readiness(site_id))
    with gavel().database.read() as conn:
        site_names = queue.site_names(conn, my_sites())
        learnt = learning.versions_in_use(conn, site_id)
        step = _step(conn, site_id, ready, learnt)
        waiting = _waiting(conn, site_id)
    return page(
        "desk/learning/overview.html",
        site_id=site_id,
        site_names=site_names,
        headline=headline_of(site_id),
        automated=automated_at(site_id),
        days=DAYS,
        learnt=learnt,
        titles={version.signal: signal_title(version.signal) for version in learnt},
        has_house=any(version.signal == HOUSE.name for version in learnt),
        ready=ready,
        needed=(FEWEST, FEWEST_OF_EACH),
        pace_days=examples.PACE.days,
        learns_at=next_night(gavel().settings.learn_hour, now),
        step=step,
        waiting=waiting,
    )


def next_night(hour: int, now: datetime) -> datetime | None:
    """The next time that sites learn by themselves; None where they never do."""
    if hour == NEVER:
        return None
    today = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    return today if today > now else today + timedelta(days=1)


def _readiness(site_id: str) -> HouseReadiness:
    """Counted as learning itself counts."""
    now = utc_now()
    with gavel().database.read() as conn:
        return examples.readiness(examples.of_site(conn, site_id, now=now), now=now)


def _waiting(conn: Connection, site_id: str) -> LearntVersion | None:
    """The newest house model, if it waits for a lead because of some words."""
    row = learning.find_report(conn, site_id, HOUSE.name, learning.latest_version(conn, site_id, HOUSE.name))
    return row if row and not row.is_current and row.report.get("moved") else None


def _step(conn: Connection, site_id: str, ready: HouseReadiness, learnt: list[LearntVersion]) -> NextStep | None:
    """None while there is nothing to do but wait for the night."""
    if all(version.signal != HOUSE.name for version in learnt):
        return _to_a_model(conn, site_id, ready)
    if drift.uses_it(sites.current_policy(conn, site_id)):
        words = gettext("The policy uses the model. Check that it stays within your targets.")
        return NextStep(words, gettext("Error rates"), url_for("desk.error_rates", site=site_id))
    if any(row.is_running for row in shadows.of_site(conn, site_id, limit=LISTED)):
        words = gettext("A policy runs in the shadow. Compare it with your moderators’ decisions.")
        return NextStep(words, gettext("Shadow"), url_for("desk.shadows", site=site_id))
    words = gettext("No rule of the policy uses the model yet. Try one in the shadow first.")
    return NextStep(words, gettext("Start a shadow"), url_for("desk.shadows", site=site_id))


def _to_a_model(conn: Connection, site_id: str, ready: HouseReadiness) -> NextStep | None:
    if not ready.is_enough:
        words = gettext("Decide comments in the queue. Decisions that your site imports count, too.")
        return NextStep(words, gettext("To the queue"), url_for("desk.review", site=site_id))
    if learning.latest_version(conn, site_id, HOUSE.name):
        words = gettext("A model was fitted and is not in use. Its report says why.")
        return NextStep(words, gettext("Versions"), url_for("desk.learnt_versions", site=site_id))
    return None
