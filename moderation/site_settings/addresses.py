"""Checks of the addresses among a site's settings: URLs and origins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from moderation.site_settings.limits import MAX_ORIGIN_CHARS, MAX_ORIGINS, MAX_URL_CHARS


def url_problems(url: str | None) -> Iterator[str]:
    """Checks the form only: delivery checks the address that the name resolves to."""
    if url is None:
        return
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        yield "is not a URL"
        return
    is_plain = url.isprintable() and " " not in url
    if parts.scheme not in ("http", "https") or not parts.hostname or len(url) > MAX_URL_CHARS or not is_plain:
        yield "must be an http or https URL"
    elif parts.username or parts.password or parts.fragment:
        yield "must have no credentials and no fragment"


def origins_problems(origins: tuple[str, ...]) -> Iterator[str]:
    if len(origins) > MAX_ORIGINS:
        yield f"must be at most {MAX_ORIGINS} origins"
    if not all(_is_origin(origin) for origin in origins):
        yield "must each be written as browsers send it: https://news.example, without path, user or default port"
    if len(set(origins)) < len(origins):
        yield "must differ from one another"


def _is_origin(text: str) -> bool:
    """As browsers write an origin, since it is compared letter by letter: https://www.rfc-editor.org/rfc/rfc6454#section-6.2"""
    found = _ORIGIN.fullmatch(text)
    if found is None or len(text) > MAX_ORIGIN_CHARS:
        return False
    port = found["port"]
    return port is None or (0 < int(port) < 65_536 and int(port) != _DEFAULT_PORTS[found["scheme"]])


_ORIGIN = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9_-]+(\.[a-z0-9_-]+)*)(:(?P<port>[1-9][0-9]{0,4}))?", re.ASCII
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
