"""Tries an edit of the policy: its answers on cases and decided comments whose signals are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from moderation.ground.database.engine import Database
from moderation.ground.environment.own_time import own_time
from moderation.ground.errors import TooCostly
from moderation.ground.values.policies import Policy
from moderation.ground.values.signals import Signal
from moderation.ground.values.verdicts import Circumstances
from moderation.insight.learning.limits import replay_rows
from moderation.insight.trials import rows as store
from moderation.insight.trials.values import Answers, Trial, TrialText, compare, trial_texts
from moderation.judging.policy import replay
from moderation.judging.policy.replay import ReplayedComment
from moderation.judging.text.reading import Reading, affordable
from moderation.judging.text.reading_budget import Budget
from moderation.sites import rows as sites
from moderation.sites.rules import rows as rule_books
from moderation.sites.rules.values import RuleBook

DECISIONS = 1_000
READ_S = 10.0  # for all texts together, in each of two policies

Signals = Mapping[str, tuple[Signal, ...]]
"""By the id of a text."""


@dataclass(frozen=True, slots=True)
class Material:
    """All that a trial needs but the signals of the cases."""

    book: RuleBook
    texts: tuple[TrialText, ...]
    decided: tuple[ReplayedComment, ...]
    circumstances: Circumstances  # of a comment by an author of no record, on an article of no section

    @property
    def cases(self) -> tuple[TrialText, ...]:
        return tuple(text for text in self.texts if text.is_case)

    def comments(self, signals: Signals) -> list[ReplayedComment]:
        """The cases that have signals, and the decided comments. ``signals`` replace those that were stored."""
        cases = [
            ReplayedComment(case.id, case.text, None, signals[case.id], self.circumstances, None)
            for case in self.cases
            if case.id in signals
        ]
        return [*cases, *(_with_newer(comment, signals.get(comment.id, ())) for comment in self.decided)]


def material(db: Database, site_id: str, *, now: datetime, decisions: int = DECISIONS) -> Material:
    """The newest rule book, and the last comments that people decided and that were ever scored."""
    with db.read() as conn:
        book = rule_books.read(conn, site_id)
        decided = store.decided(conn, site_id, limit=decisions)
        scored = replay_rows.of_comments(conn, site_id, [decision.comment_id for decision in decided], now=now)
        languages = sites.get_site(conn, site_id).settings.languages
    known = {comment.id for comment in scored}
    texts = trial_texts(book, [decision for decision in decided if decision.comment_id in known])
    return Material(book, texts, tuple(scored), Circumstances(languages=languages))


def try_policy(material: Material, signals: Signals, now: Policy, then: Policy) -> Trial:
    """The edit ``then`` beside the policy ``now``, on the same signals."""
    comments = material.comments(signals)
    return compare(material.book, material.texts, answers(comments, now), answers(comments, then))


def answers(comments: Sequence[ReplayedComment], policy: Policy) -> Answers:
    """Whether the policy holds each of the comments. Texts that would take too long together have no answer."""
    measured = []
    budget = Budget(READ_S, own_time)
    with suppress(TooCostly):
        for place, reading in affordable([comment.text for comment in comments], budget):
            measured.append(_measured(comments[place], reading, policy))
    held = replay.holding(measured, policy).ids
    return {comment.id: comment.id in held for comment in measured}


def _measured(comment: ReplayedComment, reading: Reading, policy: Policy) -> ReplayedComment:
    return replace(comment, signals=tuple(replay.measured_for(comment.signals, reading, policy)))


def _with_newer(comment: ReplayedComment, newer: Sequence[Signal]) -> ReplayedComment:
    if not newer:
        return comment
    named = {signal.name: signal for signal in (*comment.signals, *newer)}
    return replace(comment, signals=tuple(named.values()))
