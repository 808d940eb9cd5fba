"""Perspective's errors: google.rpc.Status as JSON, with the texts that its clients look for.

``Refusal`` is raised for a request that breaks Perspective's own rules; ``in_its_words`` words every other fault.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response

from service.compat.frame import Fault, Trouble
from service.compat.perspective.replying import reply

SERVICE = "commentanalyzer.googleapis.com"
_DETAIL = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
_RPC = "type.googleapis.com/google.rpc."
NO_KEY = (
    "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other "
    "form of API consumer identity to call this API."
)
WRONG_KEY = "API key not valid. Please pass a valid API key."
_METRIC = "Analysis requests (AnalyzeComment)"
Detail = Mapping[str, Any]


class Refusal(Exception):
    """A request that Perspective itself would refuse: a status with its code, text and details."""

    def __init__(self, message: str, *details: Detail, code: int = 400, status: str = "INVALID_ARGUMENT") -> None:
        super().__init__(message)
        self.message, self.details, self.code, self.status = message, details, code, status

    def body(self) -> dict[str, Any]:
        """The envelope of every error."""
        error: dict[str, Any] = {"code": self.code, "message": self.message, "status": self.status}
        return {"error": {**error, "details": list(self.details)} if self.details else error}


def of_type(kind: str, message: str, **more: Any) -> Refusal:
    """A refusal with one of Perspective's own types of error."""
    return Refusal(message, {"@type": _DETAIL, "errorType": kind, **more})


def invalid(message: str) -> Refusal:
    """Any error of form that has no type of its own."""
    return of_type("INVALID_REQUEST", message)


def unreadable(message: str, field: str | None = None) -> Refusal:
    """The body is not the JSON of this message."""
    said = f"Invalid JSON payload received. {message}"
    if field is None:
        return Refusal(said)
    violation = {"description": said, **({"field": field} if field else {})}
    return Refusal(said, {"@type": f"{_RPC}BadRequest", "fieldViolations": [violation]})


def wrong_value(field: str, kind: str, value: object) -> Refusal:
    """A field with a value of another type. The value itself is not repeated if it is a text."""
    shown = "" if isinstance(value, str | list | dict) else f", {str(value).lower()}"
    said = f"Invalid value at '{field}' ({kind}){shown}"
    violation = {"field": field, "description": said}
    return Refusal(said, {"@type": f"{_RPC}BadRequest", "fieldViolations": [violation]})


def unsupported_language(attribute: str, requested: Sequence[str], detected: Sequence[str]) -> Refusal:
    """Names only the first attribute that fails. ``requested`` are the languages that it does not support."""
    return of_type(
        "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        f"Attribute {attribute} does not support request languages: {', '.join(requested)}",
        languageNotSupportedByAttributeError={
            "detectedLanguages": list(detected),
            "requestedLanguages": list(requested),
            "attribute": attribute,
        },
    )


def too_long(size: int, limit: int) -> Refusal:
    said = f"Comment text was too many bytes. Value ({size}) exceeded limit ({limit})."
    return of_type("COMMENT_TOO_LONG", said)


def refuse(refusal: Refusal) -> Response:
    return reply(refusal.body(), refusal.code)


def in_its_words(fault: Fault) -> Response:
    return refuse(refusal_of(fault))


def refusal_of(fault: Fault) -> Refusal:
    """The error that Google's front end gives in such a case."""
    match fault.trouble:
        case Trouble.NO_KEY:
            return Refusal(NO_KEY, code=403, status="PERMISSION_DENIED")
        case Trouble.WRONG_KEY:
            return Refusal(WRONG_KEY, _info("API_KEY_INVALID", service=SERVICE))
        case Trouble.NOT_ALLOWED:
            blocked = _info("API_KEY_SERVICE_BLOCKED", service=SERVICE)
            return Refusal(f"The caller does not have permission: {fault.detail}.", blocked, code=403, status=_DENIED)
        case Trouble.TOO_FAST:
            return _over_quota(fault.limit or 0)
        case Trouble.TOO_LARGE:
            return Refusal(f"Request payload size exceeds the limit: {fault.limit} bytes.")
        case Trouble.NOT_FOUND:
            return Refusal("Method not found.", code=404, status="NOT_FOUND")
        case Trouble.AWAY:
            return Refusal(f"The service is currently unavailable: {fault.detail}.", code=503, status="UNAVAILABLE")
        case Trouble.BROKEN:
            return Refusal("Internal error encountered.", code=500, status="INTERNAL")
    return Refusal(fault.detail)


def _over_quota(limit: int) -> Refusal:
    said = (
        f"Quota exceeded for quota metric '{_METRIC}' and limit '{_METRIC} per minute' of service '{SERVICE}' for "
        "consumer 'project_number:0'."
    )
    info = _info(
        "RATE_LIMIT_EXCEEDED",
        quota_limit="AnalyzeRequestsPerMinutePerProject",
        quota_limit_value=str(limit),
        quota_metric=f"{SERVICE}/analyze_requests",
        quota_location="global",
        service=SERVICE,
        consumer="projects/0",
    )
    return Refusal(said, info, code=429, status="RESOURCE_EXHAUSTED")


def _info(reason: str, **metadata: str) -> Detail:
    return {"@type": f"{_RPC}ErrorInfo", "reason": reason, "domain": "googleapis.com", "metadata": metadata}


_DENIED = "PERMISSION_DENIED"
