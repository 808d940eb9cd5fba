"""The filters of the queue, each value with its number of waiting comments. These numbers may be half a minute old and
stop at a hundred: they show where to look. The number beside the queue's title is exact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy.engine import Connection

from moderation.ground.values.statuses import CommentStatus
from moderation.moderators.finding.context_rows import ReviewContext
from moderation.moderators.queue import filter_rows as queue_filters
from moderation.moderators.queue import rows as queue
from moderation.moderators.queue.view_rows import QueueView
from service import cached
from service.desk.frame.rendering import me
from service.desk.frame.sentences.numbers import in_figures
from service.desk.frame.sentences.wording import language_in_filter, reason_title
from service.desk.queue.query import View
from service.languages.wording import N_, gettext

KEPT_S = 30.0
COUNTED = 100  # for each value; beyond that the page says "100+"
BESIDE = 50  # others by an author or on an article are counted this far

DECIDED = {"published": N_("Published"), "rejected": N_("Rejected")}  # not in the queue: these have a page of their own
KINDS = {"article": N_("Article"), "author": N_("Author")}
STATUSES = {"": N_("Waiting"), "escalated": N_("Escalated"), **DECIDED}

Counts = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Option:
    """A value of one filter."""

    value: str
    title: str
    count: str


@dataclass(frozen=True, slots=True)
class Named:
    """An article or an author that the view is limited to."""

    kind: str
    title: str
    without: str  # the address of the view without that limit


@dataclass(frozen=True, slots=True)
class Beside:
    """Other waiting comments by the same author or on the same article."""

    kind: str
    id: str
    count: str


def options(conn: Connection, view: View, site_names: Mapping[str, str]) -> dict[str, list[Option]]:
    """The options, by the name of the filter. A chosen value is among them even if no comment with it waits.

    Published and rejected comments are not counted: they are as many as the site ever had.
    """
    counts = _counts(conn, view.queue.site_ids, is_escalated=view.queue.escalated)
    return {
        "status": [
            Option(value, gettext(title), "") if value in DECIDED else _option(value, gettext(title), counts["status"])
            for value, title in STATUSES.items()
        ],
        "site": [_option(id, name, counts["site"]) for id, name in site_names.items()],
        "signal": _by_value(view, "signal", counts, reason_title),
        "section": _by_value(view, "section", counts, str),
        "language": _by_value(view, "language", counts, language_in_filter),
    }


def named(conn: Connection, view: View, path: str, **also: str) -> list[Named]:
    """The article and the author that the view is limited to. ``also`` goes into the addresses, beside the filters."""
    sites, given = view.queue.site_ids, view.given
    titles = {
        "article": queue_filters.article_title(conn, sites, given["article"]) if "article" in given else None,
        "author": queue_filters.author_name(conn, sites, given["author"]) if "author" in given else None,
    }
    return [
        Named(gettext(KINDS[kind]), titles[kind] or gettext("unknown"), view.under(path, **also, **{kind: None}))
        for kind in titles
        if kind in given
    ]


def beside(conn: Connection, context: ReviewContext) -> list[Beside]:
    """How many other comments wait by the same author and on the same article."""
    comment = context.comment
    is_held = comment.status is CommentStatus.FLAGGED and context.escalated_at is None
    is_itself_there = is_held or comment.is_noticed
    views = {
        "author": QueueView((comment.site_id,), author_id=context.author.id),
        "article": QueueView((comment.site_id,), article_id=context.article.id),
    }
    counted = queue.counts(conn, list(views.values()), at_most=BESIDE + 1)
    return [
        Beside(kind, view.author_id or view.article_id or "", in_figures(n - is_itself_there, BESIDE))
        for (kind, view), n in zip(views.items(), counted, strict=True)
        if n > is_itself_there
    ]


def _counts(conn: Connection, sites: tuple[str, ...], *, is_escalated: bool) -> Counts:
    key = ("filter_counts", sites, tuple(me().roles), is_escalated)
    return cached.value(key, KEPT_S, lambda: _read(conn, sites, is_escalated=is_escalated))


def _read(conn: Connection, sites: tuple[str, ...], *, is_escalated: bool) -> dict[str, dict[str, int]]:
    view = QueueView(sites, escalated=is_escalated)
    waiting = queue_filters.waiting_by(conn, view, at_most=COUNTED)
    counts = {kind: {group.value: group.count for group in of} for kind, of in waiting.items()}
    by_site, by_status = tuple(me().roles), ("", "escalated")
    views = [replace(view, site_ids=(id,)) for id in by_site] + [replace(view, escalated=bool(s)) for s in by_status]
    counted = queue.counts(conn, views, at_most=COUNTED)
    counts["site"] = dict(zip(by_site, counted[: len(by_site)], strict=True))
    counts["status"] = dict(zip(by_status, counted[len(by_site) :], strict=True))
    return counts


def _by_value(view: View, name: str, counts: Counts, title: Callable[[str], str]) -> list[Option]:
    chosen = {view.given[name]} if name in view.given else set()
    options = [_option(value, title(value), counts[name]) for value in counts[name].keys() | chosen]
    return sorted(options, key=lambda option: option.title.lower())


def _option(value: str, title: str, counts: Mapping[str, int]) -> Option:
    return Option(value, title, in_figures(counts.get(value, 0), COUNTED))
