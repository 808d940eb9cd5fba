"""Calls an instance as clients of a dialect do, one probe after the other, and says what works. ``gavel compat check``
runs the probes; each dialect has its own in ``probes.py``."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

WITHIN_S = 10.0
Json = Mapping[str, Any]


class ProbeFailed(Exception):
    """A client would stumble over the answer; the message says why."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]  # names in lower case
    text: str

    def json(self) -> Any:
        """Raises ProbeFailed."""
        try:
            return json.loads(self.text)
        except ValueError as e:
            raise ProbeFailed(f"the answer ({self.status}) is not JSON") from e

    def expect(self, status: int) -> Reply:
        """Raises ProbeFailed for another status, with what the answer says."""
        if self.status != status:
            raise ProbeFailed(f"status {self.status} instead of {status}: {self.text[:200]}")
        return self


@dataclass(frozen=True, slots=True)
class ProbeClient:
    """A client's way to the instance."""

    base_url: str
    key: str = field(repr=False)

    def send(
        self,
        method: str,
        path: str,
        body: str | Json | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **query: str,
    ) -> Reply:
        """Raises ProbeFailed if nothing answers."""
        address = urlsplit(self.base_url)
        kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        raw = json.dumps(body) if isinstance(body, Mapping) else body
        target = f"{address.path.rstrip('/')}{path}{f'?{urlencode(query)}' if query else ''}"
        try:
            connection = kind(address.hostname or "", address.port, timeout=WITHIN_S)
            try:
                connection.request(method, target, raw and raw.encode(), dict(headers or {}))
                answer = connection.getresponse()
                text = answer.read().decode("utf-8", "replace")
                return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, text)
            finally:
                connection.close()
        except (OSError, http.client.HTTPException, ValueError) as e:
            raise ProbeFailed(f"nothing answers there: {e or type(e).__name__}") from e


@dataclass(frozen=True, slots=True)
class Probe:
    name: str
    run: Callable[[ProbeClient], str]  # returns what works, in words; raises ProbeFailed


@dataclass(frozen=True, slots=True)
class Probed:
    name: str
    works: bool
    said: str
    ms: int


def probe(probes: Sequence[Probe], caller: ProbeClient) -> Iterator[Probed]:
    """One result after the other, as they come."""
    for probe in probes:
        began = time.perf_counter()
        try:
            said, works = probe.run(caller), True
        except ProbeFailed as e:
            said, works = str(e), False
        except (LookupError, TypeError, AttributeError) as e:  # as clients do that index an answer unasked
            said, works = f"the answer lacks a part: {type(e).__name__} {e}", False
        yield Probed(probe.name, works, said, round(1000 * (time.perf_counter() - began)))
