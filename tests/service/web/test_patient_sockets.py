"""Whether a request has arrived whole, byte by byte."""

from __future__ import annotations

import pytest

from service.web.patient_sockets import MOST_BODY, MOST_HEAD, is_whole

GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /v1/comments HTTP/1.1\r\nHost: x\r\nContent-LENGTH:  5 \r\n\r\nhello"
CHUNKED = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
TRAILED = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nName: value\r\n\r\n"


@pytest.mark.parametrize("request_", [GET, POST, CHUNKED, TRAILED, b"\r\n" + GET])
def test_a_request_is_whole_with_its_last_byte(request_: bytes) -> None:
    assert [is_whole(bytearray(request_[:length])) for length in range(len(request_))] == [False] * len(request_)
    assert is_whole(bytearray(request_))


@pytest.mark.parametrize(
    "start",
    [
        b"GET / HTTP/1.1\r\nX: " + b"a" * MOST_HEAD,
        b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (MOST_BODY + 1),
        b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: five\r\n\r\n",
    ],
)
def test_a_thread_goes_on_with_what_is_not_gathered(start: bytes) -> None:
    assert is_whole(bytearray(start))
