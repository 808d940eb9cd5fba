"""Addresses and networks: the form in which settings name them, and in which log-ins are counted."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

ANY_ADDRESS = ("0.0.0.0", "::")
SUBSCRIBER_BITS = 64  # of an IPv6 address; one subscriber has all the rest, RFC 6177


def parse_networks(raw: str) -> tuple[Network, ...]:
    """``10.0.0.5, 10.1.0.0/16, ::1`` as networks. Raises ValueError, which says which part is wrong."""
    networks = []
    for part in filter(None, (part.strip() for part in raw.split(","))):
        try:
            network = ip_network(part)
        except ValueError as e:
            raise ValueError(f"{part!r} is no address or network such as 10.0.0.5 or 10.1.0.0/16 ({e})") from e
        if network.prefixlen == 0:
            raise ValueError(f"{part!r} names every address there is: anybody could say where they come from")
        networks.append(network)
    return tuple(networks)


def is_in(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)


def plain(address: Address) -> Address:
    """Turns an IPv4 address that is written as an IPv6 one, as sockets for both kinds show it, into IPv4."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def subscriber(written: str) -> str:
    """The subscriber who has the address: an IPv4 address itself, the network of an IPv6 one. Any other text stays as
    it is."""
    try:
        address = plain(ip_address(written))
    except ValueError:
        return written
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((address, SUBSCRIBER_BITS), strict=False))


def is_loopback(host: str) -> bool:
    """Whether it is a name or address by which a machine reaches itself."""
    try:
        return plain(ip_address(host)).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def own_address(host: str) -> str:
    """The address at which this machine reaches a service that is bound to ``host``, as a URL has it."""
    reached = "127.0.0.1" if host in ANY_ADDRESS else host
    return f"[{reached}]" if ":" in reached else reached
