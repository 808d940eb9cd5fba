"""Texts that wait for the models while their callers wait for an answer. Sites, keys and readers take turns, and a
request that would be late is refused at once."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import replace

from cachetools import LRUCache

from moderation.judging.text.reading_cost import LETTERS, MOST_PIECES, OF_TOPIC, pieces
from moderation.pipeline.drafts.messages import ScoredText, Text
from workers.answering.requests import SHARE_CHARS, Caller, Request, Turn
from workers.answering.turns import TurnNode

MAX_REQUESTS = 200
MAX_CHARS = 16_000_000
MOST_OF_SITE, MOST_OF_KEY = MAX_REQUESTS // 2, MAX_REQUESTS // 4
MAX_UNREAD, MOST_UNREAD_OF_SITE = 8, 2
KNOWN_ARTICLES = 500  # a few less than the scorer keeps
PASS_S = 0.03
"""A pass takes as many texts as the models score in this time, so a request that comes next waits no longer."""

FIRST_PACE_S = 5e-5  # seconds for a unit of cost, until passes have been measured
MEASURED_COST = 1_500
"""The pace is that of about the last texts of this cost. A pass has costs of its own, so many short passes would make a
long one seem slower than it is, and turn away short texts that come meanwhile."""

SLOWEST_PASS = 4  # times the expected pace: a longer one is a stall of the machine, and says little about the next
TEXT_COST = 61  # of each text, in letters of prose: tokenizing, calling the model, and so on
EXPLAINING = 3  # times the text's own cost
ANYBODY = Caller()
Clock = Callable[[], float]


class Late(Exception):
    """The deadline has passed, or will before the text is scored."""


class Busy(Exception):
    """So many texts wait that this request would be late."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"try again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


class Waiting:
    """Any thread may enter a request; one thread takes the texts, scores them and reports each pass."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._line, self._requests = TurnNode(), dict[Request, None]()
        self._articles: LRUCache[str, bool] = LRUCache(KNOWN_ARTICLES)
        self._unread: deque[Request] = deque(maxlen=MAX_UNREAD)
        self._changed = threading.Condition()
        self._pace_s = FIRST_PACE_S
        self._pass_cost, self._pass_began = 0, 0.0

    def enter(self, texts: Sequence[Text], *, within_s: float, caller: Caller = ANYBODY) -> Request:
        """Raises Busy if the last of the texts would be late, or if the site or key has its part waiting."""
        with self._changed:
            costs = tuple(self._cost(text) for text in texts)
            request = Request(tuple(texts), costs, self._clock() + within_s, [None] * len(texts), caller)
            expected_s = self._expected_s(request)
            if (expected_s > within_s and not self._is_worth_a_try(texts)) or not self._finds_room(request):
                self._read_later(request)
                raise Busy(max(1, math.ceil(expected_s)))
            self._add(request)
            self._changed.notify()
            return request

    def result(self, request: Request) -> tuple[ScoredText, ...]:
        """Waits for the answer until the deadline. Raises Late, or the error of the models."""
        request.done.wait(max(0.0, request.until - self._clock()))
        if request.error is not None:
            raise request.error
        scored = tuple(text for text in request.scored if text is not None)
        lacks_sentences = not request.done.is_set() and any(text.spans for text in request.texts)
        if len(scored) < len(request.texts) or lacks_sentences:
            raise Late
        return scored  # perhaps before all its words were found

    def take(self, *, wait_s: float = 1.0) -> list[Turn]:
        """The texts of the next pass, by turns, at least one; none if nothing came in ``wait_s``."""
        with self._changed:
            if not self._requests and not self._unread:
                self._changed.wait(wait_s)
            self._drop_late()
            if not self._requests and self._unread:
                self._add(self._unread.popleft())
            turns = list[Turn]()
            most, cost = PASS_S / self._pace_s, 0
            while (request := self._line.first()) and (not turns or _joins(request, cost, most)):
                cost += self._take_share(request, turns)
            self._pass_cost, self._pass_began = cost, self._clock()
            return turns

    def passed(self) -> None:
        """The pass that ``take`` began is over: its time says how fast the models are."""
        with self._changed:
            took_s = self._clock() - self._pass_began
            if self._pass_cost:
                found_s = min(took_s / self._pass_cost, SLOWEST_PASS * self._pace_s)
                newer = 1 - math.exp(-self._pass_cost / MEASURED_COST)
                self._pace_s += newer * (found_s - self._pace_s)
            self._pass_cost = 0

    @property
    def texts(self) -> int:
        """How many texts wait."""
        with self._changed:
            return sum(len(request.texts) - request.taken for request in self._requests)

    def _is_worth_a_try(self, texts: Sequence[Text]) -> bool:
        """Nothing measures the pace while nobody is let in: after a stall an idle process would refuse for ever."""
        return not self._requests and not self._pass_cost and not any(map(self._is_new, texts))

    def _read_later(self, request: Request) -> None:
        """An article that is too long to read in time would be refused for ever, so it is read when nothing waits."""
        unread = {waiting.texts[0].article_key for waiting in self._unread}
        of_site = sum(waiting.caller.site == request.caller.site for waiting in self._unread)
        new = [t for t in request.texts if self._is_new(t) and t.article_key not in unread]
        if new and of_site < MOST_UNREAD_OF_SITE:
            text = replace(new[0], text=new[0].text[:SHARE_CHARS], parent_text=None, spans=False, explain=())
            self._unread.append(Request((text,), (self._cost(text),), math.inf, [None], request.caller))
            self._changed.notify()

    def _add(self, request: Request) -> None:
        self._requests[request] = None
        self._line.add(request.path, request)

    def _remove(self, request: Request) -> None:
        del self._requests[request]
        self._line.remove(request.path)
        if not self._requests:
            self._line = TurnNode()

    def _take_share(self, request: Request, turns: list[Turn]) -> int:
        cost = request.next_cost
        for index in range(request.taken, request.taken + request.next_texts):
            turns.append(Turn(request, index))
            self._know(request.texts[index])
        request.taken = turns[-1].index + 1
        self._line.serve(request.path, cost)
        if request.taken == len(request.texts):
            self._remove(request)
        return cost

    def _drop_late(self) -> None:
        """Nobody waits for these any longer, or not long enough."""
        now, is_alone = self._clock(), len(self._requests) == 1
        for request in list(self._requests):
            first_s = 0.0 if is_alone else self._pace_s * request.costs[request.taken]
            if now + first_s >= request.until:
                request.fail(Late())
                self._remove(request)

    def _expected_s(self, request: Request) -> float:
        """Until a request that comes now is answered: its turns, those of others before, and the rest of the pass."""
        own = request.cost_left
        in_pass_s = 0.0
        if self._pass_cost:
            in_pass_s = max(0.0, self._pace_s * self._pass_cost - (self._clock() - self._pass_began))
        return in_pass_s + self._pace_s * (self._line.ahead(request.path, own) + own)

    def _finds_room(self, request: Request) -> bool:
        """Not beyond the part of its site and key. If all the room is taken, the newest request of the site that has
        most makes room for one of a site that has less."""
        own = request.caller
        of_site = [other for other in self._requests if other.caller.site == own.site]
        of_key = [other for other in of_site if other.caller.key == own.key]
        if len(of_site) >= MOST_OF_SITE or len(of_key) >= MOST_OF_KEY:
            return False
        if 2 * (_chars(request) + sum(map(_chars, of_site))) > MAX_CHARS:
            return False
        while self._is_full(request):
            room = Counter[str]()
            for queued in self._requests:
                room[queued.caller.site] += _room(queued)
            fullest, most = room.most_common(1)[0]
            if most <= room[own.site] + _room(request):
                return False
            newest = next(other for other in reversed(self._requests) if other.caller.site == fullest)
            newest.fail(Busy(1))
            self._remove(newest)
        return True

    def _is_full(self, request: Request) -> bool:
        chars = sum(map(_chars, self._requests)) + _chars(request)
        return len(self._requests) >= MAX_REQUESTS or chars > MAX_CHARS

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


def _chars(request: Request) -> int:
    return sum(len(text.text) + len(text.parent_text or "") + _article_chars(text) for text in request.texts)


def _room(request: Request) -> int:
    """The part of the memory that it takes, in characters."""
    return _chars(request) + MAX_CHARS // MAX_REQUESTS


def _joins(request: Request, cost: int, most: float) -> bool:
    """Whether its next texts go into a pass that has so much. One dear text goes alone, for nobody to wait for it who
    would be answered without it."""
    return cost < most and request.next_cost <= SHARE_CHARS
