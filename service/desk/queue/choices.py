"""Sections and languages of past comments to choose from, by name."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from moderation.moderators.finding import choice_rows as store
from service import cached
from service.desk.frame.sentences.wording import language_in_filter

KEPT_S = 30.0  # a choice may be so old


def sections(conn: Connection, site_ids: tuple[str, ...], chosen: str | None) -> dict[str, str]:
    """Titles by value. A chosen one is among them even if no article has it."""
    known = list(_spellings(conn, site_ids))
    if chosen and chosen.casefold() not in map(str.casefold, known):
        known.append(chosen)
    return {section: section for section in sorted(known, key=str.casefold)}


def spellings(conn: Connection, site_ids: tuple[str, ...], section: str) -> tuple[str, ...]:
    """Those of a section in use at the sites, in any case of its letters, or else itself."""
    known = _spellings(conn, site_ids)
    return next((variants for first, variants in known.items() if first.casefold() == section.casefold()), (section,))


def languages(conn: Connection, site_ids: tuple[str, ...], chosen: str | None) -> dict[str, str]:
    """Names by code, in the order of the names."""
    codes = cached.value(("languages", site_ids), KEPT_S, lambda: store.languages(conn, site_ids))
    names = {code: language_in_filter(code) for code in {*codes, *([chosen] if chosen else [])}}
    return dict(sorted(names.items(), key=lambda named: named[1].lower()))


def _spellings(conn: Connection, site_ids: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return cached.value(("sections", site_ids), KEPT_S, lambda: store.sections(conn, site_ids))
