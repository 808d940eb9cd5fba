"""Numbers that seem to fall by chance and that a comment's id alone decides, so that everybody draws the same."""

from __future__ import annotations

import hashlib


def drawn_number(comment_id: str, purpose: str = "") -> float:
    """From 0 to below 1, evenly spread over ids, and independent between purposes."""
    return int.from_bytes(hashlib.sha256(f"{purpose} {comment_id}".encode()).digest()[:6]) / 2**48
