"""Connects to Redis or Valkey by URL: plain, with password, with TLS, over a socket, or through Sentinel.

``redis+sentinel://user:password@host:26379,host:26379/service/db`` asks the sentinels for the master at each new
connection, and so follows a failover. ``rediss+sentinel`` is the same with TLS.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from redis import Redis
from redis.sentinel import Sentinel

from moderation.ground.errors import SettingsError

SENTINEL_PORT = 26379


def connect(url: str, **options: Any) -> Redis:
    """``options`` are those of ``redis.Redis``. Raises SettingsError for a URL that cannot be right."""
    scheme = url.partition("://")[0]
    try:
        if scheme in ("redis+sentinel", "rediss+sentinel"):
            return _through_sentinel(url, options)
        return Redis.from_url(url, **options)
    except ValueError as e:
        raise SettingsError(f"REDIS_URL: {e}") from e


def _through_sentinel(url: str, options: dict[str, Any]) -> Redis:
    parts = urlsplit(url)
    credentials, _at, hosts = parts.netloc.rpartition("@")
    service, _slash, db = parts.path.strip("/").partition("/")
    if not hosts or not service:
        raise ValueError("write redis+sentinel://host:port,host:port/service/db")
    user, _colon, password = credentials.partition(":")
    own = {"ssl": True} if parts.scheme.startswith("rediss") else {}
    sentinel_password = parse_qs(parts.query).get("sentinel_password", [None])[0]
    timeouts = {name: options[name] for name in ("socket_timeout", "socket_connect_timeout") if name in options}
    sentinels = Sentinel(  # type: ignore[no-untyped-call]
        [_address(host) for host in hosts.split(",")],
        sentinel_kwargs={"password": sentinel_password, **timeouts, **own},
        username=unquote(user) or None,
        password=unquote(password) or None,
        db=int(db or 0),
        **options,
        **own,
    )
    master: Redis = sentinels.master_for(service)  # type: ignore[no-untyped-call]
    return master


def _address(written: str) -> tuple[str, int]:
    host, _colon, port = written.rpartition(":") if ":" in written else (written, "", str(SENTINEL_PORT))
    return host, int(port)
