"""Reads rules from a file, shows what the book would become, and saves it as a new version. Rules of a known key get
the file's words, cases are added, and nothing is taken away."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from moderation.ground.database.engine import Database
from moderation.ground.errors import said
from moderation.sites import rows as sites
from moderation.sites.audit.actors import Actor
from moderation.sites.rules import forms, markdown, problems, roost, writing
from moderation.sites.rules import rows as store
from moderation.sites.rules.values import HouseRule, RuleBook, RuleCase

MOST_CHARS = 2_000_000


@dataclass(frozen=True, slots=True)
class RuleFile:
    """``is_policy`` of a file in ROOST's form, which has neither sentences for readers nor reasons."""

    rules: tuple[HouseRule, ...]
    is_policy: bool = False


@dataclass(frozen=True, slots=True)
class WordChange:
    field: str  # name, sentence, guidance or reason
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RuleDifference:
    """A rule that would come or change."""

    key: str
    name: str
    is_new: bool
    words: tuple[WordChange, ...]
    cases: tuple[RuleCase, ...]  # that would come


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """The book as it is and as it would become."""

    before: RuleBook
    after: RuleBook

    @property
    def differences(self) -> tuple[RuleDifference, ...]:
        changed = (_difference(self.before.find(rule.key), rule) for rule in self.after.rules)
        return tuple(difference for difference in changed if difference is not None)


def read(text: str, *, by: str, now: datetime) -> RuleFile:
    """JSON, Markdown, or a policy in ROOST's form. Raises InvalidInput that names the field or the line."""
    if len(text) > MOST_CHARS:
        raise forms.refused("file", said("must have at most %(most)s characters", most=MOST_CHARS))
    if text.lstrip().startswith(("{", "[")):
        return _of_json(text, by, now)
    if roost.is_policy(text) and not markdown.is_book(text):
        return RuleFile((roost.from_policy(text, by=by, now=now),), is_policy=True)
    return RuleFile(markdown.from_markdown(text, by=by, now=now))


def preview(db: Database, site_id: str, files: Sequence[RuleFile]) -> ImportPreview:
    """Raises InvalidInput if the book could not be saved."""
    with db.read() as conn:
        before = store.read(conn, site_id)
        reasons = sites.get_site(conn, site_id).settings.rejection_reasons
    after = merged(before, files)
    problems.check(after, before, reasons)
    return ImportPreview(before, after)


def import_rules(
    db: Database, site_id: str, files: Sequence[RuleFile], *, by: Actor, now: datetime, expected: int
) -> RuleBook:
    """``expected`` is the version on which somebody saw the difference. Raises InvalidInput."""

    def edit(book: RuleBook) -> RuleBook:
        if book.version != expected:
            raise forms.refused("file", said("must be read again: somebody else changed the rule book meanwhile"))
        return merged(book, files)

    return writing.change(db, site_id, edit, by=by, now=now)


def merged(book: RuleBook, files: Sequence[RuleFile]) -> RuleBook:
    for file in files:
        for rule in file.rules:
            old = book.find(rule.key)
            book = book.with_rule(_merged(old, _with_sentence(old, rule) if file.is_policy else rule))
    return book


def _of_json(text: str, by: str, now: datetime) -> RuleFile:
    try:
        form = json.loads(text)
    except RecursionError as e:
        raise forms.refused("file", said("is nested too deeply")) from e
    except json.JSONDecodeError as e:
        raise forms.refused(f"line {e.lineno}", said("is no JSON: %(why)s", why=e.msg)) from e
    if isinstance(form, list) or "policies" in form or "policyText" in form:
        return RuleFile(roost.from_policies(form), is_policy=True)
    return RuleFile(forms.from_form(form, by=by, now=now))


def _with_sentence(old: HouseRule | None, rule: HouseRule) -> HouseRule:
    """A policy says nothing to readers: the rule keeps its own sentence, or has its name until a lead writes one."""
    if old is None:
        return replace(rule, sentence=rule.name)
    return replace(rule, sentence=old.sentence, reason=old.reason)


def _merged(old: HouseRule | None, rule: HouseRule) -> HouseRule:
    kept = old.cases if old is not None else ()
    says = {case.says for case in kept}
    return replace(rule, cases=(*kept, *(case for case in rule.cases if case.says not in says)))


def _difference(old: HouseRule | None, rule: HouseRule) -> RuleDifference | None:
    fields = ("name", "sentence", "guidance", "reason")
    pairs = ((field, getattr(old, field, None) or "", getattr(rule, field) or "") for field in fields)
    words = tuple(WordChange(*pair) for pair in pairs if pair[1] != pair[2])
    known = {case.id for case in old.cases} if old is not None else set()
    cases = tuple(case for case in rule.cases if case.id not in known)
    if not words and not cases:
        return None
    return RuleDifference(rule.key, rule.name, old is None, words, cases)
