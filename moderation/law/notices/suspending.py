"""A lead takes no more notices from one notifier for some days, after a warning (Regulation (EU) 2022/2065,
Article 23). No machine does. It ends by itself, or by a lead; notices that are open are answered all the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database, new_id
from moderation.ground.errors import FieldProblem, InvalidInput, NotFound, NotifierSuspended, said
from moderation.law.notices import rows as notices
from moderation.law.notices import suspension_rows as store
from moderation.law.notices.suspension_rows import Suspension
from moderation.law.notices.values import OF_MINORS, LegalNotice
from moderation.sites import rows as sites
from moderation.sites.audit import actors
from moderation.sites.audit.writing import note
from moderation.sites.people import roles
from moderation.sites.people.roles import Role
from moderation.sites.rows import Moderator

MOST_DAYS = 180


@dataclass(frozen=True, slots=True)
class NotifierState:
    """Until when the notifier is suspended, and whether a lead may suspend them."""

    until: datetime | None
    may_suspend: bool


def suspend(db: Database, moderator: Moderator, notice_id: str, days: int, now: datetime) -> LegalNotice:
    """It replaces what holds. Returns the notice. Raises NotFound, NotAllowed and InvalidInput."""
    with db.write() as conn:
        notice = _notice_of_lead(conn, moderator, notice_id)
        if not 1 <= days <= MOST_DAYS:
            raise InvalidInput(FieldProblem("days", said("must be from 1 to %(most)s", most=MOST_DAYS)))
        notifier = notice.notifier
        if notifier is None or not store.warned(conn, notice.site_id, [notifier]):
            raise InvalidInput(FieldProblem("notice_id", said("no receipt has warned this notifier")))
        sites.lock_site(conn, notice.site_id)
        replaced = store.delete(conn, notice.site_id, notifier, now=now)
        suspension = Suspension(new_id(), notice.site_id, notifier, now, now + timedelta(days=days))
        store.insert(conn, suspension)
        _note(conn, moderator, "notifier.suspended", notice, before=replaced, after=suspension.until, now=now)
    return notice


def lift(db: Database, moderator: Moderator, notice_id: str, now: datetime) -> LegalNotice:
    """Ends what holds; to end it again is no error. Returns the notice. Raises NotFound and NotAllowed."""
    with db.write() as conn:
        notice = _notice_of_lead(conn, moderator, notice_id)
        if notice.notifier is not None:
            until = store.delete(conn, notice.site_id, notice.notifier, now=now)
            if until is not None:
                _note(conn, moderator, "notifier.suspension_ended", notice, before=until, after=None, now=now)
    return notice


def refuse_suspended(conn: Connection, notice: LegalNotice, now: datetime) -> None:
    """Raises NotifierSuspended, but never for a notice of sexual abuse of children."""
    if notice.category == OF_MINORS or notice.notifier is None:
        return
    until = store.in_force(conn, notice.site_id, [notice.notifier], now=now).get(notice.notifier)
    if until is not None:
        raise NotifierSuspended(until)


def states(
    conn: Connection, moderator: Moderator, given: Sequence[LegalNotice], now: datetime
) -> Mapping[str, NotifierState]:
    """The notifiers' states, by the id of the notices of one site that a lead may do something about; empty for anybody
    else."""
    notifiers = list({notice.notifier for notice in given if notice.notifier is not None})
    if not notifiers or given[0].site_id not in roles.sites_where(moderator, Role.LEAD):
        return {}
    warned = store.warned(conn, given[0].site_id, notifiers)
    ends = store.in_force(conn, given[0].site_id, notifiers, now=now)
    known = {
        notice.id: NotifierState(ends.get(notice.notifier), notice.outcome is None and notice.notifier in warned)
        for notice in given
        if notice.notifier is not None
    }
    return {id: state for id, state in known.items() if state.until or state.may_suspend}


def _notice_of_lead(conn: Connection, moderator: Moderator, notice_id: str) -> LegalNotice:
    notice = notices.find(conn, notice_id)
    if notice is None or notice.site_id not in moderator.roles:
        raise NotFound("notice", notice_id)
    roles.allow(moderator, notice.site_id, Role.LEAD)
    return notice


def _note(
    conn: Connection,
    moderator: Moderator,
    action: str,
    notice: LegalNotice,
    *,
    before: datetime | None,
    after: datetime | None,
    now: datetime,
) -> None:
    """Notes by the notice: the trail never names the notifier."""
    note(
        conn,
        actors.person(moderator),
        action,
        site_id=notice.site_id,
        subject=notices.about(conn, notice.comment_id).comment_id,
        before={"notice": notice.id, "until": before.isoformat()} if before else None,
        after={"notice": notice.id, "until": after.isoformat()} if after else None,
        now=now,
    )
