"""Answers as Akismet's clients compare them, letter by letter and without a line's end."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from flask import Response

from service.compat.akismet.judging import SpamAnswer
from service.compat.akismet.reading import Incomplete
from service.compat.frame import Fault, Trouble

VALID, INVALID = "valid", "invalid"
THANKS = "Thanks for making the web a better place."
HELP, GUID, TIP = "X-akismet-debug-help", "X-akismet-guid", "X-akismet-pro-tip"
BLATANT = "discard"
MODEL_VERSION = "Gavel-Model-Version"

_STATUS: Mapping[Trouble, tuple[int, str]] = {
    Trouble.TOO_FAST: (429, "Too many requests"),
    Trouble.TOO_LARGE: (413, "Request too large"),
    Trouble.NOT_FOUND: (404, "Not found"),
    Trouble.AWAY: (503, "Service unavailable"),
    Trouble.BROKEN: (500, "Internal error"),
}
"""Akismet answers everything else with 200. To its clients these are errors, and then they hold the comment."""


def text(body: str, *, help_text: str | None = None, status: int = 200) -> Response:
    """``help_text`` only with an error: some clients take its header for one."""
    response = Response(body, status=status, mimetype="text/plain")
    if help_text:
        response.headers[HELP] = " ".join(help_text.split()).encode("ascii", "replace").decode()
    return response


def verdict(answer: SpamAnswer, model_version: str | None = None) -> Response:
    response = text("true" if answer.is_spam else "false")
    response.headers[GUID] = uuid.uuid4().hex
    if answer.is_spam and answer.is_blatant:
        response.headers[TIP] = BLATANT
    if model_version:
        response.headers[MODEL_VERSION] = model_version
    return response


def word(fault: Fault) -> Response:
    """An error that all dialects share. A key that is missing, wrong or not allowed is ``invalid``."""
    status, body = _STATUS.get(fault.trouble, (200, INVALID))
    return text(body, help_text=fault.detail or None, status=status)


def incomplete(error: Incomplete) -> Response:
    """An error that only Akismet's form has."""
    return text(str(error), help_text=f'Empty "{error.field}" value')
