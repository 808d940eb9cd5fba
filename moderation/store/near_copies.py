"""Finds what a comment repeats: how many near copies the site has, and the campaign of other authors that it joins.

The look-ups are bounded: a text's own keys lead to its campaign, and the newest near copies to one that is not known
yet. A campaign of a hundred thousand copies costs what one of sixty does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.model.campaigns import UNIQUE, Alike, Treatment
from moderation.model.scoring import CommentToScore
from moderation.store import campaigns, scoring
from moderation.store.campaigns import Known
from moderation.text import fingerprints
from moderation.text.innocent import innocence
from moderation.text.shared import MARK

WINDOW = timedelta(days=7)
MOST_AUTHORS = 100
TAKEN_IN = 100  # near copies that a new campaign takes in, the newest


def with_near_copies(conn: Connection, loaded: Iterable[CommentToScore], *, now: datetime) -> list[CommentToScore]:
    """The comments in order of arrival, each with what it repeats of stored comments and of earlier ones of this
    batch."""
    every = sorted(loaded, key=lambda c: c.comment.id)
    known = _known(conn, every, now)
    earlier: list[CommentToScore] = []
    found = []
    for scored in every:
        found.append(_compared(conn, scored, earlier, known.get(scored.comment.site_id, {}), now))
        if scored.fingerprint is not None or scored.marks:
            earlier.append(scored)
    return found


def keys_of(scored: CommentToScore) -> dict[int, int]:
    """The keys by which the comment finds its campaign, each with the fingerprint or the mark that it was made of."""
    of_text = fingerprints.keys(scored.fingerprint) if scored.fingerprint is not None else ()
    return {**dict.fromkeys(of_text, scored.fingerprint or 0), **{mark: mark for mark in scored.marks}}


def recognised(scored: CommentToScore, known: Mapping[int, Known]) -> Known | None:
    """The campaign that the comment is a copy in, or else one that has its contact or domain; of two, the older."""
    of_text = [hit for key, hit in _hits(scored, known) if key < MARK]
    shared = [hit for key, hit in _hits(scored, known) if key >= MARK]
    return min(of_text or shared, key=lambda hit: hit.campaign_id, default=None)


def _hits(scored: CommentToScore, known: Mapping[int, Known]) -> Iterator[tuple[int, Known]]:
    for key, mark in keys_of(scored).items():
        hit = known.get(key)
        if hit is not None and (hit.fingerprint == mark or (key < MARK and _is_near(mark, hit.fingerprint))):
            yield key, hit


def _is_near(mark: int | None, other: int | None) -> bool:
    return mark is not None and other is not None and fingerprints.is_near_copy(mark, other)


def _known(conn: Connection, loaded: Sequence[CommentToScore], now: datetime) -> dict[str, Mapping[int, Known]]:
    """By site: the keys of the batch's comments that live campaigns have."""
    asked: dict[str, set[int]] = defaultdict(set)
    for scored in loaded:
        asked[scored.comment.site_id].update(keys_of(scored))
    return {site_id: campaigns.known_by(conn, site_id, keys, now=now) for site_id, keys in asked.items()}


@dataclass(frozen=True, slots=True)
class _Repeated:
    """The comments that one comment repeats."""

    copies: tuple[str, ...]  # stored near copies, newest first
    sharing: tuple[str, ...]  # stored comments with a contact or a domain of it
    here: tuple[CommentToScore, ...]  # near copies in this batch
    sharing_here: tuple[CommentToScore, ...]

    @property
    def batch(self) -> dict[str, CommentToScore]:
        return {one.comment.id: one for one in (*self.here, *self.sharing_here)}

    @property
    def ids(self) -> tuple[str, ...]:
        """Newest first."""
        return tuple(sorted({*self.copies, *self.sharing, *self.batch}, reverse=True))


def _compared(
    conn: Connection,
    scored: CommentToScore,
    earlier: Sequence[CommentToScore],
    known: Mapping[int, Known],
    now: datetime,
) -> CommentToScore:
    if scored.fingerprint is None and not scored.marks:
        return scored
    repeated = _repeated(conn, scored, [one for one in earlier if one.comment.site_id == scored.comment.site_id])
    alike = _alike(conn, scored, repeated, dict(_hits(scored, known)), now)
    return replace(scored, near_copies=len(repeated.copies) + len(repeated.here), alike=alike)


def _repeated(conn: Connection, scored: CommentToScore, earlier: Sequence[CommentToScore]) -> _Repeated:
    comment, mark = scored.comment, scored.fingerprint
    copies: list[str] = []
    if mark is not None:
        bands = fingerprints.bands(mark)
        stored = scoring.fingerprints_in_bands(conn, comment.site_id, bands, not_comment=comment.id)
        copies = sorted((id for id, other in stored if fingerprints.is_near_copy(mark, other)), reverse=True)
    return _Repeated(
        copies=tuple(copies),
        sharing=tuple(scoring.sharing(conn, comment.site_id, scored.marks, not_comment=comment.id)),
        here=tuple(one for one in earlier if _is_near(mark, one.fingerprint)),
        sharing_here=tuple(one for one in earlier if set(scored.marks) & set(one.marks)),
    )


def _alike(
    conn: Connection, scored: CommentToScore, repeated: _Repeated, hits: Mapping[int, Known], now: datetime
) -> Alike:
    keyed = recognised(scored, hits)
    ids = repeated.ids[:TAKEN_IN]
    if keyed is None and not ids:
        return UNIQUE
    since = now - WINDOW
    # A campaign that knows the text has its copies; others that share a contact may not have joined it
    rows = campaigns.near(conn, ids, since=since) if keyed is None else []
    campaign_id, treatment = _joined(conn, keyed, {row.campaign_id for row in rows if row.campaign_id}, now)
    authors = {row.author_id for row in rows} | {one.author.id for one in repeated.batch.values()}
    if campaign_id is not None:
        authors |= campaigns.authors_of(conn, campaign_id, since=since, most=MOST_AUTHORS + 1)
    treatment = treatment if treatment and treatment.until > now else None
    return Alike(
        others=min(MOST_AUTHORS, len(authors - {scored.author.id})),
        near=ids,
        campaign_id=campaign_id,
        is_keyed=keyed is not None and _is_whole(scored, hits),
        is_copy=bool(repeated.copies or repeated.here) or any(key < MARK for key in hits),
        treatment=treatment,
        innocent="" if treatment or repeated.sharing or repeated.sharing_here else _innocence(scored),
    )


def _is_whole(scored: CommentToScore, hits: Mapping[int, Known]) -> bool:
    """Whether the campaigns know the text, if it has a fingerprint, and each of its marks."""
    knows_text = scored.fingerprint is None or any(key < MARK for key in hits)
    return knows_text and all(mark in hits for mark in scored.marks)


def _innocence(scored: CommentToScore) -> str:
    """Looked for in copies only: to read an article for each comment would take too long."""
    article = scored.article
    return innocence(scored.comment.text, (article.title, article.summary, article.text, scored.parent_text))


def _joined(
    conn: Connection, keyed: Known | None, of_near: set[str], now: datetime
) -> tuple[str | None, Treatment | None]:
    if keyed is not None:
        return keyed.campaign_id, keyed.treatment
    oldest = next(iter(campaigns.live(conn, of_near, now=now)), None)
    return (oldest.id, oldest.treatment) if oldest else (None, None)
