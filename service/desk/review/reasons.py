"""What the templates show of why a comment is here: each reason beside its limit, and who decided what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from moderation import json_form
from moderation.model import Action, Of, Reason, ReasonCode, Scoring, Span
from moderation.signals.registry import SIGNALS
from moderation.store.decisions import Decision
from moderation.store.review_context import ReviewContext
from service.desk.frame.wording import REASON_TITLES

SIGNAL_TITLES = {name: spec.title for name, spec in SIGNALS.items()}
EXPLANATIONS = {
    ReasonCode.MISSING: "The scorer gave no value, so a person decides.",
    ReasonCode.LANGUAGE: "No active model knows this language, so a person decides.",
    ReasonCode.DISAGREEMENT: "Two rules of the policy disagree, so a person decides.",
    ReasonCode.PREMODERATED: "Every comment on this article goes to a person.",
    ReasonCode.AUTHOR_HOLD: "A moderator asked to see everything that this author writes.",
    ReasonCode.AUTHOR_TRUSTED: "A moderator trusts this author, so that only severe rules hold what they write.",
    ReasonCode.SCORING_FAILED: "Scoring failed for good, so a person decides.",
    ReasonCode.SCORING_LATE: "Scoring was down for longer than the site waits.",
    ReasonCode.RESCORED: "It was scored again, and the new scores disagree with what was decided.",
    ReasonCode.REPORTED: "Readers reported it.",
    ReasonCode.DEFAULT: "No rule fired; the site's policy sends such comments to a person.",
}
PUBLISHED_BY_DEFAULT = "Published by default", "No rule fired; the site's policy publishes such comments."
DONE = {Action.PUBLISH: "published", Action.FLAG: "flagged", Action.REJECT: "rejected"}
PLACES = {
    Of.TITLE: "the title",
    Of.SUMMARY: "the summary",
    Of.ARTICLE: "the article",
    Of.PARENT: "the comment replied to",
}


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch that a reason points at, outside the comment itself."""

    where: str
    quote: str


@dataclass(frozen=True, slots=True)
class Gauge:
    """A value on a native meter, with its limit. ``low``, ``high`` and ``optimum`` give the browser's three colours."""

    value: float
    limit: float | None
    top: float
    is_worse_low: bool
    is_count: bool

    @property
    def optimum(self) -> float:
        return self.top if self.is_worse_low else 0

    @property
    def bound(self) -> float:
        """Where the bad colour begins; without a limit everything is fine."""
        if self.limit is not None:
            return self.limit
        return 0 if self.is_worse_low else self.top

    @property
    def tick(self) -> float | None:
        """The limit in percent of the meter's width."""
        return None if self.limit is None else round(100 * self.limit / self.top, 2)

    def in_words(self, number: float) -> str:
        return f"{number:.0f}" if self.is_count else f"{number:.2f}"


@dataclass(frozen=True, slots=True)
class ShownReason:
    title: str
    meaning: str
    detail: str
    gauge: Gauge | None
    comparison: str  # the value beside the limit, in words
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class ShownSignal:
    title: str
    meaning: str
    gauge: Gauge | None
    abstained: str | None


def reasons(context: ReviewContext) -> list[ShownReason]:
    return reasons_of(context.flagging) if context.flagging else []


def reasons_of(decision: Decision) -> list[ShownReason]:
    return [_reason(json_form.reason_from_json(form)) for form in decision.reasons]


def other_signals(context: ReviewContext) -> list[ShownSignal]:
    """Signals that are no reason, with the value or why there is none."""
    if context.scoring is None:
        return []
    named = {form["signal"] for form in context.flagging.reasons} if context.flagging else set()
    return [
        ShownSignal(
            SIGNALS[s.name].title,
            SIGNALS[s.name].meaning,
            _gauge(s.name, s.value, None) if s.value is not None else None,
            s.abstained,
        )
        for s in context.scoring.signals
        if s.name in SIGNALS and s.name not in named
    ]


def models(scoring: Scoring | None) -> Sequence[tuple[str, str]]:
    return sorted((name.capitalize(), version) for name, version in scoring.models.items()) if scoring else ()


def _reason(reason: Reason) -> ShownReason:
    if reason.code is ReasonCode.DEFAULT and reason.action is Action.PUBLISH:
        return ShownReason(*PUBLISHED_BY_DEFAULT, reason.detail, None, "", ())
    spec = SIGNALS.get(reason.signal or "")
    is_rule = reason.code is ReasonCode.RULE
    title = reason.label or (spec.title if spec else REASON_TITLES.get(reason.code, reason.code))
    has_limit = reason.code in (ReasonCode.RULE, ReasonCode.AUTHOR_TRUSTED)
    gauge = _gauge(reason.signal or "", reason.value, reason.limit) if has_limit and reason.value is not None else None
    return ShownReason(
        title=title if is_rule or not spec else f"{REASON_TITLES.get(reason.code, title)}: {spec.title.lower()}",
        meaning=spec.meaning if spec and is_rule else EXPLANATIONS.get(reason.code, ""),
        detail=reason.detail,
        gauge=gauge,
        comparison=_comparison(reason, gauge) if gauge else "",
        passages=tuple(_passages(reason.evidence)),
    )


def _comparison(reason: Reason, gauge: Gauge) -> str:
    done = DONE[reason.action] if reason.code is ReasonCode.RULE else DONE[Action.FLAG]  # a trusted author's would flag
    return f"{done} {'from' if reason.bound == 'at_least' else 'below'} {gauge.in_words(reason.limit or 0)}"


def _gauge(name: str, value: float | None, limit: float | None) -> Gauge | None:
    spec = SIGNALS.get(name)
    if value is None or spec is None:
        return None
    is_count = spec.scale == "count"
    top = max(value, 2 * limit if limit else 5.0, 1.0) if is_count else 1.0
    return Gauge(value, limit, top, spec.worse == "low", is_count)


def _passages(spans: Iterable[Span]) -> Iterable[Passage]:
    for span in spans:
        if span.of is not Of.COMMENT and span.quote:
            yield Passage(PLACES[span.of], span.quote)
