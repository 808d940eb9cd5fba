"""Finds the client behind proxies: ``X-Forwarded-For``, ``-Proto`` and ``-Host`` count only from the peers that
TRUSTED_PROXIES names. Anybody can send these headers, and werkzeug's ProxyFix does not check who did."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Any

from flask import Flask
from werkzeug.http import parse_list_header
from werkzeug.middleware.proxy_fix import ProxyFix

from moderation.ground.environment.network import Address, Network, is_in, plain

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]

FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST")
SCHEMES = ("http", "https")

log = logging.getLogger(__name__)


def register(app: Flask, trusted: tuple[Network, ...]) -> None:
    """Takes the client's address, scheme and host from trusted proxies only."""
    app.wsgi_app = TrustedProxies(app.wsgi_app, trusted)  # type: ignore[method-assign]


class TrustedProxies:
    def __init__(self, app: Wsgi, trusted: tuple[Network, ...]) -> None:
        self._app, self._trusted = app, trusted
        self._forwarded = ProxyFix(app, x_for=0, x_proto=1, x_host=1)
        self._told: set[str] = set()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        peer = self._look_at(environ.get("REMOTE_ADDR", ""))
        if peer is None:
            self._warn(environ)
            for name in FORWARDED:
                environ.pop(name, None)
            return self._app(environ, start_response)
        environ["REMOTE_ADDR"] = str(client(peer, environ.get("HTTP_X_FORWARDED_FOR", ""), self._trusted))
        if environ.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip() not in SCHEMES:
            environ.pop("HTTP_X_FORWARDED_PROTO", None)
        return self._forwarded(environ, start_response)

    def _look_at(self, written: str) -> Address | None:
        peer = _address(written)
        return peer if peer is not None and is_in(peer, self._trusted) else None

    def _warn(self, environ: dict[str, Any]) -> None:
        """Warns once per process and peer, which may be a proxy that somebody forgot to name."""
        peer = str(environ.get("REMOTE_ADDR", ""))
        if "HTTP_X_FORWARDED_FOR" in environ and peer not in self._told and len(self._told) < 10:
            self._told.add(peer)
            log.warning("X-Forwarded-For from %s is ignored: if it is your proxy, name it in TRUSTED_PROXIES", peer)


def client(peer: Address, forwarded_for: str, trusted: tuple[Network, ...]) -> Address:
    """The last address that is not one of our proxies. Each proxy adds the address of its peer on the right, so
    everything left of the first stranger is only the stranger's claim, and so is everything left of a part that is no
    address."""
    address = peer
    for written in reversed(parse_list_header(forwarded_for)):
        if not is_in(address, trusted) or (before := _address(written)) is None:
            break
        address = before
    return address


def _address(written: str) -> Address | None:
    """Some proxies write ``address:port``."""
    text = written.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return plain(ip_address(text))
    except ValueError:
        return None
