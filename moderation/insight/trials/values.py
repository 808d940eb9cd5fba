"""Compares two ways to answer, such as a policy and its edit, on texts whose right answer is known. It is arithmetic
only: whoever can say which texts would be held can take part, a policy, a model or a second reader."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb

from moderation.ground.values.statuses import CommentStatus
from moderation.sites.rules.values import Must, RuleBook

APPROVED = "(approved)"
"""The comments that people published. They belong to no rule: each rule may hold them by mistake."""

REJECTED = "(rejected)"
"""The comments that people rejected for a reason to which no rule belongs."""

CHANCE = 0.05
"""Decisions count as worse where as many or more would differ for the worse by chance alone less often than this."""

Answers = Mapping[str, bool]
"""By the id of a text, whether it would be held. A text without an answer goes to a person: it is held."""


@dataclass(frozen=True, slots=True)
class TrialText:
    """A case of a rule, or a comment that a person decided. ``rule`` is a key, or APPROVED or REJECTED."""

    id: str
    text: str
    must: Must
    rule: str
    title: str = ""
    is_case: bool = False

    def is_right(self, answers: Answers) -> bool:
        return answers.get(self.id, True) is (self.must is Must.HELD)


@dataclass(frozen=True, slots=True)
class PersonsDecision:
    """The newest on a comment, which stands."""

    comment_id: str
    text: str
    status: CommentStatus  # published or rejected
    reason: str | None  # of a rejection
    title: str = ""


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """One rule, or all that belongs to none, before and after the change."""

    rule: str
    texts: int
    right_before: int
    right_after: int
    righted: tuple[TrialText, ...]  # right that was wrong
    wronged: tuple[TrialText, ...]  # wrong that was right

    @property
    def is_worse(self) -> bool:
        """One case is enough, since a lead has said what it must be. Of decisions it takes more than chance."""
        if any(text.is_case for text in self.wronged):
            return True
        changed, worse = len(self.righted) + len(self.wronged), len(self.wronged)
        return worse > 0 and sum(comb(changed, count) for count in range(worse, changed + 1)) / 2**changed < CHANCE


@dataclass(frozen=True, slots=True)
class Trial:
    """The outcomes in the order of the book; those that belong to no rule come last."""

    book_version: int
    digest: str
    outcomes: tuple[RuleOutcome, ...]
    unready: tuple[str, ...] = ()  # the keys of rules with too few cases, which were not tried

    @property
    def worse(self) -> tuple[RuleOutcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.is_worse)


def trial_texts(book: RuleBook, decided: Sequence[PersonsDecision]) -> tuple[TrialText, ...]:
    """The cases of the rules that are ready, and the decisions. A rejection belongs to the first ready rule of its
    reason. A case that came from one of the decided comments replaces it."""
    cases = [
        TrialText(case.id, case.text, case.must, rule.key, case.title, is_case=True)
        for rule in book.ready
        for case in rule.cases
    ]
    sources = {case.comment_id for rule in book.ready for case in rule.cases}
    of_reason: dict[str | None, str] = {
        rule.reason: rule.key for rule in reversed(book.ready) if rule.reason is not None
    }
    others = (decision for decision in decided if decision.comment_id not in sources)
    return (*cases, *(_decided(decision, of_reason) for decision in others))


def compare(book: RuleBook, texts: Sequence[TrialText], before: Answers, after: Answers) -> Trial:
    """``texts`` are those of ``trial_texts``."""
    by_rule = defaultdict(list)
    for text in texts:
        by_rule[text.rule].append(text)
    order = (*(rule.key for rule in book.ready), REJECTED, APPROVED)
    outcomes = tuple(_outcome(rule, by_rule[rule], before, after) for rule in order if rule in by_rule)
    unready = tuple(rule.key for rule in book.rules if not rule.is_ready)
    return Trial(book.version, book.digest, outcomes, unready)


def _decided(decision: PersonsDecision, of_reason: Mapping[str | None, str]) -> TrialText:
    if decision.status is CommentStatus.PUBLISHED:
        return TrialText(decision.comment_id, decision.text, Must.PASS, APPROVED, decision.title)
    rule = of_reason.get(decision.reason, REJECTED)
    return TrialText(decision.comment_id, decision.text, Must.HELD, rule, decision.title)


def _outcome(rule: str, texts: Sequence[TrialText], before: Answers, after: Answers) -> RuleOutcome:
    was, becomes = ([text.is_right(answers) for text in texts] for answers in (before, after))
    pairs = list(zip(texts, was, becomes, strict=True))
    return RuleOutcome(
        rule=rule,
        texts=len(texts),
        right_before=sum(was),
        right_after=sum(becomes),
        righted=tuple(text for text, before_, after_ in pairs if after_ and not before_),
        wronged=tuple(text for text, before_, after_ in pairs if before_ and not after_),
    )
