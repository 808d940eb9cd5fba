"""An entry of the audit trail as people read it: a sentence with names, and lines for what it cannot hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from markupsafe import Markup, escape
from sqlalchemy.engine import Connection

from moderation.judging.signals.registry import SIGNALS
from moderation.moderators.finding import audit_trail
from moderation.moderators.finding.audit_name_rows import Names, names_of
from moderation.moderators.finding.audit_trail import AuditEntry
from moderation.moderators.finding.history_rows import Entry, Tally
from moderation.sites.audit.actors import ActorKind
from moderation.sites.audit.kinds import ACTIONS, AuditKind
from moderation.sites.people.roles import Role
from service.desk.frame.sentences import formats
from service.desk.frame.sentences.numbers import figures
from service.desk.frame.sentences.wording import (
    by_whom,
    in_sentence,
    mode_word,
    reason_in_words,
    reason_of,
    reason_title,
    role_word,
)
from service.desk.history import audit_sentences, decided_sentences, setting_words
from service.languages.wording import N_, gettext, pgettext

NOTHING, YES, NO = N_("nothing"), N_("yes"), N_("no")
OF_DUTIES = frozenset({"duty.ended", "duty.set"})
OF_PEOPLE = frozenset(ACTIONS[AuditKind.PEOPLE] + ACTIONS[AuditKind.SESSIONS]) - OF_DUTIES
OF_AUTHORS = frozenset(ACTIONS[AuditKind.AUTHORS])
OF_ARTICLES = frozenset({"article.state"})
WITH_ID = re.compile(r"^(?P<words>.*) \((?P<id>[0-9a-f]{8}-[0-9a-f-]{27})\)$", re.DOTALL)
LIMIT = re.compile(
    r"^(?P<title>.+), (?:publish|flag|reject): (?:from|below) (?P<was>\S+) → (?:from|below) (?P<is>\S+)$"
)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """``further`` lines say what one sentence cannot."""

    entry: AuditEntry
    sentence: Markup
    further: Sequence[str]


def lines(conn: Connection, site_id: str, entries: Sequence[AuditEntry]) -> list[HistoryLine]:
    names = names_of(
        conn,
        site_id,
        emails=_subjects(entries, OF_PEOPLE),
        author_ids=_subjects(entries, OF_AUTHORS),
        article_ids=_subjects(entries, OF_ARTICLES),
    )
    return [HistoryLine(entry, _sentence(entry, names), _further(entry)) for entry in entries]


def _subjects(entries: Iterable[AuditEntry], actions: frozenset[str]) -> set[str]:
    return {
        entry.subject
        for entry in entries
        if entry.subject and (entry.action in actions or (actions is OF_ARTICLES and "article" in _places(entry)))
    }


def _places(entry: AuditEntry) -> set[object]:
    """Where a mode for breaking news begins or ends."""
    if entry.action not in ("mode.started", "mode.ended"):
        return set()
    return {said.get("place") for said in (entry.before, entry.after) if said}


def _sentence(entry: AuditEntry, names: Names) -> Markup:
    if entry.comment_id is not None:
        return _decided(entry, entry.comment_id)
    values = {
        "who": _name(_who(entry)),
        "action": escape(entry.action),
        "subject": _subject(entry, names),
        **_fields("before", entry.before),
        **_fields("after", entry.after),
    }
    limit = _one_limit(entry)
    sentence = audit_sentences.sentence(entry, "limit" if limit else "")
    return Markup(sentence) % _Known({**values, **limit})  # a sentence is our own text, and each value is escaped


def _decided(entry: AuditEntry, comment_id: str) -> Markup:
    before, after = entry.before or {}, entry.after or {}
    sentence = decided_sentences.sentence(
        entry.action,
        before["status"],
        after["status"],
        count=entry.comments,
        has_reason="reason" in after,
        is_redone=entry.is_redone,
    )
    values = {
        "who": _name(_who(entry)),
        "comment": decided_comment(comment_id, entry.author_name),
        "count": figures(entry.comments),
        "reason": _name(
            in_sentence(reason_of(entry.site_id, after["reason"])) if entry.site_id and "reason" in after else ""
        ),
    }
    return Markup(sentence) % values


def decided_comment(comment_id: str, author_name: str | None) -> Markup:
    """A link to the comment's timeline, with its author's name."""
    named = {"author": _name(author_name)} if author_name else {}
    words = Markup(gettext("a comment by %(author)s", **named) if named else escape(gettext("a comment")))
    return Markup('<a href="{}">{}</a>').format(url_for("desk.timeline", comment_id=comment_id), words)


def history_sentence(entry: Entry, tally: Tally | None) -> Markup:
    """Of a decision beside its comment, or of the whole batch."""
    decision = entry.decision
    count = tally.total if tally else 1
    sentence = decided_sentences.sentence(
        decided_sentences.action_of(decision),
        decision.status_before,
        decision.status_after,
        count=count,
        has_reason=decision.reason is not None,
        is_redone=entry.is_redone,
    )
    values = {
        "who": _name(by_whom(decision)),
        "comment": escape(pgettext("somebody did something to", "this comment")),
        "count": figures(count),
        "reason": _name(in_sentence(reason_in_words(decision) or "")),
    }
    return Markup(sentence) % values


def _who(entry: AuditEntry) -> str:
    """The name in the reader's language; the CSV has the core's words."""
    if entry.comment_id is not None and entry.moderator_id is None:
        return pgettext("did something", "the site")
    if entry.actor_kind == ActorKind.KEY:
        return gettext("the key “%(name)s”", name=entry.actor_name)
    if entry.actor_kind == ActorKind.OPERATOR and entry.actor_name:
        return gettext("the operator %(name)s at a terminal", name=entry.actor_name)
    return audit_trail.actor_in_words(entry)


def _subject(entry: AuditEntry, names: Names) -> Markup:
    subject = entry.subject or ""
    if entry.action in OF_DUTIES:
        return _name(in_sentence(reason_title(subject)))
    if entry.action in OF_PEOPLE:
        return _name(names.people.get(subject.lower(), names.people.get(subject, subject)))
    if entry.action in OF_AUTHORS:
        return _name(names.authors.get(subject, subject))
    if entry.action in OF_ARTICLES or "article" in _places(entry):
        return _name(formats.short(names.articles.get(subject, subject), 80))
    if match := WITH_ID.match(subject):
        words = _name(match["words"])
        if entry.action in ACTIONS[AuditKind.CAMPAIGNS]:
            return Markup('<a href="{}">{}</a>').format(url_for("desk.campaign", campaign_id=match["id"]), words)
        return words
    return _name(gettext(SIGNALS[subject].title) if subject in SIGNALS else subject)


def _further(entry: AuditEntry) -> Sequence[str]:
    before, after = entry.before or {}, entry.after or {}
    if entry.action == "policy.saved":
        return () if _one_limit(entry) else tuple(after.get("changes", ()))
    if entry.action == "site.settings":
        return tuple(setting_words.changed(before, after, _plain))
    if entry.action == "author.marked" and after.get("reason"):
        return (str(after["reason"]),)
    if entry.action == "key.created":
        return (", ".join(map(str, after.get("scopes", ()))),)
    return ()


def _one_limit(entry: AuditEntry) -> dict[str, Markup]:
    """The sentence of a policy in which nothing but one limit moved."""
    changes: Sequence[str] = (entry.after or {}).get("changes", ()) if entry.action == "policy.saved" else ()
    match = LIMIT.match(changes[0]) if len(changes) == 1 else None
    if match is None:
        return {}
    title = match["title"]
    return {
        "limit": _name(gettext(title)),
        "limit_before": escape(_two_digits(match["was"])),
        "limit_after": escape(_two_digits(match["is"])),
    }


def _two_digits(number: str) -> str:
    """``0.70`` for ``0.7``, because limits are compared."""
    whole, point, rest = number.partition(".")
    return f"{whole}.{rest.ljust(2, '0')}" if point else number


def _fields(when: str, said: Mapping[str, Any] | None) -> dict[str, Markup]:
    return {f"{name}_{when}": _field(name, value) for name, value in (said or {}).items()}


def _field(name: str, value: object) -> Markup:
    if name == "role" and value in set(Role):
        return escape(role_word(str(value)))
    if name == "mode" and isinstance(value, str):
        return escape(mode_word(value))
    if isinstance(value, str) and name in ("until", "expires_at"):
        return formats.moment(datetime.fromisoformat(value))
    return _name(_plain(value))


def _plain(value: object) -> str:
    if value in (None, "", [], {}):
        return gettext(NOTHING)
    if isinstance(value, bool):
        return gettext(YES if value else NO)
    if isinstance(value, int):
        return figures(value)
    if isinstance(value, Mapping):  # without the parts that say nothing
        parts = {name: part for name, part in value.items() if part not in (None, "", [], {})}
        return "; ".join(f"{str(name).replace('_', ' ')}: {_plain(part)}" for name, part in parts.items())
    return ", ".join(map(_plain, value)) if isinstance(value, list) else str(value)


def _name(text: str) -> Markup:
    return Markup("<bdi>{}</bdi>").format(text)


class _Known(dict[str, Markup]):
    """An entry of another version may lack a field that its sentence names."""

    def __missing__(self, key: str) -> Markup:
        return escape(gettext(NOTHING))
