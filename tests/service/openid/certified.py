"""A certified OpenID provider, started on loopback, and a person who logs in there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener

import pytest
from bs4 import BeautifulSoup

from tests.installed_clients import MAY_SKIP, node_modules_with

PACKAGE = "oidc-provider@8.8.1"
SCRIPT = Path(__file__).with_name("provider.mjs")
CLIENT, SECRET = "gavel", "a secret: with/signs"
RETURN = "http://localhost/desk/login/callback"


@dataclass(frozen=True, slots=True)
class Certified:
    issuer: str
    people: Path

    def knows(self, **people: Mapping[str, Any]) -> None:
        """From now on, these people with these claims."""
        self.people.write_text(json.dumps(people))

    def log_in(self, address: str, person: str, *, agrees: bool = True) -> str:
        """Fills the provider's forms as the person does. The address to which it sends the browser back."""
        browser = _Browser()
        page = browser.open(address)
        while page is not None:
            form = BeautifulSoup(page, "html.parser").find("form")
            assert form is not None, page
            fields = {
                str(field["name"]): str(field.get("value", "")) for field in form.find_all("input", {"name": True})
            }
            if "login" in fields:
                fields |= {"login": person, "password": "any"}
            elif not agrees:
                return browser.follow(urljoin(browser.at, f"{browser.at}/abort"))
            page = browser.open(urljoin(browser.at, str(form["action"])), fields)
        return browser.at


class _Stays(HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        return None


class _Browser:
    """Follows redirects at the provider, and stops at one that leaves it."""

    def __init__(self) -> None:
        policy = DefaultCookiePolicy(rfc2965=True)
        self._opener = build_opener(HTTPCookieProcessor(CookieJar(policy)), _Stays())
        self.at = ""

    def follow(self, address: str) -> str:
        page = self.open(address)
        assert page is None, page
        return self.at

    def open(self, address: str, form: Mapping[str, str] | None = None) -> str | None:
        """The page, or None where the browser has left the provider."""
        self.at = address
        if address.startswith(RETURN):
            return None
        sent = urlencode(form).encode() if form is not None else None
        try:
            with self._opener.open(Request(address, data=sent), timeout=30) as answer:
                return str(answer.read().decode())
        except HTTPError as e:
            with e:
                if e.code not in (302, 303):
                    return e.read().decode()
            return self.open(urljoin(address, e.headers["location"]))


@contextmanager
def certified_provider(folder: Path, **environment: str) -> Iterator[Certified]:
    if MAY_SKIP and shutil.which("npm") is None:
        pytest.skip("no node and npm here: ./run.sh test installs them")
    modules = node_modules_with("oidc-provider", PACKAGE)
    people = folder / "people.json"
    people.write_text("{}")
    process = subprocess.Popen(
        ["node", str(SCRIPT), str(people), RETURN, str(modules)],
        stdout=subprocess.PIPE,
        stderr=(folder / "provider.log").open("w"),
        text=True,
        env={**os.environ, **environment},
    )
    try:
        assert process.stdout is not None
        issuer = process.stdout.readline().strip()
        assert issuer.startswith("http"), (folder / "provider.log").read_text()
        yield Certified(issuer, people)
    finally:
        process.kill()
        process.wait()
        sys.stdout.flush()
