"""Stores past comments: published or rejected from the start, by a decision of their own kind, and nothing else."""

from __future__ import annotations

import secrets
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from moderation.ground.database.engine import Database
from moderation.ground.environment.own_time import own_time
from moderation.ground.values.comments import Lane
from moderation.ground.values.decisions import Decision
from moderation.ground.values.statuses import Action, CommentStatus, DecidedBy
from moderation.judging.text.reading_budget import Budget
from moderation.operations.importing import rows as imports
from moderation.operations.importing.past_comment import PastComment
from moderation.pipeline.arriving.submission import Submission
from moderation.readers.pages import showing
from moderation.spine.comments.decision_rows import insert_decisions
from moderation.spine.domains import rows as domains
from moderation.spine.domains.counts import READ_S, domains_in

ACTIONS = {"published": Action.PUBLISH, "rejected": Action.REJECT}
DECIDED_VERSION = 1  # what was decided; the comment itself is at the next version, as after every decision


@dataclass(frozen=True, slots=True)
class StoredCounts:
    new: int
    known: int  # their ids were there already: they stay as they are
    orphans: int  # new ones whose parent is not there: they stand at the top of their article


def store(db: Database, site_id: str, batch: Sequence[PastComment]) -> StoredCounts:
    """Stores some hundred comments in one transaction. Those whose id the site has already are left alone.

    The site may be online meanwhile: an article or a comment that arrives at the same moment is met by a second try.
    """
    try:
        with db.write() as conn:
            return _store(conn, site_id, batch)
    except IntegrityError:
        with db.write() as conn:
            return _store(conn, site_id, batch)


def id_at(moment: datetime) -> str:
    """A UUIDv7 (RFC 9562) of that time, so that history sorts where it belongs."""
    chance = secrets.randbits(74)
    milliseconds = int(moment.timestamp() * 1000) << 80
    return str(uuid.UUID(int=milliseconds | 7 << 76 | (chance >> 62) << 64 | 2 << 62 | chance & ((1 << 62) - 1)))


def _store(conn: Connection, site_id: str, batch: Sequence[PastComment]) -> StoredCounts:
    known = imports.comments_by_id(conn, site_id, _names(batch))
    new = {past.id: past for past in sorted(batch, key=lambda past: past.posted_at) if past.id not in known}
    articles = imports.ensure_articles(conn, site_id, _articles(new.values()))
    authors = imports.ensure_authors(conn, site_id, _authors(new.values()))
    rows, places = list[dict[str, Any]](), dict(known)
    for past in new.values():
        article_id = articles[past.article.id]
        parent = places.get(past.parent_id) if past.parent_id else None
        parent_id = parent.id if parent is not None and parent.article_id == article_id else None
        row = _row(past, site_id, article_id, authors[past.author.id], parent_id)
        places[past.id] = imports.KnownComment(row["id"], article_id)
        rows.append(row)
    imports.insert_comments(conn, rows)
    insert_decisions(conn, [_decision(row, past) for row, past in zip(rows, new.values(), strict=True)])
    _count(conn, site_id, rows)
    if published := [row["id"] for row in rows if row["status"] is CommentStatus.PUBLISHED]:
        showing.bring_into_step(conn, published)
    orphans = sum(1 for row, past in zip(rows, new.values(), strict=True) if past.parent_id and not row["parent_id"])
    return StoredCounts(len(new), len(batch) - len(new), orphans)


def _names(batch: Iterable[PastComment]) -> set[str]:
    return {past.id for past in batch} | {past.parent_id for past in batch if past.parent_id}


def _articles(new: Iterable[PastComment]) -> Mapping[str, Mapping[str, Any]]:
    """By the site's id, as the first comment describes each, made when that was posted."""
    by_id: dict[str, Mapping[str, Any]] = {}
    for past in new:
        said = {name: value or None for name, value in past.article.model_dump(exclude={"id"}).items()}
        by_id.setdefault(past.article.id, {**said, "created_at": past.posted_at, "updated_at": past.posted_at})
    return by_id


def _authors(new: Iterable[PastComment]) -> Mapping[str, Mapping[str, Any]]:
    by_id: dict[str, Mapping[str, Any]] = {}
    for past in new:
        by_id.setdefault(past.author.id, {"name": past.author.name or None, "created_at": past.posted_at})
    return by_id


def _row(past: PastComment, site_id: str, article_id: str, author_id: str, parent_id: str | None) -> dict[str, Any]:
    said = Submission(
        article_id=past.article.id,
        author_id=past.author.id,
        text=past.text,
        id=past.id,
        parent_id=past.parent_id,
        posted_at=past.posted_at,
        language=past.language,
    )
    return {
        "id": id_at(past.posted_at),
        "site_id": site_id,
        "external_id": past.id,
        "article_id": article_id,
        "author_id": author_id,
        "parent_id": parent_id,
        "text": past.text,
        "language": past.language,
        "lane": Lane.BULK,
        "body_digest": said.digest(),
        "status": CommentStatus(past.status),
        "version": DECIDED_VERSION + 1,
        "section": past.article.section or None,
        "posted_at": past.posted_at,
        "received_at": past.posted_at,
        "updated_at": past.posted_at,
        "featured_at": past.featured_at,
    }


def _decision(row: Mapping[str, Any], past: PastComment) -> Decision:
    return Decision(
        id=id_at(past.posted_at),
        comment_id=row["id"],
        site_id=row["site_id"],
        version=DECIDED_VERSION,
        action=ACTIONS[past.status],
        status_before=CommentStatus.WAITING,
        status_after=row["status"],
        decided_by=DecidedBy.IMPORT,
        reasons=(),
        created_at=past.posted_at,
        reason=past.reason,
    )


def _count(conn: Connection, site_id: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """For the authors' records, and for the domains that the site has published."""
    counts: dict[str, Counter[str]] = {}
    linked: Counter[tuple[str, str]] = Counter()
    budget = Budget(READ_S, own_time)
    for row in rows:
        counts.setdefault(row["author_id"], Counter())[row["status"]] += 1
        if row["status"] is CommentStatus.PUBLISHED:
            linked.update((site_id, domain) for domain in domains_in(row["text"], budget))
    imports.count_for_authors(conn, counts)
    domains.count_domains(conn, linked)
