"""The house rules of a site, with the comments by which a change is tested. A changed book is a new value."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

FEWEST_CASES = 3
"""Of each kind, before a change may be tested on the rule."""


class Must(StrEnum):
    """The right answer to a case: a person reads it first, or it goes online."""

    HELD = "held"
    PASS = "pass"


class CaseOrigin(StrEnum):
    WRITTEN = "written"  # at the desk
    COMMENT = "comment"  # that somebody had before them
    APPEAL = "appeal"  # an author was right
    UNDONE = "undone"  # a decision was taken back
    CHECK = "check"  # a comment drawn at random had been decided wrongly
    IMPORTED = "imported"  # from a file


@dataclass(frozen=True, slots=True)
class RuleCase:
    id: str
    text: str  # of a comment, with personal data masked
    must: Must
    added_at: datetime
    added_by: str  # in words
    title: str = ""  # of the article
    origin: CaseOrigin = CaseOrigin.WRITTEN
    why: str = ""
    comment_id: str | None = None  # ours, of the comment that it was taken from

    @property
    def says(self) -> tuple[Must, str, str]:
        """The same for two cases that test the same."""
        return self.must, self.title, self.text


@dataclass(frozen=True, slots=True)
class HouseRule:
    """``key`` never changes. ``since`` is the version of the book that brought these words."""

    key: str
    name: str
    sentence: str  # for readers
    guidance: str = ""  # for moderators
    reason: str | None = None  # of a rejection, with its ground; by its name in the site's list
    cases: tuple[RuleCase, ...] = ()
    since: int = field(default=0, compare=False)

    def cases_that_must(self, must: Must) -> tuple[RuleCase, ...]:
        return tuple(case for case in self.cases if case.must is must)

    @property
    def is_ready(self) -> bool:
        """Whether a change may be tested on it."""
        return all(len(self.cases_that_must(must)) >= FEWEST_CASES for must in Must)

    @property
    def words(self) -> tuple[str, str, str, str | None]:
        return self.name, self.sentence, self.guidance, self.reason


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules in their order. Version 0 is the empty book of a site that has written none."""

    site_id: str
    version: int = 0
    rules: tuple[HouseRule, ...] = ()

    def find(self, key: str) -> HouseRule | None:
        return next((rule for rule in self.rules if rule.key == key), None)

    @property
    def ready(self) -> tuple[HouseRule, ...]:
        return tuple(rule for rule in self.rules if rule.is_ready)

    @property
    def digest(self) -> str:
        """The same for two books that say the same, whichever their versions and the order of their cases: 64
        hexadecimal digits."""
        said = [[rule.key, *rule.words, sorted(case.says for case in rule.cases)] for rule in self.rules]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()

    @property
    def words_digest(self) -> str:
        """The same as long as models are told the same, whichever cases test it: 64 hexadecimal digits."""
        told = [[rule.key, rule.name, rule.sentence, rule.guidance] for rule in self.rules]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()

    def with_rule(self, rule: HouseRule) -> RuleBook:
        """In the place of the rule of this key, or else at the end."""
        if self.find(rule.key) is None:
            return self.with_rules((*self.rules, rule))
        return self.with_rules(rule if old.key == rule.key else old for old in self.rules)

    def with_rules(self, rules: Iterable[HouseRule]) -> RuleBook:
        return replace(self, rules=tuple(rules))
