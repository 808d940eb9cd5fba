"""The way in, as a site takes it: the service itself, PUBLIC_URL, its certificate, and what the proxy passes on."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from moderation.ground.environment.network import Network, is_in, is_loopback, plain
from moderation.ground.environment.settings import Settings
from moderation.operations.operating.doctor.findings import Finding, error, ok, warning

PART = "way in"
ANSWERS_WITHIN_S = 5.0
SOON = timedelta(days=14)
CLAIMED = "192.0.2.77"  # for examples (RFC 5737): nobody asks from there, so a service that believes it is deceived
ANYWHERE = ("0.0.0.0", "::", "")


@dataclass(frozen=True, slots=True)
class FrontDoorAnswer:
    status: int
    body: bytes
    location: str = ""
    certificate_until: datetime | None = None

    def asked(self) -> dict[str, Any] | None:
        """How the service saw the request; None when it was no Gavel that answered."""
        try:
            answer = json.loads(self.body)
        except ValueError:
            return None
        asked = answer.get("asked") if isinstance(answer, dict) else None
        return asked if isinstance(asked, dict) and self.status == 200 else None


class NoAnswer(Exception):
    """Why: the message says it."""


def check(settings: Settings, *, now: datetime) -> list[Finding]:
    return [*_itself(settings), *_public(settings, now)]


def ask(address: SplitResult, path: str, *, believed: tuple[Network, ...] | None = None) -> FrontDoorAnswer:
    """Raises NoAnswer. Follows no redirect. With ``believed``, the trusted proxies, it says that it comes from
    elsewhere, unless its own address is one of those: that one is rightly believed.
    """
    secure = address.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    try:
        connection = kind(address.hostname or "", address.port, timeout=ANSWERS_WITHIN_S)
        try:
            connection.connect()
            lies = believed is not None and not is_in(plain(ip_address(connection.sock.getsockname()[0])), believed)
            connection.request("GET", path, headers={"X-Forwarded-For": CLAIMED} if lies else {})
            until = _certificate_until(connection.sock) if secure else None
            answer = connection.getresponse()
            return FrontDoorAnswer(answer.status, answer.read(65536), answer.headers.get("Location", ""), until)
        finally:
            connection.close()
    except ssl.SSLCertVerificationError as e:
        raise NoAnswer(f"its certificate is not valid: {e.verify_message}") from e
    except (OSError, http.client.HTTPException, ValueError) as e:
        raise NoAnswer(str(e) or type(e).__name__) from e


def _certificate_until(sock: Any) -> datetime | None:
    expires = sock.getpeercert().get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(expires)).astimezone() if expires else None


def _itself(settings: Settings) -> Iterator[Finding]:
    host = "127.0.0.1" if settings.host in ANYWHERE else settings.host
    address = urlsplit(f"http://{f'[{host}]' if ':' in host else host}:{settings.port}")
    try:
        answer = ask(address, "/healthz")
    except NoAnswer as e:
        problem = f"no `gavel serve` answers at {address.geturl()} on this machine: {e}"
        yield warning(
            PART, problem, "start `gavel serve`, or HOST=… and PORT=… as it has them; ignore this if it runs elsewhere"
        )
        return
    if answer.asked() is None:
        yield error(PART, f"another program answers at {address.geturl()}", "PORT=… of a free port")
    else:
        yield ok(PART, f"`gavel serve` answers at {address.geturl()}")


def _public(settings: Settings, now: datetime) -> Iterator[Finding]:
    if not settings.public_url:
        problem = "PUBLIC_URL is empty, so the way through your proxy was not tried"
        yield warning(PART, problem, "PUBLIC_URL=https://… as sites and moderators reach it")
        return
    address = urlsplit(settings.public_url)
    try:
        answer = ask(address, "/healthz", believed=settings.trusted_proxies)
    except NoAnswer as e:
        yield error(PART, f"{settings.public_url} does not answer: {e}", _where_to_look(address, e))
        return
    asked = answer.asked()
    if asked is None:
        yield _stranger(settings.public_url, answer)
        return
    yield from _secure(address, answer, now)
    yield from _passed_on(address, asked, settings)
    yield from _metrics(address)


def _where_to_look(address: SplitResult, failed: NoAnswer) -> str:
    if "certificate" in str(failed):
        return "ssl_certificate in nginx, with the whole chain; renew it with certbot"
    try:
        socket.getaddrinfo(address.hostname, None)
    except OSError:
        return f"an address for {address.hostname} in the DNS, or PUBLIC_URL=… with the right name"
    return "start the proxy and let port 443 through, or PUBLIC_URL=… with the right address"


def _stranger(url: str, answer: FrontDoorAnswer) -> Finding:
    if 300 <= answer.status < 400:
        return error(PART, f"{url} leads on to {answer.location}", "PUBLIC_URL=… of the address that it leads to")
    if answer.status in (502, 503, 504):
        problem = f"the proxy at {url} does not reach the service ({answer.status})"
        return error(PART, problem, "proxy_pass in nginx, and HOST=… and PORT=… of `gavel serve`")
    return error(PART, f"no Gavel answers at {url} (status {answer.status})", "PUBLIC_URL=…, or server_name in nginx")


def _secure(address: SplitResult, answer: FrontDoorAnswer, now: datetime) -> Iterator[Finding]:
    if address.scheme != "https":
        if not is_loopback(address.hostname or ""):
            problem = "PUBLIC_URL has no TLS: nobody can log in, since browsers keep the cookie for https"
            yield error(PART, problem, "PUBLIC_URL=https://…, and a proxy with a certificate")
        return
    until = answer.certificate_until
    if until is not None and until - now < SOON:
        yield warning(PART, f"the certificate ends on {until:%Y-%m-%d}", "certbot renew; look at its timer")


def _passed_on(address: SplitResult, asked: dict[str, Any], settings: Settings) -> Iterator[Finding]:
    scheme, host, client = (str(asked.get(name, "")) for name in ("scheme", "host", "address"))
    findings = []
    if scheme != address.scheme:
        said = f"the service sees {scheme}:// where the client used {address.scheme}://"
        named = ",".join([*map(str, settings.trusted_proxies), client])
        change = f"TRUSTED_PROXIES={named} if {client} is the proxy, and X-Forwarded-Proto $scheme in nginx"
        findings.append(error(PART, f"{said}, from {client}", change))
    if host != address.netloc.rpartition("@")[2]:
        said = f"the service sees the host {host} where the client asked {address.netloc}: the desk refuses forms"
        findings.append(error(PART, said, "`proxy_set_header Host $http_host;` in nginx"))
    if client == CLAIMED:
        said = "the service believes anybody's X-Forwarded-For: a client can claim any address"
        change = (
            "`proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;` in nginx; TRUSTED_PROXIES=… of proxies only"
        )
        findings.append(error(PART, said, change))
    yield from findings
    if not findings:
        yield ok(PART, f"{address.geturl()} leads to the service, which sees {scheme}://{host} and the client {client}")


def _metrics(address: SplitResult) -> Iterator[Finding]:
    try:
        answer = ask(address, "/metrics")
    except NoAnswer:
        return
    if answer.status == 200:
        problem = f"anybody can read {address.geturl()}/metrics, which names the sites"
        yield warning(PART, problem, "`location = /metrics { deny all; }` in nginx")
