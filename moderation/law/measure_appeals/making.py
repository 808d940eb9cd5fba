"""An author appeals against a suspension or a ban: once, within the site's time, unless somebody ended or changed it
before. One that ran to its own end stays on their record, so that they may still object."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database, new_id
from moderation.ground.errors import NotFound
from moderation.ground.monitoring.instruments import instruments
from moderation.law.appeals import deciders, events, making
from moderation.law.appeals import rows as store
from moderation.law.appeals.errors import AlreadyAppealed, AppealTooLate, DecisionOver
from moderation.law.appeals.values import AppealSource, MeasureAppeal
from moderation.law.statements import measure_rows as measures
from moderation.law.statements import measure_statements
from moderation.law.statements.measure_facts import MeasureAgainst
from moderation.law.statements.measure_statements import MeasureStatement
from moderation.sites import rows as sites
from moderation.sites.settings.values import SiteSettings
from moderation.spine.articles import rows as articles
from moderation.spine.events import rows as outbox


def appeal(
    db: Database,
    site_id: str,
    measure_id: str,
    text: str,
    *,
    source: AppealSource,
    now: datetime,
    author_id: str | None = None,
) -> MeasureAppeal:
    """Stores an appeal and announces it. ``author_id`` is the site's own id of the reader who appeals, if known.

    Raises InvalidInput for the text, NotFound for a measure that keeps nobody from commenting, or that is against
    another reader, AlreadyAppealed, DecisionOver, AppealTooLate, and TooManyAppeals.
    """
    words = making.checked(text)
    with db.write() as conn:
        about = measures.get(conn, site_id, measure_id)
        if author_id not in (None, about.author_external_id):
            raise NotFound("measure against an author", measure_id)
        articles.lock_author(conn, about.author_id)
        about = measures.get(conn, site_id, measure_id)  # nobody changes it while the author is locked
        settings = sites.get_site(conn, site_id).settings
        statement = measure_statements.statement(about, settings)
        _check(conn, statement, settings, now)
        new = MeasureAppeal(
            id=new_id(),
            site_id=site_id,
            measure_id=measure_id,
            author_id=about.author_id,
            text=words,
            source=source,
            language=statement.language,
            created_at=now,
            maker_id=about.moderator_id,
        )
        if not store.insert_appeal(conn, new):
            raise AlreadyAppealed(measure_id)
        outbox.hasten_event(conn, measure_id, now=now)  # the site hears of the measure before it hears of the appeal
        events.announce_received(conn, new)
    instruments().appeals.labels("received").inc()
    return new


def may_appeal(conn: Connection, statement: MeasureStatement, settings: SiteSettings, *, now: datetime) -> bool:
    """Whether the author can appeal, apart from the limits of open appeals."""
    if not settings.open_appeals_per_site or now >= statement.object_until:
        return False
    return statement.about.may_be_appealed and store.of_measure(conn, statement.about.id) is None


def is_alone(conn: Connection, about: MeasureAgainst) -> bool:
    """Whether nobody could decide an appeal but the person who took the measure."""
    return deciders.are_alone(conn, about.site_id, frozenset(filter(None, (about.moderator_id,))))


def _check(conn: Connection, statement: MeasureStatement, settings: SiteSettings, now: datetime) -> None:
    about = statement.about
    if store.of_measure(conn, about.id) is not None:
        raise AlreadyAppealed(about.id)
    if not about.may_be_appealed:
        raise DecisionOver(about.id)
    if now >= statement.object_until:
        raise AppealTooLate(about.id, statement.object_until)
    making.check_limits(conn, settings, about.site_id, about.author_id)
