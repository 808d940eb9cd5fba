"""Turns signals into a verdict. It is arithmetic only, so any limit can be replayed. It never invents a value: if one
that the policy requires is missing, a person decides."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from moderation.ground.errors import TooCostly
from moderation.ground.values.articles import ArticleState
from moderation.ground.values.modes import ModeName
from moderation.ground.values.policies import Policy, Rule, SiteLanguages
from moderation.ground.values.signals import Of, Signal
from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Circumstances, Part, Reason, ReasonCode, Verdict
from moderation.judging.policy import trust
from moderation.judging.signals.language import VALUES, LanguageStanding, languages_of
from moderation.judging.signals.model_signals import LANGUAGE_SUPPORTED
from moderation.judging.signals.registry import SIGNALS
from moderation.judging.signals.spec import FAILED
from moderation.judging.text.language_names import names_of
from moderation.judging.text.reading_budget import BUDGET_S

LANGUAGE_SIGNAL = LANGUAGE_SUPPORTED.name
TOO_COSTLY = Reason(ReasonCode.TOO_COSTLY, Action.FLAG, label="Too costly to read", detail=str(TooCostly(BUDGET_S)))
READ_IN_PART = Reason(ReasonCode.TOO_COSTLY, Action.FLAG, label="Read in part", detail="too long to be read whole")

MODE_DETAILS: Mapping[ModeName, str] = {
    ModeName.CLOSED: "breaking news: comments are closed here, and this one was edited meanwhile",
    ModeName.EVERYTHING_WAITS: "breaking news: a person reads everything here",
    ModeName.REGULARS_ONLY: "breaking news: a person reads the comments of all but regulars here",
}

# With one of these, the rules' answer is unreliable, so a person decides before anything is published or rejected.
_DOUBTS = (ReasonCode.LANGUAGE, ReasonCode.MISSING, ReasonCode.DISAGREEMENT)

# Signals whose word lists come with Gavel and that a policy can switch off together.
SHIPPED = frozenset(name for name, spec in SIGNALS.items() if spec.is_shipped_list)


@dataclass(frozen=True, slots=True)
class InForce:
    """The rules that apply to one comment, after the overrides of its section and article."""

    rules: tuple[Rule, ...]
    required: frozenset[str]


def decide(signals: Sequence[Signal], policy: Policy, circumstances: Circumstances) -> Verdict:
    """The verdict and its reasons: first those that keep the rules from deciding, then the most severe, then those that
    exceed a limit most."""
    force = in_force(policy, circumstances)
    values = {signal.name: v for signal in signals if (v := signal.value) is not None and math.isfinite(v)}
    exceeded = _exceeded([rule for rule in force.rules if rule.fires_on(values)], signals)
    lifts = circumstances.author_trusted and trust.has_nothing_grave(signals)
    spared = [_not_applied(r) for r in exceeded if lifts and trust.is_lifted(r)]
    fired = [r for r in exceeded if not (lifts and trust.is_lifted(r))]
    ruled = fired or [Reason(ReasonCode.DEFAULT, policy.default)]
    disagreeing = _disagreement(fired, force, policy, values)
    doubts = [*_language(signals, circumstances.languages), *_missing(signals, force), *disagreeing]
    reasons = [*doubts, *ruled, *_in_part(signals), *_circumstantial(circumstances), *spared]
    severest = max((r.action for r in reasons), key=lambda a: a.severity)
    action = Action.FLAG if doubts and not _was_rejected(circumstances) else severest
    kept = (r for r in reasons if r.code is not ReasonCode.DEFAULT or r.action is action)
    return Verdict(action, tuple(sorted(kept, key=_urgency)))


def in_force(policy: Policy, circumstances: Circumstances) -> InForce:
    """The site's rules, with the section's override and then the article's. A signal without a rule is no longer
    required."""
    rules, required = policy.rules, policy.required
    overrides = (
        policy.sections.get(circumstances.section or ""),
        policy.articles.get(circumstances.article_id or ""),
    )
    for override in filter(None, overrides):
        replaced = {rule.signals for rule in override.rules}
        kept = (r for r in rules if r.signals not in replaced and not r.signals & override.without)
        rules = (*kept, *override.rules)
        required = required - override.without | policy.required & frozenset().union(*replaced)
    if not policy.shipped_words:
        rules = tuple(rule for rule in rules if not rule.signals & SHIPPED)
        required -= SHIPPED
    return InForce(tuple(rules), required)


def _in_part(signals: Iterable[Signal]) -> Iterator[Reason]:
    """Nothing is published that no model has read whole. The part that was read may be enough to reject it."""
    if any(Of.COMMENT in signal.in_part for signal in signals):
        yield READ_IN_PART


def _exceeded(rules: Sequence[Rule], signals: Iterable[Signal]) -> list[Reason]:
    if not rules:  # as for most comments
        return []
    numbers = {signal.name: signal for signal in signals if _is_number(signal.value)}
    return [rule_reason(rule, numbers) for rule in rules]


def rule_reason(rule: Rule, signals: Mapping[str, Signal]) -> Reason:
    """Why the rule fired, from the signals that it looks at, by name."""
    parts = tuple(
        Part(c.signal, signals[c.signal].value, c.bound, c.limit, signals[c.signal].evidence) for c in rule.conditions
    )
    if len(parts) > 1:
        return Reason(ReasonCode.COMBINED, rule.action, label=rule.label, parts=parts)
    (only,) = parts
    return Reason(
        ReasonCode.RULE,
        rule.action,
        signal=only.signal,
        value=only.value,
        limit=only.limit,
        bound=only.bound,
        label=rule.label,
        evidence=only.evidence,
    )


def _not_applied(reason: Reason) -> Reason:
    applied = "limits were" if len(reason.looked_at) > 1 else "limit was"
    detail = f"trusted author: the {' and '.join(_names([reason]))} {applied} not applied"
    return replace(reason, code=ReasonCode.AUTHOR_TRUSTED, action=Action.PUBLISH, detail=detail)


def _language(signals: Iterable[Signal], site: SiteLanguages) -> Iterator[Reason]:
    # No policy can turn this off: the scores of a model that does not know the language mean nothing.
    for signal in signals:
        if signal.name == LANGUAGE_SIGNAL and signal.value is not None:
            doubt = _doubt(signal.value, languages_of(signal), site)
            if doubt is not None:
                yield Reason(ReasonCode.LANGUAGE, Action.FLAG, signal=signal.name, value=signal.value, detail=doubt)


def _doubt(value: float, languages: Sequence[str], site: SiteLanguages) -> str | None:
    """Why a person decides on a comment in these languages, or None."""
    if value < VALUES[LanguageStanding.ADVISES]:
        return f"no model for {names_of(languages)}" if languages else "the language is not clear"
    held = [language for language in languages if language in site.held]
    if held:
        return f"the site sends comments in {names_of(held)} to a person"
    if value < VALUES[LanguageStanding.DECIDES] and not set(languages) <= site.trusted:
        return f"scores only advise in {names_of(languages)}"
    return None


def _missing(signals: Iterable[Signal], force: InForce) -> Iterator[Reason]:
    """Required signals that did not come, and signals asked for that came empty or as no number: their scorer broke.

    One that a combined rule asks for is missing whether its other conditions hold or not: if it depended on these, a
    worse value of theirs could turn a rejection by another rule into a flag.
    """
    empty = {s.name for s in signals if s.abstained is None and (s.value is None or not math.isfinite(s.value))}
    missing = force.required - ({s.name for s in signals} - empty)
    if empty:  # which is rare, and this is done for every comment
        missing |= empty & (force.required.union(*(rule.signals for rule in force.rules)) | {LANGUAGE_SIGNAL})
    failed = {s.name: s.source for s in signals if s.source.startswith(FAILED)} if missing else {}
    for name in sorted(missing):
        detail = f"no value: {failed[name]}" if name in failed else "no value"
        yield Reason(ReasonCode.MISSING, Action.FLAG, signal=name, detail=detail)


def _is_number(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _disagreement(
    fired: Sequence[Reason], force: InForce, policy: Policy, values: Mapping[str, float]
) -> Iterator[Reason]:
    for_it = [r for r in fired if r.action is Action.PUBLISH]
    against = [r for r in fired if r.action is not Action.PUBLISH]
    if for_it and against:
        detail = f"{', '.join(_names(for_it))} against {', '.join(_names(against))}"
        yield Reason(ReasonCode.DISAGREEMENT, Action.FLAG, detail=detail)
    elif for_it and policy.default is not Action.PUBLISH:  # it is these rules that publish
        yield from trust.against_publishing(for_it, force.rules, values)


def _names(reasons: Iterable[Reason]) -> list[str]:
    return sorted({part.signal for reason in reasons for part in reason.looked_at})


def _circumstantial(circumstances: Circumstances) -> Iterator[Reason]:
    if circumstances.article_state is ArticleState.PREMODERATED:
        yield Reason(ReasonCode.PREMODERATED, Action.FLAG)
    if circumstances.author_on_hold:
        yield Reason(ReasonCode.AUTHOR_HOLD, Action.FLAG)
    if circumstances.held_by is not None:
        yield Reason(ReasonCode.MODE, Action.FLAG, detail=MODE_DETAILS[circumstances.held_by])
    treatment = circumstances.treatment
    if treatment is not None and treatment.action is not Action.PUBLISH:
        detail = f"by {treatment.by}, until {treatment.until:%Y-%m-%d %H:%M} UTC"
        yield Reason(ReasonCode.CAMPAIGN, treatment.action, detail=detail)


def _was_rejected(circumstances: Circumstances) -> bool:
    """A person has read this very text and rejected it, whichever signals are missing."""
    return circumstances.treatment is not None and circumstances.treatment.action is Action.REJECT


def _urgency(reason: Reason) -> tuple[int, int, bool, float]:
    doubt = _DOUBTS.index(reason.code) if reason.code in _DOUBTS else len(_DOUBTS)
    if reason.code is ReasonCode.CAMPAIGN:
        doubt = -1
    return doubt, -reason.action.severity, reason.code is ReasonCode.AUTHOR_TRUSTED, -excess(reason)


def excess(reason: Reason) -> float:
    """How far the value lies beyond its limit, 0..1, comparable between scores and counts: the share of the way from
    the limit to the worst score, or the share of a count that exceeds its limit. Of several values, the least far."""
    return min(map(_excess, reason.looked_at), default=0.0)


def _excess(part: Part) -> float:
    value, limit = part.value, part.limit
    if value is None or limit is None:
        return 0.0
    if part.bound == "below":
        return (limit - value) / limit if limit else 0.0
    return (value - limit) / (1 - limit) if limit < 1 else 1 - limit / value
