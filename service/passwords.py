"""Moderators' passwords: Argon2id, and the same work whether or not the account exists."""

from __future__ import annotations

import secrets
from base64 import b64encode

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from moderation.ground.errors import FieldProblem, InvalidInput

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
        _hasher.verify(password_hash if password_hash is not None else _NOBODY, password[: MAX_CHARS + 1])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def rehashed(password_hash: str, password: str) -> str | None:
    """The hash of a password that has just matched, in today's settings; None where it has them already."""
    return _hasher.hash(password) if _hasher.check_needs_rehash(password_hash) else None


def _that_nobody_has() -> str:
    """The form of a hash in today's settings, without the 17 ms that it takes to hash a password."""
    salt, digest = (
        b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (_hasher.salt_len, _hasher.hash_len)
    )
    settings = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    return f"$argon2id$v=19${settings}${salt}${digest}"


_NOBODY = _that_nobody_has()
