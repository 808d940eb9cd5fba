"""Starts and stops policies that run in the shadow, and switches one on. Each change is in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from moderation.ground.database.engine import Database
from moderation.ground.errors import FieldProblem, FiguresChanged, InvalidInput, NameTaken, NotFound, StalePolicy
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.insight.learning.shadows import figures as shadow_figures
from moderation.insight.learning.shadows import rows as store
from moderation.insight.learning.shadows.rows import ShadowRow
from moderation.judging.policy import documents
from moderation.judging.policy.wording import changes
from moderation.judging.signals.registry import FOR_RULES
from moderation.moderators.review import label_rows as labels
from moderation.moderators.review.label_rows import Label
from moderation.sites import policy_versions
from moderation.sites import rows as sites
from moderation.sites.audit.actors import Actor
from moderation.sites.audit.writing import note
from moderation.sites.names import check_name
from moderation.sites.rows import PolicyRow
from moderation.spine.comments import rows as comments

MOST_RUNNING = 3  # at a site: each costs every comment one more verdict and one more row
FRESH = timedelta(minutes=1)
LISTED = 50


def with_rule(document: Mapping[str, Any], signal: str, limit: float, action: Action) -> dict[str, Any]:
    """The policy with this rule instead of its rules with the same action on the signal alone. Raises InvalidInput."""
    if signal not in FOR_RULES:
        raise InvalidInput(FieldProblem("signal", "cannot have a rule in a policy"))
    kept = [r for r in document["rules"] if (r.get("signal"), r["action"]) != (signal, action)]
    rule = {"signal": signal, FOR_RULES[signal].bound_for(action): limit, "action": action.value, "label": ""}
    changed = {**document, "rules": [*kept, rule]}
    documents.parse(changed, 0)
    return changed


def start(db: Database, site_id: str, name: str, document: Mapping[str, Any], *, by: Actor, now: datetime) -> ShadowRow:
    """Has the policy run in the shadow: from now on its verdict is recorded with each decision on a scored comment.

    Raises NotFound, NameTaken, and InvalidInput, which names each wrong field.
    """
    check_name(name)
    whole = documents.dump(documents.parse(document, 0))
    try:
        with db.write() as conn:
            sites.lock_site(conn, site_id)
            current = sites.current_policy(conn, site_id)
            _refuse_many(conn, site_id)
            row = {"name": name.strip(), "document": whole, "base_version": current.version}
            shadow_id = store.insert(conn, site_id, {**row, "started_at": now, "started_by": str(by)})
            said = {"id": shadow_id, "beside_policy": current.version, "changes": changes(current.document, whole)}
            note(conn, by, "shadow.started", site_id=site_id, subject=name.strip(), after=said, now=now)
            return store.get(conn, shadow_id)
    except IntegrityError as e:
        raise NameTaken("shadow", name) from e


def stop(db: Database, site_id: str, shadow_id: str, *, by: Actor, now: datetime) -> None:
    """Its figures stay, as they are now. Raises NotFound, also if it was stopped before."""
    with db.write() as conn:
        row = _count(conn, _of(conn, site_id, shadow_id), now)
        _stop(conn, row, by, now)
        said = {"id": shadow_id, "figures": row.figures}
        note(conn, by, "shadow.stopped", site_id=site_id, subject=row.name, before=said, now=now)


def counted(db: Database, site_id: str, shadow_id: str, *, now: datetime) -> ShadowRow:
    """The policies with figures that are at most a minute old; those of one that was stopped do not change. One that
    has seen no comment yet is counted each time, which costs nothing. Raises NotFound."""
    with db.read() as conn:
        row = _of(conn, site_id, shadow_id)
        if row.counted_at is not None and (not row.is_running or (row.has_figures and now - row.counted_at < FRESH)):
            return row
        figures = _figures(conn, row)  # outside the transaction that writes, for which others would wait
    if row.counted_at is not None and figures == row.figures:
        return row  # the page that was counted before is still right
    with db.write() as conn:
        store.keep_figures(conn, row.id, figures, now=now, unless_since=row.counted_at)
        return store.get(conn, row.id)


def switch_on(
    db: Database,
    site_id: str,
    shadow_id: str,
    *,
    expected: int,
    counted_at: datetime,
    by: Actor,
    now: datetime,
    why: str | None = None,
) -> PolicyRow:
    """Saves it as the policy's next version, and stops it. The audit trail keeps the figures of ``counted_at``, which
    the person has seen.

    Raises NotFound, StalePolicy if the policy is no longer at ``expected``, and FiguresChanged.
    """
    try:
        with db.write() as conn:
            row = _of(conn, site_id, shadow_id)
            if row.counted_at != counted_at:
                raise FiguresChanged(row.name)
            said = why or f"From the shadow: {row.name}"
            saved = policy_versions.replace_in(
                conn, site_id, row.document, expected=expected, by=by, now=now, note=said
            )
            _stop(conn, row, by, now, became=saved.version)
            after = {"id": row.id, "policy": saved.version, "figures": row.figures}
            note(conn, by, "shadow.switched_on", site_id=site_id, subject=row.name, after=after, now=now)
            return saved
    except IntegrityError as e:  # somebody else saved a version after we had looked
        raise StalePolicy(expected, expected + 1) from e


def give_second_look(
    db: Database, site_id: str, shadow_id: str, comment_id: str, outcome: CommentStatus, *, by: Actor, now: datetime
) -> None:
    """A person says how the comment should have been decided, published or rejected. That is a label to learn from; the
    comment stays as it is. Raises NotFound."""
    with db.write() as conn:
        row = _of(conn, site_id, shadow_id)
        beside = store.on_comment(conn, shadow_id, comment_id)
        comment = comments.get_by_id(conn, comment_id)
        store.judge(conn, comment_id, outcome)
        rejects = float(outcome is CommentStatus.REJECTED)
        label = Label(labels.SECOND_LOOK, labels.HOUSE, rejects, None, beside.language, reference=comment.external_id)
        labels.replace(conn, site_id, label, now=now)
        said = {"should_be": outcome.value, "shadow": row.name, "shadow_would": beside.action.value}
        note(conn, by, "comment.labelled", site_id=site_id, subject=comment.external_id, after=said, now=now)


def _of(conn: Connection, site_id: str, shadow_id: str) -> ShadowRow:
    row = store.get(conn, shadow_id)
    if row.site_id != site_id:
        raise NotFound("shadow", shadow_id)
    return row


def _count(conn: Connection, row: ShadowRow, now: datetime) -> ShadowRow:
    store.keep_figures(conn, row.id, _figures(conn, row), now=now, unless_since=row.counted_at)
    return store.get(conn, row.id)


def _figures(conn: Connection, row: ShadowRow) -> Mapping[str, Any]:
    return shadow_figures.count(store.beside_people(conn, row.id, most=shadow_figures.MOST_COMMENTS))


def _stop(conn: Connection, row: ShadowRow, by: Actor, now: datetime, became: int | None = None) -> None:
    if not store.stop(conn, row.id, by=str(by), now=now, became=became):
        raise NotFound("running shadow", row.id)


def _refuse_many(conn: Connection, site_id: str) -> None:
    running = sum(row.is_running for row in store.of_site(conn, site_id, limit=LISTED))
    if running >= MOST_RUNNING:
        raise InvalidInput(FieldProblem("name", f"must wait: {running} run in the shadow already, stop one first"))
