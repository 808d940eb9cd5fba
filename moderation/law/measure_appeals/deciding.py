"""A person upholds or overturns the measure that an appeal is against. The caller lifts a measure that is overturned.
The author hears at once; nothing here can be undone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.errors import FieldProblem, InvalidInput, NotFound, said
from moderation.ground.monitoring.instruments import instruments
from moderation.law.appeals import deciding, events
from moderation.law.appeals.values import OUTCOME_OF, AppealOutcome, AppealReason, MeasureAppeal
from moderation.law.statements import measure_rows as measures
from moderation.law.statements.measure_facts import MeasureAgainst
from moderation.sites.rows import Moderator
from moderation.spine.articles import rows as articles

Lift = Callable[[Connection, str, Moderator, datetime], object]
"""Lifts the measure with this id, in the appeal's transaction: ``taking_measures.lift_in``."""


def reasons(about: MeasureAgainst) -> tuple[AppealReason, ...]:
    """That can be true of the measure: software errs only where it decided."""
    return tuple(reason for reason in OUTCOME_OF if reason is not AppealReason.SOFTWARE_ERRED or about.is_by_ladder)


def decide(
    db: Database,
    moderator: Moderator,
    appeal_id: str,
    reason: AppealReason,
    *,
    lift: Lift,
    answer: str = "",
    now: datetime,
) -> MeasureAppeal:
    """Raises NotFound, NotAllowed, AppealDecided, InvalidInput for the answer or the reason, and MeasureFollowed if
    somebody changed the measure in the same moment."""
    words = deciding.checked(answer)
    with db.write() as conn:
        open_one = deciding.find(conn, moderator, appeal_id)
        if not isinstance(open_one, MeasureAppeal):
            raise NotFound("appeal", appeal_id)
        articles.lock_author(conn, open_one.author_id)  # before the appeal, as all who change measures
        about = measures.get(conn, open_one.site_id, open_one.measure_id)
        if reason not in reasons(about):
            raise InvalidInput(FieldProblem("reason", said("choose one of the reasons on the page")))
        appeal = deciding.close(conn, open_one, moderator, reason, words, now)
        if appeal.outcome is AppealOutcome.OVERTURNED:
            lift(conn, appeal.measure_id, moderator, now)
        events.announce_decided(conn, appeal, due_at=now)
        deciding.note(conn, appeal, moderator, about.author_external_id, {"measure": appeal.measure_id}, now)
    instruments().appeals.labels(appeal.outcome).inc()
    return appeal
