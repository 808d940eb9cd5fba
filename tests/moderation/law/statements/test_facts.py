"""Whether software decided alone, as a statement says it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from moderation.ground.values.decisions import Decision
from moderation.ground.values.statuses import Action, CommentStatus, DecidedBy
from moderation.law.statements.facts import Automation, DecidedAgainst
from tests.builders import NOON

TREATED, RULE_REJECTS, RULE_FLAGS = ("campaign", "reject"), ("rule", "reject"), ("rule", "flag")


def decided(by: DecidedBy, to: CommentStatus, reasons: Sequence[tuple[str, str]]) -> DecidedAgainst:
    step = Decision(
        id="d-1",
        comment_id="c-1",
        site_id="s-1",
        version=1,
        action=Action.REJECT,
        status_before=CommentStatus.WAITING,
        status_after=to,
        decided_by=by,
        created_at=NOON,
        reasons=tuple({"code": code, "action": action} for code, action in reasons),
    )
    return DecidedAgainst(step, (), (), frozenset(), "s-1", "c-1", None, NOON, NOON, None, reports=0)


@pytest.mark.parametrize(
    ("by", "reasons", "automation"),
    [
        (DecidedBy.POLICY, [TREATED], Automation.PARTIALLY),
        (DecidedBy.POLICY, [TREATED, RULE_FLAGS, ("language", "flag")], Automation.PARTIALLY),
        (DecidedBy.POLICY, [TREATED, RULE_REJECTS], Automation.FULLY),
        (DecidedBy.POLICY, [RULE_REJECTS], Automation.FULLY),
        (DecidedBy.SYSTEM, [], Automation.FULLY),
        (DecidedBy.MODERATOR, [TREATED], Automation.NOT_AUTOMATED),
        (DecidedBy.API, [], Automation.NOT_AUTOMATED),
    ],
)
def test_a_persons_decision_on_a_campaign_is_applied_whatever_else_was_found(
    by: DecidedBy, reasons: Sequence[tuple[str, str]], automation: Automation
) -> None:
    assert decided(by, CommentStatus.REJECTED, reasons).automation is automation
