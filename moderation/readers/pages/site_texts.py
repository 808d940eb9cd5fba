"""The texts of the comment box that a site words itself, by language. Which codes there are is the box's business."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from moderation.ground.database.engine import Database
from moderation.readers.pages import site_text_rows as rows
from moderation.sites import rows as sites
from moderation.sites.audit.actors import Actor
from moderation.sites.audit.writing import note


def of(db: Database, site_id: str, language: str) -> Mapping[str, str]:
    """By code; none of a site that leaves all as they are."""
    with db.read() as conn:
        return rows.find(conn, site_id, language)


def put(db: Database, site_id: str, language: str, texts: Mapping[str, str], *, by: Actor, now: datetime) -> None:
    """Replaces all of this language. Raises NotFound."""
    _replace(db, site_id, language, lambda _: texts, by=by, now=now)


def change(db: Database, site_id: str, language: str, code: str, text: str | None, *, by: Actor, now: datetime) -> None:
    """Words one text and leaves the others; without a text it goes back to ours. Raises NotFound."""

    def changed(before: Mapping[str, str]) -> Mapping[str, str]:
        others = {other: words for other, words in before.items() if other != code}
        return others if text is None else {**others, code: text}

    _replace(db, site_id, language, changed, by=by, now=now)


def _replace(
    db: Database,
    site_id: str,
    language: str,
    changed: Callable[[Mapping[str, str]], Mapping[str, str]],
    *,
    by: Actor,
    now: datetime,
) -> None:
    with db.write() as conn:
        sites.lock_site(conn, site_id)
        before = rows.find(conn, site_id, language)
        texts = changed(before)
        if dict(before) == dict(texts):
            return
        rows.replace(conn, site_id, language, texts)
        codes = before.keys() | texts.keys()
        was = {code: before.get(code) for code in sorted(codes) if before.get(code) != texts.get(code)}
        is_ = {code: texts.get(code) for code in was}
        note(conn, by, "site.texts", site_id=site_id, subject=language, before=was, after=is_, now=now)
