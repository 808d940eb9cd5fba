"""The examples that a site's house model learns from, each with its weight. Labels come from people, never from the
policy's own decisions."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.insight.learning import example_rows as store
from moderation.insight.learning.example_rows import Example, LabelSource
from moderation.insight.learning.shares import bounded

MOST_DECIDED = 50_000
MOST_QUIET = 10_000
QUIET_FOR = timedelta(days=30)
QUIET_WEIGHT = 0.1
MOST_WEIGHT = 100.0  # of a check: a rarer draw counts no more, so that one label cannot outweigh all others
FEWEST = 200  # decisions by people, before there is a house model
FEWEST_OF_EACH = 50  # rejected, and not rejected
PACE = timedelta(days=30)  # of which the decisions say when there will be enough


@dataclass(frozen=True, slots=True)
class HouseReadiness:
    """Whether a site has decisions enough for a house model. ``sentence`` says so, and from when."""

    decided: int
    rejected: int
    enough_at: datetime | None = None  # at the pace of the last thirty days; None if there are enough, or never will be

    @property
    def lacking(self) -> tuple[int, int, int]:
        """Decisions, rejections and other decisions that are missing, at least 0 each."""
        lacks = (FEWEST - self.decided, FEWEST_OF_EACH - self.rejected, FEWEST_OF_EACH - (self.decided - self.rejected))
        return max(0, lacks[0]), max(0, lacks[1]), max(0, lacks[2])

    @property
    def missing(self) -> int:
        """The fewest further decisions that would be enough."""
        decisions, rejections, others = self.lacking
        return max(decisions, rejections + others)

    @property
    def is_enough(self) -> bool:
        return self.missing == 0

    @property
    def sentence(self) -> str:
        """The sentence that the terminal shows."""
        have = f"{self.decided:,} decisions by people are known, {self.rejected:,} of them rejections"
        if self.is_enough:
            return f"{have}."
        needs = f"a house model needs {FEWEST} decisions, {FEWEST_OF_EACH} of them rejections and {FEWEST_OF_EACH} not"
        pace = "At the pace of the last thirty days"
        if self.enough_at is None:
            return f"{have}: {needs}. {pace} there will never be enough."
        return f"{have}: {needs}. {pace} that will be on {self.enough_at:%d %B %Y}."


def of_site(conn: Connection, site_id: str, *, now: datetime) -> list[Example]:
    """Every example, oldest decision first.

    A check speaks for all comments that were not drawn beside it and that nobody saw, so it weighs one over its
    probability (inverse propensity). Without that, a model that learns from what was flagged believes that every
    comment is like those. ``shares`` bounds the weight of one person.
    """
    by_people = {e.comment_id: e for e in store.decided_by_people(conn, site_id, most=MOST_DECIDED)}
    for said in store.second_looks(conn, site_id, most=MOST_DECIDED):
        if said.comment_id not in by_people or by_people[said.comment_id].decided_at < said.decided_at:
            by_people[said.comment_id] = said
    drawn = store.checked(conn, site_id, most=MOST_DECIDED)
    checked = {e.comment_id: _checked(e, by_people.get(e.comment_id)) for e in drawn}
    silent = store.quiet(conn, site_id, posted_before=now - QUIET_FOR, most=MOST_QUIET)
    quiet = {e.comment_id: replace(e, weight=QUIET_WEIGHT) for e in silent}
    return bounded(sorted((quiet | by_people | checked).values(), key=lambda e: (e.decided_at, e.comment_id)))


def readiness(examples: Sequence[Example], *, now: datetime) -> HouseReadiness:
    """Counts what there is and what is missing, and, at the pace of the last thirty days, until when."""
    decided = [e for e in examples if e.source is not LabelSource.QUIET]
    counted = HouseReadiness(len(decided), sum(e.is_rejected for e in decided))
    return counted if counted.is_enough else replace(counted, enough_at=_enough_at(counted, decided, now))


def digest(examples: Sequence[Example]) -> str:
    """The same for the same examples: a model need not be learnt from them again."""
    hasher = hashlib.blake2b(digest_size=12)
    for e in examples:
        hasher.update(f"{e.comment_id} {e.is_rejected} {e.reason} {e.weight:.6f} {len(e.text)}\n".encode())
        hasher.update(e.text.encode("utf-8", "surrogatepass"))
    return hasher.hexdigest()


def by_source(examples: Sequence[Example]) -> Mapping[str, int]:
    counted = Counter(e.source for e in examples)
    return {source.value: counted[source] for source in LabelSource}


def _checked(drawn: Example, decided: Example | None) -> Example:
    """The label is the last one that stood: somebody may have decided the comment again since it was checked."""
    weight = min(drawn.weight, MOST_WEIGHT)
    if decided is None or decided.decided_at <= drawn.decided_at:
        return replace(drawn, weight=weight)
    return replace(decided, source=LabelSource.CHECK, weight=weight)


def _enough_at(readiness: HouseReadiness, decided: Sequence[Example], now: datetime) -> datetime | None:
    recent = [e for e in decided if e.decided_at >= now - PACE]
    rejected = sum(e.is_rejected for e in recent)
    paces = (len(recent), rejected, len(recent) - rejected)
    waits = [(lacks, pace) for lacks, pace in zip(readiness.lacking, paces, strict=True) if lacks]
    if any(not pace for _, pace in waits):
        return None
    return now + max(lacks / pace for lacks, pace in waits) * PACE
