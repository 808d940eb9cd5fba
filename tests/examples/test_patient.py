"""A busy disk must not end the demo: a 503 says that the same call may be made again."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from examples.demo import patient
from examples.demo.patient import PatientGavel
from examples.newsroom.gavel import Away, Refused


class Busy:
    """Answers with each of its statuses in turn, and with the last one from then on."""

    def __init__(self, *statuses: int) -> None:
        busy = self
        self.statuses = list(statuses)
        self.calls = 0

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                status = busy.statuses[min(busy.calls, len(busy.statuses) - 1)]
                busy.calls += 1
                body = json.dumps({"id": "7", "detail": "busy", "errors": [], "status": status}).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def gavel(self) -> PatientGavel:
        return PatientGavel(f"http://127.0.0.1:{self.server.server_port}", "gvl_key")


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Busy]]:
    monkeypatch.setattr(patient, "PAUSE_S", 0.01)
    monkeypatch.setattr(patient, "PATIENCE_S", 0.2)
    made: list[Busy] = []

    class Kept(Busy):
        def __init__(self, *statuses: int) -> None:
            super().__init__(*statuses)
            made.append(self)

    yield Kept
    for busy in made:
        busy.server.shutdown()
        busy.server.server_close()


def test_a_call_is_made_again_until_the_database_answers(answering: type[Busy]) -> None:
    busy = answering(503, 503, 202)

    answer = busy.gavel.call("POST", "/v1/comments", json={"text": "Hello"})

    assert answer["id"] == "7"
    assert busy.calls == 3


def test_patience_ends(answering: type[Busy]) -> None:
    busy = answering(503)

    with pytest.raises(Away):
        busy.gavel.call("POST", "/v1/comments", json={"text": "Hello"})

    assert busy.calls > 1


def test_a_refusal_is_not_repeated(answering: type[Busy]) -> None:
    busy = answering(422)

    with pytest.raises(Refused):
        busy.gavel.call("POST", "/v1/comments", json={"text": ""})

    assert busy.calls == 1
