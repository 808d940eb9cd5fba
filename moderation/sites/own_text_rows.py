"""The texts that sites word themselves, as stored: one row for each language."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.sites.tables import site_texts


def find(conn: Connection, site_id: str, language: str) -> Mapping[str, str]:
    """The texts by id; empty where the site has none."""
    mine = site_texts.c.site_id == site_id, site_texts.c.language == language
    texts: Mapping[str, str] | None = conn.execute(sa.select(site_texts.c.texts).where(*mine)).scalar_one_or_none()
    return texts or {}


def replace(conn: Connection, site_id: str, language: str, texts: Mapping[str, str]) -> None:
    """Puts these in place of those that were there."""
    mine = site_texts.c.site_id == site_id, site_texts.c.language == language
    conn.execute(site_texts.delete().where(*mine))
    if texts:
        conn.execute(site_texts.insert().values(site_id=site_id, language=language, texts=dict(texts)))
