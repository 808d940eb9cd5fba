"""Changes the rule book. Each change makes a new version and is in the audit trail; one that changes nothing makes
none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.errors import FieldProblem, InvalidInput, NotFound, said
from moderation.sites import rows as sites
from moderation.sites.audit.actors import SYSTEM, Actor
from moderation.sites.audit.writing import note
from moderation.sites.rules import problems
from moderation.sites.rules import rows as store
from moderation.sites.rules.errors import StaleRule
from moderation.sites.rules.values import HouseRule, RuleBook, RuleCase

Edit = Callable[[RuleBook], RuleBook]


def rule_book(db: Database, site_id: str, version: int | None = None) -> RuleBook:
    """The newest version, or the one asked for. Raises NotFound for one that there is not."""
    with db.read() as conn:
        return store.read(conn, site_id, version)


def put_rule(
    db: Database, site_id: str, rule: HouseRule, *, by: Actor, now: datetime, expected: int | None = None
) -> RuleBook:
    """Writes the rule's words, and leaves its cases as they are. ``expected`` is the version of the book that the
    caller read. Raises StaleRule if the rule was changed after it, and InvalidInput."""

    def edit(book: RuleBook) -> RuleBook:
        old = book.find(rule.key)
        if old is not None and expected is not None and old.since > expected:
            raise StaleRule(rule.key, old.since)
        return book.with_rule(replace(rule, cases=old.cases if old is not None else ()))

    return change(db, site_id, edit, by=by, now=now)


def remove_rule(db: Database, site_id: str, key: str, *, by: Actor, now: datetime) -> RuleBook:
    """With its cases, which the earlier versions keep. Raises NotFound."""

    def edit(book: RuleBook) -> RuleBook:
        rule = get(book, key)
        return book.with_rules(other for other in book.rules if other is not rule)

    return change(db, site_id, edit, by=by, now=now)


def order_rules(db: Database, site_id: str, keys: Sequence[str], *, by: Actor, now: datetime) -> RuleBook:
    """Raises InvalidInput if the keys are not those of the book, each once."""

    def edit(book: RuleBook) -> RuleBook:
        if sorted(keys) != sorted(rule.key for rule in book.rules):
            raise InvalidInput(FieldProblem("order", said("must name each rule of the book once")))
        return book.with_rules(get(book, key) for key in keys)

    return change(db, site_id, edit, by=by, now=now)


def add_case(db: Database, site_id: str, key: str, case: RuleCase, *, by: Actor, now: datetime) -> RuleBook:
    """Adds a case to the rule of this key. Raises NotFound and InvalidInput."""

    def edit(book: RuleBook) -> RuleBook:
        rule = get(book, key)
        return book.with_rule(replace(rule, cases=(*rule.cases, case)))

    return change(db, site_id, edit, by=by, now=now)


def remove_case(db: Database, site_id: str, case_id: str, *, by: Actor, now: datetime) -> RuleBook:
    """Raises NotFound."""

    def edit(book: RuleBook) -> RuleBook:
        owner = next((rule for rule in book.rules if any(case.id == case_id for case in rule.cases)), None)
        if owner is None:
            raise NotFound("case", case_id)
        return book.with_rule(replace(owner, cases=tuple(case for case in owner.cases if case.id != case_id)))

    return change(db, site_id, edit, by=by, now=now)


def forget_comments(conn: Connection, comment_ids: Collection[str], *, now: datetime) -> None:
    """Takes the cases that came from these comments out of every version, because their texts are erased. A book that
    had some gets a new version, so that all who use it see that it has changed."""
    for site_id in store.sites_with_cases_of(conn, comment_ids):
        sites.lock_site(conn, site_id)
        before = store.read(conn, site_id)
        after = before.with_rules(
            replace(rule, cases=tuple(case for case in rule.cases if case.comment_id not in comment_ids))
            for rule in before.rules
        )
        _save(conn, before, after, by=SYSTEM, now=now)
    store.forget(conn, comment_ids)


def change(db: Database, site_id: str, edit: Edit, *, by: Actor, now: datetime) -> RuleBook:
    """Saves the book that ``edit`` makes of the newest one. Raises InvalidInput, and all that ``edit`` raises."""
    with db.write() as conn:
        site = sites.lock_site(conn, site_id)
        before = store.read(conn, site_id)
        after = edit(before)
        if after == before:
            return before
        problems.check(after, before, site.settings.rejection_reasons)
        _save(conn, before, after, by=by, now=now)
        return store.read(conn, site_id)


def get(book: RuleBook, key: str) -> HouseRule:
    """Raises NotFound."""
    rule = book.find(key)
    if rule is None:
        raise NotFound("rule", key)
    return rule


def key_for(name: str, taken: Collection[str] = ()) -> str:
    """A key from the rule's name, which no other rule has: ``No insults`` becomes ``no-insults``."""
    letters = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    key = "-".join(re.findall(r"[a-z0-9]+", letters))[: problems.MOST_KEY - 3].strip("-") or "rule"
    others = (f"{key}-{number}" for number in range(2, len(taken) + 3))
    return key if key not in taken else next(other for other in others if other not in taken)


def _save(conn: Connection, before: RuleBook, after: RuleBook, *, by: Actor, now: datetime) -> None:
    after = replace(after, version=before.version + 1)
    store.save(conn, before, after, by=str(by), now=now)
    note(
        conn,
        by,
        "rules.saved",
        site_id=after.site_id,
        subject=f"version {after.version}",
        before={"version": before.version},
        after={"version": after.version, "digest": after.digest, **_differences(before, after)},
        now=now,
    )


def _differences(before: RuleBook, after: RuleBook) -> Mapping[str, Any]:
    """The rules that came, went or changed, by their keys, and how many cases did. No text of a case."""
    was, becomes = ({rule.key: rule for rule in book.rules} for book in (before, after))
    cases, left = ({case.id for rule in book.rules for case in rule.cases} for book in (after, before))
    changed = [key for key in was if key in becomes and was[key].words != becomes[key].words]
    differences = {
        "rules_added": [key for key in becomes if key not in was],
        "rules_removed": [key for key in was if key not in becomes],
        "rules_changed": changed,
        "cases_added": len(cases - left),
        "cases_removed": len(left - cases),
        "order": [*becomes] if [*becomes] != [*was] else [],
    }
    return {name: value for name, value in differences.items() if value}
