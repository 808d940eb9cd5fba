"""The status line: what was just done, and the newest action of this shift that can be undone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask import url_for
from sqlalchemy.engine import Connection

from moderation.ground.values.decisions import Decision
from moderation.ground.values.statuses import CommentStatus
from moderation.moderators.authors import measure_rows as author_measures
from moderation.moderators.authors.measure_rows import TakenMeasure
from moderation.moderators.campaigns import reviewing as campaign_review
from moderation.moderators.campaigns import rows as campaigns
from moderation.moderators.finding import history_rows as history
from moderation.moderators.queue.desk import question_rows as questions
from moderation.moderators.queue.desk import saved_view_rows
from moderation.moderators.queue.desk import skip_rows as skips
from moderation.moderators.queue.desk.question_rows import Question
from moderation.moderators.queue.desk.saved_view_rows import SavedView
from moderation.moderators.queue.desk.skip_rows import Skip
from moderation.moderators.review.reviewing import Choice
from moderation.sites.people.accounts import SESSION_HOURS
from moderation.spine.articles import rows as articles
from moderation.spine.comments import decision_rows as decisions
from moderation.spine.comments import rows as comments
from service.context import utc_now
from service.desk.frame.rendering import me
from service.desk.frame.sentences import wording
from service.desk.frame.sentences.numbers import in_figures
from service.desk.review import author_card
from service.languages.wording import N_, gettext

AGAIN = {
    CommentStatus.FLAGGED: N_("open again"),
    CommentStatus.PUBLISHED: N_("published again"),
    CommentStatus.REJECTED: N_("rejected again"),
}
"""The effect of an undo, by the status that it led to."""

LISTED = 10  # of the questions about a comment, the newest: those that may have put it off


@dataclass(frozen=True, slots=True)
class StatusLine:
    """A decision, a batch of them, a skip, a question or a measure, in words."""

    words: str
    undo: str  # the address that undoes it; empty of what is undone already
    author: str = ""  # of a single comment
    article: str = ""
    again: str = ""  # the state of the comment after an undo
    count: int | None = None  # of a batch: how many comments one undo brings back
    siblings: str = ""  # the address of the campaign, if other copies are still to be decided
    others: str = ""  # how many


def status_line(conn: Connection, *, done: str | None, current: str | None) -> dict[str, StatusLine | None]:
    """``done`` is the id of a decision, a batch that was undone, a measure, a question that was taken back, a view
    that was saved, or a skipped comment. If it is ``current``, that skip was undone."""
    since = utc_now() - timedelta(hours=SESSION_HOURS)
    newest = _newest(conn, since)
    if newest is None:
        return {"last": None, "done": _done(conn, done, current)}
    id, last = newest
    return {"last": last, "done": last if done == id else _done(conn, done, current)}


def _newest(conn: Connection, since: datetime) -> tuple[str, StatusLine] | None:
    """The id and the words of the newest decision, skip or measure."""
    decision = history.last_standing(conn, me().id, since=since)
    skip = skips.newest(conn, me().id, tuple(me().roles), since=since)
    measure = author_measures.newest_by(conn, me().id, since=since)
    moments = [decision.created_at] if decision else []
    moments += [skip.skipped_at] if skip else []
    moments += [measure.created_at] if measure else []
    if not moments:
        return None
    newest = max(moments)
    if measure is not None and measure.created_at == newest:
        return measure.id, _measure(conn, measure)
    if skip is not None and skip.skipped_at == newest:
        return skip.comment_id, _put_off(conn, skip)
    assert decision is not None
    return decision.id, _decided(conn, decision)


def _done(conn: Connection, done: str | None, current: str | None) -> StatusLine | None:
    if done is None:
        return None
    decision = decisions.find_decision(conn, done)
    if decision is not None:
        return _decided(conn, decision) if decision.moderator_id == me().id else None
    if of_batch := history.newest_by_person(conn, done):
        return _batch_undone(conn, of_batch)
    measure = author_measures.find(conn, done)
    if measure is not None:
        return _measure(conn, measure) if measure.moderator_id == me().id else None
    question = questions.find(conn, done)
    if question is not None:
        return _taken_back(conn, question) if question.asker_id == me().id else None
    if (saved := saved_view_rows.find(conn, done)) is not None:
        return _view_saved(saved)
    if done != current:
        return None
    return replace(_skipped(conn, done, gettext("Skip undone")), again=gettext("open again"))


def _decided(conn: Connection, decision: Decision) -> StatusLine:
    if decision.batch_id:
        return _batch(conn, decision, decision.batch_id)
    reason = None if decision.undoes else wording.reason_in_words(decision)
    words = wording.with_reason(wording.what_was_done(decision), reason)
    undo = url_for("desk.undo", decision_id=decision.id)
    again = _again(decision) if decision.undoes else ""
    author, article, is_copy = _about(conn, decision.comment_id)
    line = StatusLine(words, undo, author, article, again=again)
    return _with_siblings(conn, line, decision) if is_copy else line


def _again(undo: Decision) -> str:
    if undo.featured is not None:
        return gettext("featured again") if undo.featured else gettext("no longer featured")
    return gettext(AGAIN[undo.status_after])


def _batch(conn: Connection, decision: Decision, batch_id: str) -> StatusLine:
    tally = history.tallies(conn, [batch_id], reads=tuple(me().roles))[batch_id]
    return StatusLine(
        wording.batch_in_words(decision, tally.total),
        url_for("desk.undo_batch", batch_id=batch_id),
        count=tally.in_force,
    )


def _batch_undone(conn: Connection, own: Decision) -> StatusLine | None:
    """``own`` is one of the batch's own decisions."""
    if own.moderator_id != me().id or not own.batch_id:
        return None
    line = _batch(conn, own, own.batch_id)
    return replace(line, words=gettext("Undone: %(done)s", done=wording.within(line.words)), count=None)


def _with_siblings(conn: Connection, line: StatusLine, decision: Decision) -> StatusLine:
    """Of a rejected copy, the others of its campaign that wait or are online."""
    is_rejected = decision.status_after is CommentStatus.REJECTED
    campaign = campaigns.of_comment(conn, decision.comment_id) if is_rejected else None
    if campaign is None:
        return line
    others = campaign_review.covered(conn, campaign.id, Choice.REJECT)
    if not others:
        return line
    address = url_for("desk.campaign", campaign_id=campaign.id)
    return replace(line, siblings=address, others=in_figures(others, campaign_review.COUNTED))


def _put_off(conn: Connection, skip: Skip) -> StatusLine:
    """A skip. A question and an answer put the comment off as well, at the same moment."""
    about = questions.about(conn, skip.comment_id, limit=LISTED)
    if asked := next((q for q in about if q.asker_id == me().id and q.created_at == skip.skipped_at), None):
        line = _skipped(conn, skip.comment_id, gettext("Asked %(name)s", name=asked.asked))
        return replace(line, undo=url_for("desk.take_back_question", question_id=asked.id))
    if closed := next((q for q in about if q.asked_id == me().id and q.closed_at == skip.skipped_at), None):
        said = N_("Put off after your answer to %(name)s") if closed.answer else N_("Handed back to %(name)s")
        return _skipped(conn, skip.comment_id, gettext(said, name=closed.asker))
    return _skipped(conn, skip.comment_id, gettext("Skipped"))


def _taken_back(conn: Connection, question: Question) -> StatusLine:
    words = gettext("Question to %(name)s taken back", name=question.asked)
    author, article, _is_copy = _about(conn, question.comment_id)
    return StatusLine(words, "", author, article, again=gettext("open again"))


def _skipped(conn: Connection, comment_id: str, words: str) -> StatusLine:
    undo = url_for("desk.take_back_skip", comment_id=comment_id)
    author, article, _is_copy = _about(conn, comment_id)
    return StatusLine(words, undo, author, article)


def _measure(conn: Connection, taken: TakenMeasure) -> StatusLine:
    author = articles.author_by_id(conn, taken.author_id)
    name = (author.name if author else None) or gettext("No name")
    return StatusLine(author_card.done_words(taken), url_for("desk.undo_measure", measure_id=taken.id), name)


def _view_saved(view: SavedView) -> StatusLine | None:
    is_mine = view.moderator_id == me().id and view.deleted_at is None
    return StatusLine(gettext("View saved: %(name)s", name=view.name), "") if is_mine else None


def _about(conn: Connection, comment_id: str) -> tuple[str, str, bool]:
    """The author's name, the article's title, and whether it is a copy in a campaign."""
    author, title, is_copy = comments.headings(conn, comment_id)
    return author or gettext("No name"), title or gettext("an article"), is_copy
