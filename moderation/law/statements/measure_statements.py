"""The statement of reasons for a measure that keeps an author from commenting, and its field in the event.

The person who took the measure may have written why. The author reads these words; the EU's database, which takes no
personal data, does not get them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from moderation.ground.wording.sentences import Sentences, Speaker, day, nearest, spoken
from moderation.law.statements import announcing, building, choosing, links
from moderation.law.statements import measure_rows as store
from moderation.law.statements import rows as sites_rows
from moderation.law.statements.building import PARTS, Paragraph, StatedGround
from moderation.law.statements.measure_facts import AccountRestriction, MeasureAgainst
from moderation.sites.settings.values import SiteSettings


@dataclass(frozen=True, slots=True)
class MeasureStatement:
    """All that the author reads. ``facts`` name nobody and quote nothing."""

    about: MeasureAgainst
    language: str
    ground: StatedGround
    facts: str
    object_until: datetime
    title: str
    paragraphs: tuple[Paragraph, ...]  # as ``building.PARTS``


def statement(
    about: MeasureAgainst, settings: SiteSettings, *, is_alone: bool = False, speaker: Speaker = spoken
) -> MeasureStatement:
    """With the ground as the site had it when the measure was taken, if its event has it. ``is_alone`` is as for
    ``building.statement``."""
    announced = about.announced
    language = announced["language"] if announced else nearest(about.language)
    ground = building.announced_ground(announced) if announced else _ground(about, settings, language)
    until = datetime.fromisoformat(announced["object_until"]) if announced else None
    until = until or building.object_until(settings, about.created_at)
    words = speaker(language)
    facts = _facts(about, words)
    texts = (
        _decision(about, words),
        f"{building.ground_in_words(ground, words)} {ground.text}",
        f"{facts} {words.say('statement_account_reason', reason=about.reason)}" if about.reason else facts,
        building.appeal_sentences(words, until, settings, is_alone=is_alone),
    )
    headings = (words[f"statement_heading_{part}"] for part in PARTS)
    title = words[f"statement_title_{about.restriction}"]
    return MeasureStatement(about, language, ground, facts, until, title, tuple(map(Paragraph, headings, texts)))


def without_appeal(
    statement: MeasureStatement, settings: SiteSettings, words: Sentences, *, awaits_another: bool
) -> MeasureStatement:
    """As ``building.without_appeal``."""
    paragraphs = building.without_appeal(statement.paragraphs, settings, words, awaits_another=awaits_another)
    return replace(statement, paragraphs=paragraphs)


def field(conn: Connection, site_id: str, measure_id: str) -> dict[str, Any]:
    """The statement in an event about the measure: as it was announced first, or its ground as it is now, with the
    signed link that the site passes on. Raises NotFound."""
    about = store.get(conn, site_id, measure_id)
    if about.announced is not None:
        return dict(about.announced)
    settings, key = sites_rows.terms_of(conn, site_id)
    language = nearest(about.language)
    until = building.object_until(settings, about.created_at)
    return {
        "language": language,
        "restriction": about.restriction.value,
        "automated_decision": about.automation.value,
        "ground": announcing.ground_field(_ground(about, settings, language)),
        "object_until": until.isoformat(),
        "path": links.path(key or announcing.secret(conn, site_id), about.id, until),
    }


def path(conn: Connection, site_id: str, measure_id: str, *, now: datetime) -> str | None:
    """The page where the author reads why, and can appeal; None once its time is over. It writes nothing, so it is None
    too where the site has never signed a link: ``announcing.ensure_secret`` makes it sign one. Raises NotFound."""
    about = store.get(conn, site_id, measure_id)
    settings, key = sites_rows.terms_of(conn, site_id)
    return path_of(statement(about, settings), key, now=now)


def path_of(stated: MeasureStatement, key: str | None, *, now: datetime) -> str | None:
    """As ``path``, of a statement at a site that signs its links with this secret."""
    about, until = stated.about, stated.object_until
    if now >= until or key is None:
        return None
    return str(about.announced["path"]) if about.announced else links.path(key, about.id, until)


def _ground(about: MeasureAgainst, settings: SiteSettings, language: str) -> StatedGround:
    return building.in_language(settings, choosing.reason_of(settings, about.rejection_reason, ()), language)


def _decision(about: MeasureAgainst, words: Sentences) -> str:
    language = words.language
    end = day(about.until, language) if about.until else ""
    said = words.say(f"statement_decision_{about.restriction}", day=day(about.created_at, language), until=end)
    if about.amended_at is not None:
        return f"{said} {words.say('statement_amended', day=day(about.amended_at, language))}"
    is_for_good = about.restriction is AccountRestriction.BANNED
    return f"{said} {words['statement_scope'] if is_for_good else words.say('statement_scope_until', until=end)}"


def _facts(about: MeasureAgainst, words: Sentences) -> str:
    said = [words["statement_account_after_several"]] if about.is_by_ladder else []
    if about.posted_at is not None:
        said.append(words.say("statement_account_after_comment", posted=day(about.posted_at, words.language)))
    decided_by = "site" if about.is_by_site else about.automation
    return " ".join((*said, words[f"statement_deciding_{decided_by}"]))
