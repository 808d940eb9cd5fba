"""A provider on loopback that is under a test's control: it signs whatever the test wants, or answers anything."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

CLIENT = "gavel"
Raw = Callable[[BaseHTTPRequestHandler], None]


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """By any name: the same name gives the same key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public(key: Any, kid: str, **more: Any) -> dict[str, Any]:
    """As a provider publishes it."""
    algorithm = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig", **more}


class QuietServer(ThreadingHTTPServer):
    """Clients that hang up are expected."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        pass


class Hostile:
    """``claims`` go into every token over the usual ones; ``answers`` replace those of a path."""

    def __init__(self) -> None:
        hostile = self
        self.signing, self.kid, self.algorithm = rsa_key("first"), "k1", "RS256"
        self.keys = [public(rsa_key("first"), "k1")]
        self.claims: dict[str, Any] = {}
        self.about: dict[str, Any] = {}  # over what it says about itself
        self.userinfo: dict[str, Any] | None = None
        self.token: str | None = None  # in place of one that it signs
        self.answers: dict[str, tuple[int, bytes] | Raw] = {}
        self.calls: list[tuple[str, dict[str, str], dict[str, str]]] = []  # path, headers, form
        self.nonce = ""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hostile._answer(self, {})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                hostile._answer(self, {name: values[0] for name, values in parse_qs(body).items()})

            def log_message(self, *args: object) -> None:
                pass

        self.server = QuietServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def paths(self) -> list[str]:
        return [path for path, _headers, _form in self.calls]

    def signed(self, **claims: Any) -> str:
        now = int(time.time())
        usual = {
            "iss": self.issuer, "sub": "s-1", "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": self.nonce,
            "email": "fay@example.org", "email_verified": True, "name": "Fay",
        }  # fmt: skip
        said = {name: value for name, value in {**usual, **self.claims, **claims}.items() if value is not None}
        headers = {"kid": self.kid} if self.kid else {}
        return jwt.encode(said, self.signing, algorithm=self.algorithm, headers=headers)

    def _answer(self, handler: BaseHTTPRequestHandler, form: dict[str, str]) -> None:
        path = urlsplit(handler.path).path
        self.calls.append((path, {name.lower(): value for name, value in handler.headers.items()}, form))
        answer = self.answers.get(path)
        if callable(answer):
            return answer(handler)
        status, body = answer or (200, json.dumps(self._usual(path)).encode())
        handler.send_response(status)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
        return None

    def _usual(self, path: str) -> Any:
        at = self.issuer
        if path == "/keys":
            return {"keys": self.keys}
        if path == "/token":
            return {"access_token": "at-1", "token_type": "Bearer", "id_token": self.token or self.signed()}
        if path == "/me":
            return self.userinfo
        about = {
            "issuer": at, "authorization_endpoint": f"{at}/auth", "token_endpoint": f"{at}/token",
            "jwks_uri": f"{at}/keys", "end_session_endpoint": f"{at}/end",
        }  # fmt: skip
        more = {"userinfo_endpoint": f"{at}/me"} if self.userinfo is not None else {}
        return {**about, **more, **self.about}
