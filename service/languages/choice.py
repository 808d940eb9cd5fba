"""Which language and time zone a request gets: its person's own choice, or else the language that the browser asks for
and UTC."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from babel import Locale
from flask import g, has_request_context, request

from service.languages import catalogues
from service.languages.catalogues import ENGLISH

UTC = "UTC"
LANGUAGE, TIME_ZONE = "language", "time_zone"
"""The names of both in a person's preferences."""


@dataclass(frozen=True, slots=True)
class LocaleChoice:
    """One of ``catalogues.codes()``, and a zone of the IANA database."""

    language: str = ENGLISH
    zone: ZoneInfo = ZoneInfo(UTC)

    @property
    def formats(self) -> Locale:
        return catalogues.formats(self.language)

    @property
    def tag(self) -> str:
        """The value of ``<html lang>``: ``pt-BR``."""
        return self.language.replace("_", "-")

    @property
    def direction(self) -> str:
        """The value of ``<html dir>``: ``ltr`` or ``rtl``."""
        return str(self.formats.text_direction)


_OUTSIDE: ContextVar[LocaleChoice | None] = ContextVar("_OUTSIDE", default=None)


def current() -> LocaleChoice:
    """The language of this request. Outside one: English and UTC, or what ``speaking`` says."""
    if not has_request_context():
        return _OUTSIDE.get() or LocaleChoice()
    choice = g.get("choice")
    if choice is None:
        choice = g.choice = LocaleChoice(_asked_by_browser())
    return cast(LocaleChoice, choice)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Outside a request, such as in a command."""
    before = _OUTSIDE.set(LocaleChoice(language))
    try:
        yield
    finally:
        _OUTSIDE.reset(before)


def follow(preferences: Mapping[str, Any]) -> None:
    """Sets the language for the rest of this request. A language or a zone that has been removed since it was chosen
    counts as none."""
    language, zone = preferences.get(LANGUAGE), preferences.get(TIME_ZONE)
    g.choice = LocaleChoice(
        language if language in catalogues.codes() else _asked_by_browser(),
        _zone(zone) if isinstance(zone, str) else ZoneInfo(UTC),
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):  # the latter for what can be no name
        return ZoneInfo(UTC)


def zones() -> tuple[str, ...]:
    """UTC first, then those named after a place."""
    places = (name for name in available_timezones() if "/" in name and not name.startswith(_NO_PLACES))
    return UTC, *sorted(places)


_NO_PLACES = ("Etc/", "SystemV/", "US/", "posix/", "right/")


def _asked_by_browser() -> str:
    tags = {code.replace("_", "-"): code for code in catalogues.codes()}
    return tags[request.accept_languages.best_match(tags, default=ENGLISH)]
