"""The bodies that a news site sends, complete by default, and the decision that a worker would make."""

from __future__ import annotations

from typing import Any

from moderation.ground.database.engine import Database
from moderation.ground.values.decisions import Decision
from moderation.ground.values.signals import Signal
from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Reason, ReasonCode, Verdict
from moderation.judging.signals.scoring import Scoring
from moderation.pipeline.loading import rows as loading
from moderation.pipeline.settling import judgements as settling
from moderation.spine.comments import rows as comments
from moderation.spine.comments.moves import Judgement
from service.context import utc_now

KEPT_DAYS = ("keep_published_days", "keep_rejected_days", "keep_withdrawn_days")
CHECKS: dict[str, Any] = {
    "check_share": 0.01,
    "check_most_per_day": 40,
    "most_wrong_published": 0.01,
    "most_wrong_rejected": 0.02,
    "read_per_day": 300,
}
"""The body of ``PUT /v1/site/checks`` as a new site has it."""
TEXT = "The licence rules come into force in April."


def a_body(text: str = TEXT, **overrides: Any) -> dict[str, Any]:
    """A new comment. An override of None leaves the field out."""
    fields = {"article": {"id": "a-1"}, "author": {"id": "reader-1"}, "text": text, **overrides}
    return {name: value for name, value in fields.items() if value is not None}


def settle(
    database: Database, site_id: str, external_id: str, action: Action = Action.PUBLISH, toxicity: float = 0.1
) -> Decision:
    """Decides a waiting comment as a worker does, with one signal and one reason."""
    with database.read() as conn:
        comment = comments.get_comment(conn, site_id, external_id)
        (scored,) = loading.load_waiting(conn, [comment.id])
    found = Scoring((Signal("toxicity", toxicity, "test"),), {"toxicity": "test"}, "en", 0.1)
    reason = Reason(
        ReasonCode.RULE, action, signal="toxicity", value=toxicity, limit=0.8, bound="at_least", label="Toxic"
    )
    (made,) = settling.settle(database, [Judgement(scored, found, Verdict(action, (reason,)))], now=utc_now())
    return made


def problem_fields(problem: Any) -> list[str]:
    return [error["field"] for error in problem["errors"]]
