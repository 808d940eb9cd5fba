"""Makes a case of a comment: its text without personal data, the title of its article, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from moderation.ground.database.engine import Database, new_id
from moderation.ground.environment.own_time import own_time
from moderation.insight.trials import rows as store
from moderation.judging.text.masked_text import masked
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_budget import BUDGET_S, Budget
from moderation.sites.audit.actors import Actor
from moderation.sites.rules import writing as rule_book
from moderation.sites.rules.values import CaseOrigin, Must, RuleBook, RuleCase


@dataclass(frozen=True, slots=True)
class Collected:
    """A comment as the case that it would be. ``must`` is the answer that people gave, or else to hold it."""

    comment_id: str
    text: str
    title: str
    must: Must
    origin: CaseOrigin


def collected(db: Database, site_id: str, comment_id: str) -> Collected:
    """Raises NotFound for a comment of another site or without a text any more, and TooCostly."""
    with db.read() as conn:
        comment = store.get_collectable(conn, site_id, comment_id)
    budget = Budget(BUDGET_S, own_time)
    with budget:
        text = masked(Reading(comment.text, budget), comment.names)
    return Collected(comment.id, text, comment.title, comment.must, comment.origin)


def collect(
    db: Database, site_id: str, comment_id: str, key: str, must: Must, why: str, *, by: Actor, now: datetime
) -> RuleBook:
    """Adds the comment to the rule of this key. Raises NotFound, TooCostly and InvalidInput."""
    comment = collected(db, site_id, comment_id)
    case = RuleCase(
        id=new_id(),
        text=comment.text.strip(),
        must=must,
        added_at=now,
        added_by=str(by),
        title=comment.title,
        origin=comment.origin,
        why=why,
        comment_id=comment.comment_id,
    )
    return rule_book.add_case(db, site_id, key, case, by=by, now=now)
