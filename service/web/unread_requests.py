"""Answers to requests that never reach the application: gunicorn cannot read them, or they take too long to arrive.

They are problems like all others. Any page may read them, since nothing is known of the request, and nothing of a site
is in them.
"""

from __future__ import annotations

from http import HTTPStatus

from flask.json import dumps
from gunicorn.http import errors as unread  # type: ignore[import-untyped]

from service.errors import MEDIA_TYPE, TITLES, UNEXPECTED, Kind, problem
from service.web.headers import HEADERS

LONGEST_LINE = 8190  # of a request, with its address: the most that gunicorn reads
LATE = HTTPStatus.REQUEST_TIMEOUT

DETAILS = {
    HTTPStatus.BAD_REQUEST: "the request is not HTTP/1.1 as RFC 9112 defines it",
    HTTPStatus.FORBIDDEN: "this proxy may not send requests",
    HTTPStatus.REQUEST_TIMEOUT: "the request took too long to arrive",
    HTTPStatus.REQUEST_URI_TOO_LONG: f"the first line of a request has {LONGEST_LINE} characters at most: ask for less",
    HTTPStatus.EXPECTATION_FAILED: "the only expectation that can be met is 100-continue",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "the request has too many headers, or one that is too long",
    HTTPStatus.NOT_IMPLEMENTED: "the only transfer coding that can be read is chunked",
}
_STATUSES: tuple[tuple[type[Exception], HTTPStatus], ...] = (
    (unread.LimitRequestLine, HTTPStatus.REQUEST_URI_TOO_LONG),
    (unread.LimitRequestHeaders, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE),
    (unread.UnsupportedTransferCoding, HTTPStatus.NOT_IMPLEMENTED),
    (unread.ExpectationFailed, HTTPStatus.EXPECTATION_FAILED),
    (unread.ForbiddenProxyRequest, HTTPStatus.FORBIDDEN),
    (unread.ConfigurationProblem, HTTPStatus.INTERNAL_SERVER_ERROR),
    (unread.InvalidResponseHeader, HTTPStatus.INTERNAL_SERVER_ERROR),
    (unread.InvalidResponseHeaderName, HTTPStatus.INTERNAL_SERVER_ERROR),
    (unread.ParseException, HTTPStatus.BAD_REQUEST),
)


def status_of(error: Exception) -> HTTPStatus:
    """500 for anything that is not the client's mistake."""
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)


def answer(status: HTTPStatus) -> bytes:
    """A whole answer, after which the connection closes."""
    kind = Kind(status, TITLES[status].lower().replace(" ", "-"), TITLES[status]) if status in DETAILS else UNEXPECTED
    body = dumps(problem(kind, DETAILS.get(status, "the service's log has the details"))).encode()
    headers = {
        **HEADERS,
        "Content-Type": MEDIA_TYPE,
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "Access-Control-Allow-Origin": "*",
        "Connection": "close",
    }
    head = [f"HTTP/1.1 {status.value} {TITLES[status]}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join((*head, "", "")).encode() + body
