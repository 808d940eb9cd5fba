"""A statement of reasons, made from the facts of a decision and the ground that it had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from moderation.ground.values.statuses import CommentStatus
from moderation.ground.wording.sentences import Sentences, Speaker, day, nearest, spoken
from moderation.law.statements import choosing
from moderation.law.statements.facts import DecidedAgainst, Restriction, Source
from moderation.sites.settings import rejection_reasons
from moderation.sites.settings.eu_terms import CATEGORY, NOT_SPECIFIED
from moderation.sites.settings.grounds import Ground, GroundKind
from moderation.sites.settings.values import SiteSettings

_TOLD: Mapping[Source, str] = {
    Source.TRUSTED_FLAGGER: "noticed",
    Source.NOTICE: "noticed",
    Source.REPORT: "reported",
    Source.OWN_INITIATIVE: "not_reported",
}
_AMENDED: Mapping[CommentStatus, str] = {
    CommentStatus.PUBLISHED: "statement_amended_published",
    CommentStatus.REJECTED: "statement_amended_rejected",
}
PARTS = ("decision", "ground", "facts", "disagree")


@dataclass(frozen=True, slots=True)
class StatedGround:
    """A ground in the language of its statement."""

    kind: GroundKind
    name: str | None  # of the reason, in that language
    provision: str | None
    text: str
    category: str
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paragraph:
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Statement:
    """All that the author reads. ``facts`` name nobody and quote nothing."""

    about: DecidedAgainst
    language: str
    ground: StatedGround
    facts: str
    object_until: datetime
    contact: str | None
    title: str
    paragraphs: tuple[Paragraph, ...]  # as PARTS


def stated_ground(settings: SiteSettings, about: DecidedAgainst, language: str) -> StatedGround:
    """The ground that the decision has by the settings in force; that of the notice which took the comment offline."""
    if about.is_alleged:
        return _alleged(about.alleged or NOT_SPECIFIED, spoken(language))
    return in_language(settings, choosing.reason_of(settings, about.step.reason, about.step.reasons), language)


def _alleged(category: str, words: Sentences) -> StatedGround:
    named = words.texts.get(f"statement_category_{category.removeprefix(CATEGORY).lower()}")
    said = words.say("statement_alleged", category=named) if named else words["statement_alleged_unspecified"]
    return StatedGround(GroundKind.LAW, None, said, words["statement_alleged_open"], category)


def in_language(settings: SiteSettings, name: str | None, language: str) -> StatedGround:
    """The ground in force of the reason with this name, or of a rejection without one."""
    ground: Ground = choosing.ground_of(settings, name)
    is_named = name is not None and rejection_reasons.names_rule(settings.reason_details, name)
    wording = rejection_reasons.wording(settings.reason_details, name, language) if name and is_named else None
    return StatedGround(ground.kind, wording, ground.provision, ground.text(language), ground.category, ground.keywords)


def object_until(settings: SiteSettings, decided_at: datetime) -> datetime:
    """The end of the time for appeals against a decision."""
    return decided_at + timedelta(days=settings.appeal_days)


def statement(
    about: DecidedAgainst, settings: SiteSettings, *, is_alone: bool = False, speaker: Speaker = spoken
) -> Statement:
    """With the ground as the site had it when it decided, if the event of the decision has it. ``is_alone`` is whether
    only the person who made the decision can read an appeal, which it then promises to nobody else. An author reads
    the site's own texts by their ``speaker``; the EU's database gets ours."""
    announced = about.announced
    language = announced["language"] if announced else nearest(about.language)
    ground = announced_ground(announced) if announced else stated_ground(settings, about, language)
    until = datetime.fromisoformat(announced["object_until"]) if announced else None
    until = until or object_until(settings, about.step.created_at)
    words = speaker(language)
    facts = _facts(about, settings, words, language)
    texts = (
        _decision(about, words),
        f"{ground_in_words(ground, words)} {ground.text}",
        facts,
        appeal_sentences(words, until, settings, is_alone=is_alone),
    )
    headings = (words[f"statement_heading_{part}"] for part in PARTS)
    paragraphs = tuple(map(Paragraph, headings, texts))
    contact, title = settings.appeal_contact, words[f"statement_title_{about.restriction}"]
    return Statement(about, language, ground, facts, until, contact, title, paragraphs)


def announced_ground(announced: Mapping[str, Any]) -> StatedGround:
    """The ground as the field of an event has it."""
    said = announced["ground"]
    kind, keywords = GroundKind(said["kind"]), tuple(said["keywords"])
    return StatedGround(kind, said["name"], said["provision"], said["text"], said["category"], keywords)


def _decision(about: DecidedAgainst, words: Sentences) -> str:
    moments = {"day": day(about.step.created_at, words.language), "posted": day(about.posted_at, words.language)}
    said = words.say(f"statement_decision_{about.restriction}", **moments)
    if about.held_at is not None:
        said += " " + words.say("statement_offline_since", day=day(about.held_at, words.language))
    if about.amended_by is not None:
        by = _AMENDED.get(about.amended_by.status_after, "statement_amended")
        return f"{said} {words.say(by, day=day(about.amended_by.created_at, words.language))}"
    return f"{said} {words['statement_scope_held' if about.restriction is Restriction.HELD else 'statement_scope']}"


def ground_in_words(ground: StatedGround, words: Sentences) -> str:
    """The ground in words, without its own text."""
    if ground.kind is GroundKind.LAW:
        return words.say("statement_law", provision=ground.provision)
    return words.say("statement_house_rule", name=ground.name) if ground.name else words["statement_house_rules"]


def _facts(about: DecidedAgainst, settings: SiteSettings, words: Sentences, language: str) -> str:
    told = _TOLD[about.source]
    decided_by = "site" if about.is_by_site else about.automation
    finding = _finding(about, settings, words, language)
    return f"{words[f'statement_{told}']} {finding} {words[f'statement_deciding_{decided_by}']}"


def _finding(about: DecidedAgainst, settings: SiteSettings, words: Sentences, language: str) -> str:
    if not about.was_found_by_machine:
        return words["statement_not_found"]
    rules = [reason for step in (about.step, *about.before) for reason in step.reasons]
    name = choosing.reason_of(settings, None, rules)
    wording = rejection_reasons.wording(settings.reason_details, name, language) if name else None
    return words.say("statement_found_for", name=wording) if wording else words["statement_found"]


def appeal_sentences(words: Sentences, until: datetime, settings: SiteSettings, *, is_alone: bool) -> str:
    """Where, until when and to whom the author can appeal, and what else they can do."""
    last_day, contact = day(until, words.language), settings.appeal_contact
    if settings.open_appeals_per_site:
        said = [words.say("statement_appeal_here", until=last_day)]
        said += [] if is_alone else [words["statement_appeal_read_by"]]
        said += [words.say("statement_appeal_also", contact=contact)] if contact else []
    else:
        id = "statement_appeal_to" if contact else "statement_appeal_to_site"
        said = [words.say(id, until=last_day, contact=contact)]
    return " ".join((*said, redress(settings, words)))


def without_appeal(
    paragraphs: tuple[Paragraph, ...], settings: SiteSettings, words: Sentences, *, awaits_another: bool
) -> tuple[Paragraph, ...]:
    """The paragraphs of a statement that nobody can appeal against any more. ``awaits_another`` is whether another
    person than the one who made the decision will read an appeal that came."""
    *others, last = paragraphs
    contact = settings.appeal_contact
    also = [words.say("statement_appeal_also", contact=contact)] if contact else []
    read = [words["statement_appeal_read_by"]] if awaits_another else []
    said = " ".join((*read, *also, redress(settings, words)))
    return (*others, replace(last, text=said))


def redress(settings: SiteSettings, words: Sentences) -> str:
    """Beyond the site. It names a certified body only where the site does."""
    if settings.dispute_body is None:
        return words["redress_court"]
    return f"{words['redress_elsewhere']} {words.say('redress_body', body=settings.dispute_body)}"
