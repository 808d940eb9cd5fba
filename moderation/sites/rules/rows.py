"""Reads a version of the rule book, and writes the next one: rows that it no longer has end, new ones begin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.errors import NotFound
from moderation.sites.rules.tables import house_rules, rule_books, rule_cases
from moderation.sites.rules.values import CaseOrigin, HouseRule, Must, RuleBook, RuleCase


@dataclass(frozen=True, slots=True)
class BookVersion:
    version: int
    digest: str
    created_by: str
    created_at: datetime


def versions(conn: Connection, site_id: str, *, limit: int) -> list[BookVersion]:
    """Newest first."""
    query = sa.select(rule_books).where(rule_books.c.site_id == site_id).order_by(rule_books.c.version.desc())
    return [BookVersion(r.version, r.digest, r.created_by, r.created_at) for r in conn.execute(query.limit(limit))]


def newest_version(conn: Connection, site_id: str) -> int:
    """0 of a site that has written none."""
    return (
        conn.execute(sa.select(sa.func.max(rule_books.c.version)).where(rule_books.c.site_id == site_id)).scalar() or 0
    )


def has_rules(conn: Connection, site_id: str) -> bool:
    """Whether the newest version has any."""
    current = sa.select(house_rules.c.key).where(house_rules.c.site_id == site_id, house_rules.c.until.is_(None))
    return conn.execute(current.limit(1)).first() is not None


def words(conn: Connection, site_id: str) -> list[HouseRule]:
    """The rules of the newest version in their order, without their cases."""
    current = sa.select(house_rules).where(house_rules.c.site_id == site_id, house_rules.c.until.is_(None))
    return [_rule(row, ()) for row in conn.execute(current.order_by(house_rules.c.place, house_rules.c.key))]


def read(conn: Connection, site_id: str, version: int | None = None) -> RuleBook:
    """The newest version, or the one asked for. Raises NotFound."""
    newest = newest_version(conn, site_id)
    if version is not None and not 0 <= version <= newest:
        raise NotFound("rule book", str(version))
    at = newest if version is None else version
    cases = _cases(conn, site_id, at)
    query = sa.select(house_rules).where(house_rules.c.site_id == site_id, *_in(house_rules, at))
    rows = conn.execute(query.order_by(house_rules.c.place, house_rules.c.key))
    return RuleBook(site_id, at, tuple(_rule(row, cases[row.key]) for row in rows))


def save(conn: Connection, before: RuleBook, after: RuleBook, *, by: str, now: datetime) -> None:
    """``after`` is the version behind ``before``. Raises IntegrityError when somebody saved this version first."""
    site_id = after.site_id
    version = {
        "site_id": site_id,
        "version": after.version,
        "digest": after.digest,
        "created_by": by,
        "created_at": now,
    }
    conn.execute(rule_books.insert().values(**version))
    was, becomes = _placed(before), _placed(after)
    _end(conn, house_rules, house_rules.c.key, [key for key in was if becomes.get(key) != was[key]], after)
    begun = [values for key, values in becomes.items() if was.get(key) != values]
    if begun:
        conn.execute(house_rules.insert(), [{**values, "site_id": site_id, "since": after.version} for values in begun])
    old, new = _by_id(before), _by_id(after)
    _end(conn, rule_cases, rule_cases.c.id, [id for id in old if id not in new], after)
    if added := [(key, case) for id, (key, case) in new.items() if id not in old]:
        conn.execute(rule_cases.insert(), [_case_values(after, key, case) for key, case in added])


def sites_with_cases_of(conn: Connection, comment_ids: Collection[str]) -> list[str]:
    """The sites whose newest book has a case that was taken from one of these comments."""
    mine = sa.select(rule_cases.c.site_id).where(rule_cases.c.source_id.in_(comment_ids), rule_cases.c.until.is_(None))
    return list(conn.execute(mine.distinct()).scalars())


def forget(conn: Connection, comment_ids: Collection[str]) -> None:
    """Cases that were taken from these comments leave all versions."""
    conn.execute(rule_cases.delete().where(rule_cases.c.source_id.in_(comment_ids)))


def _in(table: sa.Table, version: int) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return table.c.since <= version, sa.or_(table.c.until.is_(None), table.c.until > version)


def _cases(conn: Connection, site_id: str, version: int) -> dict[str, list[RuleCase]]:
    """By the key of their rule, in the order in which they came."""
    query = sa.select(rule_cases).where(rule_cases.c.site_id == site_id, *_in(rule_cases, version))
    cases = defaultdict(list)
    for row in conn.execute(query.order_by(rule_cases.c.id)):
        cases[row.rule_key].append(
            RuleCase(
                id=row.id,
                text=row.text,
                must=Must(row.must),
                added_at=row.added_at,
                added_by=row.added_by,
                title=row.title,
                origin=CaseOrigin(row.origin),
                why=row.why,
                comment_id=row.source_id,
            )
        )
    return cases


def _rule(row: Row[Any], cases: Collection[RuleCase]) -> HouseRule:
    return HouseRule(row.key, row.name, row.sentence, row.guidance, row.reason, tuple(cases), row.since)


def _placed(book: RuleBook) -> dict[str, dict[str, Any]]:
    """The columns of each rule, by its key."""
    return {
        rule.key: {
            "key": rule.key,
            "place": place,
            "name": rule.name,
            "sentence": rule.sentence,
            "guidance": rule.guidance,
            "reason": rule.reason,
        }
        for place, rule in enumerate(book.rules)
    }


def _by_id(book: RuleBook) -> dict[str, tuple[str, RuleCase]]:
    return {case.id: (rule.key, case) for rule in book.rules for case in rule.cases}


def _case_values(book: RuleBook, key: str, case: RuleCase) -> dict[str, Any]:
    return {
        "id": case.id,
        "site_id": book.site_id,
        "rule_key": key,
        "since": book.version,
        "must": case.must,
        "text": case.text,
        "title": case.title,
        "origin": case.origin,
        "why": case.why,
        "source_id": case.comment_id,
        "added_by": case.added_by,
        "added_at": case.added_at,
    }


def _end(conn: Connection, table: sa.Table, column: sa.Column[Any], gone: Collection[str], after: RuleBook) -> None:
    if gone:
        current = sa.and_(table.c.site_id == after.site_id, table.c.until.is_(None), column.in_(gone))
        conn.execute(table.update().where(current).values(until=after.version))
