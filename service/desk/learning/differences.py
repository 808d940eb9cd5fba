"""The comments where a policy in the shadow differs from people or from the policy, one after the other. One key says
which of them was right; the comment itself stays as it is."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.ground.values.statuses import CommentStatus
from moderation.insight.learning.shadows import figures as shadow_figures
from moderation.insight.learning.shadows import rows as store
from moderation.insight.learning.shadows import switching as shadows
from moderation.insight.learning.shadows.rows import ShadowRow, VerdictBeside
from moderation.moderators.finding import context_rows as review_context
from moderation.sites.audit import actors
from moderation.sites.people.roles import Role
from service.context import gavel, utc_now
from service.desk.frame.addresses import id_in
from service.desk.frame.blind import is_blind
from service.desk.frame.excerpts import TextToCut, excerpts
from service.desk.frame.rendering import me, page
from service.desk.frame.routes import Routes
from service.desk.learning.shadows import ONE, mine
from service.languages.wording import N_

routes = Routes(under="learning")

CHARS = 5_000


@routes.get(f"{ONE}/differences", role=Role.LEAD, title=N_("Where the shadow differs"), endpoint="shadow_differences")
def show(shadow_id: UUID) -> Response:
    """The one with the id ``comment``, or the newest one that came before ``before``."""
    row = mine(shadow_id)
    with gavel().database.read() as conn:
        named = id_in(request.args.get("comment"))
        if named is not None and is_blind(conn, named):
            return redirect(url_for("desk.check", comment_id=named), HTTPStatus.SEE_OTHER)
        if named is not None:
            beside: VerdictBeside | None = store.on_comment(conn, row.id, named)
        else:
            most = shadow_figures.MOST_COMMENTS
            beside = store.next_difference(
                conn, row.id, before=id_in(request.args.get("before")), most=most, reader_id=me().id
            )
        context = review_context.load(conn, beside.comment_id) if beside else None
        text = TextToCut(context.comment.id, context.comment.text) if context else None
        begun = excerpts(conn, [text], chars=CHARS) if text else {}
    return page(
        "desk/learning/difference.html",
        site_id=row.site_id,
        shadow=row,
        found=beside,
        context=context,
        begun=begun,
        if_right=outcome_if_right(beside) if beside else None,
        noted=id_in(request.args.get("noted")),
    )


@routes.post(f"{ONE}/differences/<uuid:comment_id>", role=Role.LEAD)
def give_second_look(shadow_id: UUID, comment_id: UUID) -> Response:
    """Keeps which of the two was right, and shows the next comment."""
    row = mine(shadow_id)
    outcome = _outcome(row, str(comment_id), request.form.get("right", ""))
    shadows.give_second_look(
        gavel().database, row.site_id, row.id, str(comment_id), outcome, by=actors.person(me()), now=utc_now()
    )
    onwards = url_for("desk.shadow_differences", shadow_id=row.id, before=comment_id, noted=comment_id)
    return redirect(onwards, HTTPStatus.SEE_OTHER)


def outcome_if_right(beside: VerdictBeside) -> CommentStatus:
    """The comment should not be online if the shadow was right to be stricter than people, or than the policy where
    people did not decide."""
    by_people = beside.outcome if beside.outcome is not None and not beside.is_second_look else None
    others = beside.policy_action.severity if by_people is None else _SEVERITY[by_people]
    return CommentStatus.REJECTED if beside.action.severity > others else CommentStatus.PUBLISHED


_SEVERITY = {CommentStatus.PUBLISHED: 0, CommentStatus.REJECTED: 2}


def _outcome(row: ShadowRow, comment_id: str, right: str) -> CommentStatus:
    if right not in ("shadow", "other"):
        raise InvalidInput(FieldProblem("right", N_("must be shadow or other")))
    with gavel().database.read() as conn:
        beside = store.on_comment(conn, row.id, comment_id)
    if_right = outcome_if_right(beside)
    if right == "shadow":
        return if_right
    is_rejected = if_right is CommentStatus.REJECTED
    return CommentStatus.PUBLISHED if is_rejected else CommentStatus.REJECTED
