"""A transparency database on loopback. It checks each statement by the rules of its documentation, knows the puids that
it has, and answers as the real one does."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.moderation.law.statements.transparency_rules import problems

TOKEN = "41|madeUpForThisTestAlone"


class TransparencyServer:
    """``failing`` are the answers to the next calls, before it works; a None closes the connection."""

    def __init__(self) -> None:
        server = self
        self.kept: dict[str, Any] = {}
        self.calls: list[int] = []  # how many statements each had
        self.failing: list[int | None] = []
        self.forgets_to_answer = False  # takes the statements, and the line breaks before the answer
        self.refuses: tuple[int, str, str] | None = None  # a place, a field, and what is wrong

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                server.calls.append(len(body["statements"]))
                answer = server.answer(self.headers, body)
                if answer is None:
                    self.close_connection = True
                    return
                status, said = answer
                sent = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}/api/v1/statements"

    def answer(self, headers: Any, body: Any) -> tuple[int, Any] | None:
        """None: it breaks the line."""
        if self.failing:
            status = self.failing.pop(0)
            return None if status is None else (status, {"message": "not now"})
        if headers["authorization"] != f"Bearer {TOKEN}":
            return 401, {"message": "Unauthenticated."}
        if self.refuses is not None:
            place, field, wrong = self.refuses
            return 422, {"message": wrong, "errors": {f"statement_{place}": {field: [wrong]}}}
        if found := list(problems(body)):
            return 422, {"errors": {"statements": found}}
        if twice := [one["puid"] for one in body["statements"] if one["puid"] in self.kept]:
            said = "The platform identifier(s) are not all unique within this call."
            return 422, {"message": said, "errors": {"puid": [said], "existing_puids": twice}}
        self.kept |= {one["puid"]: one for one in body["statements"]}
        if self.forgets_to_answer:
            self.forgets_to_answer = False
            return None
        return 201, {"statements": body["statements"]}

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
