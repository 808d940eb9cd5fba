"""``Prefer: wait=N`` (RFC 7240, section 4.3): the caller prefers to wait instead of asking again."""

from __future__ import annotations

import re

from flask import request

MAX_WAIT_S = 10

_WAIT = re.compile(r'(?:^|,)\s*wait\s*=\s*"?(\d{1,9})"?\s*(?=[;,]|$)', re.IGNORECASE)


def wait_s() -> int:
    """Seconds that the caller is willing to wait, at most MAX_WAIT_S; 0 without the header. The first value counts."""
    match = _WAIT.search(", ".join(request.headers.getlist("Prefer")))
    return min(int(match.group(1)), MAX_WAIT_S) if match else 0
