"""``POST /batch``: up to a thousand calls in one request, each a part of ``multipart/mixed`` that holds a whole HTTP
request. https://cloud.google.com/storage/docs/batch"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlsplit

from service.compat.perspective.refusals import invalid

MAX_PARTS = 1000
MAX_BYTES = 4 * 1024 * 1024
MULTIPART = "multipart/mixed"


@dataclass(frozen=True, slots=True)
class Part:
    """One call of a batch. ``path`` and ``key`` are None where the part has no readable request."""

    id: str  # its Content-ID as it was written
    method: str
    path: str
    key: str | None
    body: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    id: str
    code: int
    body: str


def parts_of(content_type: str, raw: bytes) -> list[Part]:
    """Raises Refusal for a body that is no batch; a part that cannot be read is one without a path."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    try:
        whole = BytesParser(policy=HTTP).parsebytes(head + raw)
    except (MessageError, ValueError, LookupError) as e:
        raise invalid("Failed to parse batch request.") from e
    if whole.get_content_type() != MULTIPART or not whole.is_multipart():
        raise invalid("Failed to parse batch request: it must be multipart/mixed with a boundary.")
    found = whole.get_payload()
    if len(found) > MAX_PARTS:
        raise invalid(f"The batch request has {len(found)} calls. The limit is {MAX_PARTS}.")
    return [_part(each) for each in found if isinstance(each, Message)]


def _part(part: Message) -> Part:
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    line, _, rest = raw.lstrip(b"\r\n").partition(b"\n")
    head, body = _halves(rest)
    headers = BytesParser(policy=HTTP).parsebytes(head + b"\r\n\r\n", headersonly=True)
    words = line.decode("latin-1").split()
    method, target = (words[0].upper(), words[1]) if len(words) >= 2 else ("", "")
    address = urlsplit(target)
    return Part(
        id=str(part.get("Content-ID", "")).strip(),
        method=method,
        path=unquote(address.path),
        key=_key(parse_qs(address.query), headers),
        body=body,
    )


def _halves(rest: bytes) -> tuple[bytes, bytes]:
    """The headers of the inner request, and its body."""
    for gap in (b"\r\n\r\n", b"\n\n"):
        head, found, body = rest.partition(gap)
        if found:
            return head, body
    return rest, b""


def _key(query: dict[str, list[str]], headers: Message) -> str | None:
    if query.get("key"):
        return query["key"][0]
    if named := headers.get("X-Goog-Api-Key"):
        return str(named).strip()
    scheme, _space, token = str(headers.get("Authorization", "")).partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def written(answers: Sequence[Answered]) -> tuple[str, bytes]:
    """The content type and the body of the answer."""
    boundary = f"batch_{uuid.uuid4().hex}"
    parts = [_written(boundary, each) for each in answers]
    return f"{MULTIPART}; boundary={boundary}", b"".join(parts) + f"--{boundary}--\r\n".encode()


def _written(boundary: str, each: Answered) -> bytes:
    content = each.body.encode("utf-8", "replace")
    head = (
        f"--{boundary}\r\nContent-Type: application/http\r\nContent-ID: {_response_id(each.id)}\r\n\r\n"
        f"HTTP/1.1 {each.code} {HTTPStatus(each.code).phrase}\r\nContent-Type: application/json; charset=UTF-8\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode("utf-8", "replace") + content + b"\r\n"


def _response_id(given: str) -> str:
    """``<response-ID>`` for ``<ID>``. An id keeps its spaces: Google's client for Python writes some and needs them."""
    plain = " ".join(given.split()).removeprefix("<").removesuffix(">")
    return f"<response-{plain}>"
