"""The checks of an ID token (OpenID Connect Core 1.0, section 3.1.3.7). Each refusal says which part is wrong."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from moderation.sites.people.identities import LONGEST_SUBJECT
from service.openid.keys import ALGORITHMS
from service.openid.problems import ProblemKind, ProviderProblem, shown

LEEWAY_S = 60  # how far the two clocks may differ
MOST_CHARS = 100_000

FindKey = Callable[[object, str], PyJWK]
"""The key for a ``kid`` and an algorithm. Raises ProviderProblem."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The token that this login awaits."""

    issuer: str
    client_id: str
    nonce: str
    algorithms: frozenset[str]  # those that the provider announced; empty where it announced none


def check(token: object, expected: Expected, find_key: FindKey, *, now: datetime) -> Mapping[str, Any]:
    """The token's claims. Raises ProviderProblem."""
    if not isinstance(token, str) or len(token) > MOST_CHARS:
        raise ProviderProblem(ProblemKind.GARBLED, "it sent no ID token")
    claims = _signed(token, expected, find_key)
    _check_purpose(claims, expected)
    _check_time(claims, now.timestamp())
    return claims


def _signed(token: str, expected: Expected, find_key: FindKey) -> Mapping[str, Any]:
    try:
        header = jwt.get_unverified_header(token)
    except (PyJWTError, ValueError) as e:
        raise ProviderProblem(ProblemKind.GARBLED, "its ID token cannot be read") from e
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS or (expected.algorithms and algorithm not in expected.algorithms):
        raise _not_for_us(f"is signed by {shown(algorithm)}")
    key = find_key(header.get("kid"), algorithm)
    try:
        claims = json.loads(jwt.PyJWS().decode(token, key, algorithms=[algorithm]))
    except (PyJWTError, ValueError, TypeError) as e:
        raise _not_for_us(f"has no valid signature ({type(e).__name__})") from e
    if not isinstance(claims, dict):
        raise _not_for_us("holds no claims")
    return claims


def _check_purpose(claims: Mapping[str, Any], expected: Expected) -> None:
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    subject, nonce = claims.get("sub"), claims.get("nonce")
    if claims.get("iss") != expected.issuer:
        raise _not_for_us(f"is by {shown(claims.get('iss'))}")
    if expected.client_id not in audiences:
        raise _not_for_us(f"is for {shown(audience)}")
    if claims.get("azp", expected.client_id) != expected.client_id or (len(audiences) > 1 and "azp" not in claims):
        raise _not_for_us(f"was given to {shown(claims.get('azp'))}")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise _not_for_us("has the nonce of another login")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise _not_for_us(f"is about {shown(subject)}")


def _check_time(claims: Mapping[str, Any], now: float) -> None:
    expires, issued = _time(claims.get("exp")), _time(claims.get("iat"))
    if expires is None or issued is None:
        raise _not_for_us("lacks the time of its making or of its end")
    if now > expires + LEEWAY_S:
        raise ProviderProblem(ProblemKind.CLOCK, f"the ID token ended {now - expires:.0f} s ago")
    starts = max(issued, _time(claims.get("nbf")) or issued)
    if now < starts - LEEWAY_S:
        raise ProviderProblem(ProblemKind.CLOCK, f"the ID token is from {starts - now:.0f} s in the future")


def _time(value: object) -> float | None:
    """Seconds since 1970, if it is that."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 < value < 1e12 else None  # type: ignore[operator, arg-type]


def _not_for_us(what: str) -> ProviderProblem:
    return ProviderProblem(ProblemKind.NOT_FOR_US, f"the ID token {what}")
