"""Reads the values of settings from text. Each function here raises ValueError, which says what would be right."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl, unquote, urlsplit

PLACEHOLDERS = ("replace-me", "changeme", "change-me", "password", "secret", "postgres", "gavel", "admin", "example")
MIN_TOKEN_CHARS = 16
OFF = "off"
LONGEST_ISSUER = 500  # characters, as the database keeps it


def is_placeholder(secret: str) -> bool:
    """Whether it is one of those in our examples, or as easily guessed."""
    return secret.lower() in PLACEHOLDERS or len(set(secret)) < 4


def passwords_in(url: str) -> list[str]:
    """The password before the host, and those after the question mark: ``password``, ``sentinel_password``,
    ``sslpassword``."""
    parts = urlsplit(url)
    before_host = unquote(parts.netloc.rpartition("@")[0].partition(":")[2])
    asked = [value for name, value in parse_qsl(parts.query) if name.lower().endswith("password")]
    return [password for password in (before_host, *asked) if password]


def text(raw: str) -> str:
    """Any text."""
    return raw


def whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number within these bounds."""

    def parse(raw: str) -> int:
        value = int(raw)
        if not low <= value <= high:
            raise ValueError(f"must be between {low} and {high}")
        return value

    return parse


def number(low: float, high: float) -> Callable[[str], float]:
    """A number within these bounds."""

    def parse(raw: str) -> float:
        value = float(raw)
        if not low <= value <= high:
            raise ValueError(f"must be between {low:g} and {high:g}")
        return value

    return parse


def yes_or_no(raw: str) -> bool:
    """Also ``1``, ``true``, ``0`` and ``false``; nothing means no."""
    answers = {"1": True, "yes": True, "true": True, "0": False, "no": False, "false": False, "": False}
    if raw.lower() not in answers:
        raise ValueError("must be yes or no")
    return answers[raw.lower()]


def one_of(*choices: str) -> Callable[[str], str]:
    """One of these words."""

    def parse(raw: str) -> str:
        if raw not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return raw

    return parse


def url(*schemes: str, wanted: str) -> Callable[[str], str]:
    """An address with one of these schemes, or nothing."""

    def parse(raw: str) -> str:
        if raw and raw.partition("://")[0].lower() not in schemes:
            raise ValueError(f"must be {wanted}")
        return raw

    return parse


def public_url(raw: str) -> str:
    """An origin: the service has all paths of its host to itself."""
    parts = urlsplit(raw)
    is_origin = parts.scheme in ("http", "https") and parts.hostname and parts.username is None and parts.port != 0
    if raw and (not is_origin or parts.path.strip("/") or parts.query or parts.fragment):
        raise ValueError("must be an address such as https://comments.example, without a path")
    return raw.rstrip("/")


def http_address(raw: str) -> str:
    """An address of a program inside one's own network, such as ``http://127.0.0.1:8100``, or ``off``, or nothing."""
    if raw == OFF:
        return raw
    parts = urlsplit(raw)
    is_address = parts.scheme in ("http", "https") and parts.hostname and parts.username is None and parts.port != 0
    if raw and (not is_address or parts.path.strip("/") or parts.query or parts.fragment):
        raise ValueError("must be an address such as http://answer:8100, without a path, or off")
    return raw.rstrip("/")


def issuer(raw: str) -> str:
    """The address of an OpenID provider as it writes it itself, with or without a slash at its end, or nothing."""
    parts = urlsplit(raw)
    is_address = parts.scheme in ("http", "https") and parts.hostname and parts.username is None and parts.port != 0
    if raw and (not is_address or parts.query or parts.fragment or len(raw) > LONGEST_ISSUER):
        raise ValueError("must be an address such as https://login.example/realms/news, without a question mark")
    return raw


def secret(raw: str) -> str:
    """A password that another program chose, of any form."""
    return raw


def token(raw: str) -> str:
    """A secret that two programs share, or nothing."""
    if raw and (len(raw) < MIN_TOKEN_CHARS or not raw.isascii() or not raw.isprintable() or " " in raw):
        raise ValueError(f"must be at least {MIN_TOKEN_CHARS} letters, digits and signs without a space")
    return raw
