"""Chooses a comment's lane, so that one site's flood does not make another's readers wait, and says whether it is
worth holding a reply. A comment that is slow to read waits in a queue of its own beside these lanes
(``jobs.queue_of``), and counts there."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from moderation.ground.database.engine import Database
from moderation.ground.monitoring.instruments import instruments
from moderation.ground.values.comments import Lane
from moderation.ground.values.costs import CHEAP, is_slow
from moderation.judging.text.reading_cost import MOST_PIECES
from moderation.pipeline.arriving.fitting import ReadArticles
from moderation.pipeline.waiting import vitals_rows as vitals
from moderation.pipeline.waiting.vitals_rows import oldest
from moderation.spine.comments.decision_rows import cost_decided_since

AHEAD_S = 1.0  # the workers' time that all sites together may have waiting in the urgent lanes
LEAST = 2 * MOST_PIECES  # of all sites: as much as a worker reads at once never counts as a flood
LEAST_OF_SITE = 2 * CHEAP  # of one site, however many are busy: some eight ordinary comments
FRESH_S = 1.0  # how long a reading of the database is used
ONE_CORE_PER_S = 5 * MOST_PIECES  # that one core reads, at about 0.2 s for the dearest comment
PACE_WINDOW = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Load:
    """The load of the urgent lanes, ``interactive`` and ``live``, by the cost of reading their comments, in pieces."""

    waiting: Mapping[str, int]  # by site, without those that are slow to read
    sites: int  # in existence
    decided_per_s: float = 0.0
    oldest_s: float = 0.0
    slow: Mapping[str, int] = field(default_factory=dict)  # by site, those that are slow to read

    def share(self, site_id: str) -> int:
        """The most that a site's comments may cost that wait ahead of others'. Sites without waiting comments need no
        share."""
        return max(LEAST_OF_SITE, self._part(self.waiting, site_id))

    def slow_share(self, site_id: str) -> int:
        """The same among those that are slow to read."""
        return max(MOST_PIECES, self._part(self.slow, site_id))

    def _part(self, waiting: Mapping[str, int], site_id: str) -> int:
        return math.floor(max(LEAST, self.decided_per_s * AHEAD_S) / len(waiting.keys() | {site_id}))


def lane_for(site_id: str, wanted: Lane, load: Load, cost: int) -> Lane:
    """The requested lane, or ``bulk`` if the comment would exceed the site's share. A site that has nothing waiting
    there may have any one, and a single site has nobody to be fair to."""
    if load.sites <= 1:
        return wanted
    if is_slow(cost):
        waiting, most = load.slow.get(site_id, 0), load.slow_share(site_id)
    else:
        waiting, most = load.waiting.get(site_id, 0), _room(load.share(site_id), cost)
    return wanted if not waiting or waiting + cost <= most else Lane.BULK


def _room(share: int, cost: int) -> int:
    """The part of a share that a comment may fill: a dearer one leaves more to cheaper ones, the dearest half of it."""
    return math.floor(share * (1 - cost / (2 * CHEAP)))


def is_worth_waiting(wait_s: float, load: Load) -> bool:
    """False if no decision can be expected in that time: a held reply would only keep a thread from others.

    Just after a start or a quiet spell little was decided, since little was asked for. So a single core is counted on,
    until a comment has waited for too long.
    """
    ahead = sum(load.waiting.values())
    is_late = load.oldest_s > wait_s
    if is_late and load.decided_per_s == 0:
        return False
    per_s = load.decided_per_s if is_late else max(load.decided_per_s, ONE_CORE_PER_S)
    return ahead <= LEAST or ahead <= per_s * wait_s


class Shares:
    """Reads the load at most once a second in one process, and in between counts the comments it accepts."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database, self._clock = database, clock
        self._lock = threading.Lock()
        self.articles = ReadArticles()
        self._load, self._looked_at = Load({}, sites=1), -math.inf
        self._since: Counter[str] = Counter()
        self._slow_since: Counter[str] = Counter()
        self._are_several, self._counted_at = False, -math.inf

    def load(self, *, now: datetime) -> Load:
        """The load at the last look, at most ``FRESH_S`` old, plus the comments that have come since."""
        if self._clock() - self._looked_at >= FRESH_S and self._lock.acquire(blocking=False):
            try:
                self._load, self._since, self._slow_since = self._look(now), Counter(), Counter()
                self._looked_at = self._clock()
            finally:
                self._lock.release()  # another thread uses the last reading meanwhile
        seen, waiting, slow = self._load, Counter(self._load.waiting), Counter(self._load.slow)
        return replace(seen, waiting=waiting + self._since, slow=slow + self._slow_since)

    def is_worth_waiting(self, wait_s: int, *, now: datetime) -> bool:
        """Whether a reply held that long is likely to bring the decision."""
        return wait_s > 0 and is_worth_waiting(wait_s, self.load(now=now))

    def take(self, site_id: str, wanted: Lane, cost: int, *, now: datetime) -> Lane:
        """The lane for one more comment of the site, of this cost with all that is read beside it; counts the
        comment."""
        lane = lane_for(site_id, wanted, self.load(now=now), cost) if self._has_several_sites() else wanted
        if lane is not Lane.BULK:
            (self._slow_since if is_slow(cost) else self._since)[site_id] += cost
        if lane is not wanted:
            instruments().demoted.inc()
        return lane

    def fit(self, site_id: str, *, now: datetime) -> SiteFit:
        """Chooses for one comment of the site whose cost is yet to be known."""
        return SiteFit(self, site_id, now)

    def _has_several_sites(self) -> bool:
        """Else no waiting comment needs to be read here, and a second's reading takes long when many wait."""
        if self._clock() - self._counted_at >= FRESH_S:
            with self._database.read() as conn:
                self._are_several = vitals.count_sites(conn) > 1
            self._counted_at = self._clock()
            if self._counted_at - self._looked_at >= FRESH_S:
                self._since, self._slow_since = Counter(), Counter()  # the next look sees these, and may be far off
        return self._are_several

    def _look(self, now: datetime) -> Load:
        with self._database.read() as conn:
            urgent = [w for w in vitals.waiting(conn) if w.lane != Lane.BULK]
            decided = cost_decided_since(conn, now - PACE_WINDOW) / PACE_WINDOW.total_seconds()
            sites = vitals.count_sites(conn)
        waiting, slow = Counter[str](), Counter[str]()
        for lane in urgent:
            waiting[lane.site_id] += lane.cost - lane.slow_cost
            slow[lane.site_id] += lane.slow_cost
        since = oldest(urgent)
        return Load(+waiting, sites, decided, (now - since).total_seconds() if since else 0.0, +slow)


@dataclass(frozen=True, slots=True)
class SiteFit:
    """Fits one comment of a site into its share."""

    shares: Shares
    site_id: str
    now: datetime

    def reads(self, article_id: str, updated_at: datetime) -> bool:
        return self.shares.articles.note(article_id, updated_at)

    def lane(self, wanted: Lane, cost: int) -> Lane:
        return self.shares.take(self.site_id, wanted, cost, now=self.now)
