"""The requests that Gavel sends to a site's webhook, for the OpenAPI document: envelope, headers, each type of event.

The feed gives the same events. Nothing here is checked when one is sent; a test holds it against those that are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import models_json_schema

from moderation.ground.values.statuses import Action, CommentStatus, DecidedBy
from moderation.sites.webhook import TEST
from moderation.spine.comments.envelope import EventType
from service.api.fields import OldReasonSent
from service.api.schemas.measure_schemas import AuthorEventData
from service.api.schemas.signal_schemas import Reason
from service.api.schemas.statement_schemas import AppealEventData, StatementInEvent

REF = "#/components/schemas/"
MEANING: Mapping[EventType, str] = {
    EventType.PUBLISHED: "Readers may see the comment",
    EventType.FLAGGED: "A person must look at the comment: do not show it",
    EventType.REJECTED: "The comment was rejected: do not show it",
    EventType.EDITED: "The comment's text changed and waits to be decided again: do not show it",
    EventType.WITHDRAWN: "The comment was taken back for good, by its author, the site, or with its author's erasure",
    EventType.APPEAL_RECEIVED: "The author of a comment appealed against a decision on it",
    EventType.APPEAL_DECIDED: "The appeal was decided, or the decision changed before: tell the author",
    EventType.FEATURED: "An editor picked the comment: show it as one of the best, where you do that",
    EventType.UNFEATURED: "The comment is no longer an editor's pick; it stays online",
    EventType.AUTHOR_WARNED: "A reader was warned",
    EventType.AUTHOR_HELD: "A person reads each comment of a reader before others do",
    EventType.AUTHOR_SUSPENDED: "A reader may not comment for some time: close your comment box to them",
    EventType.AUTHOR_BANNED: "A reader may no longer comment: close your comment box to them",
    EventType.AUTHOR_TRUSTED: "A reader is trusted: only severe rules hold their comments",
    EventType.AUTHOR_RESTORED: "A measure about a reader has ended or was undone: they may comment as before",
    EventType.NOTICE_RECEIVED: "A notice of illegal content came in: pass the receipt on to whoever gave it",
    EventType.NOTICE_DECIDED: "A person answered a notice of illegal content: pass the decision on",
}
DATA: Mapping[str, str] = {"author.": "AuthorEventData", "notice.": "NoticeEventData", "appeal.": "AppealEventData"}
"""The schema of an event's data by the beginning of its type; all others are about comments."""


class EventComment(BaseModel):
    """The comment as it stands after the event. Its text is not sent."""

    id: str
    article_id: str
    author_id: str
    status: CommentStatus
    version: int


class EventDecision(BaseModel):
    """The decision that made the event."""

    id: str
    action: Action
    by: DecidedBy
    policy_version: int | None
    reason: str | None
    category: OldReasonSent
    undoes: str | None
    reasons: list[Reason]
    statement: Annotated[
        StatementInEvent | None, Field(description="Of a decision against the author: its statement of reasons")
    ] = None


class EventData(BaseModel):
    """The comment, and the decision where there was one: edits and withdrawals have none."""

    model_config = ConfigDict(extra="allow")

    comment: EventComment
    decision: EventDecision | None = None


class EventNotice(BaseModel):
    """A notice of illegal content, without whoever gave it and without their words."""

    id: str
    status: Annotated[str, Field(description="`open`, `upheld`, `dismissed` or `withdrawn`")]
    category: str
    trusted_flagger: bool
    reader_id: Annotated[str | None, Field(description="Yours, if a reader of yours gave it")]
    received_at: datetime
    decided_at: datetime | None
    language: str
    title: Annotated[str, Field(description="Of the letter to whoever gave it, in their language")]
    text: Annotated[str, Field(description="Its paragraphs, with empty lines between them")]
    path: Annotated[str, Field(description="Of its page, behind Gavel's address")]


class NoticeEventData(BaseModel):
    """A notice, and its comment as it is after the event."""

    comment: EventComment
    notice: EventNotice


class TestedSite(BaseModel):
    id: str
    name: str


class TestData(BaseModel):
    site: TestedSite


class TestEvent(BaseModel):
    """An event of no comment, which somebody sent to test the webhook. It has no number and is not in the feed."""

    id: str
    sequence: None
    type: Literal["webhook.test"]
    created_at: datetime
    data: TestData


def schemas() -> dict[str, Any]:
    """By name, for the document's components."""
    _refs, document = models_json_schema(
        [
            (model, "serialization")
            for model in (EventData, AuthorEventData, NoticeEventData, AppealEventData, TestEvent)
        ],
        ref_template=REF + "{model}",
    )
    definitions: dict[str, Any] = document["$defs"]
    return definitions


def webhooks() -> dict[str, Any]:
    """The document's ``webhooks``: https://spec.openapis.org/oas/v3.1.0#openapi-object."""
    test = _sent(TEST, "Somebody tests the webhook", {"$ref": f"{REF}TestEvent"})
    return {kind.value: _sent(kind, meaning, _only(kind)) for kind, meaning in MEANING.items()} | {TEST: test}


def _only(kind: EventType) -> dict[str, Any]:
    data = next((name for about, name in DATA.items() if kind.startswith(about)), "EventData")
    fields = {"type": {"const": kind.value}, "data": {"$ref": f"{REF}{data}"}}
    only = {"type": "object", "properties": fields, "required": ["type", "data"]}
    return {"allOf": [{"$ref": f"{REF}Event"}, only]}


def _sent(kind: str, meaning: str, envelope: dict[str, Any]) -> dict[str, Any]:
    operation = {
        "operationId": f"on{''.join(part.capitalize() for part in kind.split('.'))}",
        "tags": ["Webhooks"],
        "summary": meaning,
        "description": "Signed as Standard Webhooks 1.0 has it. The same `webhook-id` again is the same event.",
        "security": [],
        "parameters": [_header(name, said) for name, said in HEADERS.items()],
        "requestBody": {"required": True, "content": {"application/json": {"schema": envelope}}},
        "responses": {"2XX": {"description": "Taken. After any other answer Gavel sends it again later"}},
    }
    return {"post": operation}


HEADERS: Mapping[str, str] = {
    "webhook-id": "The event's id",
    "webhook-timestamp": "Seconds since 1970, when it was sent: refuse what is older than five minutes",
    "webhook-signature": "`v1,` and the base64 of HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`",
}


def _header(name: str, said: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": True, "description": said, "schema": {"type": "string"}}
