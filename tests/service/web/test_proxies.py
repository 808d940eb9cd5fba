"""Only trusted proxies say where a request came from."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from moderation.ground.environment.network import parse_networks
from moderation.ground.environment.settings import Settings
from moderation.ground.errors import SettingsError
from service.web import proxies

CLIENT = "203.0.113.9"
Seen = dict[str, str]


@pytest.fixture
def seen() -> Callable[..., Seen]:
    """How an application sees a request from a peer with the given headers."""

    def ask(*, peer: str, trusted: str = "10.0.0.5, 10.1.0.0/16, fd00::/8", **headers: str) -> Seen:
        app = Flask("probe")
        app.add_url_rule("/", view_func=lambda: {"client": request.remote_addr, "url": request.url})
        proxies.register(app, parse_networks(trusted))
        client: FlaskClient = app.test_client()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return dict(client.get("/", headers=sent, environ_overrides={"REMOTE_ADDR": peer}).get_json())

    return ask


@pytest.mark.parametrize("peer", ["10.0.0.6", "127.0.0.1", "::1", "", "unix"])
def test_a_peer_that_is_not_named_is_not_believed(seen: Callable[..., Seen], peer: str) -> None:
    found = seen(
        peer=peer, X_Forwarded_For=CLIENT, X_Forwarded_Proto="https", X_Forwarded_Host="evil.example", Host="ours"
    )

    assert found == {"client": peer, "url": "http://ours/"}


@pytest.mark.parametrize("peer", ["10.0.0.5", "10.1.200.3", "::ffff:10.0.0.5", "fd00::17"])
def test_a_named_proxy_is_believed(seen: Callable[..., Seen], peer: str) -> None:
    found = seen(peer=peer, X_Forwarded_For=CLIENT, X_Forwarded_Proto="https", X_Forwarded_Host="paper.example:8443")

    assert found == {"client": CLIENT, "url": "https://paper.example:8443/"}


@pytest.mark.parametrize(
    ("forwarded_for", "client"),
    [
        ("1.2.3.4, 203.0.113.9", CLIENT),  # the client's own claim is on the left
        ("203.0.113.9, 10.1.0.7", CLIENT),  # two proxies of ours
        ("1.2.3.4, 203.0.113.9, 10.1.0.7, 10.1.0.8", CLIENT),
        ("10.1.0.7, 203.0.113.9", CLIENT),  # a client that claims to be our proxy
        ("1.2.3.4, nonsense", "10.0.0.5"),
        ("203.0.113.9:51234", CLIENT),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("10.1.0.7", "10.1.0.7"),
        ("", "10.0.0.5"),
    ],
)
def test_the_last_stranger_is_the_client(seen: Callable[..., Seen], forwarded_for: str, client: str) -> None:
    assert seen(peer="10.0.0.5", X_Forwarded_For=forwarded_for)["client"] == client


def test_a_scheme_that_is_none_is_ignored(seen: Callable[..., Seen]) -> None:
    assert seen(peer="10.0.0.5", X_Forwarded_Proto="javascript", Host="ours")["url"] == "http://ours/"


def test_without_the_setting_nobody_is_believed(seen: Callable[..., Seen]) -> None:
    assert seen(peer="127.0.0.1", trusted="", X_Forwarded_For=CLIENT)["client"] == "127.0.0.1"


def test_a_proxy_that_nobody_named_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    app = proxies.TrustedProxies(lambda *_: [], ())

    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            app({"REMOTE_ADDR": "10.9.9.9", "HTTP_X_FORWARDED_FOR": CLIENT}, None)

    assert [record.getMessage() for record in caplog.records] == [
        "X-Forwarded-For from 10.9.9.9 is ignored: if it is your proxy, name it in TRUSTED_PROXIES"
    ]


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ("10.0.0.1/8", "has host bits set"),
        ("proxy.example", "'proxy.example' is no address or network"),
        ("10.0.0.5 10.0.0.6", "is no address or network"),
        ("10.0.0.5, 0.0.0.0/0", "names every address there is"),
        ("::/0", "names every address there is"),
    ],
)
def test_what_is_no_network_stops_the_start(raw: str, problem: str) -> None:
    with pytest.raises(SettingsError, match=f"^TRUSTED_PROXIES: .*{problem}"):
        Settings.from_env({"TRUSTED_PROXIES": raw})


def test_addresses_and_networks_are_read() -> None:
    settings = Settings.from_env({"TRUSTED_PROXIES": " 10.0.0.5,::1 , 10.1.0.0/16,"})

    assert [str(network) for network in settings.trusted_proxies] == ["10.0.0.5/32", "::1/128", "10.1.0.0/16"]


def test_gunicorn_itself_believes_nobody(tmp_path: Any) -> None:
    from service.server import Server

    config = Server(Settings(gavel_home=tmp_path)).cfg

    assert config.forwarded_allow_ips == []
    assert config.forwarder_headers == []
