"""Sites, the keys they call with, and the people who moderate for them. A key is shown once and kept as a digest."""

from __future__ import annotations

import base64
import hashlib
import secrets
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from moderation.deciding.events import SECRET_PREFIX
from moderation.errors import FieldProblem, InvalidInput, NameTaken, NotFound
from moderation.policy import documents
from moderation.store import audit
from moderation.store import sites as store
from moderation.store.database import Database
from moderation.store.sites import PolicyRow, Site

KEY_PREFIX = "gvl_"
MAX_NAME_CHARS = 100
MAX_URL_CHARS = 2_000


class Scope(StrEnum):
    """What a key may do."""

    POST = "post"  # articles, comments, reports
    MODERATE = "moderate"  # decisions, the policy, the site's settings
    READ = "read"  # comments, lists, the feed, the policy


class Role(StrEnum):
    """What a moderator may do for a site, each role all that the one before may."""

    MODERATOR = "moderator"
    LEAD = "lead"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class NewKey:
    id: str
    token: str = field(repr=False)  # shown to its owner once, kept nowhere


@dataclass(frozen=True, slots=True)
class NewSite:
    site: Site
    key: NewKey


def create_site(db: Database, name: str, *, now: datetime, webhook_url: str | None = None) -> NewSite:
    """A site with the default policy and a key that may do everything. Raises NameTaken and InvalidInput."""
    _check_name(name)
    settings = hooked({}, webhook_url) if webhook_url else {}
    document = documents.dump(documents.default_policy())
    try:
        with db.write() as conn:
            site = store.insert_site(conn, name=name, settings=settings, now=now)
            store.insert_policy(conn, site.id, PolicyRow(1, document, "The default", "Gavel", now))
            key = _insert_key(conn, site.id, name="first key", scopes=Scope, now=now)
    except IntegrityError as e:
        raise NameTaken("site", name) from e
    return NewSite(site, key)


def create_key(db: Database, site_id: str, *, name: str, scopes: Iterable[Scope], now: datetime) -> NewKey:
    _check_name(name)
    with db.write() as conn:
        return _insert_key(conn, store.get_site(conn, site_id).id, name=name, scopes=scopes, now=now)


def revoke_key(db: Database, key_id: str, *, now: datetime) -> None:
    """Ends a key for good. Raises NotFound; revoking again is no error."""
    known_form = _known_form(key_id)
    with db.write() as conn:
        if not store.revoke_key(conn, known_form, now=now):
            raise NotFound("key", key_id)


def rotate_key(db: Database, key_id: str, *, overlap: timedelta, now: datetime) -> NewKey:
    """A new key like the old one, which goes on working for ``overlap``. Raises NotFound, also for an ended key."""
    with db.write() as conn:
        site_id, old = store.get_key(conn, _known_form(key_id))
        if not store.expire_key(conn, old.id, now + overlap):
            raise NotFound("live key", key_id)
        return _insert_key(conn, site_id, name=old.name, scopes=sorted(map(Scope, old.scopes)), now=now)


def _known_form(key_id: str) -> str:
    try:
        return str(uuid.UUID(key_id))
    except ValueError as e:
        raise NotFound("key", key_id) from e


def digest_of(token: str) -> str:
    """What is kept of a key. It is 256 random bits, so that a plain hash cannot be turned back."""
    return hashlib.sha256(token.encode()).hexdigest()


def create_moderator(
    db: Database, *, email: str, name: str, password_hash: str, roles: Mapping[str, Role], now: datetime
) -> str:
    """A moderator with a role at each of ``roles``' sites; returns the id. Raises NameTaken and InvalidInput."""
    _check_name(name)
    if email.count("@") != 1 or email.strip() != email or not 3 <= len(email) <= 254:
        raise InvalidInput(FieldProblem("email", "is not an e-mail address"))
    try:
        with db.write() as conn:
            moderator_id = store.insert_moderator(conn, email=email, name=name, password_hash=password_hash, now=now)
            for site_id, role in roles.items():
                store.set_role(conn, moderator_id, site_id, role)
                audit.note(
                    conn, "account.created", by=None, site_id=site_id, subject=email.lower(), after={"role": role},
                    now=now,
                )  # fmt: skip
    except IntegrityError as e:
        raise NameTaken("moderator", email) from e
    return moderator_id


def set_webhook(db: Database, site_id: str, webhook_url: str | None) -> Site:
    """Sets or clears where the site hears of events. Raises InvalidInput."""
    return _change_settings(db, site_id, lambda settings: hooked(settings, webhook_url))


def renew_secret(db: Database, site_id: str) -> Site:
    return _change_settings(db, site_id, lambda settings: {**settings, "webhook_secret": new_secret()})


def _change_settings(db: Database, site_id: str, change: Callable[[Mapping[str, Any]], dict[str, Any]]) -> Site:
    with db.write() as conn:
        site = store.lock_site(conn, site_id)
        settings = change(site.settings)
        store.update_site_settings(conn, site_id, settings)
    return Site(site.id, site.name, settings)


def hooked(settings: Mapping[str, Any], webhook_url: str | None) -> dict[str, Any]:
    """The site's settings with another webhook. The first one brings the secret that signs deliveries."""
    if webhook_url is None:
        return {name: value for name, value in settings.items() if name != "webhook_url"}
    _check_url(webhook_url)
    return {"webhook_secret": new_secret(), **settings, "webhook_url": webhook_url}


def new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def _insert_key(conn: Connection, site_id: str, *, name: str, scopes: Iterable[Scope], now: datetime) -> NewKey:
    token = KEY_PREFIX + secrets.token_urlsafe(32)
    key_id = store.insert_key(conn, site_id, name=name, digest=digest_of(token), scopes=list(scopes), now=now)
    return NewKey(key_id, token)


def _check_name(name: str) -> None:
    if not name.isprintable() or not 0 < len(name.strip()) <= MAX_NAME_CHARS:
        raise InvalidInput(FieldProblem("name", f"must be 1 to {MAX_NAME_CHARS} printable characters"))


def _is_plain(url: str) -> bool:
    return url.isprintable() and " " not in url


def _check_url(url: str) -> None:
    """Form only: where a name leads is looked at when something is sent."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as e:
        raise InvalidInput(FieldProblem("webhook_url", "is not a URL")) from e
    if parts.scheme not in ("http", "https") or not parts.hostname or len(url) > MAX_URL_CHARS or not _is_plain(url):
        raise InvalidInput(FieldProblem("webhook_url", "must be an http or https URL"))
    if parts.username or parts.password or parts.fragment:
        raise InvalidInput(FieldProblem("webhook_url", "must hold neither credentials nor a fragment"))
