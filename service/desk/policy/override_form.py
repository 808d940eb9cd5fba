"""Between the limits of one section or article and the form that edits them. For each signal the form offers the
site's limits, a limit of its own, or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from moderation.ground.errors import FieldProblem, InvalidInput, said
from moderation.ground.values.statuses import Action
from moderation.judging.policy.wording import OVERRIDES, limit_in_words, override_in_words
from moderation.judging.signals.registry import FOR_RULES, SIGNALS
from moderation.judging.signals.spec import SignalSpec
from service.desk.frame.sentences.phrases import in_words
from service.desk.policy.form import number
from service.languages.wording import gettext


class OverrideMode(StrEnum):
    """The form's choice for one signal."""

    SITE = "site"  # the site's limits
    OWN = "own"
    NONE = "none"
    KEPT = "kept"  # several rules on one signal, which this form cannot edit one by one


@dataclass(frozen=True, slots=True)
class OverrideLine:
    """A signal's row of the form."""

    spec: SignalSpec
    everywhere: str  # the site's limits, in words
    mode: OverrideMode
    limit: Any
    action: str
    kept: str  # several rules, in words


def lines(document: Mapping[str, Any], override: Mapping[str, Any]) -> list[OverrideLine]:
    """A row for each signal that can have a limit."""
    rows = []
    for name, spec in FOR_RULES.items():
        site, own = _rules_on(document, name), _rules_on(override, name)
        shown = (own or site or [{}])[0]
        rows.append(
            OverrideLine(
                spec=spec,
                everywhere=_all_in_words(site) or gettext("no limit"),
                mode=_mode(own, name in override.get("without", ())),
                limit=shown.get("at_least", shown.get("below", "")),
                action=shown.get("action", "flag"),
                kept=_all_in_words(own) if len(own) > 1 else "",
            )
        )
    return rows


def combined(override: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Its rules on several signals, each with its words. This form keeps or removes them and changes no limit."""
    several = [dict(rule) for rule in override.get("rules", ()) if "all" in rule]
    return [(override_in_words({"rules": [rule]}, in_words), rule) for rule in several]


def override_from(form: Mapping[str, str], old: Mapping[str, Any]) -> dict[str, Any]:
    """The limits as filled in. Labels and rules that the form does not show stay as they were."""
    rules: list[dict[str, Any]] = []
    without = []
    for name in SIGNALS:
        mode, were = form.get(f"mode-{name}", OverrideMode.SITE), _rules_on(old, name)
        if mode == OverrideMode.KEPT:
            rules += were
        elif mode == OverrideMode.OWN:
            rules.append(_rule(name, form, were))
        elif mode == OverrideMode.NONE:
            without.append(name)
    for index, (_, rule) in enumerate(combined(old)):
        if f"shown-combined-{index}" not in form or f"use-combined-{index}" in form:
            rules.append(rule)
    return {"rules": rules, "without": without}


def with_override(
    document: Mapping[str, Any], kind: str, name: str, override: Mapping[str, Any] | None, *, was: str | None = None
) -> dict[str, Any]:
    """The document with this override instead of the one that was called ``was``; None removes it.

    Raises InvalidInput for errors that the document's own reader would not notice.
    """
    if kind not in OVERRIDES:
        raise InvalidInput(FieldProblem("kind", "must be a section or an article"))
    every = {key: value for key, value in document.get(kind, {}).items() if key != (was or name)}
    if override is None:
        return {**document, kind: every}
    if name in every or (was is None and name in document.get(kind, {})):
        problem = said("%(name)s already has limits of its own: change those", name=repr(name))
        raise InvalidInput(FieldProblem("name", problem))
    if not override["rules"] and not override["without"]:
        raise InvalidInput(FieldProblem("limits", "are all the same as the site's: change one first"))
    return {**document, kind: {**every, name: override}}


def _rules_on(document: Mapping[str, Any], signal: str) -> list[dict[str, Any]]:
    return [dict(rule) for rule in document.get("rules", ()) if rule.get("signal") == signal]


def _all_in_words(rules: Iterable[Mapping[str, Any]]) -> str:
    return ", ".join(limit_in_words(rule, in_words) for rule in rules)


def _mode(own: list[dict[str, Any]], is_dropped: bool) -> OverrideMode:
    if len(own) > 1:
        return OverrideMode.KEPT
    if own:
        return OverrideMode.OWN
    return OverrideMode.NONE if is_dropped else OverrideMode.SITE


def _rule(signal: str, form: Mapping[str, str], were: list[dict[str, Any]]) -> dict[str, Any]:
    action = form.get(f"action-{signal}", "flag")
    is_action = action in set(Action)  # the document's own reader refuses what is none
    bound = SIGNALS[signal].bound_for(Action(action) if is_action else Action.FLAG)
    label = were[0].get("label", "") if len(were) == 1 else ""
    return {"signal": signal, bound: number(form.get(f"limit-{signal}"), ""), "action": action, "label": label}
