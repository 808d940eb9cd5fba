"""Texts that wait for the models while their callers wait for an answer. Requests take turns, and one that would be
late is refused at once."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from cachetools import LRUCache

from moderation.drafts.messages import ScoredText, Text
from moderation.text.reading_cost import LETTERS, MOST_PIECES, OF_TOPIC, pieces

MAX_REQUESTS = 200
MAX_CHARS = 16_000_000
MAX_UNREAD = 8
KNOWN_ARTICLES = 500  # a few less than the scorer keeps
PASS_S = 0.03
"""A pass takes as many texts as the models score in this time, so a request that comes next waits no longer."""

SHARE_CHARS = 2_000
"""The most that one request adds to a pass, unless a single text has more. A long list does not hold up short ones."""

FIRST_PACE_S = 5e-5  # seconds for a unit of cost, until passes have been measured
SMOOTHING = 0.1
SLOWEST_PASS = 4  # times the expected pace: a longer one is a stall of the machine, and says little about the next
TEXT_COST = 61  # of each text, in letters of prose: tokenizing, calling the model, and so on
EXPLAINING = 3  # times the text's own cost
Clock = Callable[[], float]


class Late(Exception):
    """The deadline has passed, or will before the text is scored."""


class Busy(Exception):
    """So many texts wait that this request would be late."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"try again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


@dataclass(slots=True, eq=False)
class Request:
    """The texts of one call. ``scored`` fills up in order; ``done`` is set when nothing more comes."""

    texts: tuple[Text, ...]
    costs: tuple[int, ...]
    until: float
    scored: list[ScoredText | None]
    taken: int = 0
    error: Exception | None = None
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def cost_left(self) -> int:
        return sum(self.costs[self.taken :])

    @property
    def is_scored(self) -> bool:
        return all(one is not None for one in self.scored)

    def fail(self, error: Exception) -> None:
        self.error = error
        self.done.set()


@dataclass(frozen=True, slots=True)
class Turn:
    """One text of a request that a pass has taken."""

    request: Request
    index: int

    @property
    def text(self) -> Text:
        return self.request.texts[self.index]


class Waiting:
    """Any thread may enter a request; one thread takes the texts, scores them and reports each pass."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._requests: deque[Request] = deque()
        self._articles: LRUCache[str, bool] = LRUCache(KNOWN_ARTICLES)
        self._unread: deque[Request] = deque(maxlen=MAX_UNREAD)
        self._changed = threading.Condition()
        self._pace_s = FIRST_PACE_S
        self._pass_cost, self._pass_began = 0, 0.0

    def enter(self, texts: Sequence[Text], *, within_s: float) -> Request:
        """Raises Busy if the last of the texts would be late."""
        with self._changed:
            costs = tuple(self._cost(text) for text in texts)
            expected_s = self._expected_s(sum(costs))
            if (expected_s > within_s and not self._is_worth_a_try(texts)) or self._is_full(texts):
                self._read_later(texts)
                raise Busy(max(1, math.ceil(expected_s)))
            request = Request(tuple(texts), costs, self._clock() + within_s, [None] * len(texts))
            self._requests.append(request)
            self._changed.notify()
            return request

    def result(self, request: Request) -> tuple[ScoredText, ...]:
        """Waits for the answer until the deadline. Raises Late, or the error of the models."""
        request.done.wait(max(0.0, request.until - self._clock()))
        if request.error is not None:
            raise request.error
        found = tuple(one for one in request.scored if one is not None)
        lacks_sentences = not request.done.is_set() and any(text.spans for text in request.texts)
        if len(found) < len(request.texts) or lacks_sentences:
            raise Late
        return found  # perhaps before all its words were found

    def take(self, *, wait_s: float = 1.0) -> list[Turn]:
        """The texts of the next pass, by turns, at least one; none if nothing came in ``wait_s``."""
        with self._changed:
            if not self._requests and not self._unread:
                self._changed.wait(wait_s)
            self._drop_late()
            if not self._requests and self._unread:
                self._requests.append(self._unread.popleft())
            turns = list[Turn]()
            most, cost = PASS_S / self._pace_s, 0
            while self._requests and (not turns or cost < most):
                request = self._requests.popleft()
                cost += self._take_share(request, turns)
                if request.taken < len(request.texts):
                    self._requests.append(request)
            self._pass_cost, self._pass_began = cost, self._clock()
            return turns

    def passed(self) -> None:
        """The pass that ``take`` began is over: its time says how fast the models are."""
        with self._changed:
            took_s = self._clock() - self._pass_began
            if self._pass_cost:
                found_s = min(took_s / self._pass_cost, SLOWEST_PASS * self._pace_s)
                self._pace_s += SMOOTHING * (found_s - self._pace_s)
            self._pass_cost = 0

    @property
    def texts(self) -> int:
        """How many texts wait."""
        with self._changed:
            return sum(len(request.texts) - request.taken for request in self._requests)

    def _is_worth_a_try(self, texts: Sequence[Text]) -> bool:
        """Nothing measures the pace while nobody is let in: after a stall an idle process would refuse for ever."""
        return not self._requests and not self._pass_cost and not any(map(self._is_new, texts))

    def _read_later(self, texts: Sequence[Text]) -> None:
        """An article that is too long to read in time would be refused for ever, so it is read when nothing waits."""
        unread = {one.texts[0].article_key for one in self._unread}
        new = [t for t in texts if self._is_new(t) and t.article_key not in unread]
        if new:
            one = replace(new[0], text=new[0].text[:SHARE_CHARS], parent_text=None, spans=False, explain=())
            self._unread.append(Request((one,), (self._cost(one),), math.inf, [None]))
            self._changed.notify()

    def _take_share(self, request: Request, turns: list[Turn]) -> int:
        cost = 0
        while request.taken < len(request.texts):
            own = request.costs[request.taken]
            if cost and cost + own > SHARE_CHARS:
                break
            turns.append(Turn(request, request.taken))
            self._know(request.texts[request.taken])
            request.taken += 1
            cost += own
        return cost

    def _drop_late(self) -> None:
        """Nobody waits for these any longer, or not long enough."""
        now, kept = self._clock(), deque[Request]()
        for request in self._requests:
            first_s = self._pace_s * request.costs[request.taken] if len(self._requests) > 1 else 0.0
            if now + first_s >= request.until:
                request.fail(Late())
            else:
                kept.append(request)
        self._requests = kept

    def _expected_s(self, own: int) -> float:
        """Until a request of this cost is answered: its turns, those of others meanwhile, and the rest of the pass."""
        rounds = max(1, math.ceil(own / SHARE_CHARS))
        others = sum(min(request.cost_left, rounds * SHARE_CHARS) for request in self._requests)
        in_pass_s = 0.0
        if self._pass_cost:
            in_pass_s = max(0.0, self._pace_s * self._pass_cost - (self._clock() - self._pass_began))
        return in_pass_s + self._pace_s * (others + own)

    def _is_full(self, texts: Sequence[Text]) -> bool:
        chars = sum(_chars(text) for request in self._requests for text in request.texts)
        return len(self._requests) >= MAX_REQUESTS or chars + sum(map(_chars, texts)) > MAX_CHARS

    def _cost(self, text: Text) -> int:
        """In letters of prose, by the pieces that the encoder reads."""
        beside = min(pieces(text.parent_text or ""), OF_TOPIC)
        own = TEXT_COST + LETTERS * (pieces(text.text) + beside)
        more = (EXPLAINING if text.explain else 0) + (1 if text.spans else 0)
        return own * (1 + more) + (LETTERS * _article_pieces(text) if self._is_new(text) else 0)

    def _is_new(self, text: Text) -> bool:
        return text.article_key is not None and text.article_key not in self._articles

    def _know(self, text: Text) -> None:
        if text.article_key is not None:
            self._articles[text.article_key] = True


def _article_pieces(text: Text) -> int:
    return min(MOST_PIECES, sum(pieces(part or "") for part in (text.title, text.summary, text.article_text)))


def _article_chars(text: Text) -> int:
    return sum(len(part or "") for part in (text.title, text.summary, text.article_text))


def _chars(text: Text) -> int:
    return len(text.text) + len(text.parent_text or "") + _article_chars(text)
