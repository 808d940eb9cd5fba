"""``POST /batch``: up to a thousand calls in one request, each a part of ``multipart/mixed`` that holds a whole HTTP
request. https://cloud.google.com/storage/docs/batch

Anybody may send one, since the keys are in its parts. So it is read in one pass, and its heads are bounded: a general
parser of MIME takes minutes for nested parts or long headers.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlsplit

from werkzeug.http import parse_options_header

from service.compat.perspective.refusals import invalid

MAX_PARTS = 1000
MAX_BYTES = 4 * 1024 * 1024
MAX_HEAD_BYTES = 8 * 1024
MAX_BOUNDARY_CHARS = 200
MULTIPART = "multipart/mixed"
_GAP = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class BatchCall:
    """One call of a batch. ``method`` and ``path`` are empty where the part has no readable request."""

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


def parts_of(content_type: str, raw: bytes) -> list[BatchCall]:
    """Raises Refusal for a body that is no batch."""
    kind, options = parse_options_header(content_type)
    boundary = options.get("boundary", "")
    if kind != MULTIPART or not 0 < len(boundary) <= MAX_BOUNDARY_CHARS:
        raise invalid("Failed to parse batch request: it must be multipart/mixed with a boundary.")
    mark = b"\n--" + boundary.encode("latin-1", "replace")
    _before, *pieces = (b"\n" + raw).split(mark, MAX_PARTS + 2)
    parts = [_part(piece) for piece in pieces[: MAX_PARTS + 1] if piece.strip() and not piece.startswith(b"--")]
    if not parts:
        raise invalid("Failed to parse batch request: it has no parts.")
    if len(parts) > MAX_PARTS:
        raise invalid(f"The batch request has more than {MAX_PARTS} calls. The limit is {MAX_PARTS}.")
    return parts


def _part(piece: bytes) -> BatchCall:
    head, inner = _halves(piece.lstrip(b"\r\n"))
    named = _headers(head)
    line, _, rest = inner.lstrip(b"\r\n").partition(b"\n")
    inner_head, body = _halves(rest)
    words = line[:MAX_HEAD_BYTES].decode("latin-1").split()
    method, target = (words[0].upper(), words[1]) if len(words) >= 2 else ("", "")
    path, query = _address(target)
    key = _key(query, _headers(inner_head))
    return BatchCall(named.get("content-id", ""), method, path, key, body.rstrip(b"\r\n"))


def _halves(raw: bytes) -> tuple[bytes, bytes]:
    """The head and what follows the first empty line. A head without a line or over its limit counts as none."""
    gap = _GAP.search(raw, 0, MAX_HEAD_BYTES)
    return (raw[: gap.start()], raw[gap.end() :]) if gap else (b"", raw)


def _headers(head: bytes) -> dict[str, str]:
    """The headers by name in lower case; folded lines are joined."""
    headers: dict[str, list[str]] = {}
    name = ""
    for line in head.decode("utf-8", "replace").splitlines():
        if line[:1] in (" ", "\t"):
            headers.setdefault(name, []).append(line.strip())
            continue
        name, _, value = line.partition(":")
        name = name.strip().lower()
        headers[name] = [value.strip()]
    return {header: " ".join(parts) for header, parts in headers.items()}


def _address(target: str) -> tuple[str, dict[str, list[str]]]:
    try:
        address = urlsplit(target)
        return unquote(address.path), parse_qs(address.query, max_num_fields=100)
    except ValueError:
        return "", {}


def _key(query: Mapping[str, list[str]], headers: Mapping[str, str]) -> str | None:
    if query.get("key"):
        return query["key"][0]
    if named := headers.get("x-goog-api-key"):
        return named
    scheme, _space, token = headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def written(answers: Sequence[Answered]) -> tuple[str, bytes]:
    """The content type and the body of the answer."""
    boundary = f"batch_{uuid.uuid4().hex}"
    parts = [_written(boundary, answer) for answer in answers]
    return f"{MULTIPART}; boundary={boundary}", b"".join(parts) + f"--{boundary}--\r\n".encode()


def _written(boundary: str, answer: Answered) -> bytes:
    content = answer.body.encode("utf-8", "replace")
    head = (
        f"--{boundary}\r\nContent-Type: application/http\r\nContent-ID: {_response_id(answer.id)}\r\n\r\n"
        f"HTTP/1.1 {answer.code} {HTTPStatus(answer.code).phrase}\r\nContent-Type: application/json; charset=UTF-8\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode("utf-8", "replace") + content + b"\r\n"


def _response_id(given: str) -> str:
    """``<response-ID>`` for ``<ID>``. An id keeps its spaces: Google's client for Python writes some and needs them."""
    plain = " ".join(given.split()).removeprefix("<").removesuffix(">")
    return f"<response-{plain}>"
