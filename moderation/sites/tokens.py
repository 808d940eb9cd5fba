"""The secrets that Gavel makes for a site, for its keys and to sign readers, and the ids by which people name them."""

from __future__ import annotations

import base64
import secrets
import uuid

from moderation.ground.errors import NotFound


def new_token(prefix: str) -> str:
    """256 random bits, as long as HS256 asks for (RFC 7518, section 3.2), in small letters and digits: some clients
    send a key as part of a host's name, and those have no capitals (52 characters, and a label may have 63)."""
    return prefix + base64.b32encode(secrets.token_bytes(32)).decode().rstrip("=").lower()


def known_form(kind: str, id: str) -> str:
    """An id as it is stored. Raises NotFound for one of another form."""
    try:
        return str(uuid.UUID(id))
    except ValueError as e:
        raise NotFound(kind, id) from e
