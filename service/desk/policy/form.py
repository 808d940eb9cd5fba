"""Between the policy's document and the form that edits it. Parts that the form does not show stay as they were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moderation.model import Action
from moderation.policy.wording import WORD_LISTS
from moderation.signals.registry import SIGNALS


def candidate_from(document: Mapping[str, Any], form: Mapping[str, str]) -> dict[str, Any]:
    """The document with the form's limits and word lists, and with the rules that it adds or leaves out."""
    rules = []
    for index, rule in enumerate(document["rules"]):
        if f"shown-{index}" in form and f"use-{index}" not in form:
            continue
        bound = "at_least" if rule.get("at_least") is not None else "below"
        rules.append({**rule, bound: number(form.get(f"limit-{index}"), rule[bound])})
    added = form.get("new-signal", "")
    if added in SIGNALS:
        bound = SIGNALS[added].bound_for(Action.FLAG)
        rules.append({"signal": added, bound: number(form.get("new-limit"), ""), "action": Action.FLAG, "label": ""})
    lists = {name: _words(form[name]) for name in WORD_LISTS if name in form}
    return {**document, "rules": rules, **lists}


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
