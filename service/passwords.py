"""Moderators' passwords: Argon2id, and the same work whether or not the account exists."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from moderation.errors import FieldProblem, InvalidInput

MIN_CHARS = 12  # NIST SP 800-63B requires 8 with a second factor and 15 without; the desk also slows guessing
MAX_CHARS = 200

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """Raises InvalidInput when the password is too short or too long."""
    if not MIN_CHARS <= len(password) <= MAX_CHARS:
        raise InvalidInput(FieldProblem("password", f"must have {MIN_CHARS} to {MAX_CHARS} characters"))
    return _hasher.hash(password)


def password_matches(password_hash: str | None, password: str) -> bool:
    """``None`` for an unknown account takes as long and never matches, so that timing reveals no accounts."""
    try:
        _hasher.verify(password_hash if password_hash is not None else _nobody(), password[: MAX_CHARS + 1])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def rehashed(password_hash: str, password: str) -> str | None:
    """The hash of a password that has just matched, in today's settings; None where it has them already."""
    return _hasher.hash(password) if _hasher.check_needs_rehash(password_hash) else None


@cache  # a hash takes 17 ms, and must take no longer for an unknown account than for a known one
def _nobody() -> str:
    return _hasher.hash("nobody has this password")
