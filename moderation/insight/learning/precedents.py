"""Precedents: the comments of a site most like one, among those that people here decided.

Each process keeps a sketch of every vector and reads what was decided since at each look-up, so that a decision counts
at once in all of them. Vectors, decisions and texts come from the database: what is gone from there is never shown.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import first_id_at
from moderation.ground.values.signals import Vector
from moderation.insight.learning import vector_rows as vectors
from moderation.insight.learning.sketches import Sketches, most_alike
from moderation.insight.learning.vector_rows import DecidedComment, DecidedText

SHOWN = 3
LEAST_ALIKE = 0.5
"""A cosine. Of 20,000 pairs of English comments drawn at random 95 in 100 lie below 0.32, and 998 in 1,000 below
0.5."""
LEAST_ALIKE_IN = {"gavel-toxicity-e5-l6": 0.75}
"""By encoder. In the space of other languages all comments lie near each other: of random pairs 95 in 100 lie below
0.69 in German, 0.73 in Korean and 0.75 in Romanian. From 0.75 on, 71 in 100 Romanian and 65 in 100 Korean precedents
were decided like the comment; below 0.7, 60 and 62; by chance, 54 and 50."""
COMPARED = 40  # exactly; of these the sketches say only that they are near
READ = 12  # with their texts; more than are shown, because some repeat each other
MOST_OF_SITE = 50_000
MOST_HELD = 300_000  # sketches of all sites in one process, about 54 MB
LATE = timedelta(seconds=10)  # a transaction may be seen so long after its decision got its id
REBUILT = timedelta(hours=1)  # vectors of an archive, or of a new encoder, come beside decisions that are old


@dataclass(frozen=True, slots=True)
class Precedent:
    """A comment that a person here decided, and how alike it is: a cosine."""

    decided: DecidedComment
    alike: float


@dataclass(slots=True)
class _Site:
    """By space, the sketches of a site's decided comments."""

    built_at: datetime
    looked_at: datetime | None = None
    latest: set[str] = field(default_factory=set)  # decisions that may be read once more
    spaces: dict[str, Sketches] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(map(len, self.spaces.values()))


class Precedents:
    """One for each process. The sites that were looked at longest ago are dropped where ``most`` sketches are held."""

    def __init__(self, most: int = MOST_HELD) -> None:
        self.most = most
        self._sites: OrderedDict[str, _Site] = OrderedDict()
        self._lock = threading.Lock()

    def like(self, conn: Connection, site_id: str, comment_id: str, *, now: datetime) -> tuple[Precedent, ...]:
        """The most alike first, at most ``SHOWN``; none for a comment without a vector."""
        vector = vectors.of(conn, [comment_id]).get(comment_id)
        if vector is None:
            return ()
        with self._lock:
            near = self._nearest(conn, site_id, vector, now)
        numbers = vectors.decided_among(conn, site_id, vector.space, [id for id in near if id != comment_id])
        best = most_alike(vector.numbers, numbers, READ)
        alike = {id: cosine for id, cosine in best if cosine >= least_alike(vector.space)}
        texts = {text.id: text for text in vectors.decided_texts(conn, list(alike))}
        shown = list(_distinct(texts[id] for id in alike if id in texts))
        return tuple(Precedent(comment, alike[comment.id]) for comment in vectors.with_decisions(conn, shown))

    def _nearest(self, conn: Connection, site_id: str, vector: Vector, now: datetime) -> list[str]:
        site = self._sites.get(site_id)
        if site is None or now >= site.built_at + REBUILT:
            site = _Site(now)
        _refresh(conn, site_id, site, now)
        self._sites[site_id] = site
        self._sites.move_to_end(site_id)
        while sum(map(len, self._sites.values())) > self.most and len(self._sites) > 1:
            self._sites.popitem(last=False)
        sketches = site.spaces.get(vector.space)
        return sketches.nearest(vector.numbers, COMPARED + 1) if sketches else []


def least_alike(space: str) -> float:
    """``space`` is an encoder with its version, as in ``name@version``."""
    return LEAST_ALIKE_IN.get(space.partition("@")[0], LEAST_ALIKE)


def _refresh(conn: Connection, site_id: str, site: _Site, now: datetime) -> None:
    """Adds what people decided since the last look-up, or with the first one all that is kept."""
    if site.looked_at is None:
        since = vectors.oldest_kept(conn, site_id, decided=True, most=MOST_OF_SITE)
    else:
        since = first_id_at(site.looked_at - LATE)
    for page in vectors.decided_from(conn, site_id, since):
        new = [row for row in page if row.decision_id not in site.latest]
        for space in {row.space for row in new}:
            pairs = [(row.comment_id, row.numbers) for row in new if row.space == space]
            site.spaces.setdefault(space, Sketches(MOST_OF_SITE)).add(pairs)
        site.latest |= {row.decision_id for row in new}
    again = first_id_at(now - LATE)
    site.looked_at, site.latest = now, {id for id in site.latest if id >= again}


def _distinct(texts: Iterable[DecidedText]) -> Iterator[DecidedText]:
    """Keeps one of those with the same text and the same decision."""
    seen: set[tuple[str, str]] = set()
    for text in texts:
        if (key := (text.text, text.status)) not in seen and len(seen) < SHOWN:
            seen.add(key)
            yield text
