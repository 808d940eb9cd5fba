"""Tells a Coral what was decided about its comments after it had its answer, through its GraphQL API.

Coral asks about a comment before it has an id, so we look for the comment among its author's newest ones.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from moderation.ground.database.engine import Database
from moderation.ground.values.statuses import CommentStatus
from moderation.ground.webhooks.sending import NotSent, Sender
from moderation.operations.importing.html_text import letters_of
from moderation.pipeline.waiting import coral_rows as waiting_for_coral
from moderation.sites.rows import Site
from moderation.spine.events import coral_rows as coral_comments
from moderation.spine.events.coral_rows import StatusDue

RETRY_AFTER = tuple(timedelta(seconds=s) for s in (10, 60, 300, 1_800, 7_200, 21_600, 43_200, 86_400))
PAGE = 20
MAX_ANSWER_BYTES = 1024 * 1024
PATH = "/api/graphql"
# Coral's schema: https://docs.coralproject.net/api/schema
MUTATIONS: Mapping[CommentStatus, str] = {
    CommentStatus.PUBLISHED: "approveComment",
    CommentStatus.REJECTED: "rejectComment",
}
INPUTS = {"approveComment": "ApproveCommentInput", "rejectComment": "RejectCommentInput"}
FIND = (
    "query Find($author: ID!) { user(id: $author) { allComments(first: 20) "
    "{ edges { node { id body story { id } revision { id } } } } } }"
)

log = logging.getLogger(__name__)


class NotTold(Exception):
    """Coral did not take the decision. The message says why."""


@dataclass(frozen=True, slots=True)
class CoralRevision:
    """A comment as Coral knows it."""

    id: str
    revision: str


def tell(database: Database, sender: Sender, site: Site, *, now: datetime, until: float) -> bool:
    """Tells what is due. Returns whether more is due: the time, as of ``time.monotonic``, was up."""
    if site.settings.coral_url is None or site.settings.coral_token is None:
        _forget(database, site, now)
        return False
    with database.read() as conn:
        waiting = waiting_for_coral.due(conn, site.id, now=now, limit=PAGE)
    for due in waiting:
        if time.monotonic() > until:
            return True
        _tell_one(database, sender, site, due, now)
    return len(waiting) == PAGE


def _forget(database: Database, site: Site, now: datetime) -> None:
    with database.read() as conn:
        if not waiting_for_coral.due(conn, site.id, now=now, limit=1):
            return
    with database.write() as conn:
        coral_comments.mark_all_told(conn, site.id)


def _tell_one(database: Database, sender: Sender, site: Site, due: StatusDue, now: datetime) -> None:
    coral_id = due.coral_id
    if due.status in MUTATIONS and due.status is not due.told:
        try:
            coral_id = _decide(database, sender, site, due).id
        except NotTold as e:
            log.warning("Coral has not heard of comment %s: %s", due.comment_id, e)
            next_at = now + RETRY_AFTER[due.attempts] if due.attempts < len(RETRY_AFTER) else None
            with database.write() as conn:
                coral_comments.note_failure(conn, due, next_at=next_at, error=str(e))
            return
    with database.write() as conn:
        coral_comments.note_told_later(conn, due, coral_id)


def _decide(database: Database, sender: Sender, site: Site, due: StatusDue) -> CoralRevision:
    """Raises NotTold."""
    comment = _find(database, sender, site, due)
    name = MUTATIONS[due.status]
    query = f"mutation Decide($input: {INPUTS[name]}!) {{ {name}(input: $input) {{ comment {{ id status }} }} }}"
    said = {"commentID": comment.id, "commentRevisionID": comment.revision, "clientMutationId": due.comment_id}
    _ask(sender, site, query, {"input": said})
    return comment


def _find(database: Database, sender: Sender, site: Site, due: StatusDue) -> CoralRevision:
    """The comment that we found before; else the author's newest one on the story with the same text that is no other
    comment of ours. Raises NotTold."""
    alike = _alike(_ask(sender, site, FIND, {"author": due.author_id}), due)
    with database.read() as conn:
        taken = coral_comments.known_elsewhere(conn, site.id, [other.id for other in alike], due.comment_id)
    for comment in alike:
        if comment.id == due.coral_id or (due.coral_id is None and comment.id not in taken):
            return comment
    raise NotTold("Coral has no such comment among the newest ones of its author")


def _alike(data: Mapping[str, Any], due: StatusDue) -> list[CoralRevision]:
    try:
        edges = ((data["user"] or {}).get("allComments") or {}).get("edges", ())
        return [
            CoralRevision(str(node["id"]), str(node["revision"]["id"]))
            for node in (edge["node"] for edge in edges)
            if node["story"]["id"] == due.story_id and _is_same(node["body"] or "", due.text)
        ]
    except (KeyError, TypeError, AttributeError) as e:
        raise NotTold("Coral's answer has another form than its API describes") from e


def _is_same(html: str, text: str) -> bool:
    """Coral has HTML, and sends plain text or, where its phase says so, HTML."""
    letters = letters_of(html)
    return letters == "".join(text.split()) or letters == letters_of(text)


def _ask(sender: Sender, site: Site, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The data of Coral's answer. Raises NotTold."""
    url = (site.settings.coral_url or "").rstrip("/") + PATH
    body = json.dumps({"query": query, "variables": variables}).encode()
    headers = {"authorization": f"Bearer {site.settings.coral_token}"}
    try:
        answer = sender.post(url, body, headers, reads=MAX_ANSWER_BYTES)
    except NotSent as e:
        raise NotTold(str(e)) from e
    if answer.problem is not None:
        raise NotTold(answer.problem)
    try:
        said = json.loads(answer.body)
        errors, data = said.get("errors"), said.get("data")
    except (ValueError, RecursionError, AttributeError) as e:
        raise NotTold("Coral's answer is not JSON") from e
    if errors or not isinstance(data, dict):
        raise NotTold(f"Coral refuses: {_first_message(errors)}")
    return data


def _first_message(errors: Any) -> str:
    try:
        return str(errors[0]["message"])[:200]
    except (LookupError, TypeError):
        return "it does not say why"
