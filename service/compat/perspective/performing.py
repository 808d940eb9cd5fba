"""Does what a call asks for. A call of its own and a part of a batch come here alike. By
``comments:suggestscore`` Coral sends each decision of its moderators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request

from moderation.ground.errors import NotAllowed
from moderation.ground.values.statuses import Action
from moderation.moderators.review import feedback
from moderation.moderators.review.feedback import MAX_REFERENCE_CHARS, Feedback, FeedbackUse
from moderation.sites import rows as sites
from moderation.sites.keys import Scope
from moderation.sites.rows import Key
from moderation.sites.settings.values import SiteSettings
from service.checking import checks
from service.compat.perspective.analysis import (
    SCORE_TYPES,
    AnalysisAnswer,
    analysis_of,
    answer,
    check_attributes,
    comment_text,
    languages_of,
    unknown_attribute,
)
from service.compat.perspective.attributes import OFF_TOPIC, SIGNAL_OF, WITHOUT_MODEL, requested
from service.compat.perspective.messages import read, suggest_message
from service.compat.perspective.refusals import invalid
from service.context import gavel, utc_now
from service.web import webhook_notices

SOURCE = "perspective"
WHOLE = SIGNAL_OF["TOXICITY"]
LIKELY = 0.5  # from here on, the person says that the text has the attribute
PREFIX = "comment:"  # Coral writes it before the comment's id
MAX_ATTRIBUTES = 30


@dataclass(frozen=True, slots=True)
class Suggestion:
    feedback: Feedback
    reply: Mapping[str, Any]


def suggestion_of(raw: bytes) -> Suggestion:
    """Raises Refusal."""
    body = read(suggest_message, raw)
    text, languages, token = comment_text(body), languages_of(body), body.get("client_token")
    values = _values(body.get("attribute_scores") or {})
    feedback = Feedback(
        source=SOURCE,
        text=text,
        values=values,
        action=_action(values),
        references=_references(token),
        language=languages[0] if languages else None,
    )
    reply: dict[str, Any] = {"clientToken": token} if token else {}
    if languages:
        reply |= {"requestedLanguages": list(languages), "detectedLanguages": list(languages)}
    return Suggestion(feedback, reply)


def _values(scores: Mapping[str, Any]) -> dict[str, float]:
    if not scores:
        raise invalid("Missing attribute_scores")
    if len(scores) > MAX_ATTRIBUTES:
        raise invalid(f"attribute_scores can have at most {MAX_ATTRIBUTES} attributes")
    by_word: dict[str, float] = {}
    for name, score in scores.items():
        word, value = _word_for(name), _value(name, score)
        if requested(name).name == OFF_TOPIC:
            value = 1 - value  # our signal is the other way round
            by_word[word] = min(value, by_word.get(word, value))
        else:
            by_word[word] = max(value, by_word.get(word, value))  # twins share a word
    return by_word


def _action(values: Mapping[str, float]) -> Action | None:
    """Any harm rejects. Only somebody who calls the whole text harmless publishes it."""
    harms = [1 - value if word == SIGNAL_OF[OFF_TOPIC] else value for word, value in values.items()]
    if any(harm >= LIKELY for harm in harms):
        return Action.REJECT
    return Action.PUBLISH if WHOLE in values else None


def _word_for(name: str) -> str:
    """The signal of ours, or the attribute's name where we have none."""
    plain = requested(name).name
    if plain not in SIGNAL_OF and plain not in WITHOUT_MODEL:
        raise unknown_attribute(plain)
    return SIGNAL_OF.get(plain, plain.lower())


def _value(name: str, score: Mapping[str, Any]) -> float:
    """The summary, or the highest of the spans."""
    summary = score.get("summary_score")
    parts = [summary] if summary is not None else [span.get("score") or {} for span in score.get("span_scores") or ()]
    if not parts:
        raise invalid(f"Attribute {name[:50]} has neither a summary score nor span scores")
    for part in parts:
        if part.get("type", "PROBABILITY") not in SCORE_TYPES:
            raise invalid(f"Suggested score type {part['type'][:50]} is not supported by attribute {name[:50]}")
        if not 0 <= part.get("value", 0.0) <= 1:
            raise invalid(f"Suggested scores of attribute {name[:50]} must be between 0 and 1")
    return max(float(part.get("value", 0.0)) for part in parts)


def _references(token: str | None) -> tuple[str, ...]:
    """The ids that the comment may have, if the caller names it."""
    if not token or len(token) > MAX_REFERENCE_CHARS:
        return ()
    return tuple(dict.fromkeys((token, token.removeprefix(PREFIX))))


DEADLINE_S, LONGEST_DEADLINE_S = 0.7, 5.0
"""Coral gives up after 800 ms, and says nothing of that in its request."""
USUAL_CHARS, LONGER_S = 3_000, 0.00025
"""A longer text gets more time for each further character: it is read in so many more windows."""
MAY_JUDGE = frozenset({Scope.POST, Scope.MODERATE})
DEADLINE_HEADER = "X-Server-Timeout"  # in seconds, as Google's own clients send it


def analyze(raw: bytes, key: Key) -> AnalysisAnswer:
    """Scores the text of one message. Raises Refusal, and the errors of ``checks.check``."""
    analysis, settings = analysis_of(raw), settings_of(key.site_id)
    check_attributes(analysis, settings)
    checked = checks.check(key.site_id, analysis.drafts(), deadline_s=deadline_s(analysis.text))
    return answer(analysis, checked, settings)


def suggest(raw: bytes, key: Key) -> tuple[Mapping[str, Any], FeedbackUse]:
    """The answer to a person's judgement, and the use that was made of it.

    Raises Refusal, and NotAllowed for a key that only scores: it may be in a page, and everybody could teach us then.
    """
    if not key.scopes & MAY_JUDGE:
        raise NotAllowed("a judgement needs a key that may also post or moderate")
    suggestion = suggestion_of(raw)
    may_decide = Scope.MODERATE in key.scopes
    given, now = suggestion.feedback, utc_now()
    taken = feedback.take(gavel().database, key.site_id, given, may_decide=may_decide, key_id=key.id, now=now)
    if taken is FeedbackUse.DECIDED:
        webhook_notices.tell(key.site_id)
    return suggestion.reply, taken


def settings_of(site_id: str) -> SiteSettings:
    with gavel().database.read() as conn:
        return sites.get_site(conn, site_id).settings


def deadline_s(text: str) -> float:
    """Seconds for the answer: as the caller says, or by the length of the text."""
    wish = request.headers.get(DEADLINE_HEADER, type=float)
    if wish is None:
        wish = DEADLINE_S + LONGER_S * max(0, len(text) - USUAL_CHARS)
    return min(LONGEST_DEADLINE_S, max(checks.LEAST_DEADLINE_S, wish))
