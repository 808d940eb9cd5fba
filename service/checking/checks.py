"""Scores texts that are not stored, for the callers who wait for the answer: the one path of ``/v1/check`` and of the
dialects."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence

from flask import g, request

from moderation.ground.environment.network import subscriber
from moderation.ground.errors import ScoringBusy
from moderation.judging.text.reading_cost import cost_of
from moderation.pipeline.drafts import context, judging
from moderation.pipeline.drafts.drafts import Checked, Draft
from service.context import gavel, utc_now
from service.web.places import length_of, places

DEFAULT_DEADLINE_S = 0.8
LEAST_DEADLINE_S, LONGEST_DEADLINE_S = 0.05, 5.0


def check(
    site_id: str, drafts: Sequence[Draft], *, deadline_s: float, key_id: str | None = None, reader: str | None = None
) -> list[Checked]:
    """One answer for each draft, in order. Nothing is kept of them. Only inside a request, whose key counts if no other
    is given, and whose author or address is the reader if no other is.

    Raises ScoringBusy, ScoringAway, ScoringLate; ArticleClosed; InvalidInput for a parent that does not exist.
    """
    key_id = g.key.id if key_id is None else key_id
    with places().place(site_id, key_id, length=length_of(sum(map(_cost, drafts)))) as has_place:
        if not has_place:
            raise ScoringBusy("as many callers wait for scores as may wait at once")
        return _check(site_id, drafts, time.monotonic() + deadline_s, f"{key_id} {_digest(reader or _reader(drafts))}")


def _check(site_id: str, drafts: Sequence[Draft], until: float, caller: str) -> list[Checked]:
    now = utc_now()
    loaded = context.load(gavel().database, site_id, drafts, now=now)
    by_rule = [judging.signals_by_rule(draft) for draft in loaded]
    texts = [judging.text_to_score(draft, now=now) for draft in loaded]
    answer = gavel().scoring.score(texts, deadline_s=until - time.monotonic(), caller=caller)
    return [
        judging.judge(draft, rules, scored, answer.models, now=now)
        for draft, rules, scored in zip(loaded, by_rule, answer.scored, strict=True)
    ]


def _cost(draft: Draft) -> int:
    """Of reading it, as far as the call says what is read."""
    article = draft.article.text if draft.article is not None else None
    return cost_of(draft.text, parent=draft.parent_text, article=article)


def _reader(drafts: Sequence[Draft]) -> str:
    return drafts[0].author_id or subscriber(request.remote_addr or "")


def _digest(reader: str) -> str:
    return hashlib.blake2b(reader.encode("utf-8", "replace"), digest_size=8).hexdigest()
