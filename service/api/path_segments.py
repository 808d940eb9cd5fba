"""Slashes in ids. A client writes one as ``%2F``, and a server decodes it before it routes: here it stays part of its
segment (RFC 3986, section 2.2), so that an article's id may be an address.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask

from service.web.proxies import Wsgi

STAND_IN = "\uf8f7"  # for private use: an address that has it as such is left as it is
_STAND_IN = STAND_IN.encode()


class PathSegments:
    def __init__(self, app: Wsgi) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        raw = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
        if "%2f" in raw.lower():
            _keep_apart(environ, raw.partition("?")[0])
        return self._app(environ, start_response)


def register(app: Flask) -> None:
    app.wsgi_app = PathSegments(app.wsgi_app)  # type: ignore[method-assign]
    app.url_value_preprocessor(_with_slashes)


def _keep_apart(environ: dict[str, Any], raw: str) -> None:
    """Keeps segments apart only where the path is the one that was decoded."""
    segments = [unquote_to_bytes(segment) for segment in raw.split("/")]
    decoded = environ.get("PATH_INFO", "").encode("latin-1")
    if b"/".join(segments) == decoded and _STAND_IN not in decoded:
        apart = b"/".join(segment.replace(b"/", _STAND_IN) for segment in segments)
        environ["PATH_INFO"] = apart.decode("latin-1")


def _with_slashes(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    for name, value in (values or {}).items():
        if isinstance(value, str) and STAND_IN in value and values is not None:
            values[name] = value.replace(STAND_IN, "/")
