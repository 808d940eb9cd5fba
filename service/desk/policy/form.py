"""Between the policy's document and the form that edits it. Parts that the form does not show stay as they were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moderation.model import Action
from moderation.policy.ready import READY
from moderation.policy.wording import LISTS
from moderation.signals.registry import SIGNALS

NEW_CONDITIONS = 3  # of a rule that the form adds


def candidate_from(document: Mapping[str, Any], form: Mapping[str, str]) -> dict[str, Any]:
    """The document with the form's limits and word lists, and with the rules that it adds or leaves out."""
    rules = []
    for index, rule in enumerate(document["rules"]):
        if f"shown-{index}" in form and f"use-{index}" not in form:
            continue
        rules.append(_with_limits(rule, f"limit-{index}", form))
    added = form.get("new-signal", "")
    if added in SIGNALS:
        rules.append({**_condition(added, form.get("new-limit")), "action": Action.FLAG, "label": ""})
    rules += _combined(form)
    rules += [dict(rule) for name, rule in READY.items() if f"ready-{name}" in form]
    lists = {name: _words(form[name]) for name in LISTS if name in form}
    shipped = {"shipped_words": "shipped_words" in form} if "shown-shipped_words" in form else {}
    return {**document, "rules": rules, **lists, **shipped}


def _with_limits(rule: Mapping[str, Any], field: str, form: Mapping[str, str]) -> dict[str, Any]:
    if "all" in rule:
        return {**rule, "all": [_with_limits(c, f"{field}-{part}", form) for part, c in enumerate(rule["all"])]}
    bound = "at_least" if rule.get("at_least") is not None else "below"
    return {**rule, bound: number(form.get(field), rule[bound])}


def _combined(form: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rule of several conditions that the form adds, if any is chosen. With one alone, the reader refuses it."""
    chosen = [(part, form.get(f"with-signal-{part}", "")) for part in range(NEW_CONDITIONS)]
    conditions = [_condition(name, form.get(f"with-limit-{part}")) for part, name in chosen if name in SIGNALS]
    if not conditions:
        return []
    return [{"all": conditions, "action": Action.FLAG, "label": form.get("with-label", "").strip()}]


def _condition(signal: str, limit: str | None) -> dict[str, Any]:
    return {"signal": signal, SIGNALS[signal].bound_for(Action.FLAG): number(limit, "")}


def number(given: str | None, default: Any) -> Any:
    """A number, or the text as given: the document's own reader names the error."""
    if given is None:
        return default
    try:
        return float(given)
    except ValueError:
        return given


def _words(given: str) -> list[str]:
    return list(dict.fromkeys(word.strip() for word in given.splitlines() if word.strip()))
