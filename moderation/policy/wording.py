"""A policy's limits, and the differences between two versions, in words for people and for the audit trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from moderation.signals.registry import SIGNALS

OVERRIDES = {"sections": "Section", "articles": "Article"}
SHIPPED_WORDS = "Word lists that come with Gavel"
WORD_LISTS = {"banned_words": "Banned words", "suspect_words": "Suspect words"}
DOMAIN_LISTS = {"blocked_domains": "Blocked domains", "allowed_domains": "Allowed domains"}
LISTS = {**WORD_LISTS, **DOMAIN_LISTS}


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """One line in words for each difference between ``old`` and ``new``."""
    before, after = _limits(old), _limits(new)
    both = [name for name in before if name in after]
    lines = [f"{name}: {before[name]} → {after[name]}" for name in both if before[name] != after[name]]
    lines += [f"{name}: no longer used" for name in before if name not in after]
    lines += [f"{name}: new, {after[name]}" for name in after if name not in before]
    for key, title in LISTS.items():
        were, are = set(old.get(key, ())), set(new.get(key, ()))
        lines += [f"{title}: {', '.join(sorted(are - were))} added"] if are - were else []
        lines += [f"{title}: {', '.join(sorted(were - are))} removed"] if were - are else []
    if old.get("shipped_words", True) is not (used := new.get("shipped_words", True)):
        lines.append(f"{SHIPPED_WORDS}: {'used' if used else 'no longer used'}")
    for key, kind in OVERRIDES.items():
        lines += _changed_overrides(kind, old.get(key, {}), new.get(key, {}))
    if old.get("default") != new.get("default"):
        lines.append("Default action changed")
    if sorted(old.get("required", ())) != sorted(new.get("required", ())):
        lines.append("Required signals changed")
    return lines


def _limits(document: Mapping[str, Any]) -> dict[str, str]:
    return {f"{rule_title(rule)}, {rule['action']}": _beyond(rule) for rule in document["rules"]}


def conditions_of(rule: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The conditions of a rule of the document; a rule on one signal is its own condition."""
    several: Sequence[Mapping[str, Any]] | None = rule.get("all")
    return several if several is not None else (rule,)


def rule_title(rule: Mapping[str, Any]) -> str:
    """The title of its signal. A rule on several has the newsroom's words, or else the titles of all."""
    conditions = conditions_of(rule)
    titles = " and ".join(SIGNALS[condition["signal"]].title for condition in conditions)
    return rule.get("label") or titles if len(conditions) > 1 else titles


def limit_in_words(rule: Mapping[str, Any]) -> str:
    """``flag from 0.8``, or for several signals ``flag where Links from 1 and Reports from 2``."""
    return f"{rule['action']} {'where ' if 'all' in rule else ''}{_beyond(rule)}"


def _beyond(rule: Mapping[str, Any]) -> str:
    if "all" in rule:
        return " and ".join(f"{SIGNALS[c['signal']].title} {_beyond(c)}" for c in rule["all"])
    is_from = rule.get("at_least") is not None
    limit = rule["at_least"] if is_from else rule.get("below")
    shown = f"{limit:g}" if isinstance(limit, int | float) else str(limit)
    return f"{'from' if is_from else 'below'} {shown}"


def override_in_words(override: Mapping[str, Any]) -> str:
    """``Toxicity: flag from 0.9; Links: no limit``"""
    rules = [f"{rule_title(rule)}: {limit_in_words(rule)}" for rule in override.get("rules", ())]
    return "; ".join(rules + [f"{SIGNALS[name].title}: no limit" for name in override.get("without", ())])


def _changed_overrides(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    lines = []
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            lines.append(f"{kind} {name}: its own limits removed")
        elif old.get(name) != new[name]:
            lines.append(f"{kind} {name}: {override_in_words(new[name])}")
    return lines
