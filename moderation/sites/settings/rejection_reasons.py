"""The reasons for which a site rejects comments: each with its wording in other languages, whether it counts against an
author, the message for the author, and its ground. A reason's own name is what decisions and events carry."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import ConfigDict

from moderation.ground.wording.sentences import ENGLISH, everywhere
from moderation.judging.text.language_names import NAMES as LANGUAGES
from moderation.sites.settings import grounds
from moderation.sites.settings.grounds import Ground

MAX_REASONS = 60  # the first nine have keys at the desk
MAX_REASON_CHARS = 50
MAX_WORDING_CHARS = 80
MAX_MESSAGE_CHARS = 1_000
MAX_LANGUAGES = 30
SPAM_REASON = grounds.SPAM
DEFAULT_REASONS = tuple(grounds.SENTENCE_OF)
PLACEHOLDERS = ("name", "reason", "measure", "until")
_BRACES = re.compile(r"\{([^{}]*)\}|[{}]")


@dataclass(frozen=True, slots=True)
class ReasonDetails:
    """``wordings`` and ``messages`` are by language, as ISO 639 codes. A message is a template: see PLACEHOLDERS."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    wordings: Mapping[str, str] = field(default_factory=dict)
    counts_against_author: bool = False
    messages: Mapping[str, str] = field(default_factory=dict)
    ground: Ground | None = None  # None is the one that comes with Gavel


Details = Mapping[str, ReasonDetails]
"""By the reason's name."""

UNKNOWN = ReasonDetails()
_NOT_COUNTED = (grounds.OFF_TOPIC, grounds.OTHER)


def details_of(details: Details, name: str) -> ReasonDetails:
    """As the site describes the reason, which replaces all of our description, or as Gavel does."""
    return details.get(name) or _ours(name)


def _ours(name: str) -> ReasonDetails:
    """The names of the reasons that a new site has; their names are their wordings in English."""
    if name not in DEFAULT_REASONS:
        return UNKNOWN
    wordings = everywhere(f"reason_{grounds.SENTENCE_OF[name]}")
    del wordings[ENGLISH]
    return ReasonDetails(wordings, counts_against_author=name not in _NOT_COUNTED)


def ground_of(details: Details, name: str | None) -> Ground:
    """The ground of a reason, as the site or else Gavel describes it; the general one for a reason that neither has."""
    described = details_of(details, name or "").ground
    return described or grounds.shipped(name or "", lambda language: wording(details, name or "", language))


def offered(details: Details, names: tuple[str, ...]) -> tuple[str, ...]:
    """The reasons that name a rule. "Other" names none until the site writes its ground; it stays where nothing else
    does."""
    return tuple(name for name in names if names_rule(details, name)) or names


def names_rule(details: Details, name: str) -> bool:
    return name != grounds.OTHER or details_of(details, name).ground is not None


def wording(details: Details, name: str, language: str | None) -> str:
    """The reason in a language, such as ``de`` or ``de-AT``; its own name where it has no wording there."""
    return in_language(details_of(details, name).wordings, language) or name


def in_language(texts: Mapping[str, str], language: str | None) -> str | None:
    """The text for a language code, or for the main language of a longer one."""
    code = (language or "").lower()
    return texts.get(code) or texts.get(code.partition("-")[0])


def counting(details: Details, names: tuple[str, ...]) -> frozenset[str]:
    """The reasons that count against an author."""
    return frozenset(name for name in names if details_of(details, name).counts_against_author)


def problems(details: Details) -> Iterator[str]:
    """The faults in words that follow the name of the field."""
    for name, said in details.items():
        for texts, most in ((said.wordings, MAX_WORDING_CHARS), (said.messages, MAX_MESSAGE_CHARS)):
            yield from (f"{problem} ({name[:50]})" for problem in _text_problems(texts, most))
        for template in said.messages.values():
            yield from (f"{problem} ({name[:50]})" for problem in _template_problems(template))
        if said.ground is not None:
            yield from grounds.problems(said.ground, name)


def _text_problems(texts: Mapping[str, str], most: int) -> Iterator[str]:
    if len(texts) > MAX_LANGUAGES:
        yield f"must be in at most {MAX_LANGUAGES} languages"
    if unknown := next((code for code in texts if code not in LANGUAGES), None):
        yield f"must name languages by ISO 639 codes such as de: {unknown[:20]!r} is none that Gavel knows"
    for text in texts.values():
        if not 0 < len(text) <= most or text != text.strip():
            yield f"must have 1 to {most:,} characters in each language and neither begin nor end with a space"
        if any(not char.isprintable() and char != "\n" for char in text):
            yield "must not contain control characters"


def _template_problems(template: str) -> Iterator[str]:
    for match in _BRACES.finditer(template):
        if match[1] not in PLACEHOLDERS:
            known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
            yield f"may hold {known} and no other braces: {match[0][:20]!r} is none of them"
            return
