"""The targets of a site's alerts are added, tested and removed, by a lead, the site's program or an operator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from moderation.ground.database.engine import Database
from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.ground.webhooks.addresses import refusal
from moderation.judging.text.contacts.address_form import url_problems
from moderation.operations.alerts import rows, wording
from moderation.operations.alerts.values import AlertKind, AlertWish, Channel, Target
from moderation.sites import rows as sites
from moderation.sites.audit.actors import Actor
from moderation.sites.audit.writing import note

MOST_TARGETS = 10
HOURS = range(24)


def add(db: Database, site_id: str, wish: AlertWish, *, by: Actor, private_webhooks: bool, now: datetime) -> Target:
    """Raises NotFound, and InvalidInput with every problem."""
    wish = replace(wish, kinds=tuple(kind for kind in AlertKind if kind in wish.kinds))
    if problems := list(_problems(wish, private_webhooks)):
        raise InvalidInput(*problems)
    with db.write() as conn:
        sites.lock_site(conn, site_id)
        if len(rows.targets(conn, site_id)) >= MOST_TARGETS:
            raise InvalidInput(FieldProblem("address", "is one more than a site may have"))
        target_id = rows.insert_target(conn, site_id, wish, now=now)
        said = {"channel": wish.channel, "kinds": list(wish.kinds), "shows_text": wish.shows_text}
        note(conn, by, "alert.added", site_id=site_id, subject=place(wish), after=said, now=now)
        return rows.get_target(conn, site_id, target_id)


def remove(db: Database, site_id: str, target_id: str, *, by: Actor, now: datetime) -> Target:
    """Raises NotFound."""
    with db.write() as conn:
        target = rows.get_target(conn, site_id, target_id)
        if rows.delete_target(conn, target.id):
            shown = place(target.wish)
            note(conn, by, "alert.removed", site_id=site_id, subject=shown, now=now)
    return target


def tested(db: Database, site_id: str, target_id: str, *, by: Actor, now: datetime) -> Target:
    """Notes that a test goes to a target. Raises NotFound."""
    with db.write() as conn:
        target = rows.get_target(conn, site_id, target_id)
        note(conn, by, "alert.tested", site_id=site_id, subject=place(target.wish), now=now)
    return target


def place(wish: AlertWish) -> str:
    """The mail address, or a URL's host: the rest of a URL is secret."""
    return wish.address if wish.channel is Channel.MAIL else urlsplit(wish.address).hostname or ""


def _problems(wish: AlertWish, private_webhooks: bool) -> Iterator[FieldProblem]:
    for problem in _address_problems(wish, private_webhooks):
        yield FieldProblem("address", problem)
    if not wish.kinds:
        yield FieldProblem("kinds", "choose one of these")
    if wish.language not in wording.TITLE:
        yield FieldProblem("language", "choose one of these")
    if not _is_zone(wish.zone):
        yield FieldProblem("zone", "is not the name of a time zone, such as Europe/Berlin")
    if (wish.quiet_from is None) != (wish.quiet_until is None):
        yield FieldProblem("quiet_until", "needs a beginning and an end")
    for name in ("quiet_from", "quiet_until"):
        if getattr(wish, name) is not None and getattr(wish, name) not in HOURS:
            yield FieldProblem(name, "must be an hour from 0 to 23")
    for name, low, high in (("queue_size", 1, 9_999), ("queue_hours", 1, 720), ("pause_minutes", 1, 1440)):
        if not low <= getattr(wish, name) <= high:
            yield FieldProblem(name, f"must be a whole number from {low} to {high}")


def _address_problems(wish: AlertWish, private_webhooks: bool) -> Iterator[str]:
    if wish.channel is Channel.MAIL:
        name, at, host = wish.address.partition("@")
        is_plain = wish.address.isascii() and wish.address.isprintable() and not set(wish.address) & set(' ,;<>"()')
        if not (name and at and "." in host and "@" not in host and is_plain and len(wish.address) <= 254):
            yield "is not an e-mail address"
        return
    problems = list(url_problems(wish.address))
    yield from problems
    if not problems and not private_webhooks and (why := refusal(wish.address)):
        yield why


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
