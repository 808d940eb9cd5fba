"""Every answer of the server is a problem that the script of any page can read."""

from __future__ import annotations

import inspect
import json
import socket
from collections.abc import Iterator
from http import HTTPStatus

import pytest
from gunicorn.http import errors as unread  # type: ignore[import-untyped]

from moderation.sites.sites import NewSite
from service.web import unread_requests
from service.web.unread_requests import DETAILS, LONGEST_LINE
from tests.service.conftest import Caller
from tests.service.test_server import Served, serving
from workers.machine.queue_server import QueueServer

PAGE = "https://paper.example"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, redis_server: QueueServer) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served"), redis_server) as served:
        yield served


def answer(served: Served, request: bytes) -> tuple[int, dict[str, str], dict[str, object]]:
    with socket.create_connection(("127.0.0.1", int(served.base_url.rpartition(":")[2])), timeout=60) as client:
        client.sendall(request)
        client.shutdown(socket.SHUT_WR)
        head, _end, body = client.makefile("rb").read().decode().partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    headers = {name.lower(): value for name, _colon, value in (line.partition(": ") for line in lines)}
    return int(first.split()[1]), headers, json.loads(body)


GET = b"GET /v1/pages/x/counts HTTP/1.1\r\nHost: x\r\n"
REFUSED = {
    "not HTTP": (b"\x16\x03\x01 hello\r\n\r\n", 400),
    "an old version": (b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", 400),
    "a method that is none": (b"g\x7ft / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "a header that is none": (GET + b"No colon\r\n\r\n", 400),
    "a name with a space": (GET + b"A name: x\r\n\r\n", 400),
    "two lengths": (GET + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    "a folded header": (GET + b"A: b\r\n c\r\n\r\n", 400),
    "a long address": (b"GET /" + b"a" * LONGEST_LINE + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    "a long header": (GET + b"A: " + b"a" * 9_000 + b"\r\n\r\n", 431),
    "an endless header": (GET + b"A: " + b"a" * 1_000_000, 431),
    "many headers": (GET + b"A: b\r\n" * 200 + b"\r\n", 431),
    "another coding": (GET + b"Transfer-Encoding: magic\r\n\r\n", 501),
    "another expectation": (GET + b"Expect: miracles\r\n\r\n", 417),
    "no such path": (b"GET /v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n", 404),
    "no such method": (b"PURGE /v1/comments HTTP/1.1\r\nHost: x\r\n\r\n", 405),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_the_server_cannot_read_is_answered_with_a_problem(served: Served, kind: str) -> None:
    request, expected = REFUSED[kind]

    status, headers, body = answer(served, request)

    assert (status, body["status"]) == (expected, expected)
    assert headers["content-type"] == "application/problem+json"
    assert str(body["type"]).startswith("urn:gavel:problem:") and body["errors"] == []
    assert headers["x-content-type-options"] == "nosniff"
    if expected not in (404, 405):
        assert headers["access-control-allow-origin"] == "*"
        assert (headers["connection"], headers["cache-control"]) == ("close", "no-store")


@pytest.mark.parametrize(
    "error", [cls for _name, cls in inspect.getmembers(unread, inspect.isclass) if issubclass(cls, Exception)]
)
def test_every_error_of_the_server_has_a_status_and_words(error: type[Exception]) -> None:
    status = unread_requests.status_of(error.__new__(error))

    assert status in DETAILS or status == HTTPStatus.INTERNAL_SERVER_ERROR
    assert json.loads(unread_requests.answer(status).partition(b"\r\n\r\n")[2])["status"] == status


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/pages/{}/nothing", 404),
        ("PUT", "/v1/pages/{}/counts", 405),
        ("GET", "/v1/pages/{}/counts?article=%00", 400),
        ("GET", "/v1/pages/{}/counts", 422),
        ("GET", "/nothing", 404),
    ],
)
def test_a_page_of_a_site_reads_why_it_is_refused(
    api: Caller, site: NewSite, method: str, path: str, status: int
) -> None:
    api.put("/v1/site/origins", {"origins": [PAGE]})

    own = api.client.open(path.format(site.site.id), method=method, headers={"Origin": PAGE})
    strange = api.client.open(path.format(site.site.id), method=method, headers={"Origin": "https://evil.example"})

    assert (own.status_code, own.mimetype) == (status, "application/problem+json")
    assert own.headers["Access-Control-Allow-Origin"] == PAGE
    assert strange.status_code == status and "Access-Control-Allow-Origin" not in strange.headers
