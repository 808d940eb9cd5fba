"""The effect that a policy would have had on a site's newest comments. A page that is opened reads them at most once a
minute; what is tried on it looks at the same ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from moderation.ground.environment.own_time import own_time
from moderation.insight.learning.limits import replay_rows as replay_samples
from moderation.judging.policy import baseline as baselines
from moderation.judging.policy import documents, replay, tries
from moderation.judging.policy.baseline import Baseline
from moderation.judging.policy.replay import Replay, ReplayedComment
from moderation.judging.text.reading_budget import Budget
from moderation.sites.rows import PolicyRow
from moderation.spine.comments import rows as comments
from service import cached
from service.context import gavel, utc_now
from service.desk.frame.blind import blind_among
from service.desk.frame.excerpts import excerpts
from service.desk.frame.texts.marking import Excerpt

NEWEST = 2_000  # comments, however many the site has
NEW_FOR = timedelta(minutes=1)
KEPT_S = 600.0
READ_S = 2.0  # for their texts: 0.6 s for 2,000 of usual length, measured


@dataclass(frozen=True, slots=True)
class Recent:
    """Those of a site's newest comments that have scores, newest first."""

    read_at: datetime
    scored: tuple[ReplayedComment, ...]


def recent(site_id: str) -> Recent:
    """As the page read them that was opened last, or else as they are."""
    return cached.value(_key(site_id), KEPT_S, lambda: _read(site_id))


def renew(site_id: str) -> None:
    """Renews the replay for a page that is opened: ``recent`` is at most a minute old then."""
    if utc_now() - recent(site_id).read_at > NEW_FOR:
        cached.renewed(_key(site_id), KEPT_S, lambda: _read(site_id))


def tried(site_id: str, row: PolicyRow, document: Mapping[str, Any]) -> Replay:
    """The document's effect beside the current policy's. Raises InvalidInput if it is no valid policy."""
    beside = baseline(site_id, row)
    now = beside.holding.ids
    then = now if document == row.document else tries.held(beside, documents.parse(document, 0))
    return replay.compare(beside.comments, now, then)


def baseline(site_id: str, row: PolicyRow) -> Baseline:
    """The newest comments under the policy in force: those that it holds, and why."""
    newest, key = recent(site_id), ("baseline", site_id)

    def make() -> tuple[int, datetime, Baseline]:
        return (
            row.version,
            newest.read_at,
            baselines.baseline(newest.scored, documents.parse(row.document, 0), Budget(READ_S, own_time)),
        )

    version, read_at, kept = cached.value(key, KEPT_S, make)
    if (version, read_at) != (row.version, newest.read_at):
        *_, kept = cached.renewed(key, KEPT_S, make)  # in place of the other: each has thousands of comments
    return kept


def examples(replayed: Replay, document: Mapping[str, Any]) -> dict[str, Excerpt]:
    """The beginnings of comments on which the two policies differ, by id. The document's own words are masked too.

    Comments that the person at the desk still has to judge blind are left out, and those whose text was changed or
    deleted since it was read.
    """
    by_id = {sample.id: sample for sample in (*replayed.newly_held.examples, *replayed.no_longer_held.examples)}
    words = [*document.get("banned_words", ()), *document.get("suspect_words", ())]
    with gavel().database.read() as conn:
        texts, blind = comments.texts(conn, list(by_id)), blind_among(conn, list(by_id))
        shown = [sample for sample in by_id.values() if texts.get(sample.id) == sample.text and sample.id not in blind]
        return excerpts(conn, shown, words=words)


def _key(site_id: str) -> tuple[str, str]:
    return "recent", site_id


def _read(site_id: str) -> Recent:
    now = utc_now()
    with gavel().database.read() as conn:
        return Recent(now, tuple(replay_samples.recent(conn, site_id, limit=NEWEST, now=now)))
