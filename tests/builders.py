"""Values for tests, complete by default, so that a test names only its own concern."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from moderation.ground.values.articles import Article, ArticleState
from moderation.ground.values.authors import Author
from moderation.ground.values.comments import Comment
from moderation.ground.values.policies import Condition, Policy, Rule
from moderation.ground.values.signals import Signal, Span
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.insight.checks.rows import Check
from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.text.reading import Reading
from moderation.sites.audit import actors

OPERATOR = actors.operator("tests")
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def a_comment(text: str = "The licence rules come into force in April.", **overrides: Any) -> Comment:
    fields: dict[str, Any] = {
        "id": "c-1",
        "site_id": "site-a",
        "external_id": "their-c-1",
        "article_id": "a-1",
        "author_id": "u-1",
        "parent_id": None,
        "text": text,
        "language": "en",
        "status": CommentStatus.WAITING,
        "version": 1,
        "posted_at": NOON,
        "received_at": NOON,
        "updated_at": NOON,
    }
    return Comment(**fields | overrides)


def an_article(**overrides: Any) -> Article:
    fields: dict[str, Any] = {
        "id": "a-1",
        "site_id": "site-a",
        "external_id": "their-a-1",
        "title": "New rules for the export of rare earths",
        "url": None,
        "text": "Exporters need a licence from April. Buyers expect delays.",
        "section": None,
        "tags": (),
        "language": "en",
        "state": ArticleState.OPEN,
    }
    return Article(**fields | overrides)


def an_author(**overrides: Any) -> Author:
    fields: dict[str, Any] = {"id": "u-1", "site_id": "site-a", "external_id": "their-u-1", "name": "Dana"}
    return Author(**fields | overrides)


def a_comment_to_score(text: str = "The licence rules come into force in April.", **overrides: Any) -> CommentToScore:
    comment = overrides.pop("comment", None) or a_comment(text)
    fields: dict[str, Any] = {
        "comment": comment,
        "article": an_article(),
        "author": an_author(),
        "parent_text": None,
        "policy": a_policy(),
        "reading": Reading(comment.text),
    }
    return CommentToScore(**fields | overrides)


def a_check(**overrides: Any) -> Check:
    """Of a published comment, drawn with a probability of 1 in 100, that a person found right."""
    fields: dict[str, Any] = {
        "comment_id": "c-1",
        "site_id": "site-a",
        "drawn_at": NOON,
        "probability": 0.01,
        "verdict": CommentStatus.PUBLISHED,
        "language": "en",
        "decided_at": NOON,
        "outcome": CommentStatus.PUBLISHED,
    }
    return Check(**fields | overrides)


def a_signal(
    name: str = "toxicity",
    value: float | None = 0.1,
    *,
    abstained: str | None = None,
    source: str = "test",
    evidence: tuple[Span, ...] = (),
) -> Signal:
    """A signal that abstains has no value, even if ``value`` is given."""
    return Signal(name, None if abstained else value, source, abstained, evidence)


def a_rule(
    signal: str = "toxicity", at_least: float | None = None, below: float | None = None, **overrides: Any
) -> Rule:
    """It flags from 0.8 on unless a bound is given."""
    return Rule(**{"conditions": (a_condition(signal, at_least, below),), "action": Action.FLAG} | overrides)


def a_condition(signal: str, at_least: float | None = None, below: float | None = None) -> Condition:
    if below is not None:
        return Condition(signal, "below", below)
    return Condition(signal, "at_least", 0.8 if at_least is None else at_least)


def a_combined_rule(*conditions: Condition, **overrides: Any) -> Rule:
    return Rule(**{"conditions": conditions, "action": Action.FLAG} | overrides)


def a_policy(*rules: Rule, required: Iterable[str] = (), **overrides: Any) -> Policy:
    """With these rules, or one on toxicity. Nothing is required unless it is named."""
    fields: dict[str, Any] = {"version": 1, "rules": rules or (a_rule(),), "required": frozenset(required)}
    return Policy(**fields | overrides)
