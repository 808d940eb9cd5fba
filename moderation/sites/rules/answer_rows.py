"""The SQL of moderators' answers to the test of the rule book."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.inserting import insert_into
from moderation.sites.rules.tables import rule_test_answers
from moderation.sites.rules.values import Must
from moderation.sites.tables import moderators


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    moderator_id: str
    name: str  # of the moderator
    case_id: str
    said: Must
    answered_at: datetime


def insert(conn: Connection, site_id: str, moderator_id: str, case_id: str, said: Must, *, now: datetime) -> None:
    """An answer that was given before stays as it is."""
    values = {"site_id": site_id, "moderator_id": moderator_id, "case_id": case_id, "said": said, "answered_at": now}
    conn.execute(insert_into(conn, rule_test_answers).values(**values).on_conflict_do_nothing())


def of_site(conn: Connection, site_id: str, moderator_id: str | None = None) -> list[GivenAnswer]:
    """Of all moderators by their names, or of one."""
    query = (
        sa.select(rule_test_answers, moderators.c.name)
        .join(moderators, moderators.c.id == rule_test_answers.c.moderator_id)
        .where(rule_test_answers.c.site_id == site_id)
        .order_by(moderators.c.name, rule_test_answers.c.moderator_id)
    )
    if moderator_id is not None:
        query = query.where(rule_test_answers.c.moderator_id == moderator_id)
    return [
        GivenAnswer(row.moderator_id, row.name, row.case_id, Must(row.said), row.answered_at)
        for row in conn.execute(query)
    ]


def forget(conn: Connection, site_id: str, moderator_id: str) -> None:
    mine = rule_test_answers.c.site_id == site_id, rule_test_answers.c.moderator_id == moderator_id
    conn.execute(rule_test_answers.delete().where(*mine))
