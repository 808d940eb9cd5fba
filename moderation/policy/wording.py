"""A policy's limits, and the differences between two versions, in words for people and for the audit trail. The words
are English and remember their patterns, so that the desk can say them in another language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from moderation.errors import Said, said
from moderation.signals.registry import SIGNALS

OVERRIDES = {"sections": "Section", "articles": "Article"}
SHIPPED_WORDS = said("Word lists that come with Gavel")
WORD_LISTS = {"banned_words": said("Banned words"), "suspect_words": said("Suspect words")}
DOMAIN_LISTS = {"blocked_domains": said("Blocked domains"), "allowed_domains": said("Allowed domains")}
LISTS = {**WORD_LISTS, **DOMAIN_LISTS}


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """One line in words for each difference between ``old`` and ``new``."""
    lines = [*_changed_limits(_limits(old), _limits(new)), *_changed_lists(old, new)]
    for key in OVERRIDES:
        lines += _changed_overrides(key, old.get(key, {}), new.get(key, {}))
    if old.get("default") != new.get("default"):
        lines.append(said("Default action changed"))
    if sorted(old.get("required", ())) != sorted(new.get("required", ())):
        lines.append(said("Required signals changed"))
    return lines


def _changed_limits(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    both = [name for name in before if name in after and before[name] != after[name]]
    lines: list[str] = [
        said("%(rule)s: %(before)s → %(after)s", rule=name, before=before[name], after=after[name]) for name in both
    ]
    lines += [said("%(rule)s: no longer used", rule=name) for name in before if name not in after]
    lines += [said("%(rule)s: new, %(limit)s", rule=name, limit=after[name]) for name in after if name not in before]
    return lines


def _changed_lists(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    lines: list[str] = []
    for key, title in LISTS.items():
        were, are = set(old.get(key, ())), set(new.get(key, ()))
        if added := ", ".join(sorted(are - were)):
            lines.append(said("%(list)s: %(words)s added", list=title, words=added))
        if removed := ", ".join(sorted(were - are)):
            lines.append(said("%(list)s: %(words)s removed", list=title, words=removed))
    if old.get("shipped_words", True) is not (used := new.get("shipped_words", True)):
        title = SHIPPED_WORDS
        lines.append(said("%(rule)s: used", rule=title) if used else said("%(rule)s: no longer used", rule=title))
    return lines


def _limits(document: Mapping[str, Any]) -> dict[str, str]:
    return {_name(rule): _beyond(rule) for rule in document["rules"]}


def _name(rule: Mapping[str, Any]) -> str:
    return said("%(rule)s, %(action)s", rule=rule_title(rule), action=said(rule["action"]))


def conditions_of(rule: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The conditions of a rule of the document; a rule on one signal is its own condition."""
    several: Sequence[Mapping[str, Any]] | None = rule.get("all")
    return several if several is not None else (rule,)


def rule_title(rule: Mapping[str, Any]) -> str:
    """The title of its signal. A rule on several has the newsroom's words, or else the titles of all."""
    conditions = conditions_of(rule)
    titles = _all([_title(condition["signal"]) for condition in conditions])
    return rule.get("label") or titles if len(conditions) > 1 else titles


def limit_in_words(rule: Mapping[str, Any]) -> str:
    """``flag from 0.8``, or for several signals ``flag where Links from 1 and Reports from 2``."""
    action, limit = said(rule["action"]), _beyond(rule)
    if "all" in rule:
        return said("%(action)s where %(limits)s", action=action, limits=limit)
    return said("%(action)s %(limit)s", action=action, limit=limit)


def _beyond(rule: Mapping[str, Any]) -> str:
    if "all" in rule:
        return _all([said("%(signal)s %(limit)s", signal=_title(c["signal"]), limit=_beyond(c)) for c in rule["all"]])
    if rule.get("at_least") is not None:
        return said("from %(limit)s", limit=_short(rule["at_least"]))
    return said("below %(limit)s", limit=_short(rule.get("below")))


def _short(limit: Any) -> Any:
    """Whole numbers without a point."""
    return int(limit) if isinstance(limit, float) and limit.is_integer() else limit


def _title(signal: str) -> Said:
    return said(SIGNALS[signal].title)


def _all(parts: Sequence[Said]) -> Said:
    """``a and b and c``"""
    joined = parts[0]
    for part in parts[1:]:
        joined = said("%(first)s and %(second)s", first=joined, second=part)
    return joined


def override_in_words(override: Mapping[str, Any]) -> str:
    """``Toxicity: flag from 0.9; Links: no limit``. Empty without a limit."""
    parts = [
        said("%(rule)s: %(limit)s", rule=rule_title(r), limit=limit_in_words(r)) for r in override.get("rules", ())
    ]
    parts += [said("%(rule)s: no limit", rule=_title(name)) for name in override.get("without", ())]
    joined: str = parts[0] if parts else ""
    for part in parts[1:]:
        joined = said("%(first)s; %(second)s", first=joined, second=part)
    return joined


def _changed_overrides(key: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    lines: list[str] = []
    for name in sorted(old.keys() | new.keys()):
        place = said("Section %(name)s", name=name) if key == "sections" else said("Article %(name)s", name=name)
        if name not in new:
            lines.append(said("%(place)s: its own limits removed", place=place))
        elif old.get(name) != new[name]:
            lines.append(said("%(rule)s: %(limit)s", rule=place, limit=override_in_words(new[name])))
    return lines
