"""Deciding many comments at once, by selection or by score range, with samples to look at and one undo."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput, SelectionChanged
from moderation.ground.values.statuses import CommentStatus
from moderation.judging.signals.registry import SIGNALS
from moderation.moderators.campaigns import reviewing as campaign_review
from moderation.moderators.queue import score_rows as score_ranges
from moderation.moderators.queue.score_rows import BINS, Sample, ScoreRange
from moderation.moderators.review import bulk, overturning
from moderation.sites.people.roles import Role
from service import cached
from service.context import gavel, utc_now
from service.desk.frame.blind import blind_among
from service.desk.frame.excerpts import TextToCut, excerpts
from service.desk.frame.rendering import me, page
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.numbers import figures, whole
from service.desk.frame.tables import charts
from service.desk.queue import filters
from service.desk.queue.offered_reasons import JUDGING, choice_in, first_of, shared_reasons
from service.desk.queue.query import View, parse, parse_query
from service.languages.wording import N_, gettext, ngettext

routes = Routes(under="bulk")

HISTOGRAM_S = 15.0  # it counts every waiting comment, and may be a little old
SCORE_TITLES = {name: SIGNALS[name].title for name in score_ranges.SCORES}
WORST = {"high": (0.9, 1.0), "low": (0.0, 0.05)}  # the range shown first, by the worse end of the score
LISTED = 100


@routes.get("/bulk", role=Role.MODERATOR, title=N_("Bulk"), place=45, is_folded=True, endpoint="bulk")
def show() -> Response:
    """The histogram of a score, with samples from the chosen range."""
    now = utc_now()
    return _preview(_range(request.args, parse(request.args, me(), now=now), as_of=now))


@routes.post("/bulk", role=Role.MODERATOR)
def decide_range() -> Response:
    """Decides the range as previewed. If its number of comments has changed, nothing is decided."""
    now = utc_now()
    view = parse_query(request.form.get("view", ""), me(), now=now)
    _view, chosen = _range(request.form, view, as_of=_moment(request.form.get("as_of", ""), now))
    hold_s = gavel().settings.event_hold_s
    expected = whole(request.form.get("expected", ""))
    if expected is None:
        raise InvalidInput(FieldProblem("expected", "must be a number"))
    decided = choice_in(request.form, JUDGING)
    try:
        batch = bulk.decide_range(gavel().database, me(), chosen, decided, expected=expected, now=now, hold_s=hold_s)
    except SelectionChanged as e:
        notice = gettext(
            "Nothing was decided: the range now has %(now)s comments, not %(expected)s. Please look again.",
            now=figures(e.current),
            expected=figures(e.expected),
        )
        return _preview(_range(request.form, view, as_of=now), notice=notice, status=HTTPStatus.CONFLICT)
    return _done(batch)


@routes.get("/bulk/selection", role=Role.MODERATOR, title=N_("Selection"))
def selection() -> Response:
    """The ticked comments, to check before deciding. Those that changed since they were ticked are left out, and so are
    those that a person decided: each of these is overturned on its own page."""
    view = parse(request.args, me(), now=utc_now())
    given = (pair.partition(":") for pair in request.args.getlist("ids")[: bulk.MAX_BATCH])
    ticked = {id: whole(version) for id, _colon, version in given if _is_id(id)}
    with gavel().database.read() as conn:
        comments = score_ranges.by_ids(conn, tuple(me().roles), list(ticked), escalated=view.queue.escalated)
        same = [sample for sample in comments if ticked[sample.id] in (None, sample.version)]
        decided = [sample.id for sample in same if not _is_open(sample)]
        by_people = overturning.decided_by_people(conn, decided)
        samples = [sample for sample in same if sample.id not in by_people]
        reasons = shared_reasons(conn, [sample.site_id for sample in samples])
        begun = excerpts(conn, samples)
    return page(
        "desk/queue/selection.html",
        view=view,
        samples=samples,
        excerpts=begun,
        gone=len(ticked) - len(same),
        by_people=len(by_people),
        may_approve=sum(sample.is_noticed or sample.status is not CommentStatus.PUBLISHED for sample in samples),
        may_reject=sum(sample.status is not CommentStatus.REJECTED for sample in samples),
        rejection_reasons=reasons,
        first=first_of(reasons),
    )


@routes.post("/bulk/selection", role=Role.MODERATOR)
def decide_selection() -> Response:
    """Decides each comment at the version that the page showed; others are left out."""
    chosen = [pair.partition(":") for pair in request.form.getlist("ids")]
    seen = [(id, number) for id, _colon, version in chosen if _is_id(id) and (number := whole(version)) is not None]
    if len(seen) != len(chosen):
        raise InvalidInput(FieldProblem("ids", "must be comments with their versions"))
    hold_s = gavel().settings.event_hold_s
    decided = choice_in(request.form, JUDGING)
    return _done(bulk.decide_each(gavel().database, me(), seen, decided, now=utc_now(), hold_s=hold_s))


@routes.get("/batches/<uuid:batch_id>", role=Role.MODERATOR, title=N_("Batch"), endpoint="batch")
def show_batch(batch_id: UUID) -> Response:
    """The batch, as far as it is on the moderator's sites."""
    batch = bulk.open_batch(gavel().database, me(), str(batch_id))
    with gavel().database.read() as conn:
        begun = excerpts(conn, [TextToCut(e.decision.comment_id, e.text) for e in batch.entries[:LISTED]])
        blind = blind_among(conn, list(begun))
    return page(
        "desk/queue/batch.html",
        batch_id=batch_id,
        batch=batch,
        listed=[entry for entry in batch.entries[:LISTED] if entry.decision.comment_id not in blind],
        excerpts=begun,
        left_out=_number("left_out"),
        is_new="left_out" in request.args,
        done=_done_to_all(),
    )


def _done_to_all() -> str | None:
    """The sentence about an undo or redo of the whole batch that just ended."""
    if "undone" in request.args:
        undone = _number("undone")
        return ngettext("%(count)s undone.", "%(count)s undone.", undone, count=figures(undone))
    if "redone" in request.args:
        redone = _number("redone")
        return ngettext("%(count)s decided again.", "%(count)s decided again.", redone, count=figures(redone))
    return None


@routes.post("/batches/<uuid:batch_id>/undo", role=Role.MODERATOR)
def undo_batch(batch_id: UUID) -> Response:
    """Undoes the whole batch, and its decision for the week. The status line sends a ``view`` and goes on to the
    queue; others see the batch again."""
    hold_s = gavel().settings.event_hold_s
    undone = bulk.undo_batch(gavel().database, me(), str(batch_id), now=utc_now(), hold_s=hold_s)
    campaign_review.end_treatments_of(gavel().database, me(), str(batch_id), now=utc_now())
    if (view := request.form.get("view")) is not None:
        kept = parse_query(view, me(), now=utc_now())
        return redirect(kept.under(url_for("desk.review"), done=str(batch_id)), HTTPStatus.SEE_OTHER)
    return redirect(url_for("desk.batch", batch_id=batch_id, undone=undone.decided), HTTPStatus.SEE_OTHER)


@routes.post("/batches/<uuid:batch_id>/redo", role=Role.MODERATOR)
def redo_batch(batch_id: UUID) -> Response:
    """Decides again what was undone, and shows the batch."""
    hold_s = gavel().settings.event_hold_s
    redone = bulk.redo_batch(gavel().database, me(), str(batch_id), now=utc_now(), hold_s=hold_s)
    return redirect(url_for("desk.batch", batch_id=batch_id, redone=redone.decided), HTTPStatus.SEE_OTHER)


def _is_open(sample: Sample) -> bool:
    return sample.is_noticed or sample.status is CommentStatus.FLAGGED


def _number(name: str) -> int:
    return whole(request.args.get(name, "")) or 0


def _preview(chosen: tuple[View, ScoreRange], *, notice: str | None = None, status: int = 200) -> Response:
    view, score_range = chosen
    preview = bulk.preview(gavel().database, score_range)
    with gavel().database.read() as conn:
        reasons = shared_reasons(conn, view.queue.site_ids)
        begun = excerpts(conn, [*preview.lowest, *preview.between, *preview.highest])
        named = filters.named(conn, view, url_for("desk.bulk"))
    key = ("histogram", view.queue.site_ids, view.query, score_range.score)
    counts = cached.value(key, HISTOGRAM_S, lambda: _histogram(score_range))
    return page(
        "desk/queue/bulk.html",
        status=status,
        notice=notice,
        view=view,
        chosen=score_range,
        preview=preview,
        excerpts=begun,
        named=named,
        score_titles=SCORE_TITLES,
        max_batch=bulk.MAX_BATCH,
        histogram=charts.histogram(counts, low=score_range.low, high=score_range.high),
        counts=counts,
        bins=[(number / BINS, (number + 1) / BINS) for number in range(BINS)],
        rejection_reasons=reasons,
        first=first_of(reasons, score_range.score),
        sent={
            "view": view.query,
            "score": score_range.score,
            "low": score_range.low,
            "high": score_range.high,
            "expected": preview.count,
            "as_of": score_range.as_of.isoformat(),
        },
    )


def _histogram(chosen: ScoreRange) -> list[int]:
    with gavel().database.read() as conn:
        return score_ranges.histogram(conn, chosen.view, chosen.score)


def _range(given: Any, view: View, *, as_of: datetime) -> tuple[View, ScoreRange]:
    score = given.get("score") if given.get("score") in SCORE_TITLES else "toxicity"
    worst = WORST[SIGNALS[score].worse]
    low, high = (_share(given.get(name), default) for name, default in zip(("low", "high"), worst, strict=True))
    return view, ScoreRange(view.queue, score, min(low, high), max(low, high), as_of)


def _done(batch: bulk.Batch) -> Response:
    if batch.decided == 0:
        raise SelectionChanged(batch.left_out, 0)
    return redirect(url_for("desk.batch", batch_id=batch.id, left_out=batch.left_out), HTTPStatus.SEE_OTHER)


def _share(value: str | None, default: float) -> float:
    try:
        return min(1.0, max(0.0, float(value))) if value else default
    except ValueError:
        return default


def _moment(value: str, now: datetime) -> datetime:
    """When the preview was made: at most an hour ago."""
    try:
        seen = datetime.fromisoformat(value)
    except ValueError as e:
        raise InvalidInput(FieldProblem("as_of", "must be a date and time")) from e
    if seen.tzinfo is None or not now - timedelta(hours=1) <= seen <= now:
        raise InvalidInput(FieldProblem("as_of", "this preview is too old: please look again"))
    return seen


def _is_id(value: str) -> bool:
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False
