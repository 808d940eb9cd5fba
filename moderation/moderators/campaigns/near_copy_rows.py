"""Finds what a comment repeats: how many near copies the site has, and the campaign of other authors that it joins.

The look-ups are bounded: a text's own keys lead to its campaign, and the newest near copies to one that is not known
yet. A campaign of a hundred thousand copies costs what one of sixty does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.values.campaigns import Alike, Treatment
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.text.contacts.shared_marks import MARK
from moderation.judging.text.near_copies import fingerprints
from moderation.moderators.campaigns import candidate_rows as candidates
from moderation.moderators.campaigns import copy_rows as campaign_copies
from moderation.moderators.campaigns import rows as campaigns
from moderation.moderators.campaigns import texts
from moderation.moderators.campaigns.rows import KnownKey, Near
from moderation.spine.comments import decision_rows as decisions

WINDOW = timedelta(days=7)
MOST_AUTHORS = 100
TAKEN_IN = 100  # near copies that a new campaign takes in, the newest


def with_near_copies(conn: Connection, loaded: Iterable[CommentToScore], *, now: datetime) -> list[CommentToScore]:
    """The comments in order of arrival, each with what it repeats of stored comments and of earlier ones of this
    batch."""
    every = sorted(loaded, key=lambda c: c.comment.id)
    stored = _stored(conn, every, now)
    earlier: dict[str, _Earlier] = defaultdict(_Earlier)
    repeated: dict[str, _Repeated] = {}
    for scored in every:
        if scored.fingerprint is not None or scored.marks:
            site_id = scored.comment.site_id
            repeated[scored.comment.id] = _repeated(scored, stored[site_id], earlier[site_id])
            earlier[site_id].add(scored)
    again = [scored for scored in every if scored.comment.id in repeated and not scored.comment.is_new]
    for comment_id in _kept(conn, [scored for scored in again if repeated[scored.comment.id].is_any]):
        repeated[comment_id] = repeated[comment_id].until(comment_id)
    near = _near(conn, repeated.values(), since=now - WINDOW)
    return [
        _compared(conn, scored, repeated[scored.comment.id], near, now) if scored.comment.id in repeated else scored
        for scored in every
    ]


def _kept(conn: Connection, again: Sequence[CommentToScore]) -> set[str]:
    """Of comments that are scored again, those that were published with nearly this text and each of these marks: a
    typo was mended, or nothing was. They are no further copies of what others made of them since."""
    if not again:
        return set()
    ids = [scored.comment.id for scored in again]
    before = candidates.of_comments(conn, ids)
    published = {
        id
        for id, decision in decisions.latest_by_comment(conn, ids).items()
        if decision.status_after is CommentStatus.PUBLISHED
    }
    return {
        scored.comment.id
        for scored in again
        if scored.comment.id in published
        and set(scored.marks) <= before[scored.comment.id]
        and any(_is_near(scored.fingerprint, mark) for mark in before[scored.comment.id])
    }


def keys_of(scored: CommentToScore) -> dict[int, int]:
    """The keys by which the comment finds its campaign, each with the fingerprint or the mark that it was made of."""
    of_text = fingerprints.keys(scored.fingerprint) if scored.fingerprint is not None else ()
    return {**dict.fromkeys(of_text, scored.fingerprint or 0), **{mark: mark for mark in scored.marks}}


def recognised(scored: CommentToScore, known: Mapping[int, KnownKey]) -> KnownKey | None:
    """The campaign that the comment is a copy in, or else one that has its contact or domain; of two, the older."""
    hits = tuple(_hits(scored, known))
    of_text = [hit for key, hit in hits if key < MARK]
    shared = [hit for key, hit in hits if key >= MARK]
    return min(of_text or shared, key=lambda hit: hit.campaign_id, default=None)


def _hits(scored: CommentToScore, known: Mapping[int, KnownKey]) -> Iterator[tuple[int, KnownKey]]:
    for key, mark in keys_of(scored).items() if known else ():
        hit = known.get(key)
        if hit is not None and (hit.fingerprint == mark or (key < MARK and _is_near(mark, hit.fingerprint))):
            yield key, hit


def _seen(scored: CommentToScore, hits: Mapping[int, KnownKey]) -> Iterator[tuple[int, KnownKey]]:
    """The hits on what somebody read before they decided the treatment. A text is a near copy of one that was read, and
    not of a copy of that."""
    own = keys_of(scored) if hits else {}
    for key, hit in hits.items():
        if hit.seen is None:
            is_seen = hit.is_seen
        elif key >= MARK:
            is_seen = key in hit.seen.marks
        else:
            is_seen = any(_is_near(own[key], fingerprint) for fingerprint in hit.seen.prints)
        if is_seen:
            yield key, hit


def _is_near(mark: int | None, other: int | None) -> bool:
    return mark is not None and other is not None and fingerprints.is_near_copy(mark, other)


@dataclass(frozen=True, slots=True)
class _Stored:
    """All that one site has stored and that a batch of its comments may repeat."""

    known: Mapping[int, KnownKey]  # keys of live campaigns
    by_band: Mapping[int, Sequence[tuple[str, int]]]
    by_mark: Mapping[int, Sequence[str]]


def _stored(conn: Connection, loaded: Sequence[CommentToScore], now: datetime) -> dict[str, _Stored]:
    """The stored comments, by site."""
    of_site: dict[str, list[CommentToScore]] = defaultdict(list)
    for scored in loaded:
        of_site[scored.comment.site_id].append(scored)
    by_site = {}
    for site_id, batch in of_site.items():
        keys = {key for scored in batch for key in keys_of(scored)}
        prints = {scored.fingerprint for scored in batch if scored.fingerprint is not None}
        bands = {band for fingerprint in prints for band in fingerprints.bands(fingerprint)}
        marks = {mark for scored in batch for mark in scored.marks}
        by_site[site_id] = _Stored(
            known=campaigns.known_by(conn, site_id, keys, now=now),
            by_band=candidates.in_bands(conn, site_id, bands),
            by_mark=candidates.sharing(conn, site_id, marks),
        )
    return by_site


class _Earlier:
    """The comments of one site that come before another in a batch, in order."""

    def __init__(self) -> None:
        self._by_band: dict[int, list[CommentToScore]] = defaultdict(list)
        self._by_mark: dict[int, list[CommentToScore]] = defaultdict(list)

    def add(self, scored: CommentToScore) -> None:
        for band in fingerprints.bands(scored.fingerprint) if scored.fingerprint is not None else ():
            self._by_band[band].append(scored)
        for mark in scored.marks:
            self._by_mark[mark].append(scored)

    def near(self, mark: int | None) -> tuple[CommentToScore, ...]:
        """Near copies of the text with this fingerprint. They have a band in common."""
        some = (
            [scored for band in fingerprints.bands(mark) for scored in self._by_band.get(band, ())]
            if mark is not None
            else []
        )
        return _in_order(scored for scored in some if _is_near(mark, scored.fingerprint))

    def sharing(self, marks: Collection[int]) -> tuple[CommentToScore, ...]:
        return _in_order(scored for mark in marks for scored in self._by_mark.get(mark, ()))


def _in_order(some: Iterable[CommentToScore]) -> tuple[CommentToScore, ...]:
    by_id = {scored.comment.id: scored for scored in some}
    return tuple(by_id[id] for id in sorted(by_id))


@dataclass(frozen=True, slots=True)
class _Repeated:
    """The comments that one comment repeats."""

    hits: Mapping[int, KnownKey]  # keys of it that live campaigns have
    keyed: KnownKey | None  # the campaign that has its text, or else its contact or domain
    copies: tuple[str, ...]  # stored near copies, newest first
    sharing: tuple[str, ...]  # stored comments with a contact or a domain of it
    here: tuple[CommentToScore, ...]  # near copies in this batch
    sharing_here: tuple[CommentToScore, ...]
    is_kept: bool = False  # only comments before this one count, and no treatment

    @property
    def is_any(self) -> bool:
        return self.keyed is not None or bool(self.ids)

    def until(self, comment_id: str) -> _Repeated:
        """Without the comments that came after this one, which was published before with the same text."""
        copies, sharing = (tuple(id for id in ids if id < comment_id) for ids in (self.copies, self.sharing))
        return replace(self, copies=copies, sharing=sharing, is_kept=True)

    @property
    def batch(self) -> dict[str, CommentToScore]:
        return {scored.comment.id: scored for scored in (*self.here, *self.sharing_here)}

    @property
    def ids(self) -> tuple[str, ...]:
        """Newest first."""
        return tuple(sorted({*self.copies, *self.sharing, *self.batch}, reverse=True))

    @property
    def newest(self) -> tuple[str, ...]:
        return self.ids[:TAKEN_IN]


def _repeated(scored: CommentToScore, stored: _Stored, earlier: _Earlier) -> _Repeated:
    comment_id, mark = scored.comment.id, scored.fingerprint
    sharing = candidates.others_sharing(stored.by_mark, scored.marks, not_comment=comment_id)
    return _Repeated(
        hits=dict(_hits(scored, stored.known)),
        keyed=recognised(scored, stored.known),
        copies=_copies(mark, stored, comment_id) if mark is not None else (),
        sharing=tuple(sharing),
        here=earlier.near(mark),
        sharing_here=earlier.sharing(scored.marks),
    )


def _copies(mark: int, stored: _Stored, comment_id: str) -> tuple[str, ...]:
    others = candidates.others_in(stored.by_band, fingerprints.bands(mark), not_comment=comment_id)
    near = {other for other in set(others.values()) if fingerprints.is_near_copy(mark, other)}
    return tuple(sorted((id for id, other in others.items() if other in near), reverse=True))


def _near(conn: Connection, repeated: Iterable[_Repeated], *, since: datetime) -> dict[str, Near]:
    """The near copies by id: those that are repeated and came after ``since``. A campaign that knows the text has its
    copies; others that share a contact may not have joined it."""
    asked = {id for repeat in repeated if repeat.keyed is None for id in repeat.newest}
    return campaigns.near(conn, sorted(asked), since=since)


def _compared(
    conn: Connection, scored: CommentToScore, repeated: _Repeated, near: Mapping[str, Near], now: datetime
) -> CommentToScore:
    if not repeated.is_any:
        return scored  # as most are
    alike = _alike(conn, scored, repeated, near, now)
    return replace(scored, near_copies=len(repeated.copies) + len(repeated.here), alike=alike)


def _alike(
    conn: Connection, scored: CommentToScore, repeated: _Repeated, near: Mapping[str, Near], now: datetime
) -> Alike:
    keyed, hits, ids = repeated.keyed, repeated.hits, repeated.newest
    since = now - WINDOW
    rows = [near[id] for id in ids if id in near] if keyed is None else []
    campaign_id = keyed.campaign_id if keyed else _oldest(conn, {r.campaign_id for r in rows if r.campaign_id}, now)
    seen = {key for key, hit in _seen(scored, hits) if hit.campaign_id == campaign_id and not repeated.is_kept}
    treatment = keyed.treatment if keyed and seen and keyed.treatment and keyed.treatment.until > now else None
    authors = {row.author_id for row in rows} | {copy.author.id for copy in repeated.batch.values()}
    if campaign_id is not None and repeated.is_kept:
        most = MOST_AUTHORS + 1
        authors |= campaign_copies.authors_before(conn, campaign_id, scored.comment.id, since=since, most=most)
    elif campaign_id is not None:
        authors |= campaigns.authors_of(conn, campaign_id, since=since, most=MOST_AUTHORS + 1)
    of_text = {*repeated.copies, *(copy.comment.id for copy in repeated.here)}
    return Alike(
        others=min(MOST_AUTHORS, len(authors - {scored.author.id})),
        near=ids,
        sharing=frozenset(ids) - of_text,
        campaign_id=campaign_id,
        is_keyed=keyed is not None and _is_whole(scored, hits),
        is_copy=bool(of_text) or any(key < MARK for key in hits),
        treatment=treatment,
        has_seen_text=any(key < MARK for key in seen) and not _adds_words(conn, scored, campaign_id, treatment),
        may_be_innocent=not (treatment or repeated.sharing or repeated.sharing_here),
    )


def _adds_words(conn: Connection, scored: CommentToScore, campaign_id: str | None, treatment: Treatment | None) -> bool:
    """Whether a text that would be rejected unread has words of its own, as a warning that quotes the campaign has."""
    is_rejected = treatment is not None and treatment.action is Action.REJECT
    return is_rejected and campaign_id is not None and texts.adds_words(conn, campaign_id, scored.reading.words)


def _is_whole(scored: CommentToScore, hits: Mapping[int, KnownKey]) -> bool:
    """Whether the campaigns know the text, if it has a fingerprint, and each of its marks."""
    knows_text = scored.fingerprint is None or any(key < MARK for key in hits)
    return knows_text and all(mark in hits for mark in scored.marks)


def _oldest(conn: Connection, of_near: set[str], now: datetime) -> str | None:
    """Of the campaigns of near copies, the one that a copy joins whose text no campaign knows. A decision for the week
    does not hold for it: it is like a copy, and not like a text that the person saw."""
    return next((campaign.id for campaign in campaigns.live(conn, of_near, now=now)), None)
