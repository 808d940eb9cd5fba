"""The words of a comment that count most in its newsroom, and the likely reasons for rejecting it: what the site's own
model learnt from its people's decisions.

The version that scored the comment names its most telling words in its report, since the web service cannot read a
model. A rarer word is not among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

from cachetools import LRUCache, cached
from sqlalchemy.engine import Connection

from moderation.ground.values.signals import LikelyReason
from moderation.insight.learning import rows as learning
from moderation.judging.text.reading import Reading
from moderation.law.statements import choosing
from moderation.moderators.finding.context_rows import ReviewContext
from moderation.sites.settings.values import SiteSettings
from service.desk.frame.sentences.numbers import percent
from service.desk.frame.sentences.wording import reason_wording
from service.web import reading_time

SIGNAL = "house"
SHOWN = 5  # for rejecting, and as many against it
KEPT_VERSIONS = 64
WORD = re.compile(r"[^\W\d_][\w'’-]+")

Weights = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class HouseWords:
    """Strongest first. ``version`` is the one that scored the comment."""

    version: int
    against: tuple[str, ...]  # they speak for rejecting the comment
    in_favour: tuple[str, ...]


def house_words(conn: Connection, context: ReviewContext) -> HouseWords | None:
    """None where no model of the site scored the comment, or none of its telling words is in it."""
    version = _version(context)
    if version is None:
        return None
    weights = _weights(conn, context.comment.site_id, version)
    with reading_time.of_page() as budget:
        own = dict.fromkeys(WORD.findall(Reading(context.comment.text, budget).folded.text.lower()))
    telling = sorted((word for word in own if word in weights), key=lambda word: -abs(weights[word]))
    against = tuple(word for word in telling if weights[word] > 0)[:SHOWN]
    in_favour = tuple(word for word in telling if weights[word] < 0)[:SHOWN]
    return HouseWords(version, against, in_favour) if telling else None


def likely_reasons(context: ReviewContext, settings: SiteSettings) -> list[str]:
    """``Insult or abuse 71%``, the likeliest first; none where no model of the site scored the comment, or finds none
    likely."""
    guesses = _guesses(context)
    return [f"{reason_wording(settings, guess.reason)} {percent(guess.probability)}" for guess in guesses]


def proposed_reason(context: ReviewContext, settings: SiteSettings) -> str | None:
    """The reason on the red button, as ``choosing.proposed_reason`` has it."""
    likely = [guess.reason for guess in _guesses(context)]
    reasons = context.flagging.reasons if context.flagging else ()
    return choosing.proposed_reason(settings.offered_reasons, likely=likely, reasons=reasons)


def _guesses(context: ReviewContext) -> Sequence[LikelyReason]:
    signals = context.scoring.signals if context.scoring else ()
    return next((signal.likely for signal in signals if signal.name == SIGNAL), ())


def _version(context: ReviewContext) -> int | None:
    """Of ``house@7``, as the scoring names it."""
    named = context.scoring.models.get(SIGNAL, "") if context.scoring else ""
    _, _, number = named.rpartition("@")
    return int(number) if number.isdecimal() else None


def _key(_conn: Connection, site_id: str, version: int) -> tuple[str, int]:
    return site_id, version


@cached(LRUCache(KEPT_VERSIONS), key=_key, lock=Lock())  # a version never changes
def _weights(conn: Connection, site_id: str, version: int) -> Weights:
    report = learning.report_of(conn, site_id, SIGNAL, version) or {}
    words = report.get("words", {})
    return _by_word((*words.get("for", ()), *words.get("against", ())))


def _by_word(pairs: Iterable[tuple[str, float]]) -> Weights:
    return {word: float(weight) for word, weight in pairs}
