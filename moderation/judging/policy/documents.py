"""A policy as the JSON document that editors read and write. It refuses rules that cannot mean what the writer
intended: a limit out of range, a rule in the wrong direction, an unknown name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.ground.values.policies import Condition, Override, Policy, Rule
from moderation.judging.policy.document_form import (
    COMBINED,
    MAX_CONDITIONS,
    SINGLE,
    CombinedRule,
    Document,
    PartsRead,
    PolicyOverride,
    PolicyRule,
    RuleCondition,
    conditions_of,
)

_MESSAGES = {
    "extra_forbidden": "is not known here",
    "missing": "is missing",
    "list_type": "is not a list",
    "dict_type": "is not an object",
    "bool_type": "is not true or false",
    "model_type": "is not an object",
    "too_short": f"needs 2 to {MAX_CONDITIONS} conditions",  # as only the conditions of a rule can be
    "too_long": f"needs 2 to {MAX_CONDITIONS} conditions",
}


def parse(document: Mapping[str, Any], version: int) -> Policy:
    """The policy in a document, as version ``version``. Raises InvalidInput, which names each wrong field.

    A ``version`` in the document is the one that its writer read. It is ignored here: the store assigns the next one.
    """
    try:
        form = Document.model_validate(document, context=PartsRead())
    except ValidationError as e:
        problems = e.errors(include_url=False, include_input=False)
        raise InvalidInput(*(FieldProblem(_path(p["loc"]), _message(dict(p))) for p in problems)) from None
    return Policy(
        version=version,
        rules=tuple(map(_rule, form.rules)),
        required=frozenset(form.required),
        default=form.default,
        banned_words=tuple(form.banned_words),
        suspect_words=tuple(form.suspect_words),
        shipped_words=form.shipped_words,
        blocked_domains=frozenset(form.blocked_domains),
        allowed_domains=frozenset(form.allowed_domains),
        sections={name: _override(override) for name, override in form.sections.items()},
        articles={name: _override(override) for name, override in form.articles.items()},
    )


def dump(policy: Policy) -> dict[str, Any]:
    """A policy as a document. ``parse`` makes an equal policy from it."""
    return {
        "version": policy.version,
        "default": policy.default.value,
        "required": sorted(policy.required),
        "rules": [_dump_rule(rule) for rule in policy.rules],
        "banned_words": list(policy.banned_words),
        "suspect_words": list(policy.suspect_words),
        "shipped_words": policy.shipped_words,
        "blocked_domains": sorted(policy.blocked_domains),
        "allowed_domains": sorted(policy.allowed_domains),
        "sections": {name: _dump_override(override) for name, override in policy.sections.items()},
        "articles": {name: _dump_override(override) for name, override in policy.articles.items()},
    }


def _dump_rule(rule: Rule) -> dict[str, Any]:
    conditions = [{"signal": c.signal, c.bound: c.limit} for c in rule.conditions]
    looks_at = {"all": conditions} if len(conditions) > 1 else conditions[0]
    return {**looks_at, "action": rule.action.value, "label": rule.label}


def _dump_override(override: Override) -> dict[str, Any]:
    return {"rules": [_dump_rule(rule) for rule in override.rules], "without": sorted(override.without)}


def _override(form: PolicyOverride) -> Override:
    return Override(tuple(map(_rule, form.rules)), frozenset(form.without))


def _rule(form: PolicyRule | CombinedRule) -> Rule:
    return Rule(tuple(map(_condition, conditions_of(form))), form.action, form.label)


def _condition(form: RuleCondition) -> Condition:
    if form.at_least is not None:
        return Condition(form.signal, "at_least", form.at_least)
    assert form.below is not None
    return Condition(form.signal, "below", form.below)


def _message(error: Mapping[str, Any]) -> str:
    """The sentence that a field's own check wrote, or ours for what the library checks."""
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    return _MESSAGES.get(error["type"]) or str(error["msg"])


def _path(steps: Sequence[int | str]) -> str:
    """``sections.sport.rules[0].at_least``. The library names the kind of a rule after its place, which says nothing
    to an editor."""
    path = ""
    for before, step in zip(("", *steps), steps, strict=False):
        if isinstance(step, int):
            path += f"[{step}]"
        elif not (isinstance(before, int) and step in (SINGLE, COMBINED)):
            path += f".{step}" if path else step
    return path or "policy"
