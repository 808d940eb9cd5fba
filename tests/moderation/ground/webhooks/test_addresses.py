"""The addresses that a webhook may have, as they are written and as names lead to them."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from moderation.ground.webhooks.addresses import AddressRefused, refusal, resolve

PRIVATE_HOSTS = [
    "127.0.0.1", "127.255.255.254", "10.0.0.5", "172.16.0.1", "172.31.255.255", "192.168.1.1", "0.0.0.0", "0.1.2.3",
    "100.64.0.1", "100.127.255.255", "100.100.100.200", "169.254.169.254", "168.63.129.16", "192.0.0.192", "192.0.2.1",
    "192.88.99.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1",
    "255.255.255.255",
    # the same in other forms
    "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "0xa9fea9fe",
    "127.0.0.1.", "127.0.0.1..", "１２７.0.0.1", "127。0。0。1", "①27.0.0.1",
    # IPv6
    "[::1]", "[::]", "[::127.0.0.1]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[::ffff:a9fe:a9fe]",
    "[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::a00:1]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]",
    "[2001::1]", "[2001:0:53aa:64c::1]", "[2001:20::1]", "[2001:db8::1]", "[3fff::1]", "[fc00::1]", "[fd00:ec2::254]",
    "[fd20:ce::254]", "[fe80::1]", "[fe80::1%25eth0]", "[fec0::1]", "[ff02::1]", "[100::1]", "[5f00::1]", "[4000::1]",
    "[0:0:0:0:0:0:0:1]",
    # names
    "localhost", "LOCALHOST", "localhost.", "api.localhost", "localhost.localdomain", "ｌocalhost", "printer.local",
    "metadata.google.internal", "metadata.google.internal.", "metadata.goog", "redis", "gavel.home.arpa",
]  # fmt: skip
PUBLIC_HOSTS = [
    "news.example", "NEWS.example.", "bücher.example", "8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "169.253.0.1",
    "192.0.1.1", "11.0.0.1", "223.255.255.255", "[2606:4700::1111]", "[2a00:1450:4001::1]", "localhost.example",
    "internal.example", "10.example",
]  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE_HOSTS)
def test_what_leads_into_our_own_network_is_refused_however_it_is_written(host: str) -> None:
    why = refusal(f"https://{host}:8443/hook?token=s3cret")

    assert why is not None
    assert why.endswith("Gavel calls public addresses only")
    assert "s3cret" not in why
    with pytest.raises(AddressRefused, match="Gavel does not call"):
        resolve(f"http://{host}/hook", allow_private=False)


@pytest.mark.parametrize("host", PUBLIC_HOSTS)
def test_public_addresses_and_names_are_not_refused(host: str) -> None:
    assert refusal(f"https://{host}/hook") is None


@pytest.mark.parametrize("url", ["ftp://news.example/", "file:///etc/passwd", "http://", "http://news.example:99999/"])
def test_what_is_no_web_address_is_not_called(url: str) -> None:
    for allow_private in (True, False):
        with pytest.raises(AddressRefused):
            resolve(url, allow_private=allow_private)


class Names:
    """Answers as a resolver would."""

    def __init__(self, **found: list[str]) -> None:
        self.found = {name.replace("_", "."): given for name, given in found.items()}

    def __call__(self, host: str, port: int, **_options: Any) -> list[tuple[Any, ...]]:
        if host not in self.found:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(0, 0, 0, "", (address, port)) for address in self.found[host]]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    found = Names(
        news_example=["8.8.8.8", "8.8.4.4", "8.8.8.8"],
        astray_example=["8.8.8.8", "10.0.0.5"],
        nat64_example=["64:ff9b::a00:5"],
        scoped_example=["fe80::1%eth0"],
    )
    monkeypatch.setattr("socket.getaddrinfo", found)
    return found


def test_a_name_is_looked_up_once_and_gives_every_address(names: Names) -> None:
    found = resolve("https://News.example./hooks/é?a=b%20c&d=[1]", allow_private=False)

    assert found.addresses == ("8.8.8.8", "8.8.4.4")
    assert (found.scheme, found.host, found.port) == ("https", "news.example", 443)
    assert found.target == "/hooks/%C3%A9?a=b%20c&d=[1]"
    assert found.authority == "news.example"


@pytest.mark.parametrize(
    ("name", "address"),
    [("astray.example", "10.0.0.5"), ("nat64.example", "64:ff9b::a00:5"), ("scoped.example", "fe80::1%eth0")],
)
def test_a_name_of_which_one_address_is_ours_is_refused(names: Names, name: str, address: str) -> None:
    with pytest.raises(AddressRefused, match=f"Gavel does not call {name}: {address} "):
        resolve(f"https://{name}/hook", allow_private=False)

    assert resolve(f"https://{name}/hook", allow_private=True).addresses[-1] == address


def test_a_name_that_nobody_knows_is_named(names: Names) -> None:
    with pytest.raises(AddressRefused, match=r"no address is known for gone\.example"):
        resolve("https://gone.example/", allow_private=False)
