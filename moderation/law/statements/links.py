"""Signed addresses of pages that need no account and work for some time: a statement's, a notice's."""

from __future__ import annotations

import base64
import binascii
import hmac
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

ID_BYTES, TIME_BYTES, SIGNATURE_BYTES = 16, 5, 20
_PURPOSE = b"\0links to "  # no address of a reader, for which the same secret serves, begins with a zero
_PADDING = "=" * (-(ID_BYTES + TIME_BYTES + SIGNATURE_BYTES) % 3)


class LinkedPage(StrEnum):
    """The kinds of pages. A link to one of them opens no other."""

    STATEMENTS = "statements"
    NOTICES = "notices"


@dataclass(frozen=True, slots=True)
class StatementLink:
    """A link that was read and not yet checked."""

    page: LinkedPage
    decision_id: str  # or the notice's id
    expires_at: datetime
    signed: bytes
    signature: bytes

    def is_signed(self, secret: str) -> bool:
        """Whether the site signed it with its secret."""
        return hmac.compare_digest(_signature(secret, self.page, self.signed), self.signature)

    def is_genuine(self, secret: str, now: datetime) -> bool:
        """Whether the site signed it with its secret, and it has not expired."""
        return self.is_signed(secret) and now < self.expires_at


def path(secret: str, decision_id: str, expires_at: datetime, *, page: LinkedPage = LinkedPage.STATEMENTS) -> str:
    """``/statements/…`` or ``/notices/…``, to be put behind the address of this Gavel."""
    signed = uuid.UUID(decision_id).bytes + int(expires_at.timestamp()).to_bytes(TIME_BYTES, "big")
    return f"/{page}/{_written(signed + _signature(secret, page, signed))}"


def read(token: str, *, page: LinkedPage = LinkedPage.STATEMENTS) -> StatementLink | None:
    """None for a text that is no link of ours."""
    try:
        decoded = base64.b64decode(token + _PADDING, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    is_altered = _written(decoded) != token  # in its last letter, which decodes to the same whatever they are
    if len(decoded) != ID_BYTES + TIME_BYTES + SIGNATURE_BYTES or is_altered:
        return None
    signed, signature = decoded[:-SIGNATURE_BYTES], decoded[-SIGNATURE_BYTES:]
    seconds = int.from_bytes(signed[ID_BYTES:], "big")
    try:
        expires_at = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return StatementLink(page, str(uuid.UUID(bytes=signed[:ID_BYTES])), expires_at, signed, signature)


def _written(token: bytes) -> str:
    return base64.urlsafe_b64encode(token).decode().rstrip("=")


def _signature(secret: str, page: LinkedPage, signed: bytes) -> bytes:
    return hmac.digest(secret.encode(), _PURPOSE + page.encode() + signed, "sha256")[:SIGNATURE_BYTES]
