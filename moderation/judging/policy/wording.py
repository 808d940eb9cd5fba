"""A policy's limits, and the differences between two versions, in words: in English for the audit trail and for
programs, and in a reader's language through its ``gettext``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from typing import Any

from moderation.judging.signals.registry import SIGNALS

Gettext = Callable[..., str]
"""Takes an English sentence and the values of its placeholders by name. A limit is a number."""

OVERRIDES = {"sections": "Section", "articles": "Article"}
WORD_LISTS = ("banned_words", "suspect_words")
DOMAIN_LISTS = ("blocked_domains", "allowed_domains")
LISTS = (*WORD_LISTS, *DOMAIN_LISTS)


def in_english(message: str, /, **values: object) -> str:
    shown = {name: f"{v:g}" if isinstance(v, int | float) else v for name, v in values.items()}
    return message % shown if shown else message


def changes(old: Mapping[str, Any], new: Mapping[str, Any], gettext: Gettext = in_english) -> list[str]:
    """One line in words for each difference between ``old`` and ``new``."""
    lines = _changed_limits(_limits(old, gettext), _limits(new, gettext), gettext)
    for key in LISTS:
        were, are = set(old.get(key, ())), set(new.get(key, ()))
        lines += _changed_list(_list_title(key, gettext), sorted(are - were), sorted(were - are), gettext)
    if old.get("shipped_words", True) is not (used := new.get("shipped_words", True)):
        lines.append(
            gettext("Word lists that come with Gavel: used")
            if used
            else gettext("Word lists that come with Gavel: no longer used")
        )
    for key in OVERRIDES:
        lines += _changed_overrides(key, old.get(key, {}), new.get(key, {}), gettext)
    if old.get("default") != new.get("default"):
        lines.append(gettext("Default action changed"))
    if sorted(old.get("required", ())) != sorted(new.get("required", ())):
        lines.append(gettext("Required signals changed"))
    return lines


def conditions_of(rule: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The conditions of a rule of the document; a rule on one signal is its own condition."""
    several: Sequence[Mapping[str, Any]] | None = rule.get("all")
    return several if several is not None else (rule,)


def rule_title(rule: Mapping[str, Any], gettext: Gettext = in_english) -> str:
    """The title of its signal. A rule on several has the newsroom's words, or else the titles of all."""
    conditions = conditions_of(rule)
    titles = _joined((gettext(SIGNALS[condition["signal"]].title) for condition in conditions), gettext)
    return rule.get("label") or titles if len(conditions) > 1 else titles


def limit_in_words(rule: Mapping[str, Any], gettext: Gettext = in_english) -> str:
    """``flag from 0.8``, or for several signals ``flag where Links from 1 and Reports from 2``."""
    limits = _beyond(rule, gettext)
    if "all" in rule:
        return {
            "publish": gettext("publish where %(limits)s", limits=limits),
            "flag": gettext("flag where %(limits)s", limits=limits),
            "reject": gettext("reject where %(limits)s", limits=limits),
        }[rule["action"]]
    return {
        "publish": gettext("publish %(limits)s", limits=limits),
        "flag": gettext("flag %(limits)s", limits=limits),
        "reject": gettext("reject %(limits)s", limits=limits),
    }[rule["action"]]


def override_in_words(override: Mapping[str, Any], gettext: Gettext = in_english) -> str:
    """``Toxicity: flag from 0.9; Links: no limit``"""
    rules = [
        gettext("%(title)s: %(limits)s", title=rule_title(rule, gettext), limits=limit_in_words(rule, gettext))
        for rule in override.get("rules", ())
    ]
    without = (gettext(SIGNALS[name].title) for name in override.get("without", ()))
    return "; ".join(rules + [gettext("%(title)s: no limit", title=title) for title in without])


def _limits(document: Mapping[str, Any], gettext: Gettext) -> dict[str, str]:
    return {_with_action(rule, gettext): _beyond(rule, gettext) for rule in document["rules"]}


def _with_action(rule: Mapping[str, Any], gettext: Gettext) -> str:
    title = rule_title(rule, gettext)
    return {
        "publish": gettext("%(title)s, publish", title=title),
        "flag": gettext("%(title)s, flag", title=title),
        "reject": gettext("%(title)s, reject", title=title),
    }[rule["action"]]


def _beyond(rule: Mapping[str, Any], gettext: Gettext) -> str:
    if "all" in rule:
        parts = ((gettext(SIGNALS[part["signal"]].title), _beyond(part, gettext)) for part in rule["all"])
        return _joined((gettext("%(title)s %(limit)s", title=title, limit=limit) for title, limit in parts), gettext)
    is_from = rule.get("at_least") is not None
    limit = rule["at_least"] if is_from else rule.get("below")
    return gettext("from %(limit)s", limit=limit) if is_from else gettext("below %(limit)s", limit=limit)


def _joined(parts: Iterable[str], gettext: Gettext) -> str:
    return reduce(lambda these, this: gettext("%(these)s and %(this)s", these=these, this=this), parts)


def _changed_limits(before: Mapping[str, str], after: Mapping[str, str], gettext: Gettext) -> list[str]:
    both = [name for name in before if name in after and before[name] != after[name]]
    lines = [
        gettext("%(limit)s: %(before)s → %(after)s", limit=name, before=before[name], after=after[name])
        for name in both
    ]
    lines += [gettext("%(limit)s: no longer used", limit=name) for name in before if name not in after]
    return lines + [
        gettext("%(limit)s: new, %(after)s", limit=name, after=after[name]) for name in after if name not in before
    ]


def _changed_list(title: str, added: Sequence[str], removed: Sequence[str], gettext: Gettext) -> list[str]:
    lines = [gettext("%(list)s: %(entries)s added", list=title, entries=", ".join(added))] if added else []
    if removed:
        lines.append(gettext("%(list)s: %(entries)s removed", list=title, entries=", ".join(removed)))
    return lines


def _list_title(key: str, gettext: Gettext) -> str:
    return {
        "banned_words": gettext("Banned words"),
        "suspect_words": gettext("Suspect words"),
        "blocked_domains": gettext("Blocked domains"),
        "allowed_domains": gettext("Allowed domains"),
    }[key]


def _changed_overrides(key: str, old: Mapping[str, Any], new: Mapping[str, Any], gettext: Gettext) -> list[str]:
    lines = []
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            is_section = key == "sections"
            place = gettext("Section %(name)s", name=name) if is_section else gettext("Article %(name)s", name=name)
            lines.append(
                gettext("%(place)s: its own limits removed", place=place)
                if name not in new
                else gettext("%(title)s: %(limits)s", title=place, limits=override_in_words(new[name], gettext))
            )
    return lines
