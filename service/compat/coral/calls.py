"""Takes a comment from Coral in as any other, waits for its decision as long as Coral waits, and answers with it. A
comment that cannot be decided in time goes to a person: without an answer Coral would publish it.

Fields of a request that we do not use may be anything, since Coral adds new ones. Its signature is described at
https://docs.coralproject.net/external-moderation-phases."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time
import uuid
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound as NoSuchPage

from moderation.ground.errors import GavelError, NotFound
from moderation.ground.values.comments import Comment, Lane
from moderation.ground.values.statuses import CommentStatus
from moderation.judging.text.reading_cost import cost_of
from moderation.pipeline.arriving import intake
from moderation.pipeline.arriving.submission import Submission
from moderation.pipeline.waiting import coral_rows as waiting_for_coral
from moderation.sites import rows as sites
from moderation.sites.rows import Site
from moderation.spine.comments import decision_rows as decisions
from moderation.spine.comments import rows as comments
from moderation.spine.events import coral_rows as coral_comments
from service import auth
from service.auth import open_to_all
from service.compat.coral import wording
from service.context import gavel, utc_now
from service.web import held_replies, strict_json
from service.web.places import length_of

MAX_BYTES = 256 * 1024
MAX_ID_CHARS = 200
MIN_TIMEOUT_MS, DEFAULT_TIMEOUT_MS, MAX_TIMEOUT_MS = 100, 500, 10_000


class Unreadable(Exception):
    """The request is not what Coral sends. The message names the field."""


@dataclass(frozen=True, slots=True)
class CoralComment:
    """A comment that is being written or edited. Coral has no id for it yet."""

    text: str
    author_id: str
    story_id: str
    story_url: str | None
    parent_id: str | None


def read(raw: bytes) -> CoralComment:
    """Raises Unreadable."""
    try:
        if (field := strict_json.crowded(raw)) is not None:
            raise Unreadable(f"{field} has more than {strict_json.MOST_VALUES} values")
        body = json.loads(raw)
    except (ValueError, RecursionError) as e:
        raise Unreadable("the body is not JSON") from e
    return CoralComment(
        text=_text(body, "comment", "body"),
        author_id=_id(body, "author", "id"),
        story_id=_id(body, "story", "id"),
        story_url=_optional(body, "story", "url"),
        parent_id=_optional(body, "comment", "parentID"),
    )


def timeout_ms(given: str | None) -> int:
    """The phase's timeout as its address says it: Coral does not send it along."""
    if given is None or not (given.isascii() and given.isdigit() and len(given) < 9):
        return DEFAULT_TIMEOUT_MS
    return min(max(int(given), MIN_TIMEOUT_MS), MAX_TIMEOUT_MS)


def _optional(body: Any, *path: str) -> str | None:
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body if isinstance(body, str) and body else None


def _text(body: Any, *path: str) -> str:
    text = _optional(body, *path)
    if text is None:
        raise Unreadable(f"{'.'.join(path)} is missing")
    return text


def _id(body: Any, *path: str) -> str:
    external_id = _text(body, *path)
    if len(external_id) > MAX_ID_CHARS:
        raise Unreadable(f"{'.'.join(path)} has more than {MAX_ID_CHARS} characters")
    return external_id


HEADER = "X-Coral-Signature"
PREFIX = "sha256="


def signature(secret: str, body: bytes) -> str:
    return PREFIX + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def is_signed(secret: str, body: bytes, header: str) -> bool:
    """While Coral rolls its secret, the header has a signature by each of them, between commas."""
    wanted = signature(secret, body).encode()
    given = [part.strip().encode("utf-8", "replace") for part in header.split(",")]
    return any(hmac.compare_digest(wanted, candidate) for candidate in given)


PART_OF_TIMEOUT = 0.8  # the rest is for the way there and back

log = logging.getLogger(__name__)
coral = Blueprint("coral", __name__, url_prefix="/coral")


@coral.route("/<site_id>/moderate", methods=("GET", "POST", "PUT", "PATCH", "DELETE"))
@open_to_all
def moderate(site_id: str) -> Response:
    """One comment. Its signature is the key: Coral sends no other. Even a wrong one gets the answer that holds the
    comment, because it may be a Coral with an old secret."""
    if request.method != "POST":
        return Response("Coral sends POST.", status=405, mimetype="text/plain")
    until = time.monotonic() + PART_OF_TIMEOUT * timeout_ms(request.args.get("timeout_ms")) / 1000
    request.max_content_length = MAX_BYTES
    site, raw = _site(site_id), request.get_data(cache=False)
    secret = site.settings.coral_signing_secret
    if secret is None or not is_signed(secret, raw, request.headers.get(HEADER, "")):
        log.warning("a comment of Coral's was not signed with the secret of site %s", site.id)
        return wording.held("signature: not made with the site's coral_signing_secret")
    auth.count(f"coral:{site.id}")
    return _moderated(site, read(raw), until)


@coral.errorhandler(Exception)
def hold(error: Exception) -> Response:
    """Every trouble of ours holds the comment."""
    if isinstance(error, NoSuchPage):
        return Response("No site has this address.", status=404, mimetype="text/plain")
    if isinstance(error, Unreadable):
        return wording.held(f"unreadable: {error}")
    if isinstance(error, GavelError):
        log.warning("a comment of Coral's is held: %s", type(error).__name__)
    else:
        log.exception("a comment of Coral's is held", exc_info=error)
    return wording.held(type(error).__name__)


def _moderated(site: Site, asked: CoralComment, until: float) -> Response:
    gavel().backlog.check(site.id, 1, now=utc_now())
    with held_replies.place(site.id, wanted=True, length=length_of(cost_of(asked.text))) as may_wait:
        wanted = Lane.INTERACTIVE if may_wait else Lane.LIVE
        comment = _take_in(site, asked, wanted)
        done = None
        if may_wait and comment.lane is Lane.INTERACTIVE:
            done = held_replies.decided(comment.id, timeout_s=max(0.0, until - time.monotonic()))
    if done is None or time.monotonic() > until:
        return wording.held("late: the comment waits for its decision")
    with gavel().database.write() as conn:
        coral_comments.note_told(conn, done.id, done.status)
        decision = decisions.latest_decision(conn, done.id)
    if time.monotonic() > until:  # the database let us wait, and Coral has gone
        return _too_late(done)
    return wording.decided(done.status, decision.reasons if decision else ())


def _too_late(done: Comment) -> Response:
    """Coral has not heard the decision, so that it is told later."""
    with gavel().database.write() as conn:
        coral_comments.note_told(conn, done.id, CommentStatus.WAITING)
        coral_comments.mark_due(conn, [done.id], utc_now())
    return wording.held("late: the decision is told later")


def _take_in(site: Site, asked: CoralComment, lane: Lane) -> Comment:
    """Takes the comment in as the normal intake does. A parent that Gavel does not know by Coral's id is left out."""
    context = gavel()
    with context.database.read() as conn:
        parent = waiting_for_coral.find_comment_id(conn, site.id, asked.parent_id) if asked.parent_id else None
    submission = Submission(
        article_id=asked.story_id,
        author_id=asked.author_id,
        text=asked.text,
        article=(("url", asked.story_url),) if asked.story_url else (),
        parent_id=parent,
    )
    fit = context.shares.fit(site.id, now=utc_now())
    comment = intake.submit(context.database, context.queues, site.id, submission, lane=lane, now=utc_now(), fit=fit)
    with context.database.write() as conn:
        coral_comments.insert(conn, comment.id, site.id)
        if comments.get_by_id(conn, comment.id).status is not CommentStatus.WAITING:  # a worker was faster
            coral_comments.mark_due(conn, [comment.id], utc_now())
    return comment


def _site(site_id: str) -> Site:
    try:
        with gavel().database.read() as conn:
            return sites.get_site(conn, str(uuid.UUID(site_id)))
    except (ValueError, NotFound) as e:
        raise NoSuchPage from e
