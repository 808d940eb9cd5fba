"""An author's page: their record, the measures about them, and the form to take one. The review screen has the same
form, and comes back to its comment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput, MeasureFollowed
from moderation.ground.values.authors import Author
from moderation.ground.values.measures import MAY_END, Measure, Standing
from moderation.law.statements import measure_rows as measure_statements
from moderation.moderators.authors import climbing as author_climbing
from moderation.moderators.authors import measure_rows as store
from moderation.moderators.authors import taking_measures as author_measures
from moderation.moderators.authors.measure_rows import AuthorMark, TakenMeasure
from moderation.moderators.authors.taking_measures import MeasureWish
from moderation.moderators.finding import search_rows as search
from moderation.sites import rows as sites
from moderation.sites.people.roles import Role
from moderation.spine.comments.moves import hold_until
from service.context import gavel, utc_now
from service.desk.frame.addresses import id_in
from service.desk.frame.blind import blind_among
from service.desk.frame.excerpts import excerpts
from service.desk.frame.rendering import me, page
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.numbers import percent, whole
from service.desk.queue.query import parse, parse_query
from service.desk.review import author_card
from service.desk.review.status_line import status_line
from service.languages.wording import N_, gettext

routes = Routes(under="search")

LINES = 30
HISTORY = 50


@routes.get("/authors/<uuid:author_id>", role=Role.MODERATOR, title=N_("Author"))
def author(author_id: UUID) -> Response:
    return _author(author_id)


@routes.post("/authors/<uuid:author_id>/measures", role=Role.MODERATOR)
def take_measure(author_id: UUID) -> Response:
    """Warns, holds, suspends, bans, trusts or restores an author, and goes back to the comment that it was about."""
    now, db = utc_now(), gavel().database
    due_at = hold_until(now, gavel().settings.event_hold_s)
    try:
        author = author_measures.find_author(db, me(), str(author_id))
        taken = author_measures.take(db, me(), author.id, _wish(author), now=now, due_at=due_at)
    except InvalidInput as e:
        return _author(author_id, problems=e.problems)
    return _back(taken)


@routes.post("/measures/<uuid:measure_id>/undo", role=Role.MODERATOR)
def undo_measure(measure_id: UUID) -> Response:
    """Undoes the newest measure about an author."""
    with gavel().database.read() as conn:
        measure = store.find(conn, str(measure_id))
    try:
        undone = author_measures.undo(gavel().database, me(), str(measure_id), now=utc_now())
    except MeasureFollowed:
        assert measure is not None
        return _author(
            UUID(measure.author_id), notice=gettext("Nothing was changed: this is no longer the newest measure.")
        )
    return _back(undone)


def _author(author_id: UUID, *, problems: Sequence[FieldProblem] = (), notice: str = "") -> Response:
    """The page; with problems of the form what was typed stays in it."""
    now, author = utc_now(), author_measures.find_author(gavel().database, me(), str(author_id))
    with gavel().database.read() as conn:
        recent = search.comments_of(conn, author_id=author.id, limit=LINES)
        taken = store.history(conn, author.id, limit=HISTORY)
        settings = sites.get_site(conn, author.site_id).settings
        proposed = author_climbing.due(conn, author, settings, now=now)
        mark = store.find_mark(conn, author.id)
        statements = measure_statements.announced_paths(conn, author.id)
        begun = excerpts(conn, recent)
        concealed = blind_among(conn, list(begun))
        done = id_in(request.args.get("done"))
        line = status_line(conn, done=done, current=None) if done else {"last": None, "done": None}
    decided = author.published + author.rejected
    status = HTTPStatus.CONFLICT if notice else HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK
    return page(
        "desk/authors/author.html",
        status=status,
        author=author,
        share=percent(author.rejected / decided) if decided else "",
        reason=mark.reason,
        notice=notice,
        standing=author.standing_at(now),
        problems={problem.field: problem.message for problem in problems},
        filled=request.form or _prefilled(author, mark, taken, now),
        taken=taken,
        statements=statements,
        undoable=next((measure.id for measure in taken if measure.undone_at is None), None),
        proposed=author_card.proposal(proposed),
        settings=settings,
        measures=author_card.measures(author, now),
        standings=author_card.standings(),
        done_words=author_card.done_words,
        recent=recent,
        excerpts=begun,
        concealed=concealed,
        view=parse({}, me(), now=now),
        **line,
    )


def _prefilled(author: Author, mark: AuthorMark, taken: Sequence[TakenMeasure], now: datetime) -> dict[str, str]:
    """The form begins with the mark that holds, so that its reason can be edited."""
    standing = author.standing_at(now)
    measure = next((kind for kind in Measure if kind.standing is standing), None)
    if standing is Standing.NORMAL or measure is None:
        return {}
    newest = next((earlier for earlier in taken if earlier.undone_at is None and earlier.measure is measure), None)
    if newest is None:
        return {"measure": measure, "reason": mark.reason or ""}
    return {"measure": measure, "reason": newest.reason or "", "rejection_reason": newest.rejection_reason or ""}


def _back(taken: TakenMeasure) -> Response:
    """To the comment that the form was beside, or to the author's page."""
    if taken.about_id and "view" in request.form:
        view = parse_query(request.form["view"], me(), now=utc_now())
        path = url_for("desk.comment", comment_id=taken.about_id)
        return redirect(view.under(path, done=taken.id), HTTPStatus.SEE_OTHER)
    return redirect(url_for("desk.author", author_id=taken.author_id, done=taken.id), HTTPStatus.SEE_OTHER)


def _wish(author: Author) -> MeasureWish:
    """The form's measure. A number of days counts before the end that the author's mark has now, which only the same
    mark keeps."""
    form = request.form
    wanted, days = form.get("measure", ""), form.get("days", "").strip()
    if wanted not in set(Measure):
        raise InvalidInput(FieldProblem("measure", "choose a measure"))
    if days and whole(days) is None:
        raise InvalidInput(FieldProblem("days", "must be a whole number"))
    measure = Measure(wanted)
    is_same = measure in MAY_END and measure.standing is author.standing and author.standing is not Standing.NORMAL
    return MeasureWish(
        measure,
        _typed(form.get("reason", "")),
        rejection_reason=form.get("rejection_reason") or None,
        days=whole(days),
        keeps_end=is_same and not days and form.get("end") == "keep",
        about_id=id_in(form.get("comment")),
        note=_typed(form.get("note", "")) or None,
    )


def _typed(words: str) -> str:
    """Without control characters, which no form types and no database stores."""
    return "".join(char for char in words if char.isprintable() or char in "\n\t")
