"""An author appeals against a decision: once, within the site's time, while the decision holds. Authors who may no
longer comment still may."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database, new_id
from moderation.ground.errors import FieldProblem, InvalidInput, NotFound
from moderation.ground.monitoring.instruments import instruments
from moderation.law.appeals import deciders, events
from moderation.law.appeals import rows as store
from moderation.law.appeals.errors import AlreadyAppealed, AppealTooLate, DecisionOver, TooManyAppeals
from moderation.law.appeals.values import MAX_CHARS, Appealed, AppealSource, CommentAppeal
from moderation.law.statements import building, facts
from moderation.law.statements import rows as statements
from moderation.law.statements.building import Statement
from moderation.law.statements.facts import DecidedAgainst
from moderation.sites import rows as sites
from moderation.sites.settings.values import SiteSettings
from moderation.spine.articles import rows as articles
from moderation.spine.comments import decision_rows as decisions
from moderation.spine.comments import rows as comments


class TextFault(StrEnum):
    """Why the author's words cannot be kept."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    ODD = "odd"


_SAID: Mapping[TextFault, str] = {
    TextFault.EMPTY: "must say why you disagree",
    TextFault.TOO_LONG: f"must have at most {MAX_CHARS:,} characters, and has {{length}}",
    TextFault.ODD: "must not contain control characters other than tabs and line ends",
}
ODD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""No appeal may hold these: control characters other than tabs and line ends."""


def appeal(
    db: Database,
    site_id: str,
    decision_id: str,
    text: str,
    *,
    source: AppealSource,
    now: datetime,
    author_id: str | None = None,
) -> CommentAppeal:
    """Stores an appeal and announces it. ``author_id`` is the site's own id of the reader who appeals, if known.

    Raises InvalidInput for the text, NotFound for a decision that is against nobody, or against another reader,
    AlreadyAppealed, DecisionOver, AppealTooLate, and TooManyAppeals.
    """
    words = checked(text)
    with db.write() as conn:
        about = statements.get_decided(conn, site_id, decision_id)
        appealed = store.appealed(conn, decision_id)
        if author_id not in (None, appealed.author_external_id):
            raise NotFound("decision against an author", decision_id)
        settings = sites.get_site(conn, site_id).settings
        statement = building.statement(about, settings)
        articles.lock_author(conn, appealed.author_id)
        _check(conn, about, appealed, statement, settings, now)
        maker_id = deciders.maker_of(conn, about)
        new = _new(site_id, about, appealed, statement, words, source, maker_id, now)
        if not store.insert_appeal(conn, new):
            raise AlreadyAppealed(decision_id)
        events.announce_received(conn, new)
    instruments().appeals.labels("received").inc()
    return new


def checked(text: str) -> str:
    """The author's words as they are kept. Raises InvalidInput."""
    words = plain(text)
    fault = fault_of(words)
    if fault is not None:
        raise InvalidInput(FieldProblem("text", _SAID[fault].format(length=f"{len(words):,}")))
    return words


def plain(text: str) -> str:
    """Trimmed, with plain line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def fault_of(words: str) -> TextFault | None:
    """The fault of plain words; None if there is none."""
    if not words:
        return TextFault.EMPTY
    if len(words) > MAX_CHARS:
        return TextFault.TOO_LONG
    return TextFault.ODD if ODD.search(words) else None


def decision_on(conn: Connection, site_id: str, comment_id: str) -> str:
    """The decision to appeal against on a comment, by the site's own id: the newest one against its author. Raises
    NotFound."""
    comment = comments.get_comment(conn, site_id, comment_id)
    for decision in decisions.decisions_of(conn, comment.id):
        if facts.is_against(decision):
            return decision.id
    raise NotFound("decision against the author of comment", comment_id)


def may_appeal(conn: Connection, statement: Statement, settings: SiteSettings, *, now: datetime) -> bool:
    """Whether the author can appeal, apart from the limits of open appeals."""
    about = statement.about
    if not settings.open_appeals_per_site or now >= statement.object_until:
        return False
    if store.of_decision(conn, about.step.id) is not None:
        return False
    return about.holds


def _check(
    conn: Connection,
    about: DecidedAgainst,
    appealed: Appealed,
    statement: Statement,
    settings: SiteSettings,
    now: datetime,
) -> None:
    if store.of_decision(conn, about.step.id) is not None:
        raise AlreadyAppealed(about.step.id)
    if not about.holds:
        raise DecisionOver(about.step.id)
    if now >= statement.object_until:
        raise AppealTooLate(about.step.id, statement.object_until)
    check_limits(conn, settings, about.site_id, appealed.author_id)


def check_limits(conn: Connection, settings: SiteSettings, site_id: str, author_id: str) -> None:
    """Raises TooManyAppeals. Appeals against decisions and against measures count together."""
    limits = settings.open_appeals_per_author, settings.open_appeals_per_site
    if store.count_open(conn, site_id) >= limits[1]:
        raise TooManyAppeals("site", limits[1])
    if store.count_open_of_author(conn, author_id) >= limits[0]:
        raise TooManyAppeals("author", limits[0])


def _new(
    site_id: str,
    about: DecidedAgainst,
    appealed: Appealed,
    statement: Statement,
    words: str,
    source: AppealSource,
    maker_id: str | None,
    now: datetime,
) -> CommentAppeal:
    return CommentAppeal(
        id=new_id(),
        site_id=site_id,
        comment_id=appealed.comment_id,
        decision_id=about.step.id,
        author_id=appealed.author_id,
        text=words,
        source=source,
        language=statement.language,
        created_at=now,
        maker_id=maker_id,
    )
