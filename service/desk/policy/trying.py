"""Tries an edit of the policy on the site's rule book before it is saved. Where a rule comes off worse, or the cases
cannot be scored now, a lead has to say that it shall be saved all the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moderation.ground.errors import ScoringUnavailable
from moderation.ground.values.signals import Signal
from moderation.insight.trials import policies as trials
from moderation.insight.trials.policies import Material
from moderation.insight.trials.values import APPROVED, REJECTED, RuleOutcome, Trial
from moderation.judging.policy import documents
from moderation.pipeline.drafts import cases
from moderation.sites.rows import PolicyRow
from service import cached
from service.context import gavel, utc_now
from service.languages.wording import N_, gettext

KEPT_S = 600.0
DEADLINE_S = 20.0
CALLER = "desk"
EXAMPLES = 5
UNTRIED = "(untried)"
OTHERS = {
    APPROVED: N_("Comments that people approved"),
    REJECTED: N_("Rejections to which no rule belongs"),
    UNTRIED: N_("The cases could not be tried: the scoring process does not answer"),
}


@dataclass(frozen=True, slots=True)
class Objection:
    """A rule on which the edit is worse, with some of the texts that it would get wrong."""

    key: str
    title: str
    outcome: RuleOutcome | None

    @property
    def examples(self) -> tuple[str, ...]:
        return tuple(text.text for text in self.outcome.wronged[:EXAMPLES]) if self.outcome is not None else ()


def objections(site_id: str, row: PolicyRow, document: Mapping[str, Any]) -> list[Objection]:
    """None of a site whose rule book has no rule that is ready. Raises InvalidInput if it is no valid policy."""
    material = trials.material(gavel().database, site_id, now=utc_now())
    if not material.book.ready:
        return []
    now, then = documents.parse(row.document, row.version), documents.parse(document, row.version + 1)
    try:
        signals = _signals(site_id, material)
    except ScoringUnavailable:
        untried = Objection(UNTRIED, gettext(OTHERS[UNTRIED]), None)
        return [untried, *_worse(material, trials.try_policy(material, {}, now, then))]
    return _worse(material, trials.try_policy(material, signals, now, then))


def word(objecting: Sequence[Objection]) -> str:
    """A lead's word is given for these objections and no others: their keys."""
    return " ".join(sorted(objection.key for objection in objecting))


def _signals(site_id: str, material: Material) -> Mapping[str, tuple[Signal, ...]]:
    """Of the cases, as scored in the last minutes."""
    texts = [(case.id, case.text, case.title) for case in material.cases]
    return cached.value(
        ("cases", site_id, material.book.digest),
        KEPT_S,
        lambda: cases.signals_of(
            gavel().database,
            site_id,
            texts,
            lambda asked: gavel().scoring.score(asked, deadline_s=DEADLINE_S, caller=CALLER).scored,
            now=utc_now(),
        ),
    )


def _worse(material: Material, trial: Trial) -> list[Objection]:
    names = {rule.key: rule.name for rule in material.book.rules}
    return [
        Objection(outcome.rule, names.get(outcome.rule) or gettext(OTHERS[outcome.rule]), outcome)
        for outcome in trial.worse
    ]
