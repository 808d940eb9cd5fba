"""Bytes that no client of ours would send are the client's mistake, and the answer says so: 4xx and never 500."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.own_databases import ON_BOTH
from tests.service.conftest import Caller
from tests.service.test_server import Served, serving
from workers.machine.queue_server import QueueServer

NUL, LONG, LARGE = "a\x00b", "9" * 5000, "9" * 25


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, redis_server: QueueServer) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served"), redis_server) as served:
        yield served


def raw(served: Served, request: bytes) -> bytes:
    """The first line of the answer to bytes as they are."""
    port = int(served.base_url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return connection.makefile("rb").readline().strip()


@pytest.mark.parametrize("path", ["/v1/comments", "/desk/login"])
@pytest.mark.parametrize("body", [b"zz\r\n{}\r\n0\r\n\r\n", b"-5\r\n{}\r\n", b"2\r\n{}XX", b"ffff\r\n{}"])
def test_a_chunk_that_is_none_is_refused(served: Served, path: str, body: bytes) -> None:
    kind = "application/json" if path.startswith("/v1") else "application/x-www-form-urlencoded"
    head = (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {served.token}\r\nSec-Fetch-Site: same-origin\r\n"
        f"Content-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n"
    )

    answer = raw(served, head.encode() + body)

    assert answer.startswith(b"HTTP/1.1 4"), answer


@ON_BOTH
@pytest.mark.parametrize("value", [NUL, LONG, LARGE, "-1", "0001-01-01", "9999-12-31T23:59:59-14:00", "\r\n"])
@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/v1/articles/a-1/comments", ("status", "limit", "after", "order", "before")),
        ("/v1/events", ("after", "limit", "wait")),
        ("/v1/policy/versions", ("before", "limit")),
        ("/v1/comments/c-1", ("any",)),
    ],
)
def test_no_field_of_an_address_breaks_a_call(api: Caller, path: str, fields: tuple[str, ...], value: str) -> None:
    for field in fields:
        answer = api.get(path, query_string={field: value})
        assert answer.status_code < 500, (field, answer.json)


@ON_BOTH
@pytest.mark.parametrize("value", [NUL, LONG, "\r\n", "." * 3000])
@pytest.mark.parametrize("path", ["/v1/comments/{}", "/v1/articles/{}", "/v1/articles/{}/comments", "/v1/policy/{}"])
def test_no_name_in_a_path_breaks_a_call(api: Caller, path: str, value: str) -> None:
    answer = api.get(path.format(quote(value, safe="")))

    assert 400 <= answer.status_code < 500
    assert answer.mimetype == "application/problem+json"
