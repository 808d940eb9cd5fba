"""Does what a call asks for. A call of its own and a part of a batch come here alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request

from moderation.deciding import feedback
from moderation.deciding.feedback import Taken
from moderation.errors import NotAllowed
from moderation.people.keys import Scope
from moderation.site_settings.values import SiteSettings
from moderation.store import sites
from moderation.store.sites import Key
from service.checking import checks
from service.compat.perspective.analysis import Answer, analysis_of, answer, check_attributes
from service.compat.perspective.suggestion import suggestion_of
from service.context import gavel, utc_now
from service.web import webhook_notices

DEADLINE_S, LONGEST_DEADLINE_S = 0.7, 5.0
"""Coral gives up after 800 ms, and says nothing of that in its request."""
USUAL_CHARS, LONGER_S = 3_000, 0.00025
"""A longer text gets more time for each further character: it is read in so many more windows."""
MAY_JUDGE = frozenset({Scope.POST, Scope.MODERATE})
DEADLINE_HEADER = "X-Server-Timeout"  # in seconds, as Google's own clients send it


def analyze(raw: bytes, key: Key) -> Answer:
    """Scores the text of one message. Raises Refusal, and the errors of ``checks.check``."""
    analysis, settings = analysis_of(raw), settings_of(key.site_id)
    check_attributes(analysis, settings)
    checked = checks.check(key.site_id, analysis.drafts(), deadline_s=deadline_s(analysis.text))
    return answer(analysis, checked, settings)


def suggest(raw: bytes, key: Key) -> tuple[Mapping[str, Any], Taken]:
    """The answer to a person's judgement, and the use that was made of it.

    Raises Refusal, and NotAllowed for a key that only scores: it may be in a page, and everybody could teach us then.
    """
    if not key.scopes & MAY_JUDGE:
        raise NotAllowed("a judgement needs a key that may also post or moderate")
    suggestion = suggestion_of(raw)
    may_decide = Scope.MODERATE in key.scopes
    given, now = suggestion.feedback, utc_now()
    taken = feedback.take(gavel().database, key.site_id, given, may_decide=may_decide, key_id=key.id, now=now)
    if taken is Taken.DECIDED:
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
