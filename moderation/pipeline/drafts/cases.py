"""Measures the cases of a rule book as the comments that they would be: by an author of whom nothing is known, under an
article of their title, and without the copies that they may have been taken from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from moderation.ground.database.engine import Database
from moderation.ground.values.signals import Signal
from moderation.judging.signals.campaign import CAMPAIGN
from moderation.judging.signals.repeat import REPEAT
from moderation.judging.signals.spec import RULES
from moderation.pipeline.drafts import context, judging
from moderation.pipeline.drafts.drafts import ArticleContext, Draft
from moderation.pipeline.drafts.messages import ScoredText, Text

Score = Callable[[Sequence[Text]], Sequence[ScoredText]]
"""The models: those of the scoring process, or of this process."""

ABOUT_COPIES = frozenset({CAMPAIGN.name, REPEAT.name})
A_CASE = "a case of the rule book"


def signals_of(
    db: Database, site_id: str, cases: Sequence[tuple[str, str, str]], score: Score, *, now: datetime
) -> Mapping[str, tuple[Signal, ...]]:
    """By id; each case is its id, its text and the title of its article. One that takes too long to read has none.
    Raises what ``score`` raises."""
    drafts = [Draft(text, article=ArticleContext(title=title or None)) for _, text, title in cases]
    loaded = context.load(db, site_id, drafts, now=now)
    by_rule = [judging.signals_by_rule(draft) for draft in loaded]
    by_model = score([judging.text_to_score(draft, now=now) for draft in loaded]) if loaded else ()
    return {
        id: (*scored.signals, *map(_without_copies, own))
        for (id, _, _), own, scored in zip(cases, by_rule, by_model, strict=True)
        if own is not None and not scored.too_costly
    }


def _without_copies(signal: Signal) -> Signal:
    return Signal(signal.name, None, RULES, A_CASE) if signal.name in ABOUT_COPIES else signal
