"""The order of texts: by site, within a site by key, within a key by reader, and then by request. At each level the
one is first that has had least once its next texts are counted, so that what is dear waits behind what is cheap.

It is weighted fair queueing with a level that rises by the fair part of all that was served (Bennett and Zhang, WF2Q+,
1997): what is dear is served at the latest when each of the others has had as much as it costs.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from workers.answering.requests import Request


@dataclass(slots=True)
class TurnNode:
    """A site, a key or a reader among its like, with those who wait for it; or a request, with none."""

    request: Request | None = None
    had: float = 0.0  # that it was served, as its neighbours count: in letters of prose
    level: float = 0.0  # of those in it: a newcomer begins with so much
    parts: dict[object, TurnNode] = field(default_factory=dict)

    def add(self, path: tuple[object, ...], request: Request) -> None:
        part = self.parts.setdefault(path[0], TurnNode())
        if not part.waits:
            part.had = max(part.had, self.level)
        if len(path) == 1:
            part.request = request
        else:
            part.add(path[1:], request)

    @property
    def waits(self) -> bool:
        return self.request is not None or any(part.waits for part in self.parts.values())

    @property
    def left(self) -> int:
        """The cost of all that waits in it."""
        own = self.request.cost_left if self.request is not None else 0
        return own + sum(part.left for part in self.parts.values())

    def first(self) -> Request | None:
        """The request whose texts come next."""
        if self.request is not None:
            return self.request
        part = self._next()
        return part.first() if part is not None else None

    def serve(self, path: tuple[object, ...], cost: int) -> None:
        """The request at ``path`` has had texts of this cost."""
        if not path:
            return
        active = [part for part in self.parts.values() if part.waits]
        part = self.parts[path[0]]
        part.had += cost
        part.serve(path[1:], cost)
        self.level = max(self.level + cost / len(active), min(part.had for part in active))

    def remove(self, path: tuple[object, ...]) -> None:
        """The request at ``path`` waits no longer. Its site, key and reader stay while they have had more than their
        part, so that going and coming again gains nothing."""
        part = self.parts[path[0]]
        if len(path) == 1:
            del self.parts[path[0]]
        else:
            part.remove(path[1:])
        self.parts = {name: part for name, part in self.parts.items() if part.waits or part.had > self.level}

    def ahead(self, path: tuple[object, ...], cost: int) -> float:
        """The cost that is served before a request of this cost that comes now has had all its texts, if no other
        comes."""
        part = self.parts.get(path[0])
        own = float(cost)
        if part is not None and len(path) > 1:
            own += part.ahead(path[1:], cost)
        start = max(self.level, part.had) if part is not None else self.level
        others = [other for name, other in self.parts.items() if name != path[0] and other.waits]
        return own - cost + sum(other._served_until(start + own) for other in others)

    def _served_until(self, level: float) -> float:
        return min(self.left, level - self.had) if self.had + self._next_cost() <= level else 0.0

    def _next(self) -> TurnNode | None:
        waiting = [part for part in self.parts.values() if part.waits]
        return min(waiting, key=lambda part: part.had + part._next_cost(), default=None)

    def _next_cost(self) -> int:
        if self.request is not None:
            return self.request.next_cost
        part = self._next()
        return part._next_cost() if part is not None else 0
