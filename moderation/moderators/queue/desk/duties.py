"""Duties: a lead names people for a reason why comments are held. Their queue begins with these comments, and others
are led past them while one of these people is at the desk. Anybody may still decide them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.ground.values.policies import Policy
from moderation.ground.values.verdicts import ReasonCode
from moderation.judging.policy.verdicts import LANGUAGE_SIGNAL
from moderation.judging.signals.registry import FOR_RULES
from moderation.moderators.queue import rows as queue
from moderation.moderators.queue.desk import duty_rows as store
from moderation.moderators.queue.desk.duty_rows import Duty
from moderation.moderators.queue.rows import QueueLine
from moderation.moderators.queue.view_rows import Held, QueueOrder, QueueView
from moderation.sites import rows as sites
from moderation.sites.audit import writing as audit_writing
from moderation.sites.audit.actors import Actor
from moderation.sites.people import rows as people
from moderation.sites.rows import Moderator

SEEN_AGAIN = timedelta(minutes=1)  # being at the desk is noted this often
_NAMED_BY_SIGNAL = {ReasonCode.RULE, ReasonCode.LANGUAGE}
_NEVER_HOLD = {ReasonCode.AUTHOR_TRUSTED, ReasonCode.DEFAULT}
OF_EVERY_SITE = frozenset(
    {LANGUAGE_SIGNAL, *(code.value for code in ReasonCode if code not in _NAMED_BY_SIGNAL | _NEVER_HOLD)}
)


@dataclass(frozen=True, slots=True)
class Duties:
    """As they concern one person: those that are theirs, and the names of the people of the others, while one of these
    is at the desk."""

    mine: tuple[Held, ...] = ()
    others: Mapping[Held, tuple[str, ...]] = field(default_factory=dict)
    is_due: bool = False  # to be seen again

    def names(self, site_id: str, reason: str | None) -> tuple[str, ...]:
        """Of those who know what is held for this reason; empty for all others."""
        return self.others.get((site_id, reason or ""), ())

    def is_mine(self, site_id: str, reason: str | None) -> bool:
        return (site_id, reason) in self.mine


def reasons_of(policy: Policy) -> frozenset[str]:
    """All that a site with this policy may hold comments for, as ``comments.flagged_for`` names it."""
    overrides = (*policy.sections.values(), *policy.articles.values())
    rules = [*policy.rules, *(rule for override in overrides for rule in override.rules)]
    return OF_EVERY_SITE | {next(iter(rule.signals)) for rule in rules if len(rule.signals) == 1}


def name_people(db: Database, site_id: str, reason: str, ids: Collection[str], *, by: Actor, now: datetime) -> None:
    """Names these people and nobody else; with none the duty ends. Raises InvalidInput."""
    if reason not in OF_EVERY_SITE and reason not in FOR_RULES:
        raise InvalidInput(FieldProblem("reason", "choose one of these"))
    with db.write() as conn:
        known = {person.id: person.name for person in people.people_of(conn, site_id)}
        if not known.keys() >= set(ids):
            raise InvalidInput(FieldProblem("people", "choose people who work for the site"))
        before = _named(conn, site_id, reason)
        after = [name for id, name in known.items() if id in ids]
        store.name_people(conn, site_id, reason, ids, now=now)
        if before != after:
            said = {"before": {"people": before}, "after": {"people": after}} if after else {}
            action = "duty.set" if after else "duty.ended"
            audit_writing.note(conn, by, action, site_id=site_id, subject=reason, now=now, **said)


def of_person(conn: Connection, moderator: Moderator, *, now: datetime) -> Duties:
    """At all the sites of the person."""
    mine, others, is_due = [], {}, False
    for duty in store.duties_of(conn, tuple(moderator.roles)):
        me = next((person for person in duty.people if person.id == moderator.id), None)
        if me is not None:
            mine.append((duty.site_id, duty.reason))
            is_due |= me.seen_at is None or me.seen_at < now - SEEN_AGAIN
        elif not is_absent(conn, duty, now=now):
            others[duty.site_id, duty.reason] = tuple(person.name for person in duty.people)
    return Duties(tuple(mine), others, is_due)


def is_absent(conn: Connection, duty: Duty, *, now: datetime) -> bool:
    """Whether nobody of a duty was at the desk for so long that all decide for them."""
    since = now - timedelta(minutes=sites.get_site(conn, duty.site_id).settings.duty_minutes)
    return not any(person.seen_at is not None and person.seen_at >= since for person in duty.people)


def attend(db: Database, moderator: Moderator, duties: Duties, *, now: datetime) -> None:
    """Notes that the person is at the desk."""
    if duties.is_due:
        with db.write() as conn:
            store.see(conn, moderator.id, now=now)


def first_page(conn: Connection, view: QueueView, duties: Duties, *, now: datetime, limit: int) -> list[QueueLine]:
    """The view's first lines; in the usual order the person's own duties come before all others."""
    lines = queue.page(conn, view, now=now, after=None, limit=limit)
    if not _go_first(view, duties):
        return lines
    mine = queue.page(conn, view.held_for(duties.mine), now=now, after=None, limit=limit)
    ids = {line.id for line in mine}
    return [*mine, *(line for line in lines if line.id not in ids)][:limit]


def next_comment(
    conn: Connection, moderator: Moderator, view: QueueView, *, now: datetime, after: str | None = None
) -> str | None:
    """The first of the person's own duties, and else the one that follows ``after`` in the view's order, past what
    others know better. These come last."""
    duties = of_person(conn, moderator, now=now)
    if _go_first(view, duties):
        mine = queue.next_for(conn, view.held_for(duties.mine), moderator.id, now=now)
        if mine is not None:
            return mine
        after = None  # it may have been a duty, whose place says nothing about the others
    past = view.passing(tuple(duties.others)) if not view.escalated else view
    cursor = queue.cursor_of(conn, after, view.order) if after else None
    cursors = [cursor, None] if cursor else [None]
    for part in (past, view) if past != view else (view,):
        for start in cursors:
            comment_id = queue.next_for(conn, part, moderator.id, now=now, after=start)
            if comment_id is not None:
                return comment_id
    return None


def _go_first(view: QueueView, duties: Duties) -> bool:
    return bool(duties.mine) and view.order is QueueOrder.PRIORITY and not view.escalated


def _named(conn: Connection, site_id: str, reason: str) -> list[str]:
    of_site = store.duties_of(conn, [site_id])
    return [person.name for duty in of_site if duty.reason == reason for person in duty.people]
