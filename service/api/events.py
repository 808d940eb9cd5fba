"""The feed of events with a cursor: after an interruption, a site continues where it stopped."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from moderation.ground.errors import CursorAhead, FieldProblem, InvalidInput
from moderation.ground.values.events import Event
from moderation.sites.keys import Scope
from moderation.spine.comments.envelope import envelope
from moderation.spine.events import rows as store
from service.api import responses, views
from service.api.fields import Query
from service.api.schemas import event_schemas
from service.auth import current_key, needs
from service.context import gavel, utc_now
from service.web import held_replies, webhook_notices
from service.web.places import LONG

MAX_WAIT_S = 30

events = APIBlueprint("events", __name__, url_prefix="/v1", abp_tags=[Tag(name="Events")])


class FeedQuery(Query):
    after: Annotated[int, Field(ge=0, le=2**62, description="`next` of the previous page; 0 for the beginning")] = 0
    cursor: Annotated[Literal["now"] | None, Field(description="Instead of `after`: only events from now on")] = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    wait: Annotated[int, Field(ge=0, le=MAX_WAIT_S, description="Seconds to wait if there are no new events")] = 0


@events.get(
    "/events", operation_id="listEvents", responses={200: event_schemas.EventPage, **responses.problems(409, 422)}
)
@needs(Scope.READ)
def list_events(query: FeedQuery) -> Response:
    """Read events

    In the order of `sequence`, which has no gaps. Store `next` and send it as `after` the next time. With `wait`, an
    answer without events waits until there is one. A moderator's decision appears once it can no longer be undone
    unnoticed. An `after` beyond the end of the feed, which was then restored from a backup, is refused with 409;
    `current.sequence` is its end.
    """
    if query.cursor and query.after:
        raise InvalidInput(FieldProblem("cursor", "replaces `after`: send only one of them"))
    after = _end() if query.cursor else query.after
    look = partial(_page, current_key().site_id, after, query.limit)
    with held_replies.place(current_key().site_id, wanted=query.wait > 0, length=LONG) as may_wait:
        stored = held_replies.poll(look, timeout_s=query.wait if may_wait else 0) or []
    page = [event_schemas.Event(**envelope(event)) for event in stored]
    return views.reply(event_schemas.EventPage(events=page, next=page[-1].sequence if page else after))


def _end() -> int:
    """The last sequence of the feed, with everything that is due by now."""
    site_id = current_key().site_id
    _release(site_id)
    with gavel().database.read() as conn:
        return store.last_sequence(conn, site_id)


def _page(site_id: str, after: int, limit: int) -> list[Event] | None:
    """None while there are no events. Raises CursorAhead."""
    _release(site_id)
    with gavel().database.read() as conn:
        events = store.feed(conn, site_id, after=after, limit=limit)
        if not events and after > (last := store.last_sequence(conn, site_id)):
            raise CursorAhead(after, last)
    return events or None


def _release(site_id: str) -> None:
    """Numbers the events that are due, as the sweeper would do within seconds."""
    database, now = gavel().database, utc_now()
    with database.read() as conn:
        if not store.has_due_events(conn, site_id, now):
            return
    with database.write() as conn:
        store.release_due(conn, site_id, now=now)
    webhook_notices.tell(site_id)
