"""The addresses that a webhook may go to. A site's webhook must not reach into the network that Gavel runs in."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit


class AddressRefused(Exception):
    """We do not send to the webhook's address."""


@dataclass(frozen=True, slots=True)
class Destination:
    """The place to connect to. The name is resolved once, so that a second answer cannot differ."""

    scheme: str
    host: str
    port: int
    address: str
    target: str  # path and query


def resolve(url: str, *, allow_private: bool) -> Destination:
    """Raises AddressRefused for another scheme than http(s), a name that does not resolve, or a private address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise AddressRefused(f"{url!r} is not an http or https address")
    try:
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as e:
        raise AddressRefused(f"cannot resolve {parts.hostname!r}: {e}") from e
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        if not allow_private and not ipaddress.ip_address(address.partition("%")[0]).is_global:
            raise AddressRefused(f"{parts.hostname!r} resolves to {address}, which is not a public address")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Destination(parts.scheme, parts.hostname, port, addresses[0], target)
