"""Walks through a site's statements of some time, a page at a time, so that no transaction lasts. Decisions and
measures that were undone before the site heard of them have no statement."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.database.paging import pages
from moderation.law.statements import building, measure_rows, measure_statements, rows
from moderation.law.statements.building import Statement
from moderation.law.statements.facts import DecidedAgainst
from moderation.law.statements.measure_facts import MeasureAgainst
from moderation.law.statements.measure_statements import MeasureStatement
from moderation.sites.rows import get_site
from moderation.sites.settings.values import SiteSettings

PAGE = 200


def of_decisions(db: Database, site_id: str, start: str, before: str) -> Iterator[Statement]:
    """About comments, by decisions with ids between both, oldest first, as the site's settings have them now."""

    def read(conn: Connection, after: str | None) -> list[tuple[DecidedAgainst, SiteSettings]]:
        page = rows.decided_between(conn, site_id, after=after or start, before=before, limit=PAGE)
        settings = get_site(conn, site_id).settings
        return [(about, settings) for about in page]

    for page in pages(db, read, lambda row: row[0].step.id, size=PAGE):
        yield from (building.statement(about, settings) for about, settings in page if about.counts)


def of_measures(db: Database, site_id: str, start: str, before: str) -> Iterator[MeasureStatement]:
    """About authors, by measures with ids between both, as ``of_decisions``."""

    def read(conn: Connection, after: str | None) -> list[tuple[MeasureAgainst, SiteSettings]]:
        page = measure_rows.between(conn, site_id, after=after or start, before=before, limit=PAGE)
        settings = get_site(conn, site_id).settings
        return [(about, settings) for about in page]

    for page in pages(db, read, lambda row: row[0].id, size=PAGE):
        yield from (measure_statements.statement(about, settings) for about, settings in page if about.counts)
