"""Calls to the provider: JSON of a bounded size, under a deadline, and at few places at once."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from moderation.ground.webhooks.sending import NotSent, Sender, WebhookAnswer
from service.openid.problems import ProblemKind, ProviderProblem, shown

DEADLINE_S = 5.0
MOST_BYTES = 512 * 1024
AT_ONCE = 4  # threads of a process that may wait for the provider: the others go on taking comments
JSON = {"accept": "application/json"}


@dataclass(frozen=True, slots=True)
class Answer:
    """A JSON object, with the status and the server's own time. A refusal may come without one."""

    status: int
    content: Mapping[str, Any]
    date: str

    @property
    def error(self) -> str:
        """The provider's word for a refusal, or nothing."""
        error = self.content.get("error")
        return error if isinstance(error, str) else ""


@dataclass(frozen=True, slots=True)
class ProviderCaller:
    """Calls one provider. ``allow_private`` also allows plain http."""

    allow_private: bool
    deadline_s: float = DEADLINE_S
    places: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(AT_ONCE))

    def get(self, url: str, *, bearer: str = "") -> Answer:
        """Raises ProviderProblem unless a JSON object comes."""
        headers = {**JSON, "authorization": f"Bearer {bearer}"} if bearer else JSON
        with self._place():
            return _read(url, self._sender().get(self._checked(url), headers, reads=MOST_BYTES + 1))

    def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """Raises ProviderProblem unless a JSON object comes."""
        with self._place():
            sent = {**JSON, **headers}
            return _read(url, self._sender().post_form(self._checked(url), form, sent, reads=MOST_BYTES + 1))

    def allows(self, url: object) -> bool:
        """Whether this may be an address of the provider. Its name is resolved later, when it is called."""
        try:
            parts = urlsplit(url if isinstance(url, str) else "")
            is_whole = bool(parts.hostname) and parts.username is None and parts.port != 0
        except ValueError:
            return False
        return is_whole and parts.scheme in (("https", "http") if self.allow_private else ("https",))

    def _checked(self, url: str) -> str:
        if not self.allows(url):
            raise ProviderProblem(ProblemKind.SET_UP, f"{shown(url)} is not an https address")
        return url

    def _sender(self) -> Sender:
        return Sender(self.deadline_s, self.allow_private, called="the provider")

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self.places.acquire(blocking=False):
            raise ProviderProblem(ProblemKind.BUSY, f"{AT_ONCE} calls wait for the provider already")
        try:
            yield
        except NotSent as e:
            raise ProviderProblem(ProblemKind.AWAY, str(e)) from e
        finally:
            self.places.release()


def _read(url: str, answer: WebhookAnswer) -> Answer:
    path = urlsplit(url).path
    if len(answer.body) > MOST_BYTES:
        raise ProviderProblem(ProblemKind.GARBLED, f"{path} answered more than {MOST_BYTES} bytes")
    if answer.status >= 500 or answer.status == 429:
        raise ProviderProblem(ProblemKind.AWAY, f"{path} answered {answer.status}")
    try:
        content = json.loads(answer.body)
    except (ValueError, RecursionError) as e:
        if answer.status != 200:
            return Answer(answer.status, {}, answer.date)
        raise ProviderProblem(ProblemKind.GARBLED, f"{path} answered {answer.status} without JSON") from e
    if not isinstance(content, dict):
        raise ProviderProblem(ProblemKind.GARBLED, f"{path} answered no JSON object")
    return Answer(answer.status, content, answer.date)
