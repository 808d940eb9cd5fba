"""The texts of one call while its caller waits for the answer."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from moderation.pipeline.drafts.messages import ScoredText, Text

SHARE_CHARS = 2_000
"""The most that one request adds to a pass, unless a single text has more. A long list does not hold up short ones."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller, as far as it is known. Turns go by site, by key and by reader."""

    site: str = ""
    key: str = ""
    reader: str = ""


@dataclass(slots=True, eq=False)
class Request:
    """The texts of one call. ``scored`` fills up in order; ``done`` is set when nothing more comes."""

    texts: tuple[Text, ...]
    costs: tuple[int, ...]
    until: float
    scored: list[ScoredText | None]
    caller: Caller = Caller()
    taken: int = 0
    error: Exception | None = None
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def path(self) -> tuple[object, ...]:
        return (self.caller.site, self.caller.key, self.caller.reader, self)

    @property
    def cost_left(self) -> int:
        return sum(self.costs[self.taken :])

    @property
    def next_texts(self) -> int:
        """How many texts its next turn takes, at least one."""
        cost = texts = 0
        for own in self.costs[self.taken :]:
            if texts and cost + own > SHARE_CHARS:
                break
            cost, texts = cost + own, texts + 1
        return texts

    @property
    def next_cost(self) -> int:
        return sum(self.costs[self.taken : self.taken + self.next_texts])

    @property
    def is_scored(self) -> bool:
        return all(text is not None for text in self.scored)

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
