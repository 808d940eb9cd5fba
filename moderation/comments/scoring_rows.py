"""Reads a worker's input for scoring, and stores the scorings."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.articles.rows import article_from, author_from
from moderation.articles.tables import articles
from moderation.authors.tables import authors
from moderation.comments import fact_rows as facts
from moderation.comments.rows import comment_from
from moderation.comments.tables import comments, fingerprint_bands, scorings
from moderation.database.engine import new_id
from moderation.database.prepared import Prepared
from moderation.domains import rows as domains
from moderation.learning.shadows import rows as shadows
from moderation.policy import documents
from moderation.signals.authors import burst
from moderation.signals.authors.author_disposable import disposable_domain
from moderation.sites import rows as sites
from moderation.text.contacts.domains import linked_domains
from moderation.text.contacts.shared_marks import shared_marks
from moderation.text.likeness.fingerprints import fingerprint
from moderation.values import json_form
from moderation.values.articles import Article
from moderation.values.authors import Author
from moderation.values.comments import Comment
from moderation.values.policies import Policy
from moderation.values.scoring import CommentToScore, Scoring
from moderation.values.statuses import CommentStatus

WELL_KNOWN_FROM = 5  # published comments: of a domain that more link to, many readers have heard
NEWCOMER_BELOW = 3  # published comments: the limit of the ready rules for newcomers
RECENT = timedelta(minutes=burst.MINUTES)


def load_waiting(conn: Connection, ids: Sequence[str]) -> list[CommentToScore]:
    """The comments of ``ids`` that still wait, with all that scoring needs. Decided ones are left out."""
    return _load(conn, ids, (CommentStatus.WAITING,))


def load_decided(conn: Connection, ids: Sequence[str]) -> list[CommentToScore]:
    """The comments of ``ids`` that are decided and not withdrawn, to be scored once more."""
    return _load(conn, ids, (CommentStatus.PUBLISHED, CommentStatus.FLAGGED, CommentStatus.REJECTED))


def _load(conn: Connection, ids: Sequence[str], statuses: Collection[CommentStatus]) -> list[CommentToScore]:
    rows = [row for row in conn.execute(sa.select(comments).where(comments.c.id.in_(ids))) if row.status in statuses]
    found_articles = _by_id(conn, articles, {r.article_id for r in rows}, article_from)
    found_authors = _by_id(conn, authors, {r.author_id for r in rows}, author_from)
    parents = _by_id(conn, comments, {r.parent_id for r in rows if r.parent_id}, lambda row: row.text)
    arrivals = facts.facts_of(conn, [r.id for r in rows])
    loaded = {r.id: comment_from(r) for r in rows}
    recent = _count_recent(conn, [(c, arrivals.get(c.id, facts.UNKNOWN).address) for c in loaded.values()])
    site_ids = {r.site_id for r in rows}
    policies = {site_id: current_policy(conn, site_id) for site_id in site_ids}
    candidates = {site_id: shadows.candidates(conn, site_id) for site_id in site_ids}
    languages = {site_id: sites.get_site(conn, site_id).settings.languages for site_id in site_ids}
    return [
        CommentToScore(
            comment=(comment := loaded[r.id]),
            article=found_articles[r.article_id],
            author=found_authors[r.author_id],
            parent_text=parents.get(r.parent_id) or None,  # an erased one has none
            policy=policies[r.site_id],
            fingerprint=fingerprint(r.text),
            reports=r.reports,
            recent=recent[r.id],
            typed_s=arrivals.get(r.id, facts.UNKNOWN).typed_s,
            known_domains=_known_domains(conn, comment),
            candidates=candidates[r.site_id],
            languages=languages[r.site_id],
            marks=marks_of(conn, comment, found_articles[r.article_id], found_authors[r.author_id]),
        )
        for r in rows
    ]


def count_recent(conn: Connection, comment: Comment) -> int:
    """Comments by the same author just before this one."""
    return _count_recent(conn, [(comment, None)])[comment.id]


def _count_recent(conn: Connection, arrived: Sequence[tuple[Comment, str | None]]) -> dict[str, int]:
    return facts.count_recent(conn, arrived, within=RECENT, most=burst.MOST)


def _known_domains(conn: Connection, comment: Comment) -> frozenset[str]:
    """Of those it links to. Its own count, if it is online, does not make them known."""
    own = int(comment.status is CommentStatus.PUBLISHED)
    return domains.known_domains(conn, comment.site_id, linked_domains(comment.text), beside=own)


def marks_of(conn: Connection, comment: Comment, article: Article, author: Author | None) -> tuple[int, ...]:
    """Of its contacts and little-known domains, and of an author's provider of disposable mail: see text.shared."""
    linked = linked_domains(comment.text)
    well_known = domains.known_domains(conn, comment.site_id, linked, beside=WELL_KNOWN_FROM)
    sources = (article.title, article.summary, article.text)
    account = disposable_domain(author) if author is not None and author.published < NEWCOMER_BELOW else None
    return shared_marks(comment.text, well_known=well_known, sources=sources, account=account)


_newest_policies: dict[str, Policy] = {}
"""By site. A version never changes once saved, so one that is still the newest need not be read and parsed again."""


def current_policy(conn: Connection, site_id: str) -> Policy:
    """The site's newest policy. It is parsed once per version and process. Raises NotFound."""
    version = sites.current_policy_version(conn, site_id)
    known = _newest_policies.get(site_id)
    if known is None or known.version != version:
        row = sites.get_policy(conn, site_id, version)
        known = _newest_policies[site_id] = documents.parse(row.document, row.version)
    return known


def forget_fingerprints(conn: Connection, comment_ids: Sequence[str]) -> None:
    if comment_ids:
        conn.execute(_DELETE, {"comment_ids": list(comment_ids)})


def insert_fingerprints(conn: Connection, rows: Sequence[tuple[str, str, int, Sequence[int]]]) -> None:
    """Rows of (site id, comment id, fingerprint, bands)."""
    if rows:
        _INSERT_BANDS.write(
            conn,
            [
                {"site_id": site_id, "comment_id": comment_id, "fingerprint": fingerprint, "band": band}
                for site_id, comment_id, fingerprint, bands in rows
                for band in bands
            ],
        )


_INSERT_BANDS = Prepared(fingerprint_bands.insert(), given=("site_id", "comment_id", "fingerprint", "band"))
_DELETE = fingerprint_bands.delete().where(
    fingerprint_bands.c.comment_id.in_(sa.bindparam("comment_ids", expanding=True))
)


def insert_scorings(conn: Connection, new: Sequence[Scoring], *, now: datetime) -> dict[str, str]:
    """Returns the ids of their rows, by comment."""
    rows = [_row(scoring, now) for scoring in new]
    if rows:
        _INSERT.write(conn, rows)
    return {row["comment_id"]: row["id"] for row in rows}


def _row(scoring: Scoring, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "comment_id": scoring.comment_id,
        "version": scoring.version,
        "signals": json_form.signals_to_text(scoring.signals),
        "models": json_form.Encoded(json.dumps(dict(scoring.models))),
        "language": scoring.language,
        "seconds": scoring.seconds,
        "created_at": now,
    }


_INSERT = Prepared(scorings.insert(), given=[column.name for column in scorings.columns])


def latest_scoring(conn: Connection, comment_id: str) -> Scoring | None:
    row = conn.execute(_LATEST, {"comment_id": comment_id}).one_or_none()
    if row is None:
        return None
    signals = tuple(json_form.signal_from_json(form) for form in row.signals)
    return Scoring(row.comment_id, row.version, signals, row.models, row.language, row.seconds)


# Made once: every page of the queue runs it
_LATEST = (
    sa.select(scorings)
    .where(scorings.c.comment_id == sa.bindparam("comment_id"))
    .order_by(scorings.c.id.desc())
    .limit(1)
)


def _by_id(conn: Connection, table: sa.Table, ids: set[str], make: Any) -> dict[str, Any]:
    if not ids:
        return {}
    return {row.id: make(row) for row in conn.execute(sa.select(table).where(table.c.id.in_(ids)))}
