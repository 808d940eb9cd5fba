"""Asks a scoring process, over HTTP on loopback or a private network. A text goes from memory to memory only."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Sequence

import urllib3
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

from moderation.ground.environment.setting_values import OFF
from moderation.ground.environment.settings import Settings
from moderation.ground.errors import ScoringAway, ScoringBusy, ScoringLate
from moderation.pipeline.drafts.messages import (
    CALLER_HEADER,
    DEADLINE_HEADER,
    MAX_BYTES,
    MAX_TEXTS,
    SCORE_PATH,
    STATE_PATH,
    BadMessage,
    ScoredText,
    ScoringAnswer,
    ScoringProcessState,
    Text,
    answer_from_bytes,
    chars_of,
    state_from_bytes,
    texts_to_bytes,
)

LEAST_S = 0.005  # with less time left, nothing is asked any more
ON_THE_WAY_S = 0.005  # of the deadline, for the way there and back
AWAY_RETRY_S = 2
MOST_BYTES_A_CHAR = 6  # a control character, as JSON writes it; any other takes four in UTF-8
Clock = Callable[[], float]

log = logging.getLogger(__name__)


class ScoringProcess:
    """A client with connections that stay open. Threads may share it; a process makes its own after forking."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        connections: int = 1,
        clock: Clock = time.monotonic,
    ) -> None:
        """As many callers as there are ``connections`` may wait for an answer at once. Further ones are refused."""
        self.is_off = url == OFF
        self._token, self._clock = token, clock
        self._pool = urllib3.connection_from_url("http://127.0.0.1" if self.is_off else url, maxsize=connections)
        self._places = threading.BoundedSemaphore(connections)

    @classmethod
    def of(cls, settings: Settings, *, connections: int = 1) -> ScoringProcess:
        """The one that these settings name."""
        return cls(settings.resolved_scoring_url, settings.resolved_scoring_token, connections=connections)

    def score(self, texts: Sequence[Text], *, deadline_s: float, caller: str = "") -> ScoringAnswer:
        """The texts of one site. ``caller`` is a key, and after a space a digest of the reader; turns go by both.

        Raises ScoringBusy, ScoringAway and ScoringLate; the last two within the deadline.
        """
        until = self._clock() + deadline_s
        self._refuse_if_off()
        if not self._places.acquire(blocking=False):
            raise ScoringBusy("too many callers wait for scores")
        try:
            answers = [self._ask(some, until, caller) for some in _batched(texts)]
        finally:
            self._places.release()
        scored: tuple[ScoredText, ...] = tuple(text for answer in answers for text in answer.scored)
        return ScoringAnswer(answers[0].models if answers else {}, scored)

    def state(self, *, within_s: float = 2.0) -> ScoringProcessState:
        """Raises ScoringAway."""
        self._refuse_if_off()
        try:
            return state_from_bytes(self._send("GET", STATE_PATH, None, within_s).data)
        except (HTTPError, BadMessage) as e:
            raise ScoringAway(f"the scoring process does not answer: {type(e).__name__}", AWAY_RETRY_S) from e

    def _refuse_if_off(self) -> None:
        if self.is_off:
            raise ScoringAway("this installation scores no texts that are not stored: SCORING_URL is off", 3600)

    def _ask(self, texts: tuple[Text, ...], until: float, caller: str) -> ScoringAnswer:
        body = texts_to_bytes(texts)
        try:
            response = self._post(body, until, caller)
            answer = answer_from_bytes(response.data) if response.status == 200 else self._refused(response)
        except ReadTimeoutError as e:
            raise ScoringLate("the deadline passed before the text was scored") from e
        except (HTTPError, BadMessage) as e:
            log.error("the scoring process does not answer: %s", type(e).__name__)
            raise ScoringAway("the scoring process does not answer", AWAY_RETRY_S) from e
        if len(answer.scored) != len(texts):
            raise ScoringAway("the scoring process answered for other texts", AWAY_RETRY_S)
        return answer

    def _post(self, body: bytes, until: float, caller: str) -> urllib3.BaseHTTPResponse:
        try:
            return self._send("POST", SCORE_PATH, body, self._left_s(until), caller)
        except ProtocolError:  # a process that has just been started anew has cut the connection that we kept
            return self._send("POST", SCORE_PATH, body, self._left_s(until), caller)

    def _left_s(self, until: float) -> float:
        left_s = until - self._clock()
        if left_s < LEAST_S:
            raise ScoringLate("the deadline passed before the text was scored")
        return left_s

    def _send(
        self, method: str, path: str, body: bytes | None, within_s: float, caller: str = ""
    ) -> urllib3.BaseHTTPResponse:
        left_ms = max(1, round(1000 * (within_s - ON_THE_WAY_S)))
        headers = {"Authorization": f"Bearer {self._token}", DEADLINE_HEADER: str(left_ms), CALLER_HEADER: caller}
        timeout = urllib3.Timeout(total=within_s)
        response = self._pool.request(method, path, body=body, headers=headers, timeout=timeout, retries=False)
        if response.status == 401:
            log.error("the scoring process refuses SCORING_TOKEN: it is not the same on both sides")
            raise ScoringAway("the scoring process does not know this service", AWAY_RETRY_S)
        return response

    def _refused(self, response: urllib3.BaseHTTPResponse) -> ScoringAnswer:
        """Raises ScoringBusy, ScoringLate or ScoringAway."""
        try:
            form = json.loads(response.data)
            kind, retry_after_s = form["error"], max(1, int(form.get("retry_after_s", 1)))
        except (ValueError, LookupError, TypeError, AttributeError) as e:
            raise BadMessage("a refusal without a reason") from e
        if kind == "busy":
            raise ScoringBusy("so many texts wait that this one would be late", retry_after_s)
        if kind == "late":
            raise ScoringLate("the deadline passed before the text was scored", retry_after_s)
        log.error("the scoring process answered %d: %s", response.status, kind)
        raise ScoringAway("the scoring process could not score the text", AWAY_RETRY_S)


def _batched(texts: Sequence[Text]) -> list[tuple[Text, ...]]:
    """In order, each batch within the limits of a message. A text is counted at the most bytes that it may take."""
    batches: list[list[Text]] = []
    left = 0
    for text in texts:
        most_bytes = MOST_BYTES_A_CHAR * chars_of(text)
        if not batches or len(batches[-1]) == MAX_TEXTS or most_bytes > left:
            batches.append([])
            left = MAX_BYTES
        batches[-1].append(text)
        left -= most_bytes
    return [tuple(batch) for batch in batches]
