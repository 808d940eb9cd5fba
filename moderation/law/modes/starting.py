"""A lead, the site's own program or an operator starts a mode with an end, and ends it earlier. The audit
trail has all of it, also the end that comes by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database, new_id
from moderation.ground.errors import FieldProblem, InvalidInput, NotFound
from moderation.ground.values.modes import REGULAR_FROM, SLOW_MINUTES, Mode, ModeName
from moderation.law.modes import rows as store
from moderation.sites.audit import writing as audit_writing
from moderation.sites.audit.actors import SYSTEM, Actor
from moderation.spine.articles import rows as articles
from moderation.spine.articles import section_rows as sections

LONGEST = timedelta(days=7)
MOST_REGULAR_FROM, MOST_MINUTES = 1_000, 60


@dataclass(frozen=True, slots=True)
class ModeWish:
    """``article`` is the site's own id. Without article and section, the mode is for the whole site."""

    name: ModeName
    until: datetime
    article: str | None = None
    section: str | None = None
    regular_from: int = REGULAR_FROM
    minutes: int = SLOW_MINUTES


def start(db: Database, site_id: str, wish: ModeWish, *, by: Actor, now: datetime) -> Mode:
    """A mode that holds in the same place ends with it. Raises InvalidInput, and NotFound for the article."""
    _check(wish, now)
    with db.write() as conn:
        article_id = articles.get_article(conn, site_id, wish.article).id if wish.article is not None else None
        if wish.section is not None and sections.unknown_sections(conn, site_id, {wish.section}):
            raise InvalidInput(FieldProblem("section", "no article of the site is in it"))
        mode = Mode(
            id=new_id(),
            site_id=site_id,
            name=wish.name,
            began_at=now,
            until=wish.until,
            ends_at=wish.until,
            article_id=article_id,
            section=wish.section,
            regular_from=wish.regular_from,
            minutes=wish.minutes,
        )
        before = _replaced(conn, mode, now)
        store.insert(conn, mode)
        _note(conn, "mode.started", by, mode, before=before, after=mode, now=now)
    return mode


def end(db: Database, site_id: str, mode_id: str, *, by: Actor, now: datetime) -> Mode:
    """The mode as it is then. To end it again is no error. Raises NotFound."""
    with db.write() as conn:
        mode = store.find(conn, site_id, mode_id)
        if mode is None:
            raise NotFound("mode", mode_id)
        if not store.end(conn, mode.id, now=now):
            return mode
        _note(conn, "mode.ended", by, mode, before=mode, after=None, now=now)
    return replace(mode, ends_at=now)


def note_ends(db: Database, *, now: datetime, limit: int = 100) -> int:
    """Notes in the audit trail which modes have ended by themselves, at the moment of their end. Returns how many."""
    with db.read() as conn:
        over = store.unnoted(conn, now=now, limit=limit)
    noted = 0
    for mode in over:
        with db.write() as conn:
            if store.note_end(conn, mode.id, now=now):
                _note(conn, "mode.ended", SYSTEM, mode, before=mode, after=None, now=mode.ends_at)
                noted += 1
    return noted


def _check(wish: ModeWish, now: datetime) -> None:
    problems = []
    if wish.article is not None and wish.section is not None:
        problems.append(FieldProblem("section", "an article and a section exclude each other"))
    if not now < wish.until <= now + LONGEST:
        problems.append(FieldProblem("until", f"must be in the next {LONGEST.days} days"))
    if not 1 <= wish.regular_from <= MOST_REGULAR_FROM:
        problems.append(FieldProblem("regular_from", f"must be from 1 to {MOST_REGULAR_FROM:,}"))
    if not 1 <= wish.minutes <= MOST_MINUTES:
        problems.append(FieldProblem("minutes", f"must be from 1 to {MOST_MINUTES}"))
    if problems:
        raise InvalidInput(*problems)


def _replaced(conn: Connection, new: Mode, now: datetime) -> Mode | None:
    """Ends what holds in the place of the new one. Returns the last of these."""
    place = new.article_id, new.section
    held = [mode for mode in store.ending_after(conn, [new.site_id], now) if (mode.article_id, mode.section) == place]
    ended = [mode for mode in held if store.end(conn, mode.id, now=now)]
    return ended[-1] if ended else None


def _note(
    conn: Connection, action: str, by: Actor, mode: Mode, *, before: Mode | None, after: Mode | None, now: datetime
) -> None:
    names = store.article_names(conn, [mode])
    subject = names[mode.article_id][0] if mode.article_id is not None else mode.section
    place = "article" if mode.article_id is not None else "section" if mode.section is not None else "site"
    audit_writing.note(
        conn,
        by,
        action,
        site_id=mode.site_id,
        subject=subject,
        before={"place": place, **_said(before)} if before is not None else None,
        after={"place": place, **_said(after)} if after is not None else None,
        now=now,
    )


def _said(mode: Mode) -> Mapping[str, Any]:
    return {"mode": mode.name, "until": mode.until.isoformat()}
