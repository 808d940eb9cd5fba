"""A real server on loopback is asked: what leaves, what is masked, and what becomes of odd answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from moderation.pipeline.second_opinions import models
from moderation.pipeline.second_opinions.questions import question_about
from moderation.pipeline.second_opinions.replies import ReaderReply
from moderation.sites.rules.values import HouseRule, RuleBook
from moderation.sites.second_readers.values import ReaderState, ReaderWish, SecondReader
from moderation.spine.second_readings.values import Purpose, ReadingAsked
from tests.builders import NOON
from tests.conftest import free_port
from tests.moderation.pipeline.second_opinions.conftest import WISH

BOOK = RuleBook("site-a", 1, (HouseRule("insults", "No insults", "Be kind.", "Public figures bear more."),))
TEXT = "Dana, you pathetic little man, write to me at dana@mail.example, order 20481234."
SAID = {"quote": "pathetic little man", "rule": "insults", "breaks": True}


def a_reading() -> ReadingAsked:
    return ReadingAsked(
        id="r-1",
        site_id="site-a",
        reader_id="sr-1",
        comment_id="c-1",
        version=2,
        purpose=Purpose.HELD,
        next_at=NOON,
        attempts=0,
        text=TEXT,
        title="Trams",
        names=("Dana",),
        comment_version=2,
        lane="live",
    )


def a_chat(content: str, **changes: Any) -> dict[str, Any]:
    choice = {"message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 200, "completion_tokens": 20}
    return {"model": WISH.model, "choices": [choice], "usage": usage, **changes}


@contextmanager
def serving(
    status: int, body: bytes, **sent_headers: str
) -> Iterator[tuple[str, list[tuple[str, dict[str, str], bytes]]]]:
    """An address, and the requests that came."""
    came: list[tuple[str, dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["content-length"]))
            came.append((self.path, {name.lower(): value for name, value in self.headers.items()}, sent))
            self.send_response(status)
            for name, value in {"content-length": str(len(body)), **sent_headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", came
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def asked(url: str, wish: ReaderWish = WISH, *, private: bool = True) -> ReaderReply:
    reader = SecondReader("sr-1", "site-a", replace(wish, base_url=url), ReaderState.ON, NOON, NOON)
    return models.asks(private_addresses=private)(reader, question_about(reader, BOOK, a_reading()))


def test_a_comment_leaves_masked_with_the_rules_and_the_key() -> None:
    with serving(200, json.dumps(a_chat(json.dumps(SAID))).encode()) as (url, came):
        answer = asked(url, replace(WISH, masked=True, key="sk-1")).answer

    ((path, headers, body),) = came
    assert path.startswith("/v1/")
    assert headers["authorization"] == "Bearer sk-1"
    sent = body.decode()
    assert not [private for private in ("dana@mail.example", "Dana", "20481234") if private in sent]
    assert all(words in sent for words in ("pathetic little man", "No insults", "Public figures bear more.", "Trams"))
    assert (answer.breaks, answer.rule, answer.quote) == (True, "insults", "pathetic little man")
    assert (answer.tokens_in, answer.tokens_out, answer.calls, answer.bytes_out) == (200, 20, 1, len(body))
    assert answer.prompt_hash and answer.model == WISH.model


def test_unmasked_it_leaves_as_it_was_written() -> None:
    with serving(200, json.dumps(a_chat(json.dumps(SAID))).encode()) as (url, came):
        asked(url, replace(WISH, masked=False))

    assert "dana@mail.example" in came[0][2].decode()
    assert "authorization" not in came[0][1]


@pytest.mark.parametrize(
    ("status", "body", "why", "may_pass"),
    [
        (200, b'{"choices": [{"mess', "unparsable", False),
        (200, json.dumps(a_chat('{"quote": "path')).encode(), "unparsable", False),
        (200, json.dumps(a_chat("PUBLISH IT")).encode(), "unparsable", False),
        (200, json.dumps(a_chat(json.dumps(SAID), model="another")).encode(), "other model", False),
        (200, b"", "empty", False),
        (429, b"{}", "busy", True),
        (500, b"oops", "failed", True),
        (401, b'{"error": {"message": "wrong key"}}', "not accepted", False),
    ],
)
def test_an_odd_answer_is_a_missing_one(status: int, body: bytes, why: str, may_pass: bool) -> None:
    with serving(status, body) as (url, _came):
        reply = asked(url)

    assert reply.answer.breaks is None
    assert (reply.answer.missing or "").partition(":")[0] == why
    assert reply.may_pass is may_pass


def test_a_server_that_is_away_may_come_back() -> None:
    reply = asked(f"http://127.0.0.1:{free_port()}/v1")

    assert (reply.answer.missing or "").startswith("unreachable")
    assert reply.may_pass and reply.has_failed


@pytest.mark.parametrize(
    ("status", "may_pass", "has_failed"),
    [(200, False, False), (401, False, True), (429, True, True), (500, True, True), (503, True, True)],
)
def test_the_next_call_would_fail_as_well_unless_only_this_answer_is_odd(
    status: int, may_pass: bool, has_failed: bool
) -> None:
    with serving(status, b"{}", retry_after="7") as (url, _came):
        reply = asked(url)

    assert (reply.may_pass, reply.has_failed) == (may_pass, has_failed)
    assert reply.asked_rest == (timedelta(seconds=7) if status in (429, 503) else None)


def test_after_a_failure_it_is_not_asked_about_the_next_rule() -> None:
    two_rules = replace(BOOK, rules=(*BOOK.rules, HouseRule("adverts", "No adverts", "None.")))
    with serving(500, b"{}") as (url, came):
        reader = SecondReader(
            "sr-1", "site-a", replace(WISH, base_url=url, contract="shieldstral"), ReaderState.ON, NOON, NOON
        )
        models.asks(private_addresses=True)(reader, question_about(reader, two_rules, a_reading()))

    assert len(came) == 1


def test_a_refusal_that_repeats_the_key_is_kept_without_it() -> None:
    body = b'{"error": {"message": "Incorrect API key provided: sk-1."}}'
    with serving(401, body) as (url, _came):
        reply = asked(url, replace(WISH, key="sk-1"))

    assert reply.answer.missing == "not accepted: status 401: Incorrect API key provided: …."


def test_tokens_that_a_server_does_not_count_are_estimated() -> None:
    with serving(200, json.dumps(a_chat(json.dumps(SAID), usage=None)).encode()) as (url, _came):
        answer = asked(url).answer

    assert answer.tokens_in == answer.bytes_out // 3


def test_an_address_inside_is_called_only_if_an_operator_allows_it() -> None:
    with serving(200, json.dumps(a_chat(json.dumps(SAID))).encode()) as (url, came):
        reply = asked(url, private=False)

    assert (reply.answer.missing or "").startswith("unreachable")
    assert came == []
