"""The answer after an action: the comment that opens next, in place for htmx and by redirection otherwise."""

from __future__ import annotations

from http import HTTPStatus

from flask import make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.moderators.review import reviewing as review
from service.context import gavel, utc_now
from service.desk.frame.rendering import is_partial, me
from service.desk.queue.query import View
from service.desk.review import screen


def open_next(view: View, *, after: str | None = None, done: str | None = None) -> Response:
    """The next comment of the view, or the empty screen. ``done`` is for the status line."""
    comment_id = review.next_comment(gavel().database, me(), view.queue, now=utc_now(), after=after)
    if comment_id is not None:
        return open_comment(view, comment_id, done=done)
    if request.method == "GET" or is_partial():
        return at(screen.nothing(view, done=done), view.under(url_for("desk.review")))
    return redirect(view.under(url_for("desk.review"), done=done), HTTPStatus.SEE_OTHER)


def open_comment(view: View, comment_id: str, *, done: str | None) -> Response:
    """htmx gets the screen in this answer. A form without htmx is redirected to the page's own address."""
    path = url_for("desk.comment", comment_id=comment_id)
    if is_partial():
        return at(screen.comment(view, comment_id, done=done), view.under(path))
    return redirect(view.under(path, done=done), HTTPStatus.SEE_OTHER)


def at(answer: Response, address: str) -> Response:
    """The answer under this address of the browser."""
    response = make_response(answer)
    response.headers["HX-Push-Url"] = address
    return response
