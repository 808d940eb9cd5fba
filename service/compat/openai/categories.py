"""OpenAI's categories, each with the signals that answer for it. A category without a model never looks like one that
was judged: its input types are empty, and a header names it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from moderation.ground.values.policies import Policy
from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import ReasonCode
from moderation.judging.signals.default_limits import DEFAULT_LIMITS
from moderation.pipeline.drafts.drafts import Checked


@dataclass(frozen=True, slots=True)
class Category:
    """The score is the highest of ``highest_of``, and no higher than the signal ``together_with``."""

    name: str
    highest_of: tuple[str, ...] = ()  # empty: no model answers for it
    together_with: str | None = None
    in_text_models: bool = True  # False: only the omni family has it

    @property
    def signals(self) -> tuple[str, ...]:
        return (*self.highest_of, self.together_with) if self.together_with else self.highest_of


CATEGORIES: tuple[Category, ...] = (
    Category("harassment", ("toxicity", "insult")),
    Category("harassment/threatening", ("toxicity", "insult"), together_with="threat"),
    Category("sexual", ("sexual_explicit",)),
    Category("hate", ("identity_attack",)),
    Category("hate/threatening", ("identity_attack",), together_with="threat"),
    Category("illicit", in_text_models=False),
    Category("illicit/violent", in_text_models=False),
    Category("self-harm/intent"),
    Category("self-harm/instructions"),
    Category("self-harm"),
    Category("sexual/minors"),
    Category("violence", ("threat",)),
    Category("violence/graphic"),
)


@dataclass(frozen=True, slots=True)
class JudgedCategory:
    """One category of one text. ``score`` is None if no model answers for it."""

    category: Category
    score: float | None
    is_true: bool


def limits_of(policy: Policy) -> dict[str, float]:
    """The lowest score of each signal that the site's policy acts on, or else the limit of a new site."""
    limits: dict[str, float] = {}
    for rule in policy.rules:
        if len(rule.conditions) == 1 and rule.action is not Action.PUBLISH and rule.conditions[0].bound == "at_least":
            (only,) = rule.conditions
            limits[only.signal] = min(only.limit, limits.get(only.signal, only.limit))
    return {**DEFAULT_LIMITS, **limits}


def judge(checked: Checked, limits: Mapping[str, float], *, omni: bool) -> list[JudgedCategory]:
    """Every category of the model's family, in OpenAI's order."""
    return [_judged(category, checked, limits) for category in CATEGORIES if omni or category.in_text_models]


def unjudged(checked: Checked) -> str | None:
    """The reason why no model could read the text, or why a person reads it first in a mode for breaking news; else
    None."""
    for reason in checked.verdict.reasons:
        if reason.code is ReasonCode.MODE:
            return reason.detail
    if checked.value("toxicity") is not None:
        return None
    return checked.abstained("toxicity") or "took too long to read"


def without_model(judged: Iterable[JudgedCategory]) -> list[str]:
    return [judgement.category.name for judgement in judged if judgement.score is None]


def _judged(category: Category, checked: Checked, limits: Mapping[str, float]) -> JudgedCategory:
    values = {name: checked.value(name) for name in category.signals}
    known = {name: value for name, value in values.items() if value is not None}
    if not values or len(known) < len(values):
        return JudgedCategory(category, None, is_true=False)
    score = max(known[name] for name in category.highest_of)
    is_true = any(known[name] >= limits[name] for name in category.highest_of)
    if beside := category.together_with:
        score, is_true = min(score, known[beside]), is_true and known[beside] >= limits[beside]
    return JudgedCategory(category, score, is_true)
