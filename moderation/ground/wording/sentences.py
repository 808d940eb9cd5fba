"""The sentences of one language by their ids. Days in them are written out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from moderation.ground.wording import days

FOLDER = Path(__file__).parent / "readers"
ENGLISH = "en"
LANGUAGES = ("de", "en", "es", "fr", "it", "nl", "pl", "pt")
_OF_NO_SITE = ("reason_", "rule_", "link_gone_", "privacy_")
_ELSEWHERE = ("statement_", "redress_", "appeal_", "receipt_", "notice_form_", "measure_", "rules_", *_OF_NO_SITE)
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Sentences:
    """``texts`` are ours, or ours with those that a site words itself."""

    language: str
    texts: Mapping[str, str]

    def __getitem__(self, id: str) -> str:
        return self.texts[id]

    def say(self, id: str, /, **values: object) -> str:
        """The sentence with its placeholders filled in. Raises KeyError for an id that no sentence has."""
        return _PLACEHOLDER.sub(lambda name: str(values.get(name[1], name[0])), self.texts[id])


Speaker = Callable[[str | None], Sentences]
"""Gives the sentences in the nearest language."""


def nearest(language: str | None) -> str:
    """The language of ours for a code like ``de-AT``, English where we do not speak it."""
    main = (language or "").lower().partition("-")[0]
    return main if main in LANGUAGES else ENGLISH


def ours(language: str) -> Mapping[str, str]:
    """All our texts by id. Raises KeyError for a language that we do not speak."""
    if language not in LANGUAGES:
        raise KeyError(language)
    return _read(language)


def of_box(language: str) -> dict[str, str]:
    """The texts that a page of the site shows: those of the comment box. Raises KeyError as ``ours`` does."""
    return {id: text for id, text in ours(language).items() if is_of_box(id)}


def is_of_box(id: str) -> bool:
    return not id.startswith(_ELSEWHERE)


def of_sites(language: str) -> dict[str, str]:
    """The texts that a site may word itself. Reasons and their rules are settings of their own, a link that does not
    work leads to no site, and WordPress has the words on privacy. Raises KeyError as ``ours`` does."""
    return {id: text for id, text in ours(language).items() if not id.startswith(_OF_NO_SITE)}


def spoken(language: str | None) -> Sentences:
    """Our sentences in the nearest language."""
    code = nearest(language)
    return Sentences(code, ours(code))


def everywhere(id: str) -> dict[str, str]:
    """One sentence in each language."""
    return {language: ours(language)[id] for language in LANGUAGES}


def placeholders(text: str) -> frozenset[str]:
    """The names that are filled in."""
    return frozenset(_PLACEHOLDER.findall(text))


def day(moment: datetime, language: str) -> str:
    """The day in UTC."""
    return days.in_words(moment.astimezone(UTC), language)


@cache  # a file takes a third of a millisecond, and each decision against an author needs one
def _read(language: str) -> Mapping[str, str]:
    texts: Mapping[str, str] = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return texts
