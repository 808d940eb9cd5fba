"""From a draft in its context and the signals of the models to the verdict of the site's policy: the same arithmetic as
for a stored comment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from moderation.ground.errors import TooCostly
from moderation.ground.values.signals import Signal
from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Verdict
from moderation.judging.policy import verdicts
from moderation.judging.signals.authors.author_published import AUTHOR_PUBLISHED
from moderation.judging.signals.authors.author_rejections import REJECTION_RATE
from moderation.judging.signals.authors.burst import BURST
from moderation.judging.signals.registry import SIGNALS, cheap_signals
from moderation.judging.signals.spec import RULES
from moderation.pipeline.drafts.context import InContext, article_key
from moderation.pipeline.drafts.drafts import Checked
from moderation.pipeline.drafts.messages import LimitToExplain, ScoredText, Text

ABOUT_AUTHORS = frozenset({AUTHOR_PUBLISHED.name, BURST.name, REJECTION_RATE.name})
NO_AUTHOR = "no author given"


def text_to_score(context: InContext, *, now: datetime) -> Text:
    """The part of a draft that the models read."""
    article = context.scored.article
    described = any((article.title, article.summary, article.text, article.section, article.tags))
    return Text(
        text=context.scored.comment.text,
        site_id=context.scored.comment.site_id,
        language=context.draft.language,
        title=article.title,
        summary=article.summary,
        article_text=article.text,
        section=article.section,
        tags=article.tags,
        parent_text=context.scored.parent_text,
        article_key=article_key(article) if described else None,
        spans=context.draft.spans,
        explain=_limits(context, now) if context.draft.explain else (),
    )


def signals_by_rule(context: InContext) -> tuple[Signal, ...] | None:
    """The signals that need no model. None if the text takes too long to read."""
    try:
        with context.scored.budget:
            signals = cheap_signals(context.scored)
    except TooCostly:
        return None
    return signals if context.knows_author else tuple(map(_without_author, signals))


def judge(
    context: InContext,
    by_rule: tuple[Signal, ...] | None,
    by_model: ScoredText,
    models: Mapping[str, str],
    *,
    now: datetime,
) -> Checked:
    """The signals in the order in which people see them, and the verdict."""
    if by_rule is None or by_model.too_costly:
        verdict = Verdict(Action.FLAG, (verdicts.TOO_COSTLY,))
        signals: tuple[Signal, ...] = by_rule or ()
    else:
        signals = (*by_model.signals, *by_rule)
        verdict = verdicts.decide(signals, context.scored.policy, context.scored.circumstances(now))
    named = {signal.name: signal for signal in signals}
    return Checked(
        signals={name: named[name] for name in SIGNALS if name in named},
        verdict=verdict,
        policy_version=context.scored.policy.version,
        language=by_model.language,
        models=models,
        sentences=by_model.sentences,
    )


def _limits(context: InContext, now: datetime) -> tuple[LimitToExplain, ...]:
    """The limits on models' signals that keep a comment from being published."""
    force = verdicts.in_force(context.scored.policy, context.scored.circumstances(now))
    return tuple(
        LimitToExplain(condition.signal, condition.bound, condition.limit)
        for rule in force.rules
        for condition in rule.conditions
        if rule.action is not Action.PUBLISH and SIGNALS[condition.signal].model is not None
    )


def _without_author(signal: Signal) -> Signal:
    return Signal(signal.name, None, RULES, NO_AUTHOR) if signal.name in ABOUT_AUTHORS else signal
