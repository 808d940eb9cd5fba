"""One call to a site's webhook or page, or to the provider that people log in with, under one deadline for everything:
resolving the name, connecting, sending, and the answer. A server that sends a byte a second gains nothing."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode

from moderation.ground.webhooks.addresses import AddressRefused, Destination, resolve


class NotSent(Exception):
    """The site gave no answer. The message says why, in words for the site's people."""


class TooSlow(NotSent):
    """The deadline passed."""


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    status: int
    body: bytes = b""  # as much of it as the caller reads
    headers: Mapping[str, str] = field(default_factory=dict)  # names in small letters

    @property
    def date(self) -> str:
        """The server's own time, as HTTP writes it."""
        return self.headers.get("date", "")

    @property
    def problem(self) -> str | None:
        """None for 2xx: with any other status the site has not accepted the event."""
        return None if 200 <= self.status < 300 else f"the site answered {self.status}"


@dataclass(frozen=True, slots=True)
class Sender:
    """Calls addresses that Gavel may call. Redirects are not followed, and no proxy is used."""

    deadline_s: float
    allow_private: bool
    called: str = "the site"  # in the sentences about failures

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, reads: int = 0) -> WebhookAnswer:
        """Returns within the deadline, with at most ``reads`` bytes of the answer's body. Raises NotSent."""
        return self._call("POST", url, body, {**headers, "content-type": "application/json"}, reads)

    def post_form(self, url: str, form: Mapping[str, str], headers: Mapping[str, str], *, reads: int) -> WebhookAnswer:
        """The same for the entries of a form."""
        sent = {**headers, "content-type": "application/x-www-form-urlencoded"}
        return self._call("POST", url, urlencode(form).encode(), sent, reads)

    def get(self, url: str, headers: Mapping[str, str], *, reads: int) -> WebhookAnswer:
        """The same, sending nothing."""
        return self._call("GET", url, None, headers, reads)

    def _call(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], reads: int) -> WebhookAnswer:
        """The attempt runs in a thread of its own, because nothing can interrupt the resolving of a name. The thread
        ends soon after the deadline, when its connection is shut."""
        attempt = _Attempt(self, method, url, body, {**headers, "user-agent": "Gavel"}, reads)
        threading.Thread(target=attempt.run, name="webhook", daemon=True).start()
        if not attempt.done.wait(self.deadline_s):
            attempt.give_up()
            raise self.too_slow
        if attempt.answer is None:
            raise attempt.problem
        return attempt.answer

    @property
    def too_slow(self) -> TooSlow:
        return TooSlow(f"{self.called} did not answer within {self.deadline_s:g} seconds")


@dataclass(slots=True)
class _Attempt:
    sender: Sender
    method: str
    url: str
    body: bytes | None
    headers: Mapping[str, str]
    reads: int = 0
    answer: WebhookAnswer | None = None
    problem: NotSent = field(default_factory=lambda: NotSent("the attempt failed"))
    done: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _is_over: bool = False
    _descriptor: int | None = None  # our own copy of the connection's: the socket itself is handed on when TLS begins

    def run(self) -> None:
        until = time.monotonic() + self.sender.deadline_s
        try:
            self.answer = self._exchange(resolve(self.url, allow_private=self.sender.allow_private), until)
        except AddressRefused as e:
            self.problem = NotSent(str(e))
        except (TimeoutError, TooSlow):
            self.problem = self.sender.too_slow
        except ssl.SSLCertVerificationError as e:
            self.problem = NotSent(f"{self.sender.called}'s certificate is not valid: {e.verify_message}")
        except ssl.SSLError as e:
            self.problem = NotSent(f"no TLS connection could be made: {e.reason or e}")
        except HTTPException as e:
            self.problem = NotSent(f"{self.sender.called} did not answer as HTTP says ({type(e).__name__})")
        except (OSError, ValueError) as e:
            self.problem = NotSent(f"the connection failed: {getattr(e, 'strerror', None) or e}")
        finally:
            self.done.set()
            self._forget()

    def give_up(self) -> None:
        """Ends the thread's wait on the connection, and keeps it from opening another."""
        with self._lock:
            self._is_over = True
            if self._descriptor is not None:
                with contextlib.suppress(OSError), socket.socket(fileno=os.dup(self._descriptor)) as same:
                    same.shutdown(socket.SHUT_RDWR)

    def _exchange(self, to: Destination, until: float) -> WebhookAnswer:
        connection = HTTPConnection(to.host, to.port)
        connection.sock = self._connect(to, until)
        try:
            connection.request(self.method, to.target, self.body, {**self.headers, "host": to.authority})
            response = connection.getresponse()
            body = response.read(self.reads) if self.reads else b""  # it may be endless
            said = {name.lower(): value for name, value in response.getheaders()}
            return WebhookAnswer(response.status, body, said)
        finally:
            connection.close()

    def _connect(self, to: Destination, until: float) -> socket.socket:
        """Tries the addresses in turn, as a browser would. Raises the OSError of the last one."""
        problem: OSError = OSError("it has no address")
        for address in to.addresses:
            try:
                opened = socket.create_connection((address, to.port), timeout=max(0.01, until - time.monotonic()))
            except OSError as e:
                problem = e
                continue
            self._keep(opened)
            if to.scheme == "http":
                return opened
            return ssl.create_default_context().wrap_socket(opened, server_hostname=to.host)
        raise problem

    def _keep(self, opened: socket.socket) -> None:
        with self._lock:
            if self._is_over:
                opened.close()
                raise self.sender.too_slow
            self._descriptor = os.dup(opened.fileno())

    def _forget(self) -> None:
        with self._lock:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None
