"""Answers that Coral accepts. It takes any other answer, an error or a late one for none at all, and then publishes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response
from flask.json import dumps

from moderation.ground.values import json_form
from moderation.ground.values.statuses import CommentStatus
from moderation.ground.values.verdicts import ReasonCode
from moderation.judging.signals.registry import SIGNALS
from moderation.judging.signals.spec import SignalSpec

HELD_FOR = "Gavel-Held-For"
PENDING, WITHHELD, REJECTED, NO_STATUS = "PREMOD", "SYSTEM_WITHHELD", "REJECTED", "NONE"
TOXIC, SPAM = "COMMENT_DETECTED_TOXIC", "COMMENT_DETECTED_SPAM"
SPAMMY = frozenset({"spam", "links", "links.blocked", "links.new", "contacts", "repeat", "burst"})

_DOUBTS = frozenset({ReasonCode.LANGUAGE, ReasonCode.MISSING, ReasonCode.DISAGREEMENT})


def held(why: str) -> Response:
    """The comment waits for a person in Coral's queue."""
    response = _json({"status": PENDING, "actions": []})
    response.headers[HELD_FOR] = why.encode("ascii", "replace").decode()
    return response


def decided(status: CommentStatus, reasons: Iterable[Mapping[str, Any]]) -> Response:
    """No tags: Coral lets a phase set those of featured and staff comments only, and refuses an empty list."""
    reasons = list(reasons)
    if status is CommentStatus.PUBLISHED:
        return _json({"status": NO_STATUS, "actions": []})
    if status not in (CommentStatus.FLAGGED, CommentStatus.REJECTED):
        return held(status.value)
    in_doubt = any(reason.get("code") in _DOUBTS for reason in reasons)
    if status is CommentStatus.FLAGGED and in_doubt:
        return held("a doubt: the desk has the reasons")
    stated = WITHHELD if status is CommentStatus.FLAGGED else REJECTED
    return _json({"status": stated, "actions": [{"actionType": "FLAG", "reason": flag} for flag in _flags(reasons)]})


def _flags(reasons: Iterable[Mapping[str, Any]]) -> list[str]:
    """The two flags that a phase may set, each once."""
    flags = []
    for reason in map(json_form.reason_from_json, reasons):
        if reason.code in (ReasonCode.RULE, ReasonCode.COMBINED):
            specs = [SIGNALS[part.signal] for part in reason.looked_at if part.signal in SIGNALS]
            flags += [SPAM if spec.name in SPAMMY else TOXIC for spec in specs if spec.name in SPAMMY or _is_harm(spec)]
    return list(dict.fromkeys(flags))


def _is_harm(spec: SignalSpec) -> bool:
    return spec.is_harmful or spec.is_masked


def _json(body: Mapping[str, Any]) -> Response:
    return Response(dumps(body), mimetype="application/json")
