"""Reads the tokens by which a site's server signs who is reading: JSON Web Tokens (RFC 7519) with HS256 and a secret of
the site. An e-mail address in a token is cut to its domain here, and goes no further."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cachetools import TTLCache
from jwt import exceptions as refusals
from pydantic import BaseModel, ConfigDict, StrictBool, TypeAdapter, ValidationError

from moderation.ground.database.engine import Database
from moderation.ground.errors import ReaderTokenExpired, ReaderTokenRefused
from moderation.sites import reader_secret_rows as store
from moderation.sites.reader_secret_rows import ReaderSecret
from service.api.fields import EmailDomain, Line, Moment, SentPersonId
from service.errors import field_problems

ALGORITHM = "HS256"
LEEWAY_S = 60  # how far the clock of a site may be off
MAX_CHARS = 8_000  # of a token: proxies take no longer header
CACHE_S = 5.0  # a revoked secret works at most this much longer
CACHE_SIZE = 10_000
LONGEST = timedelta(days=30)
"""A token is not renewed while it is valid, so a name, a badge or a lost laptop would stay as long."""
LONGEST_OF_MODERATORS = timedelta(hours=1)
_NO_MOMENT = "must be a number of seconds since 1970"
STAFF_ROLES = frozenset({"STAFF", "MODERATOR", "ADMIN"})  # Coral's


@dataclass(frozen=True, slots=True)
class SignedReader:
    """The reader, as their site signed them."""

    site_id: str
    id: str
    name: str | None
    registered_at: datetime | None
    email_domain: str | None
    is_staff: bool | None  # None where the token says nothing: what Gavel knows stays
    until: datetime  # the token's end
    moderator: str | None = None  # the e-mail address by which a person of the desk logs in


class Secrets:
    """The secrets of sites, remembered for a few seconds, so that most requests read none from the database."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._known: TTLCache[str, tuple[ReaderSecret, ...]] = TTLCache(CACHE_SIZE, CACHE_S, timer=clock)
        self._lock = threading.Lock()

    def named(self, kid: str, *, now: datetime) -> tuple[ReaderSecret, ...]:
        """The valid secret with this id, or none."""
        return self._valid(kid, lambda conn: tuple(filter(None, [store.find(conn, kid)])), now)

    def of_site(self, site_id: str, *, now: datetime) -> tuple[ReaderSecret, ...]:
        """The site's valid secrets: two at most."""
        return self._valid(f"of {site_id}", lambda conn: tuple(store.of_site(conn, site_id)), now)

    def _valid(
        self, name: str, read: Callable[[Any], tuple[ReaderSecret, ...]], now: datetime
    ) -> tuple[ReaderSecret, ...]:
        with self._lock:
            secrets = self._known.get(name)
        if secrets is None:
            with self._database.read() as conn:
                secrets = read(conn)
            if secrets:
                with self._lock:
                    self._known[name] = secrets
        return tuple(secret for secret in secrets if secret.is_valid(now))


def read(token: str, secrets: Secrets, *, now: datetime) -> SignedReader:
    """Checks the signature and the claims. Raises ReaderTokenRefused, which names the part that is wrong, and
    ReaderTokenExpired."""
    if len(token) > MAX_CHARS:
        raise ReaderTokenRefused("size", f"must be at most {MAX_CHARS:,} characters")
    header, unproven = _parts(token)
    if header.get("alg") != ALGORITHM:
        raise ReaderTokenRefused("alg", f"must be {ALGORITHM}")
    for secret in _candidates(header, unproven, secrets, now):
        claims = _proven(token, secret, needs_audience="user" not in unproven or "aud" in unproven)
        if claims is not None:
            reader = _reader(claims, secret.site_id)
            _check_end(reader, now)
            return reader
    raise ReaderTokenRefused("signature", "was not made with a valid secret of this site")


def _check_end(reader: SignedReader, now: datetime) -> None:
    left = reader.until - now - timedelta(seconds=LEEWAY_S)
    if left > LONGEST:
        raise ReaderTokenRefused("exp", f"must be at most {LONGEST.days} days from now")
    if reader.moderator is not None and left > LONGEST_OF_MODERATORS:
        raise ReaderTokenRefused("exp", "must be at most an hour from now in the token of a moderator")


def _parts(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The header and the claims, of which nothing is proven yet."""
    try:
        decoded = jwt.decode_complete(token, options={"verify_signature": False})
    except (refusals.PyJWTError, RecursionError, UnicodeError) as e:
        raise ReaderTokenRefused("form", "is not a JSON Web Token") from e
    return decoded["header"], decoded["payload"]


def _candidates(
    header: Mapping[str, Any], unproven: Mapping[str, Any], secrets: Secrets, now: datetime
) -> tuple[ReaderSecret, ...]:
    """The secrets that may have signed the token: the one that it names, or those of the site that it names."""
    if (kid := header.get("kid")) is not None:
        candidates = secrets.named(known, now=now) if (known := _uuid(kid)) else ()
        if not candidates:
            raise ReaderTokenRefused("kid", "names no valid reader secret: it may be revoked or replaced")
        return candidates
    audience = unproven.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    sites = [site_id for site_id in map(_uuid, named[:5]) if site_id is not None]
    if not sites:
        raise ReaderTokenRefused("kid", "is missing, and aud does not name the site by its id")
    return tuple(secret for site_id in sites for secret in secrets.of_site(site_id, now=now))


def _uuid(value: object) -> str | None:
    try:
        return str(uuid.UUID(value)) if isinstance(value, str) else None
    except ValueError:
        return None


def _proven(token: str, secret: ReaderSecret, *, needs_audience: bool) -> Mapping[str, Any] | None:
    """The claims, or None where another secret signed the token."""
    try:
        claims: Mapping[str, Any] = jwt.decode(
            token,
            secret.secret,
            algorithms=[ALGORITHM],
            audience=secret.site_id,
            leeway=LEEWAY_S,
            options={"require": ["exp"], "verify_aud": needs_audience, "verify_sub": False},  # a number is taken, too
        )
    except refusals.InvalidSignatureError:
        return None
    except refusals.ExpiredSignatureError as e:
        raise ReaderTokenExpired("exp", "is over") from e
    except refusals.PyJWTError as e:
        raise ReaderTokenRefused(*_said(e)) from e
    except (OverflowError, TypeError) as e:  # a moment that no calendar has
        raise ReaderTokenRefused("exp", _NO_MOMENT) from e
    return claims


def _said(error: refusals.PyJWTError) -> tuple[str, str]:
    """The part of the token that is wrong, and how."""
    if isinstance(error, refusals.MissingRequiredClaimError):
        return error.claim, "is missing"
    if isinstance(error, refusals.ImmatureSignatureError):
        return ("iat" if "iat" in str(error) else "nbf"), "is in the future: compare the clocks"
    known: dict[type[refusals.PyJWTError], tuple[str, str]] = {
        refusals.InvalidAudienceError: ("aud", "must be the site's id"),
        refusals.InvalidIssuedAtError: ("iat", _NO_MOMENT),
    }
    if "(exp)" in str(error):
        return "exp", _NO_MOMENT
    return known.get(type(error)) or ("claims", str(error)[:1].lower() + str(error)[1:])


class _Claims(BaseModel):
    """Our own form. Other claims, such as the issuer, are left alone."""

    model_config = ConfigDict(frozen=True)
    sub: SentPersonId
    name: Line | None = None
    created_at: Moment | None = None
    email_domain: EmailDomain | None = None
    staff: StrictBool | None = None
    moderator: Line | None = None


class _CoralUser(BaseModel):
    """Coral's form (https://docs.coralproject.net/sso), so that a server that signs for Coral need not change."""

    model_config = ConfigDict(frozen=True)
    id: SentPersonId
    username: Line | None = None
    email: str | None = None
    role: str | None = None


class _CoralClaims(BaseModel):
    model_config = ConfigDict(frozen=True)
    user: _CoralUser


def _reader(claims: Mapping[str, Any], site_id: str) -> SignedReader:
    try:
        until = datetime.fromtimestamp(int(claims["exp"]), UTC)
    except (OverflowError, ValueError, OSError) as e:
        raise ReaderTokenRefused("exp", _NO_MOMENT) from e
    try:
        if "user" in claims:
            user = _CoralClaims.model_validate(claims).user
            is_staff = None if user.role is None else user.role in STAFF_ROLES
            return SignedReader(site_id, user.id, user.username, None, _domain_of(user.email), is_staff, until)
        ours = _Claims.model_validate(claims)
    except ValidationError as e:
        first = field_problems(e)[0]
        raise ReaderTokenRefused(first.field, first.message) from e
    facts = (ours.created_at, ours.email_domain, ours.staff)
    return SignedReader(site_id, ours.sub, ours.name, *facts, until, ours.moderator)


_DOMAIN: TypeAdapter[str] = TypeAdapter(EmailDomain)


def _domain_of(email: str | None) -> str | None:
    """None for what is no address: a reader is not refused for it."""
    try:
        return _DOMAIN.validate_python((email or "").rpartition("@")[2])
    except ValidationError:
        return None
