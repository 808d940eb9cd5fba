"""A view of the flagged queue: its filters and its order, and the statements that find its first comments.

A moderator looks at the same part page after page, and making a statement costs as much as running it: those made of
a view are kept, so what differs from page to page is named in them, and given when they run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

import sqlalchemy as sa

from moderation.ground.database.alike_statements import union_of
from moderation.ground.database.engine import first_id_at
from moderation.spine.comments.tables import ESCALATED, IN_QUEUE, NOTICED_ONLINE, comments

NAMED, SOME_TIME = "", datetime(2000, 1, 1, tzinfo=UTC)  # placeholders for parameters of a later run
KEPT = 32  # statements of each kind; those of one view hold half a megabyte together

Held = tuple[str, str]
"""A site, and a reason why it holds comments."""

Cursor = tuple[Any, str]
"""Where a page ends: the last comment's value in the order, and its id."""


class QueueOrder(StrEnum):
    PRIORITY = "priority"  # expected harm, reports, age
    NEWEST = "newest"
    OLDEST = "oldest"
    TOXICITY = "toxicity"
    RELEVANCE = "relevance"  # least relevant first
    LIGHTEST = "lightest"  # least toxic first


@dataclass(frozen=True, slots=True)
class Sorting:
    """Comments without the score come last, in either direction."""

    column: sa.Column[Any]
    descending: bool

    def directed(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        return column.desc() if self.descending else column.asc()


SORTINGS: dict[QueueOrder, Sorting] = {
    QueueOrder.PRIORITY: Sorting(comments.c.priority, True),
    QueueOrder.NEWEST: Sorting(comments.c.id, True),  # ids grow with the time of arrival
    QueueOrder.OLDEST: Sorting(comments.c.id, False),
    QueueOrder.TOXICITY: Sorting(comments.c.toxicity, True),
    QueueOrder.RELEVANCE: Sorting(comments.c.relevance, False),
    QueueOrder.LIGHTEST: Sorting(comments.c.toxicity, False),
}


@dataclass(frozen=True, slots=True)
class QueueView:
    """The filters and the order of a view. ``site_ids`` are always sites that the moderator works for."""

    site_ids: tuple[str, ...]
    order: QueueOrder = QueueOrder.PRIORITY
    signal: str | None = None
    section: str | None = None
    article_id: str | None = None
    author_id: str | None = None
    language: str | None = None  # that it is judged in: a base code in small letters
    older_than: datetime | None = None
    escalated: bool = False
    only: tuple[Held, ...] | None = None  # what is held for these reasons; None for all
    without: tuple[Held, ...] = ()

    def held_for(self, reasons: tuple[Held, ...]) -> QueueView:
        """The part that is held for one of these reasons."""
        here = tuple(held for held in reasons if held[0] in self.site_ids)
        return replace(self, only=here, site_ids=tuple(dict.fromkeys(site_id for site_id, _ in here)))

    def passing(self, reasons: tuple[Held, ...]) -> QueueView:
        """The part that is not."""
        return replace(self, without=tuple(held for held in reasons if held[0] in self.site_ids))

    @property
    def shape(self) -> QueueView:
        """Equal for all articles, authors and ages, because these are too many to keep a statement for each."""
        return replace(
            self,
            article_id=self.article_id and NAMED,
            author_id=self.author_id and NAMED,
            older_than=self.older_than and SOME_TIME,
        )

    @property
    def given(self) -> dict[str, Any]:
        """The parameters for a statement made for this shape, or for a view with other values."""
        before = first_id_at(self.older_than) if self.older_than else None
        values = {"in_article": self.article_id, "by_author": self.author_id, "arrived_before": before}
        return {name: value for name, value in values.items() if value is not None}


class OrderStretch(NamedTuple):
    """A part of the order that is contiguous in an index: comments with the score or without, from a cursor on."""

    is_scored: bool
    is_after: bool


def in_view(statement: sa.Select[Any], view: QueueView, site_id: str | sa.ColumnElement[str]) -> sa.Select[Any]:
    """Adds the conditions of the view to a statement on ``comments``, for one site: of those that readers do not
    see."""
    held = sa.text(ESCALATED if view.escalated else IN_QUEUE)
    return _narrowed(statement.where(comments.c.site_id == site_id, held), view)


def online_in_view(statement: sa.Select[Any], view: QueueView) -> sa.Select[Any]:
    """As ``in_view``, of the comments of all sites that stay online while a person reads what a notice says of them.
    They are few."""
    return _narrowed(statement.where(comments.c.site_id.in_(view.site_ids), sa.text(NOTICED_ONLINE)), view)


def parts_of(statement: sa.Select[Any], view: QueueView) -> list[sa.Select[Any]]:
    """The statement for all that waits in the view: for each site, and for the comments that stay online meanwhile.
    Nobody asks a lead about one of these: a lead's comments are offline."""
    if view.only is not None:
        views = [(replace(view, site_ids=(site_id,), only=None), reason) for site_id, reason in view.only]
        return [part.where(comments.c.flagged_for == why) for of, why in views for part in parts_of(statement, of)]
    held = [in_view(statement, view, site_id) for site_id in view.site_ids]
    return held if view.escalated or not held else [*held, online_in_view(statement, view)]


def _narrowed(statement: sa.Select[Any], view: QueueView) -> sa.Select[Any]:
    for column, value in {"flagged_for": view.signal, "judged_in": view.language, "section": view.section}.items():
        if value is not None:
            statement = statement.where(comments.c[column] == value)
    for site_id, reason in view.without:
        is_other = sa.or_(comments.c.site_id != site_id, comments.c.flagged_for.is_distinct_from(reason))
        statement = statement.where(is_other)
    given = view.given
    if view.article_id is not None:
        statement = statement.where(comments.c.article_id == _named("in_article", given))
    if view.author_id is not None:
        statement = statement.where(comments.c.author_id == _named("by_author", given))
    if view.older_than is not None:
        # Ids hold the time, and each index has them. But the query must walk the index of the order, and SQLite would
        # rather take the index of the ids and sort: it does not see through coalesce. PostgreSQL does
        statement = statement.where(sa.func.coalesce(comments.c.id, None) < _named("arrived_before", given))
    return statement


def _named(name: str, given: dict[str, Any]) -> sa.BindParameter[Any]:
    """With the view's own value, which another value may replace when the statement runs."""
    return sa.bindparam(name, given[name], type_=comments.c.id.type)


def first_of(statement: sa.Select[Any], view: QueueView, stretch: OrderStretch, limit: int) -> sa.Subquery:
    """The first comments over all sites, from each site's first ones: their ``id``, and their ``value`` in the order.

    ``statement`` selects the ids; ``at`` gives the parameters that name the cursor.
    """
    sorting = SORTINGS[view.order]
    statement = statement.add_columns(sorting.column.label("value"))
    ordered = _scored(statement, sorting, stretch) if stretch.is_scored else _unscored(statement, sorting, stretch)
    every = union_of([part.limit(limit) for part in parts_of(ordered, view)]).subquery()
    return sa.select(every).order_by(*in_order(every, view)).limit(limit).subquery("picked")


def in_order(picked: sa.Subquery, view: QueueView) -> tuple[sa.ColumnElement[Any], ...]:
    """The columns that put rows picked for the view into its order."""
    sorting = SORTINGS[view.order]
    return sorting.directed(picked.c.value), sorting.directed(picked.c.id)


def at(cursor: Cursor | None) -> dict[str, Any]:
    """The bound values for rows after the cursor."""
    return {"after_value": cursor[0], "after_id": cursor[1]} if cursor else {}


def _scored(statement: sa.Select[Any], sorting: Sorting, stretch: OrderStretch) -> sa.Select[Any]:
    column, comment_id = sorting.column, comments.c.id
    if column.nullable:
        statement = statement.where(column.is_not(None))
    if stretch.is_after:
        value = sa.bindparam("after_value", type_=column.type)
        here, there = sa.tuple_(column, comment_id), sa.tuple_(value, _after_id())
        statement = statement.where(here < there if sorting.descending else here > there)
    columns = [column] if column is comment_id else [column, comment_id]
    return statement.order_by(*map(sorting.directed, columns))


def _unscored(statement: sa.Select[Any], sorting: Sorting, stretch: OrderStretch) -> sa.Select[Any]:
    comment_id = comments.c.id
    if stretch.is_after:
        statement = statement.where(comment_id < _after_id() if sorting.descending else comment_id > _after_id())
    return statement.where(sorting.column.is_(None)).order_by(sorting.directed(comment_id))


def _after_id() -> sa.BindParameter[Any]:
    return sa.bindparam("after_id", type_=comments.c.id.type)
