"""The rules of a policy as its page shows them: the limits in force or being tried, over the site's own comments, first
those that hold most."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from babel.lists import format_list
from markupsafe import Markup

from moderation.ground.values.policies import Policy
from moderation.ground.values.statuses import Action
from moderation.judging.policy import documents, replay
from moderation.judging.policy.baseline import Baseline
from moderation.judging.policy.document_form import MAX_CONDITIONS
from moderation.judging.policy.ready import READY
from moderation.judging.policy.replay import Holding, RuleShare
from moderation.judging.policy.wording import conditions_of
from moderation.judging.signals.registry import FOR_RULES, SIGNALS
from moderation.judging.signals.spec import SignalSpec
from service.desk.frame.sentences.wording import reason_title, rule_label
from service.desk.frame.tables import charts
from service.desk.policy.form import is_used
from service.languages import choice
from service.languages.wording import N_, gettext

OFFERS = {
    "newcomers": N_("The first three comments of a new author go to a moderator"),
    "newcomers-links": N_("Links by authors with fewer than three comments online go to a moderator"),
    "newcomers-doubtful-links": N_(
        "Links that may be spam go to a moderator if the author has fewer than three comments online"
    ),
    "newcomers-contacts": N_("Contacts named by authors with fewer than three comments online go to a moderator"),
}
"""Each of the ready rules as a sentence."""
OPEN_CONDITIONS = 2  # of a new sentence; the others unfold


@dataclass(frozen=True, slots=True)
class ShownCondition:
    """One limit with the field that changes it. ``given`` is the limit as typed, even if it is none."""

    place: str
    part: int | None  # its number in a sentence
    spec: SignalSpec | None  # None: still to be chosen
    bound: str
    given: str
    chart: Markup | None = None  # how the site's comments lie about the limit

    @property
    def field(self) -> str:
        return f"limit-{self.place}" if self.part is None else f"limit-{self.place}-{self.part}"

    @property
    def meaning(self) -> str:
        return gettext(self.spec.meaning) if self.spec else ""

    @property
    def step(self) -> float:
        return 0.01 if self._is_score else 1

    @property
    def least(self) -> int:
        return 0 if self._is_score else 1

    @property
    def top(self) -> int:
        return 1 if self._is_score else max(20, int(_number(self.given, 1) * 2))

    @property
    def _is_score(self) -> bool:
        return self.spec is not None and self.spec.scale == "score"


@dataclass(frozen=True, slots=True)
class ShownRule:
    """A rule; a sentence where it looks at several signals."""

    place: str
    title: str
    label: str
    action: str
    is_used: bool  # False where the policy being tried goes without
    conditions: tuple[ShownCondition, ...]
    spare: tuple[ShownCondition, ...]  # for conditions that a sentence does not have yet
    share: RuleShare | None  # None: it holds nothing

    @property
    def is_sentence(self) -> bool:
        return bool(self.spare) or len(self.conditions) > 1

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that can be wrong."""
        return (f"rule-{self.place}", *(condition.field for condition in (*self.conditions, *self.spare)))

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions that a sentence may take. One that publishes looks at the other end of each signal and stays
        so."""
        return (self.action,) if self.action == Action.PUBLISH else (Action.FLAG, Action.REJECT)


@dataclass(frozen=True, slots=True)
class OtherCause:
    """A reason other than a rule for which comments are held."""

    title: str
    share: RuleShare


def shown(saved: Mapping[str, Any], form: Mapping[str, str], beside: Baseline) -> list[ShownRule]:
    """The saved rules with the limits as the form has them; those that hold most come first."""
    rules = [_shown(index, rule, form, beside) for index, rule in enumerate(saved["rules"])]
    return sorted(rules, key=lambda rule: -rule.share.held if rule.share else 0)


def new_sentence(form: Mapping[str, str], place: str) -> ShownRule:
    """The rule on several signals that the form can add."""
    conditions = tuple(_filled(place, part, {}, form, Action.FLAG) for part in range(MAX_CONDITIONS))
    label, action = form.get(f"label-{place}", ""), form.get(f"action-{place}", Action.FLAG)
    first, rest = conditions[:OPEN_CONDITIONS], conditions[OPEN_CONDITIONS:]
    return ShownRule(place, "", label, action, True, first, rest, None)


def causes(saved: Mapping[str, Any], holding: Holding) -> list[OtherCause]:
    """Reasons besides the site's own rules: an author's mark, a language, a rule of a section alone."""
    known = {_cause(rule) for rule in saved["rules"]}
    others = [OtherCause(_title(name), share) for name, share in holding.by.items() if name not in known]
    return sorted(others, key=lambda cause: -cause.share.held)


def offers(policy: Policy) -> list[tuple[str, str]]:
    """Ready rules that the policy lacks: each one's name and its sentence."""
    has = {(rule.signals, rule.action) for rule in policy.rules}
    ready = {name: documents.parse({"rules": [rule], "required": []}, 0).rules[0] for name, rule in READY.items()}
    return [(name, gettext(OFFERS[name])) for name, rule in ready.items() if (rule.signals, rule.action) not in has]


def _shown(index: int, rule: Mapping[str, Any], form: Mapping[str, str], beside: Baseline) -> ShownRule:
    place, action, parts = str(index), rule["action"], conditions_of(rule)
    spare: tuple[ShownCondition, ...] = ()
    if "all" in rule:
        given = form.get(f"action-{index}", action)
        filled = [
            _filled(place, part, parts[part] if part < len(parts) else {}, form, action)
            for part in range(MAX_CONDITIONS)
        ]
        conditions, spare = tuple(filled[: len(parts)]), tuple(filled[len(parts) :])
        label = form.get(f"label-{index}", rule.get("label", ""))
    else:
        given, label, conditions = action, "", (_single(place, rule, form, beside),)
    share, used = beside.holding.by.get(_cause(rule)), is_used(index, form)
    return ShownRule(place, _titled(rule), label, given, used, conditions, spare, share)


def _single(place: str, rule: Mapping[str, Any], form: Mapping[str, str], beside: Baseline) -> ShownCondition:
    signal, bound, limit = rule["signal"], *_bound_and_limit(rule)
    given = form.get(f"limit-{place}", f"{limit:g}")
    chart = _chart(beside.histograms.get(signal), bound, _number(given, limit))
    return ShownCondition(place, None, SIGNALS[signal], bound, given, chart)


def _filled(
    place: str, part: int, condition: Mapping[str, Any], form: Mapping[str, str], action: str
) -> ShownCondition:
    """A condition of a sentence: as the form has it, or else as it was saved."""
    name = form.get(f"signal-{place}-{part}", condition.get("signal", ""))
    facing = Action.PUBLISH if action == Action.PUBLISH else Action.FLAG
    saved = f"{_bound_and_limit(condition)[1]:g}" if condition else ""
    given = form.get(f"limit-{place}-{part}", saved)
    spec = FOR_RULES.get(name)
    return ShownCondition(place, part, spec, spec.bound_for(facing) if spec else "", given)


def _bound_and_limit(condition: Mapping[str, Any]) -> tuple[str, float]:
    bound = "at_least" if condition.get("at_least") is not None else "below"
    return bound, float(condition[bound])


def _chart(counts: Sequence[int] | None, bound: str, limit: float) -> Markup | None:
    low, high = (limit, 1.0) if bound == "at_least" else (0.0, limit)
    return charts.histogram(counts, low=low, high=high, limit=limit) if counts else None


def _titled(rule: Mapping[str, Any]) -> str:
    """As ``wording.rule_title``, with the titles joined as the reader's language does."""
    label = rule.get("label", "") if "all" in rule else ""
    return rule_label(label) or _titles([condition["signal"] for condition in conditions_of(rule)])


def _titles(signals: Sequence[str]) -> str:
    """``Links and Spam``"""
    return format_list([gettext(SIGNALS[name].title) for name in signals], locale=choice.current().formats)


def _number(given: str, default: float) -> float:
    """Within what a chart can show."""
    try:
        number = float(given)
    except ValueError:
        return default
    return min(max(number, 0.0), 1e9) if math.isfinite(number) else default


def _cause(rule: Mapping[str, Any]) -> str:
    return replay.cause_of_rule((condition["signal"] for condition in conditions_of(rule)), rule["action"])


def _title(cause: str) -> str:
    """Of a rule that only a section or an article has, or of a reason that is no rule."""
    action, _, signals = cause.partition(" ")
    if action in set(Action) and signals:
        return _titles(signals.split())
    return reason_title(cause)
