"""Between the policy's document and the form that edits it. What the form does not show stays as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moderation.model import Action
from moderation.signals.registry import SIGNALS

OVERRIDES = {"sections": "Section", "articles": "Article"}
WORD_LISTS = {"banned_words": "Banned words", "suspect_words": "Suspect words"}


def candidate_from(document: Mapping[str, Any], form: Mapping[str, str]) -> dict[str, Any]:
    """The document with the form's limits, rules left out and added, and word lists."""
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


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """In words, from ``old`` to ``new``."""
    before, after = _limits(old), _limits(new)
    both = [name for name in before if name in after]
    told = [f"{name}: {before[name]} → {after[name]}" for name in both if before[name] != after[name]]
    told += [f"{name}: no longer used" for name in before if name not in after]
    told += [f"{name}: new, {after[name]}" for name in after if name not in before]
    for key, title in WORD_LISTS.items():
        were, are = set(old.get(key, ())), set(new.get(key, ()))
        told += [f"{title}: {', '.join(sorted(are - were))} added"] if are - were else []
        told += [f"{title}: {', '.join(sorted(were - are))} removed"] if were - are else []
    for key, kind in OVERRIDES.items():
        told += _changed_overrides(kind, old.get(key, {}), new.get(key, {}))
    if old.get("default") != new.get("default"):
        told.append("Default changed")
    if sorted(old.get("required", ())) != sorted(new.get("required", ())):
        told.append("Required signals changed")
    return told


def _limits(document: Mapping[str, Any]) -> dict[str, str]:
    return {
        f"{SIGNALS[rule['signal']].title}, {rule['action']}": limit_in_words(rule).partition(" ")[2]
        for rule in document["rules"]
    }


def limit_in_words(rule: Mapping[str, Any]) -> str:
    """``flag from 0.8``"""
    is_from = rule.get("at_least") is not None
    limit = rule["at_least"] if is_from else rule.get("below")
    shown = f"{limit:g}" if isinstance(limit, int | float) else str(limit)
    return f"{rule['action']} {'from' if is_from else 'below'} {shown}"


def override_in_words(override: Mapping[str, Any]) -> str:
    rules = [f"{SIGNALS[rule['signal']].title}: {limit_in_words(rule)}" for rule in override.get("rules", ())]
    return "; ".join(rules + [f"{SIGNALS[name].title}: no limit" for name in override.get("without", ())])


def _changed_overrides(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    told = []
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            told.append(f"{kind} {name}: limits of its own removed")
        elif old.get(name) != new[name]:
            told.append(f"{kind} {name}: {override_in_words(new[name])}")
    return told


def number(given: str | None, default: Any) -> Any:
    """A number, or what was given: the document's own reader says what is wrong with it."""
    if given is None:
        return default
    try:
        return float(given)
    except ValueError:
        return given


def _words(given: str) -> list[str]:
    return list(dict.fromkeys(word.strip() for word in given.splitlines() if word.strip()))
