"""A city's newspapers and readers, and a year of their comments, as rows of the database."""

from __future__ import annotations

import json
import random
from bisect import bisect
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate, islice
from typing import Any

from bench.plant import sample_articles, sample_sentences
from moderation.ground.values import json_form
from moderation.ground.values.comments import Lane
from moderation.ground.values.signals import Signal
from moderation.ground.values.statuses import Action, CommentStatus, DecidedBy
from moderation.ground.values.verdicts import Reason, ReasonCode
from moderation.judging.text.near_copies import fingerprints
from moderation.spine.comments.envelope import EVENT_OF_STATUS
from moderation.spine.comments.priority import priority

DAYS = 365
FLAGGED, REJECTED, BY_PEOPLE, ESCALATED, REPLIES = 0.1, 0.07, 0.05, 0.005, 0.3  # shares
SITES = {"The Herald": 0.8, "The Courier": 0.15, "The Gazette": 0.05}
FLAGGED_FOR = ("toxicity", "toxicity", "toxicity", "insult", "relevance", "relevance", "links", "words.suspect")
BY_HOUR = (1, 1, 1, 1, 1, 2, 4, 7, 8, 8, 8, 8, 9, 9, 8, 8, 8, 9, 10, 11, 11, 9, 6, 3)  # comments through the day
PAGE = 20_000
VARIANTS = 1_000
RARE_WORDS = 50_000

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """A scoring and its decision as they look in the database."""

    toxicity: float
    relevance: float
    signals: str
    reasons: str
    flagged_for: str | None


@dataclass
class City:
    """Its newspapers and readers. Each page of comments comes with all the rows that belong to it, by table."""

    count: int
    site_ids: Sequence[str]
    moderator_ids: Sequence[str]
    now: datetime
    dice: random.Random
    days: int = DAYS
    sequences: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.start = self.now - timedelta(days=self.days)
        self.minutes = list(accumulate(weight for weight in BY_HOUR for _ in range(60)))
        self.sentences = sample_sentences()
        self.scored = {status: [_scored(self.dice, status) for _ in range(VARIANTS)] for status in CommentStatus}
        self.article_count = max(20, min(self.count // 200, 5_000))
        self.article_ids = [self._id(self._moment(n / self.article_count)) for n in range(self.article_count)]
        self.author_count = max(20, self.count // 15)
        self.authors: dict[tuple[str, int], str] = {}
        self.records: dict[str, Counter[CommentStatus]] = defaultdict(Counter)
        self.replied_to: dict[int, deque[str]] = defaultdict(lambda: deque(maxlen=50))

    def pages(self) -> Iterator[dict[str, list[Row]]]:
        """Articles first, authors last, because the decisions on their comments are counted on the way."""
        yield {"articles": list(self._articles())}
        numbers = iter(range(self.count))
        while page := list(islice(numbers, PAGE)):
            rows: dict[str, list[Row]] = defaultdict(list)
            for number in page:
                self._comment(number, rows)
            yield rows
        yield {"authors": [self._author(site, number, id) for (site, number), id in self.authors.items()]}

    def _comment(self, number: int, rows: dict[str, list[Row]]) -> None:
        at = self._moment(number / self.count)
        status = self._status()
        article, site_id = self._article(number / self.count)
        author = self._author_of(site_id)
        self.records[author][status] += 1
        scored = self.dice.choice(self.scored[status])
        comment_id, scoring_id, text = self._id(at), self._id(at), self._text()
        parents = self.replied_to[article]
        parent = self.dice.choice(parents) if parents and self.dice.random() < REPLIES else None
        parents.append(comment_id)
        is_flagged = status is CommentStatus.FLAGGED
        by_person = status is CommentStatus.REJECTED or (not is_flagged and self.dice.random() < BY_PEOPLE)
        version, when = 3 if by_person else 2, self._written(at)
        escalated = when if is_flagged and self.dice.random() < ESCALATED else None
        toxicity = round(scored.toxicity + self.dice.random() * 1e-3, 6)
        rows["comments"].append(
            (comment_id, site_id, f"c-{number}", self.article_ids[article], author, parent, text, "en", Lane.LIVE.value,
             comment_id * 2, status.value, version, toxicity, scored.relevance, SECTIONS[article % len(SECTIONS)],
             scored.flagged_for if is_flagged else None, priority(toxicity, 0, at), 0, escalated, when, when, when)
        )  # fmt: skip
        rows["scorings"].append((scoring_id, comment_id, 1, scored.signals, MODELS, "en", 0.004, when))
        first = CommentStatus.FLAGGED if is_flagged or by_person else status
        self._decided(rows, number, comment_id, site_id, at, (CommentStatus.WAITING, first), scored, scoring_id)
        if by_person:
            later = at + timedelta(minutes=self.dice.expovariate(1 / 90))
            self._decided(rows, number, comment_id, site_id, later, (CommentStatus.FLAGGED, status), scored, None)
        mark = self.dice.getrandbits(64) - 2**63  # of unrelated texts: their parts agree only by chance
        rows["fingerprint_bands"] += [(site_id, band, comment_id, mark) for band in fingerprints.bands(mark)]

    def _decided(
        self, rows: dict[str, list[Row]], number: int, comment_id: str, site_id: str, at: datetime,
        move: tuple[CommentStatus, CommentStatus], scored: Scored, scoring_id: str | None,
    ) -> None:  # fmt: skip
        """Decided by the policy if there is a scoring, else by a person."""
        before, after = move
        decision_id, when = self._id(at + timedelta(seconds=1)), self._written(at + timedelta(seconds=1))
        by_policy = scoring_id is not None
        version, action = (1, ACTION_TO[after]) if by_policy else (2, ACTION_TO[after])
        reasons = scored.reasons if by_policy else "[]"
        by = DecidedBy.POLICY if by_policy else DecidedBy.MODERATOR
        moderator = None if by_policy else self.dice.choice(self.moderator_ids)
        category = "Insult or abuse" if after is CommentStatus.REJECTED else None
        rows["decisions"].append(
            (decision_id, site_id, comment_id, version, action, before.value, after.value, by.value, moderator,
             1 if by_policy else None, scoring_id, reasons, category, when)
        )  # fmt: skip
        self.sequences[site_id] += 1
        payload = (
            f'{{"comment":{{"id":"c-{number}","status":"{after.value}","version":{version + 1}}},'
            f'"decision":{{"id":"{decision_id}","action":"{action}","by":"{by.value}","reasons":{reasons}}}}}'
        )
        rows["events"].append(
            (self._id(at), site_id, self.sequences[site_id], EVENT_OF_STATUS[after].value, comment_id, decision_id,
             payload, when, when, 0)
        )  # fmt: skip

    def _status(self) -> CommentStatus:
        drawn = self.dice.random()
        if drawn < FLAGGED:
            return CommentStatus.FLAGGED
        return CommentStatus.REJECTED if drawn < FLAGGED + REJECTED else CommentStatus.PUBLISHED

    def _article(self, share: float) -> tuple[int, str]:
        """An article of the last few days; a few of them get most of the comments."""
        newest = int(share * self.article_count)
        number = max(0, newest - int(self.dice.expovariate(self.days / self.article_count / 2)))
        if self.dice.random() < 0.4:
            number -= number % 5
        return number, self._site_of(number)

    def _site_of(self, article: int) -> str:
        return self.site_ids[bisect(list(accumulate(SITES.values()))[:-1], article * 0.618 % 1)]

    def _author_of(self, site_id: str) -> str:
        """A few readers write most."""
        key = site_id, int(self.author_count * self.dice.random() ** 3)
        if key not in self.authors:
            self.authors[key] = self._id(self.start)
        return self.authors[key]

    def _text(self) -> str:
        said = " ".join(self.dice.choices(self.sentences, k=1 + int(self.dice.expovariate(0.8))))
        return f"{said} Thus n{int(RARE_WORDS * self.dice.random() ** 2)}."

    def _articles(self) -> Iterator[Row]:
        every = sample_articles()
        for number, id in enumerate(self.article_ids):
            like, when = every[number % len(every)], self._written(self._moment(number / self.article_count))
            title = f"{like['title']}, part {number // len(every) + 1}"
            section = SECTIONS[number % len(SECTIONS)]
            yield (
                id,
                self._site_of(number),
                f"a-{number}",
                title,
                like["text"],
                section,
                "[]",
                "en",
                "open",
                when,
                when,
            )

    def _author(self, site_id: str, number: int, id: str) -> Row:
        record = self.records[id]
        published, rejected = record[CommentStatus.PUBLISHED], record[CommentStatus.REJECTED]
        return id, site_id, f"u-{number}", f"Reader {number}", published, rejected, "normal", self._written(self.start)

    def _moment(self, share: float) -> datetime:
        """More by day than by night; never goes back."""
        day, part = divmod(share * self.days, 1)
        minute = bisect(self.minutes, part * self.minutes[-1])
        return self.start + timedelta(days=day, minutes=minute, seconds=share * 1e7 % 60 if self.count < 1e5 else 0)

    def _written(self, moment: datetime) -> str:
        return f"{min(moment, self.now):%Y-%m-%d %H:%M:%S.%f}"

    def _id(self, moment: datetime) -> str:
        """A UUIDv7 of that time, as both databases read it."""
        drawn = self.dice.getrandbits(74)
        stamp = int(min(moment, self.now).timestamp() * 1000)
        return f"{(stamp << 80) | (7 << 76) | ((drawn >> 62) << 64) | (2 << 62) | (drawn & (2**62 - 1)):032x}"


SECTIONS = ("Economy", "Local", "Sport", "Politics", "Culture")
MODELS = json.dumps({"toxicity": "minilm-l6@bench", "relevance": "minilm@bench"})
ACTION_TO = {
    CommentStatus.PUBLISHED: Action.PUBLISH.value,
    CommentStatus.FLAGGED: Action.FLAG.value,
    CommentStatus.REJECTED: Action.REJECT.value,
}
COLUMNS: dict[str, tuple[str, ...]] = {
    "articles": ("id", "site_id", "external_id", "title", "text", "section", "tags", "language", "state", "created_at",
                 "updated_at"),
    "authors": ("id", "site_id", "external_id", "name", "published", "rejected", "standing", "created_at"),
    "comments": ("id", "site_id", "external_id", "article_id", "author_id", "parent_id", "text", "language", "lane",
                 "body_digest", "status", "version", "toxicity", "relevance", "section", "flagged_for", "priority",
                 "reports", "escalated_at", "posted_at", "received_at", "updated_at"),
    "scorings": ("id", "comment_id", "version", "signals", "models", "language", "seconds", "created_at"),
    "decisions": ("id", "site_id", "comment_id", "version", "action", "status_before", "status_after", "decided_by",
                  "moderator_id", "policy_version", "scoring_id", "reasons", "category", "created_at"),
    "events": ("id", "site_id", "sequence", "type", "comment_id", "decision_id", "payload", "created_at", "due_at",
               "attempts"),
    "fingerprint_bands": ("site_id", "band", "comment_id", "fingerprint"),
}  # fmt: skip


def _scored(dice: random.Random, status: CommentStatus) -> Scored:
    is_fine = status is CommentStatus.PUBLISHED
    toxicity = round(dice.betavariate(1, 12) if is_fine else dice.betavariate(5, 2), 6)
    relevance = round(dice.betavariate(6, 2), 6)
    values = {"toxicity": toxicity, "insult": toxicity * 0.9, "obscene": toxicity * 0.4, "threat": toxicity * 0.1,
              "identity_attack": toxicity * 0.1, "severe_toxicity": toxicity * 0.05, "sexual_explicit": 0.01,
              "relevance": relevance, "language.supported": 1.0, "links": 0.0, "shouting": 0.0,
              "author.rejection_rate": 0.1, "reports": 0.0}  # fmt: skip
    signals = [json_form.signal_to_json(Signal(name, value, "minilm-l6@bench")) for name, value in values.items()]
    flagged_for = None if is_fine else dice.choice(FLAGGED_FOR)
    reasons = []
    if flagged_for is not None:
        told = Reason(ReasonCode.RULE, Action.FLAG, flagged_for, toxicity, limit=0.5, bound="at_least", label="Held")
        reasons.append(json_form.reason_to_json(told))
    return Scored(toxicity, relevance, json.dumps(signals), json.dumps(reasons), flagged_for)
