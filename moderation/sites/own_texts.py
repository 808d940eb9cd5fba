"""The sentences to readers that a site words itself, by language: on the comment box, statements, appeals, receipts and
messages about measures. All others stay ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache, partial

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.wording.sentences import Sentences, Speaker, nearest, ours
from moderation.sites import own_text_problems as problems
from moderation.sites import own_text_rows as rows
from moderation.sites import rows as sites
from moderation.sites.audit.actors import Actor
from moderation.sites.audit.writing import note


def of(db: Database, site_id: str, language: str) -> Mapping[str, str]:
    """The texts by id; none of a site that leaves all as they are."""
    with db.read() as conn:
        return rows.find(conn, site_id, language)


def spoken(conn: Connection, site_id: str, language: str | None) -> Sentences:
    """All sentences in the nearest language: the site's own, and else ours."""
    code = nearest(language)
    return Sentences(code, {**ours(code), **rows.find(conn, site_id, code)})


def speaker(conn: Connection, site_id: str) -> Speaker:
    """``spoken`` for whatever asks for one language or another. Each is read once."""
    return cache(partial(spoken, conn, site_id))


def put(db: Database, site_id: str, language: str, texts: Mapping[str, str], *, by: Actor, now: datetime) -> None:
    """Replaces all of this language. Raises InvalidInput and NotFound."""
    problems.check(language, texts)
    _replace(db, site_id, language, lambda _: texts, by=by, now=now)


def change(db: Database, site_id: str, language: str, id: str, text: str | None, *, by: Actor, now: datetime) -> None:
    """Words one text and leaves the others; without a text it goes back to ours. Raises InvalidInput and NotFound."""
    problems.check(language, {id: ours(language).get(id, "") if text is None else text})

    def changed(before: Mapping[str, str]) -> Mapping[str, str]:
        others = {other: words for other, words in before.items() if other != id}
        return others if text is None else {**others, id: text}

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
        ids = before.keys() | texts.keys()
        was = {id: before.get(id) for id in sorted(ids) if before.get(id) != texts.get(id)}
        is_ = {id: texts.get(id) for id in was}
        note(conn, by, "site.texts", site_id=site_id, subject=language, before=was, after=is_, now=now)
