"""Between the policy's document and the form that edits it. Parts that the form does not show stay as they were."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moderation.ground.errors import FieldProblem
from moderation.ground.values.statuses import Action
from moderation.judging.policy.document_form import MAX_CONDITIONS
from moderation.judging.policy.ready import READY
from moderation.judging.policy.wording import LISTS
from moderation.judging.signals.registry import SIGNALS
from service.desk.frame.refusals import translated
from service.languages.wording import gettext

NEW, NEW_COMBINED = "new", "with"
"""The places of the rules that the form adds. A saved rule's place is its number."""

_IN_A_RULE = re.compile(r"rules\[(\d+)\](?:\.all\[(\d+)\])?")
_IN_A_LIST = re.compile(rf"({'|'.join(LISTS)})(?:\[(\d+)\])?")


@dataclass(frozen=True, slots=True)
class FormRule:
    """A rule as the form has it, and where: its place, and the field of each condition's limit."""

    rule: dict[str, Any]
    place: str
    fields: tuple[str, ...] = ()


def candidate_from(document: Mapping[str, Any], form: Mapping[str, str]) -> dict[str, Any]:
    """The document with the form's limits and word lists, and with the rules that it changes, adds or leaves out."""
    rules = [placed.rule for placed in made_rules(document, form)]
    lists = {name: _words(form[name]) for name in LISTS if name in form}
    shipped = {"shipped_words": "shipped_words" in form} if "shown-shipped_words" in form else {}
    return {**document, "rules": rules, **lists, **shipped}


def made_rules(document: Mapping[str, Any], form: Mapping[str, str]) -> list[FormRule]:
    """The rules of the candidate in their order."""
    kept = [(index, rule) for index, rule in enumerate(document["rules"]) if is_used(index, form)]
    rules = [_edited(rule, str(index), form) for index, rule in kept]
    if (added := form.get("new-signal", "")) in SIGNALS:
        limit = _condition(added, Action.FLAG, form.get("new-limit"))
        rules.append(FormRule({**limit, "action": Action.FLAG, "label": ""}, NEW, ("new-limit",)))
    if chosen(NEW_COMBINED, form):
        rules.append(_combined(NEW_COMBINED, form, {"action": Action.FLAG}))
    rules += [FormRule(dict(rule), f"ready-{name}") for name, rule in READY.items() if f"ready-{name}" in form]
    return rules


def is_used(index: int, form: Mapping[str, str]) -> bool:
    """False where the form shows the rule and its box is not ticked."""
    return f"shown-{index}" not in form or f"use-{index}" in form


def chosen(place: str, form: Mapping[str, str]) -> list[tuple[int, str]]:
    """The conditions of the sentence at this place: the number of each in the form, and its signal."""
    numbered = ((part, form.get(f"signal-{place}-{part}", "")) for part in range(MAX_CONDITIONS))
    return [(part, name) for part, name in numbered if name in SIGNALS]


def by_field(
    candidate: Mapping[str, Any], rules: Sequence[FormRule], problems: Sequence[FieldProblem]
) -> dict[str, str]:
    """The problems in sentences by the form's field. A whole rule's is under ``rule-`` and its place, and one that
    belongs to no field of the form is under the document's own name for it."""
    sentences: dict[str, str] = {}
    for problem in problems:
        field, sentence = _placed(candidate, rules, problem)
        sentences[field] = f"{sentences[field]} {sentence}" if field in sentences else sentence
    return sentences


def number(given: str | None, default: Any) -> Any:
    """A number, or the text as given: the document's own reader names the error."""
    if given is None:
        return default
    try:
        return float(given)
    except ValueError:
        return given


def _edited(rule: Mapping[str, Any], place: str, form: Mapping[str, str]) -> FormRule:
    if "all" in rule and f"signal-{place}-0" in form:
        return _combined(place, form, rule)
    field = f"limit-{place}"
    if "all" not in rule:
        return FormRule(_with_limit(rule, field, form), place, (field,))
    fields = tuple(f"{field}-{part}" for part in range(len(rule["all"])))
    conditions = [_with_limit(c, name, form) for c, name in zip(rule["all"], fields, strict=True)]
    return FormRule({**rule, "all": conditions}, place, fields)


def _with_limit(rule: Mapping[str, Any], field: str, form: Mapping[str, str]) -> dict[str, Any]:
    bound = "at_least" if rule.get("at_least") is not None else "below"
    return {**rule, bound: number(form.get(field), rule[bound])}


def _combined(place: str, form: Mapping[str, str], saved: Mapping[str, Any]) -> FormRule:
    """A sentence of the form. The reader refuses one with a single condition."""
    action = form.get(f"action-{place}", saved["action"])
    label = form.get(f"label-{place}", saved.get("label", "")).strip()
    parts = chosen(place, form)
    facing = Action(action) if action in set(Action) else Action.FLAG
    limits = [_condition(name, facing, form.get(f"limit-{place}-{part}")) for part, name in parts]
    fields = tuple(f"limit-{place}-{part}" for part, _ in parts)
    return FormRule({"all": limits, "action": action, "label": label}, place, fields)


def _condition(signal: str, action: Action, limit: str | None) -> dict[str, Any]:
    return {"signal": signal, SIGNALS[signal].bound_for(action): number(limit, "")}


def _placed(candidate: Mapping[str, Any], rules: Sequence[FormRule], problem: FieldProblem) -> tuple[str, str]:
    if rule := _IN_A_RULE.match(problem.field):
        at, part = rules[int(rule[1])], rule[2]
        if "all" not in at.rule or part is not None:
            return at.fields[int(part or 0)], gettext("This limit %(problem)s.", problem=translated(problem.message))
        return f"rule-{at.place}", gettext("This rule %(problem)s.", problem=translated(problem.message))
    if listed := _IN_A_LIST.match(problem.field):
        word = f"“{candidate[listed[1]][int(listed[2])]}”" if listed[2] else gettext("This list")
        return listed[1], f"{word} {translated(problem.message)}."
    return problem.field, f"{problem.field} {translated(problem.message)}."


def _words(given: str) -> list[str]:
    return list(dict.fromkeys(_lines(given)))


def _lines(given: str) -> Iterator[str]:
    return (word.strip() for word in given.splitlines() if word.strip())
