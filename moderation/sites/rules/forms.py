"""The rule book as JSON for programs, and the book that such JSON holds. Read again, it says the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from moderation.ground.database.engine import new_id
from moderation.ground.errors import FieldProblem, InvalidInput, said
from moderation.sites.rules.values import CaseOrigin, HouseRule, Must, RuleBook, RuleCase

FORMAT = "gavel-rules-1"
_BOOK = ("format", "rules"), ("version", "digest")
_RULE = ("key", "name", "sentence"), ("guidance", "reason", "cases")
_CASE = ("must", "text"), ("title", "why", "origin", "added_by", "added_at")


def to_form(book: RuleBook) -> dict[str, Any]:
    """As JSON, with who added each case, when and from where."""
    rules = [
        {
            "key": rule.key,
            "name": rule.name,
            "sentence": rule.sentence,
            "guidance": rule.guidance,
            "reason": rule.reason,
            "cases": [_case_form(case) for case in rule.cases],
        }
        for rule in book.rules
    ]
    return {"format": FORMAT, "version": book.version, "digest": book.digest, "rules": rules}


def from_form(form: Any, *, by: str, now: datetime) -> tuple[HouseRule, ...]:
    """``by`` adds the cases of which it does not say who did. Raises InvalidInput that names the field."""
    given = fields(form, "file", *_BOOK)
    if given["format"] != FORMAT:
        raise refused("format", said("must be %(format)s", format=FORMAT))
    rules = items(given, "rules", "rules")
    if not rules:
        raise refused("rules", said("must have one rule at least"))
    return tuple(_rule(rule, f"rules.{place}", by, now) for place, rule in enumerate(rules))


def fields(form: Any, where: str, needed: tuple[str, ...], others: tuple[str, ...] = ()) -> Mapping[str, Any]:
    """An object that has all that is needed, and nothing that nobody knows. Raises InvalidInput."""
    if not isinstance(form, Mapping):
        raise refused(where, said("must be an object"))
    prefix = "" if where == "file" else f"{where}."
    for name in needed:
        if name not in form:
            raise refused(f"{prefix}{name}", said("is missing"))
    for name in form:
        if name not in (*needed, *others):
            raise refused(f"{prefix}{name}", said("is not known"))
    return form


def items(form: Mapping[str, Any], name: str, where: str) -> list[Any]:
    """Empty if there is none. Raises InvalidInput."""
    given = form.get(name)
    if given is not None and not isinstance(given, list):
        raise refused(where, said("must be a list"))
    return list(given or ())


def text(form: Mapping[str, Any], name: str, where: str, otherwise: str | None = None) -> str:
    """Raises InvalidInput."""
    given = form.get(name, otherwise)
    given = otherwise if given is None else given
    if not isinstance(given, str):
        raise refused(f"{where}.{name}", said("must be text"))
    return given.replace("\r\n", "\n").strip()


def refused(field: str, message: str) -> InvalidInput:
    return InvalidInput(FieldProblem(field, message))


def _rule(form: Any, where: str, by: str, now: datetime) -> HouseRule:
    given = fields(form, where, *_RULE)
    key, name, sentence = (text(given, part, where) for part in _RULE[0])
    reason = text(given, "reason", where) if given.get("reason") is not None else None
    cases = enumerate(items(given, "cases", f"{where}.cases"))
    held = tuple(_case(case, f"{where}.cases.{place}", by, now) for place, case in cases)
    return HouseRule(key, name, sentence, text(given, "guidance", where, ""), reason, held)


def _case(form: Any, where: str, by: str, now: datetime) -> RuleCase:
    given = fields(form, where, *_CASE)
    must, origin = text(given, "must", where), text(given, "origin", where, CaseOrigin.IMPORTED)
    if must not in set(Must):
        raise refused(f"{where}.must", said("must be one of %(known)s", known=", ".join(Must)))
    if origin not in set(CaseOrigin):
        raise refused(f"{where}.origin", said("must be one of %(known)s", known=", ".join(CaseOrigin)))
    return RuleCase(
        id=new_id(),
        text=text(given, "text", where),
        must=Must(must),
        added_at=_moment(given, where, now),
        added_by=text(given, "added_by", where, by),
        title=text(given, "title", where, ""),
        origin=CaseOrigin(origin),
        why=text(given, "why", where, ""),
    )


def _moment(form: Mapping[str, Any], where: str, otherwise: datetime) -> datetime:
    if form.get("added_at") is None:
        return otherwise
    try:
        moment = datetime.fromisoformat(text(form, "added_at", where))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise refused(f"{where}.added_at", said("must be a time with its zone, as in 2026-03-01T12:00:00+00:00"))
    return moment


def _case_form(case: RuleCase) -> dict[str, Any]:
    return {
        "must": case.must,
        "text": case.text,
        "title": case.title,
        "why": case.why,
        "origin": case.origin,
        "added_by": case.added_by,
        "added_at": case.added_at.isoformat(),
    }
