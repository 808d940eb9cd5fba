"""The letter to whoever gave a notice, as the page behind its link and the events have it. It quotes nothing of the
comment and names nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import new_id
from moderation.ground.values.events import Event
from moderation.ground.values.statuses import CommentStatus
from moderation.ground.wording.sentences import Sentences, day
from moderation.law.notices import rows as store
from moderation.law.notices.rows import NoticedComment
from moderation.law.notices.values import LegalNotice, Outcome, Place
from moderation.law.statements import announcing, building, choosing, links
from moderation.law.statements import rows as statements
from moderation.law.statements.facts import Restriction
from moderation.law.statements.links import LinkedPage
from moderation.sites import own_texts
from moderation.sites import rows as sites
from moderation.sites.settings.values import SiteSettings
from moderation.spine.comments import rows as comments
from moderation.spine.comments.envelope import EventType


@dataclass(frozen=True, slots=True)
class Letter:
    notice: LegalNotice
    about: NoticedComment
    title: str
    paragraphs: tuple[str, ...]

    @property
    def language(self) -> str:
        return self.notice.language

    @property
    def article_title(self) -> str | None:
        return self.about.article_title


def letter(conn: Connection, notice: LegalNotice) -> Letter:
    """The receipt, and once a person has decided, the decision with its reasons, and whether it still holds."""
    settings = sites.get_site(conn, notice.site_id).settings
    words = own_texts.spoken(conn, notice.site_id, notice.language)
    about = store.about(conn, notice.comment_id)
    received = words.say("receipt_received", day=day(notice.received_at, words.language), id=notice.id)
    if notice.outcome is None or notice.decided_at is None:
        waiting = words["receipt_online" if about.status is CommentStatus.PUBLISHED else "receipt_waiting"]
        hid = (words["receipt_hid"],) if notice.hid and about.status is CommentStatus.FLAGGED else ()
        warned = (words["receipt_unfounded"],) if notice.place is Place.UNFOUNDED else ()
        return Letter(notice, about, words["receipt_title"], (received, waiting, *hid, *warned))
    title = words[f"receipt_title_{notice.outcome}"]
    if (settled_at := _settled_at(conn, notice)) is not None:
        settled = words.say("receipt_settled", day=day(settled_at, words.language))
        since = () if about.status is CommentStatus.PUBLISHED else (words[f"receipt_changed_{notice.outcome}"],)
        return Letter(notice, about, title, (received, settled, *since, *_redress(settings, words)))
    said = [words.say(_outcome(conn, notice), day=day(notice.decided_at, words.language))]
    if notice.outcome is not Outcome.WITHDRAWN:
        if (about.status is CommentStatus.PUBLISHED) is not (notice.outcome is Outcome.DISMISSED):
            said.append(words[f"receipt_changed_{notice.outcome}"])
        said += [words["receipt_by_person"], *_reasons(conn, notice, settings, words), *_redress(settings, words)]
    return Letter(notice, about, title, (received, *said))


def path(conn: Connection, notice: LegalNotice) -> str:
    """Of the page, to be put behind the address of this Gavel."""
    secret = announcing.secret(conn, notice.site_id)
    return links.path(secret, notice.id, notice.link_until, page=LinkedPage.NOTICES)


def received_event(conn: Connection, notice: LegalNotice, *, now: datetime) -> Event:
    return _event(conn, EventType.NOTICE_RECEIVED, notice, new_id(), now, now)


def decided_event(conn: Connection, notice: LegalNotice, *, due_at: datetime, now: datetime) -> Event:
    """For a notice with its outcome, which names this event."""
    assert notice.event_id is not None
    return _event(conn, EventType.NOTICE_DECIDED, notice, notice.event_id, due_at, now)


def _event(
    conn: Connection, kind: EventType, notice: LegalNotice, event_id: str, due_at: datetime, now: datetime
) -> Event:
    about = store.about(conn, notice.comment_id)
    written = letter(conn, notice)
    article_id, author_id = comments.article_and_author_ids(conn, [notice.comment_id])[notice.comment_id]
    payload: dict[str, Any] = {
        "comment": {
            "id": about.comment_id,
            "article_id": article_id,
            "author_id": author_id,
            "status": about.status,
            "version": about.version,
        },
        "notice": {
            "id": notice.id,
            "status": notice.status,
            "category": notice.category,
            "trusted_flagger": notice.is_trusted,
            "reader_id": notice.reader_id,
            "received_at": notice.received_at.isoformat(),
            "decided_at": notice.decided_at.isoformat() if notice.decided_at else None,
            "language": notice.language,
            "title": written.title,
            "text": "\n\n".join(written.paragraphs),
            "path": path(conn, notice),
        },
    }
    return Event(
        id=event_id,
        site_id=notice.site_id,
        sequence=None,
        type=kind,
        comment_id=notice.comment_id,
        payload=payload,
        created_at=now,
        due_at=due_at,
    )


def _outcome(conn: Connection, notice: LegalNotice) -> str:
    """The id of its sentence: what happened to the comment, as its author reads it."""
    if notice.outcome is not Outcome.UPHELD or notice.decision_id is None:
        return f"receipt_outcome_{notice.outcome}"
    restriction = statements.get_decided(conn, notice.site_id, notice.decision_id).restriction
    return "receipt_outcome_removed" if restriction is Restriction.REMOVED else "receipt_outcome_upheld"


def _settled_at(conn: Connection, notice: LegalNotice) -> datetime | None:
    """When a person answered it before it came, as an earlier notice on the same grounds."""
    if notice.decision_id is None or notice.place is not Place.SETTLED:
        return None
    made_at = store.decision_of(conn, notice.decision_id).made_at
    return made_at if made_at <= notice.received_at else None


def _reasons(conn: Connection, notice: LegalNotice, settings: SiteSettings, words: Sentences) -> list[str]:
    """The ground of a rejection, and the moderator's own words where there are any."""
    reasons = []
    if notice.outcome is Outcome.UPHELD and notice.decision_id is not None:
        decision = store.decision_of(conn, notice.decision_id)
        name = choosing.reason_of(settings, decision.reason, decision.reasons)
        ground = building.in_language(settings, name, notice.language)
        reasons.append(f"{building.ground_in_words(ground, words)} {ground.text}")
    return reasons + ([notice.answer] if notice.answer else [])


def _redress(settings: SiteSettings, words: Sentences) -> tuple[str, str]:
    contact = settings.appeal_contact
    id = "receipt_disagree" if contact else "receipt_disagree_site"
    return words.say(id, contact=contact), building.redress(settings, words)
