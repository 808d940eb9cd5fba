"""Recovery codes: for people who have lost the device of their second factor. Each works once, and is shown once."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy.engine import Connection

from moderation.sites.people import recovery_rows as recovery_codes

HOW_MANY = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that are taken for each other
GROUP = 5  # letters; two groups hold 49 bits, and attempts are slowed down like those of passwords


def renew(conn: Connection, moderator_id: str) -> tuple[str, ...]:
    """New codes; the old ones no longer work."""
    codes = tuple("-".join(_group() for _ in range(2)) for _ in range(HOW_MANY))
    recovery_codes.replace(conn, moderator_id, [digest(moderator_id, code) for code in codes])
    return codes


def forget(conn: Connection, moderator_id: str) -> None:
    """Forgets the codes: without a second factor there is nothing to recover."""
    recovery_codes.replace(conn, moderator_id, ())


def digest(moderator_id: str, code: str) -> str:
    """The only form in which a code is stored. Case, spaces and hyphens do not count."""
    plain = "".join(c for c in code.lower() if c.isalnum())
    return hashlib.sha256(f"{moderator_id}:{plain}".encode()).hexdigest()


def _group() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(GROUP))
