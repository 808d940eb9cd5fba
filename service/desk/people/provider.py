"""The login provider, as the desk's pages need it: its name, the cookie of a login that began, and addresses."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request, url_for

from moderation.ground.errors import NotFound
from service.context import gavel
from service.openid.client import OpenId

COOKIE = "gavel_login"


def is_offered() -> bool:
    """Whether people log in with a provider."""
    return gavel().openid is not None


def openid() -> OpenId:
    """Raises NotFound where people log in with passwords only."""
    ours = gavel().openid
    if ours is None:
        raise NotFound("login provider", "of this address")
    return ours


def provider_name() -> str:
    """As buttons and sentences call it."""
    settings = gavel().settings
    return settings.oidc_name or urlsplit(settings.oidc_issuer).hostname or ""


def return_address() -> str:
    """Where the provider sends the browser back to: operators enter it there."""
    return _own_address() + url_for("desk.provider_callback")


def after_logout() -> str:
    """Where the provider may send the browser after a log-out there."""
    return _own_address() + url_for("desk.login")


def cookie_name() -> str:
    return COOKIE if gavel().settings.demo else f"__Host-{COOKIE}"


def _own_address() -> str:
    return gavel().settings.public_url or request.host_url.rstrip("/")
