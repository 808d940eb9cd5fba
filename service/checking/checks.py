"""Scores texts that are not stored, for the callers who wait for the answer: the one path of ``/v1/check`` and of the
dialects."""

from __future__ import annotations

import time
from collections.abc import Sequence

from moderation.drafts import context, judging
from moderation.drafts.drafts import Checked, Draft
from service.context import gavel, utc_now

DEFAULT_DEADLINE_S = 0.8
LEAST_DEADLINE_S, LONGEST_DEADLINE_S = 0.05, 5.0


def check(site_id: str, drafts: Sequence[Draft], *, deadline_s: float) -> list[Checked]:
    """One answer for each draft, in order. Nothing is kept of them. Only inside a request.

    Raises ScoringBusy, ScoringAway, ScoringLate; ArticleClosed; InvalidInput for a parent that does not exist.
    """
    until, now = time.monotonic() + deadline_s, utc_now()
    loaded = context.load(gavel().database, site_id, drafts, now=now)
    by_rule = [judging.signals_by_rule(one) for one in loaded]
    texts = [judging.text_to_score(one, now=now) for one in loaded]
    answer = gavel().scoring.score(texts, deadline_s=until - time.monotonic())
    return [
        judging.judge(one, rules, scored, answer.models, now=now)
        for one, rules, scored in zip(loaded, by_rule, answer.scored, strict=True)
    ]
