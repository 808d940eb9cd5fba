"""Why a comment is here, for the templates: each reason with its value beside the limit."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from moderation.ground.values import json_form
from moderation.ground.values.decisions import Decision
from moderation.ground.values.signals import Of, Span
from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Reason, ReasonCode
from moderation.judging.signals.registry import SIGNALS
from moderation.judging.signals.scoring import Scoring
from moderation.judging.signals.spec import SignalSpec
from moderation.moderators.finding.context_rows import ReviewContext
from service.desk.frame.sentences.abstentions import why_no_value
from service.desk.frame.sentences.numbers import decimal, figures
from service.desk.frame.sentences.wording import REASON_TITLES, language_named, rule_label
from service.languages.wording import N_, gettext

EXPLANATIONS = {
    ReasonCode.COMBINED: N_("All conditions of this rule are true."),
    ReasonCode.MISSING: N_("The scorer gave no value, so a moderator decides."),
    ReasonCode.LANGUAGE: N_("Scores are not reliable in this language, so a moderator decides."),
    ReasonCode.DISAGREEMENT: N_("Two rules of the policy disagree, so a moderator decides."),
    ReasonCode.PREMODERATED: N_("Every comment on this article goes to a moderator."),
    ReasonCode.AUTHOR_HOLD: N_("A moderator put this author on hold: every comment by them is read first."),
    ReasonCode.AUTHOR_TRUSTED: N_("A moderator trusts this author, so only severe rules hold their comments."),
    ReasonCode.SCORING_FAILED: N_("Every attempt to score it failed, so a moderator decides."),
    ReasonCode.TOO_COSTLY: N_("Scoring it would take longer than allowed, so a moderator decides."),
    ReasonCode.SCORING_LATE: N_("Scoring was down for longer than the site is willing to wait."),
    ReasonCode.RESCORED: N_("It was scored again, and the new scores do not agree with the decision."),
    ReasonCode.REPORTED: N_("Readers reported it."),
    ReasonCode.SECOND_READER: N_("A language model says that it breaks this house rule. A moderator decides."),
    ReasonCode.NOTICED: N_("Somebody gave notice that it is illegal, so a person decides, and answers them."),
    ReasonCode.MODE: N_("A lead chose a mode for breaking news here, so a moderator reads the comment first."),
    ReasonCode.CAMPAIGN: N_("A moderator decided what happens to copies of this text, for seven days."),
    ReasonCode.DEFAULT: N_("No rule applied. The site's policy sends such comments to a moderator."),
}
PUBLISHED_BY_DEFAULT = N_("Published by default"), N_("No rule applied. The site's policy publishes such comments.")
DONE_FROM = {
    Action.PUBLISH: N_("published from %(limit)s"),
    Action.FLAG: N_("flagged from %(limit)s"),
    Action.REJECT: N_("rejected from %(limit)s"),
}
DONE_BELOW = {
    Action.PUBLISH: N_("published below %(limit)s"),
    Action.FLAG: N_("flagged below %(limit)s"),
    Action.REJECT: N_("rejected below %(limit)s"),
}
AT_LEAST = N_("%(signal)s %(value)s (at least %(limit)s)")
BELOW = N_("%(signal)s %(value)s (below %(limit)s)")
PLACES = {
    Of.TITLE: N_("Nearest passage in the title"),
    Of.SUMMARY: N_("Nearest passage in the summary"),
    Of.ARTICLE: N_("Nearest passage in the article"),
    Of.PARENT: N_("Nearest passage in the comment replied to"),
}


@dataclass(frozen=True, slots=True)
class QuotedPassage:
    """A passage outside the comment that a reason points to."""

    where: str  # in words, the title of the quotation
    quote: str


@dataclass(frozen=True, slots=True)
class Gauge:
    """A value on a native meter, with its limit. The browser chooses the colour from ``bound`` and ``optimum``."""

    value: float
    limit: float | None
    top: float
    is_worse_low: bool
    is_count: bool

    @property
    def optimum(self) -> float:
        """The best value."""
        return self.top if self.is_worse_low else 0

    @property
    def bound(self) -> float:
        """The last value in the good colour. Without a limit the bad one is never reached. At a limit from which a
        rule applies, the value is in the bad colour; at one below which it applies, in the good one."""
        if self.limit is not None:
            return self.limit if self.is_worse_low else math.nextafter(self.limit, 0)
        return 0 if self.is_worse_low else self.top

    @property
    def tick(self) -> float | None:
        """The limit in percent of the meter's width."""
        return None if self.limit is None else round(100 * self.limit / self.top, 2)

    def in_words(self, number: float) -> str:
        """Counts as whole numbers, scores with two decimals."""
        return figures(round(number)) if self.is_count else decimal(number)


@dataclass(frozen=True, slots=True)
class ShownReason:
    """A reason in words."""

    title: str  # of the signal, the same on every page
    label: str  # the newsroom's own words for it
    meaning: str
    detail: str
    gauge: Gauge | None
    comparison: str  # the value beside the limit, in words
    passages: tuple[QuotedPassage, ...]
    parts: tuple[ShownPart, ...] = ()  # the signals of a rule on several


@dataclass(frozen=True, slots=True)
class ShownPart:
    """One of the signals of a combined rule."""

    title: str
    gauge: Gauge
    in_words: str  # ``Links 2 (at least 1)``


@dataclass(frozen=True, slots=True)
class ShownSignal:
    """A signal that was no reason, in words."""

    title: str
    meaning: str
    gauge: Gauge | None
    abstained: str | None


def reasons(context: ReviewContext) -> list[ShownReason]:
    """The reasons for which the comment was flagged."""
    language = context.scoring.language if context.scoring else context.comment.language
    return reasons_of(context.flagging, language=language) if context.flagging else []


def reasons_of(decision: Decision, *, language: str | None = None) -> list[ShownReason]:
    """The reasons of one decision; ``language`` is the comment's, if known."""
    return [_reason(json_form.reason_from_json(form), language) for form in decision.reasons]


def other_signals(context: ReviewContext) -> list[ShownSignal]:
    """Signals that gave no reason, each with its value or with why it has none."""
    if context.scoring is None:
        return []
    flagged_for = [json_form.reason_from_json(form) for form in context.flagging.reasons] if context.flagging else []
    named = {part.signal for reason in flagged_for for part in reason.looked_at}
    return [
        ShownSignal(
            gettext(SIGNALS[s.name].title),
            gettext(SIGNALS[s.name].meaning),
            _gauge(s.name, s.value, None) if s.value is not None else None,
            why_no_value(s.abstained) if s.abstained else None,
        )
        for s in context.scoring.signals
        if s.name in SIGNALS and s.name not in named
    ]


def signals_in_words(values: Iterable[tuple[str, float]]) -> list[tuple[str, str]]:
    """Titles and values: counts as whole numbers, scores with two decimals."""
    return [(_signal_title(name), _in_words(name, value)) for name, value in values]


def models(scoring: Scoring | None) -> Sequence[tuple[str, str]]:
    """Names and versions of the models that scored it, without those for other languages that gave no score."""
    if scoring is None:
        return ()
    used = {signal.source for signal in scoring.signals}
    pairs = ((name.partition("_"), version) for name, version in scoring.models.items())
    return sorted((name.capitalize(), version) for (name, _, other), version in pairs if not other or version in used)


def _reason(reason: Reason, language: str | None) -> ShownReason:
    if reason.code is ReasonCode.DEFAULT and reason.action is Action.PUBLISH:
        title, meaning = PUBLISHED_BY_DEFAULT
        return ShownReason(gettext(title), "", gettext(meaning), reason.detail, None, "", ())
    spec = SIGNALS.get(reason.signal or "")
    is_rule = reason.code is ReasonCode.RULE
    has_limit = reason.code in (ReasonCode.RULE, ReasonCode.AUTHOR_TRUSTED)
    gauge = _gauge(reason.signal or "", reason.value, reason.limit) if has_limit and reason.value is not None else None
    return ShownReason(
        title=_title(reason, spec, language),
        label=rule_label(reason.label) if is_rule and spec and reason.label != spec.title else "",
        meaning=gettext(spec.meaning if spec and is_rule else EXPLANATIONS[reason.code])
        if _has_meaning(reason)
        else "",
        detail=reason.detail,
        gauge=gauge,
        comparison=_comparison(reason, gauge) if gauge else "",
        passages=tuple(_passages(span for part in reason.looked_at for span in part.evidence)),
        parts=tuple(_parts(reason)),
    )


def _parts(reason: Reason) -> Iterable[ShownPart]:
    for part in reason.parts:
        gauge = _gauge(part.signal, part.value, part.limit)
        if gauge is not None:
            title, words = _signal_title(part.signal), AT_LEAST if part.bound == "at_least" else BELOW
            value, limit = gauge.in_words(gauge.value), gauge.in_words(part.limit or 0)
            yield ShownPart(title, gauge, gettext(words, signal=title, value=value, limit=limit))


def _title(reason: Reason, spec: SignalSpec | None, language: str | None) -> str:
    if reason.code is ReasonCode.RULE:
        return gettext(spec.title) if spec else reason.label or reason.signal or ""
    if reason.code is ReasonCode.COMBINED and reason.label:
        return rule_label(reason.label)
    title = gettext(REASON_TITLES.get(reason.code, reason.code))
    if reason.code is ReasonCode.LANGUAGE:
        return f"{title} ({language_named(language)})" if language else title
    return f"{title}: {_signal_title(spec.name).lower()}" if spec else title


def _comparison(reason: Reason, gauge: Gauge) -> str:
    done = reason.action if reason.code is ReasonCode.RULE else Action.FLAG  # a trusted author's would flag
    words = DONE_FROM[done] if reason.bound == "at_least" else DONE_BELOW[done]
    return gettext(words, limit=gauge.in_words(reason.limit or 0))


def _has_meaning(reason: Reason) -> bool:
    is_known = reason.code is not ReasonCode.RULE or reason.signal in SIGNALS
    return is_known and (reason.code is ReasonCode.RULE or reason.code in EXPLANATIONS)


def _signal_title(name: str) -> str:
    return gettext(SIGNALS[name].title) if name in SIGNALS else name


def _gauge(name: str, value: float | None, limit: float | None) -> Gauge | None:
    spec = SIGNALS.get(name)
    if value is None or spec is None:
        return None
    is_count = spec.scale == "count"
    top = max(value, 2 * limit if limit else 5.0, 1.0) if is_count else 1.0
    return Gauge(value, limit, top, spec.worse == "low", is_count)


def _in_words(name: str, value: float) -> str:
    is_count = name in SIGNALS and SIGNALS[name].scale == "count"
    return figures(round(value)) if is_count else decimal(value)


def _passages(spans: Iterable[Span]) -> Iterable[QuotedPassage]:
    for span in spans:
        if span.of is not Of.COMMENT and span.quote:
            yield QuotedPassage(gettext(PLACES[span.of]), span.quote)
