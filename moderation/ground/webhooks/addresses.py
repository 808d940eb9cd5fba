"""The addresses that a webhook may have. A site's webhook must never reach into the network that Gavel runs in.

No other module has such a list: Gavel refuses a setting with one of these addresses, and a delivery to a name that
leads to one.
"""

from __future__ import annotations

import ipaddress
import socket
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import quote, urlsplit

PORTS = {"http": 80, "https": 443}
NOT_QUOTED = "/%?=&:;,+$@!~*'()[]"  # in a path with its query; parts that are already quoted stay as they are
PRIVATE_NAMES = ("localhost", "localdomain", "local", "internal", "home.arpa", "metadata.goog")
"""These names and those below them lead into private networks only; so does any name without a dot."""

# https://www.iana.org/assignments/iana-ipv4-special-registry and …/iana-ipv6-special-registry
REFUSED_IPV4: dict[IPv4Network, str] = {
    IPv4Network(network): meaning
    for network, meaning in (
        ("0.0.0.0/8", "stands for this machine itself"),
        ("10.0.0.0/8", "is private"),
        ("100.64.0.0/10", "is inside a provider's network"),
        ("127.0.0.0/8", "is this machine itself"),
        ("168.63.129.16/32", "serves a cloud's own metadata"),  # Azure's, which looks public
        ("169.254.0.0/16", "is link-local, as a cloud's metadata is"),
        ("172.16.0.0/12", "is private"),
        ("192.0.0.0/24", "is reserved"),
        ("192.0.2.0/24", "is for examples"),
        ("192.88.99.0/24", "is a relay to IPv6"),
        ("192.168.0.0/16", "is private"),
        ("198.18.0.0/15", "is for measuring networks"),
        ("198.51.100.0/24", "is for examples"),
        ("203.0.113.0/24", "is for examples"),
        ("224.0.0.0/4", "is multicast"),
        ("240.0.0.0/4", "is reserved"),
    )
}
REFUSED_IPV6: dict[IPv6Network, str] = {
    IPv6Network(network): meaning
    for network, meaning in (
        ("::/128", "stands for this machine itself"),
        ("::1/128", "is this machine itself"),
        ("::/96", "hides an IPv4 address"),
        ("::ffff:0:0/96", "hides an IPv4 address"),
        ("64:ff9b::/96", "hides an IPv4 address"),  # NAT64
        ("64:ff9b:1::/48", "hides an IPv4 address"),
        ("2001::/23", "is for protocols"),  # Teredo, which hides an IPv4 address, and others
        ("2001:db8::/32", "is for examples"),
        ("2002::/16", "hides an IPv4 address"),  # 6to4
        ("3fff::/20", "is for examples"),
        ("fc00::/7", "is private"),  # the metadata of Amazon and Google too
        ("fe80::/10", "is link-local"),
        ("fec0::/10", "is private"),
        ("ff00::/8", "is multicast"),
    )
}
PUBLIC_IPV6 = IPv6Network("2000::/3")  # the range in public use; everything outside is refused


class AddressRefused(Exception):
    """Gavel does not call the webhook's address. The message says why, without the path."""


@dataclass(frozen=True, slots=True)
class Destination:
    """The place to connect to. The name is resolved once, so that a second answer cannot differ."""

    scheme: str
    host: str  # in the form of a certificate and the Host header
    port: int
    addresses: tuple[str, ...]
    target: str  # path and query

    @property
    def authority(self) -> str:
        """The value of the Host header: without the port if it is the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def refusal(url: str) -> str | None:
    """The reason why Gavel does not call the host in ``url``, or None. It resolves no name."""
    try:
        host = plain(urlsplit(url).hostname or "")
    except ValueError:
        return "is not a URL"
    why = _refusal_of_host(host)
    return f"leads to {host}, which {why}: Gavel calls public addresses only" if why else None


def resolve(url: str, *, allow_private: bool) -> Destination:
    """Resolves the name. Raises AddressRefused if it has no address, or one that Gavel does not call."""
    try:
        parts = urlsplit(url)
        host = plain(parts.hostname or "")
        port = parts.port or PORTS[parts.scheme]
        if not allow_private and (why := _refusal_of_host(host)):
            raise AddressRefused(f"Gavel does not call {host}: it {why}")
        resolved = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (KeyError, ValueError) as e:
        raise AddressRefused("the webhook's address is not an http or https URL") from e
    except OSError as e:
        raise AddressRefused(f"no address is known for {host}: {e.strerror or e}") from e
    addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in resolved))
    for address in () if allow_private else addresses:
        if why := _refusal_of_address(ipaddress.ip_address(address.partition("%")[0])):
            raise AddressRefused(f"Gavel does not call {host}: {address} {why}")
    target = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=NOT_QUOTED)
    return Destination(parts.scheme, host, port, addresses, target)


def plain(host: str) -> str:
    """The host in small letters and ASCII, without trailing dots, so that all spellings of a name or address are equal.

    Raises ValueError for a text that cannot be a host.
    """
    folded = unicodedata.normalize("NFKC", host).replace("。", ".").rstrip(".").lower()
    if not folded:
        raise ValueError("there is no host")
    return folded if folded.isascii() else folded.encode("idna").decode("ascii")


def _refusal_of_host(host: str) -> str | None:
    address = _literal(host)
    if address is not None:
        return _refusal_of_address(address)
    is_private = "." not in host or any(host == name or host.endswith(f".{name}") for name in PRIVATE_NAMES)
    return "is a name inside a private network" if is_private else None


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    """The address that ``host`` spells out, in any form that resolvers accept: ``127.1``, ``0x7f.0.0.1``,
    ``2130706433``."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _refusal_of_address(address: IPv4Address | IPv6Address) -> str | None:
    return next(_meanings(address), None)


def _meanings(address: IPv4Address | IPv6Address) -> Iterator[str]:
    if isinstance(address, IPv4Address):
        yield from (meaning for network, meaning in REFUSED_IPV4.items() if address in network)
        return
    yield from (meaning for network, meaning in REFUSED_IPV6.items() if address in network)
    if address not in PUBLIC_IPV6:
        yield "is not public"
