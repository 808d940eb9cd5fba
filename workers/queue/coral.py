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
from html.parser import HTMLParser
from typing import Any

from moderation.model import CommentStatus
from moderation.store import coral_comments
from moderation.store.coral_comments import Due
from moderation.store.database import Database
from moderation.store.sites import Site
from moderation.webhooks.sending import NotSent, Sender

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
class Found:
    """A comment as Coral knows it."""

    id: str
    revision: str


def tell(database: Database, sender: Sender, site: Site, *, now: datetime, until: float) -> bool:
    """Tells what is due. Returns whether more is due: the time, as of ``time.monotonic``, was up."""
    if site.settings.coral_url is None or site.settings.coral_token is None:
        return False
    with database.read() as conn:
        waiting = coral_comments.due(conn, site.id, now=now, limit=PAGE)
    for one in waiting:
        if time.monotonic() > until:
            return True
        _tell_one(database, sender, site, one, now)
    return len(waiting) == PAGE


def _tell_one(database: Database, sender: Sender, site: Site, one: Due, now: datetime) -> None:
    found, error = None, None
    if one.status in MUTATIONS and one.status is not one.told:
        try:
            found = _decide(sender, site, one)
        except NotTold as e:
            error = str(e)
            log.warning("Coral has not heard of comment %s: %s", one.comment_id, error)
    retries_left = one.attempts < len(RETRY_AFTER)
    next_at = now + RETRY_AFTER[one.attempts] if error and retries_left else None
    told = one.told if error else one.status
    coral_id = found.id if found else one.coral_id
    with database.write() as conn:
        coral_comments.note_attempt(conn, one, told=told, coral_id=coral_id, next_at=next_at, error=error)


def _decide(sender: Sender, site: Site, one: Due) -> Found:
    """Raises NotTold."""
    found = _find(sender, site, one)
    name = MUTATIONS[one.status]
    query = f"mutation Decide($input: {INPUTS[name]}!) {{ {name}(input: $input) {{ comment {{ id status }} }} }}"
    said = {"commentID": found.id, "commentRevisionID": found.revision, "clientMutationId": one.comment_id}
    _ask(sender, site, query, {"input": said})
    return found


def _find(sender: Sender, site: Site, one: Due) -> Found:
    """The author's newest comment on the story with the same text. Raises NotTold."""
    data = _ask(sender, site, FIND, {"author": one.author_id})
    try:
        nodes = [edge["node"] for edge in ((data["user"] or {}).get("allComments") or {}).get("edges", ())]
        for node in nodes:
            if node["story"]["id"] == one.story_id and _letters(node["body"] or "") == _letters(one.text):
                return Found(str(node["id"]), str(node["revision"]["id"]))
    except (KeyError, TypeError, AttributeError) as e:
        raise NotTold("Coral's answer has another form than its API describes") from e
    raise NotTold("Coral has no such comment among the newest ones of its author")


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
    except (ValueError, AttributeError) as e:
        raise NotTold("Coral's answer is not JSON") from e
    if errors or not isinstance(data, dict):
        raise NotTold(f"Coral refuses: {_first_message(errors)}")
    return data


def _first_message(errors: Any) -> str:
    try:
        return str(errors[0]["message"])[:200]
    except (LookupError, TypeError):
        return "it does not say why"


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def _letters(body: str) -> str:
    """A body without its markup and its spaces: Coral has HTML, and sends the plain text of it."""
    parser = _Text()
    parser.feed(body)
    parser.close()
    return "".join("".join(parser.parts).split())
