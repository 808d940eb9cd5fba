"""The form of an address that Gavel calls, and of an origin. Delivery checks what the name leads to (``addresses``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from moderation.ground.errors import said

MAX_URL_CHARS = 2_000
MAX_ORIGIN_CHARS = 300


def url_problems(url: str | None) -> Iterator[str]:
    """The faults in words that follow the name of a field."""
    if url is None:
        return
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        yield said("is not a URL")
        return
    is_plain = url.isprintable() and " " not in url
    if parts.scheme not in ("http", "https") or not parts.hostname or len(url) > MAX_URL_CHARS or not is_plain:
        yield said("must be an http or https URL")
    elif parts.username or parts.password or parts.fragment:
        yield said("must have no credentials and no fragment")


def origins_problems(origins: tuple[str, ...]) -> Iterator[str]:
    """The faults in words that follow the name of a field."""
    if not all(_is_origin(origin) for origin in origins):
        yield said("must each be written as browsers send it: https://news.example, without path, user or default port")


def origin_of(url: str) -> str | None:
    """The address before its path, for a comparison with origins: one with credentials equals none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc}".lower()


def _is_origin(text: str) -> bool:
    """As browsers write an origin, since it is compared letter by letter: https://www.rfc-editor.org/rfc/rfc6454#section-6.2"""
    parts = _ORIGIN.fullmatch(text)
    if parts is None or len(text) > MAX_ORIGIN_CHARS:
        return False
    port = parts["port"]
    return port is None or (0 < int(port) < 65_536 and int(port) != _DEFAULT_PORTS[parts["scheme"]])


_ORIGIN = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9_-]+(\.[a-z0-9_-]+)*)(:(?P<port>[1-9][0-9]{0,4}))?", re.ASCII
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
