"""Tries models on the cases of a site's rule book and on its people's last decisions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from moderation.ground.database.engine import Database
from moderation.ground.environment.own_time import own_time
from moderation.ground.values.policies import Policy
from moderation.insight.trials import policies as trials
from moderation.insight.trials.policies import Material, Signals
from moderation.insight.trials.values import APPROVED, REJECTED, Trial, compare
from moderation.judging.policy import documents
from moderation.judging.signals.model_signals import RELEVANCE
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_budget import BUDGET_S, Budget
from moderation.pipeline.drafts import cases
from moderation.pipeline.drafts.messages import ScoredText, Text
from moderation.sites import rows as sites
from workers.scoring.house.model import HouseModel
from workers.scoring.scorable import Scorable
from workers.scoring.scorer import Scorer
from workers.scoring.within_budget import signals_by_model

BATCH = 64
NO_RULES = {APPROVED: "comments that people approved", REJECTED: "rejections under no rule"}


@dataclass(frozen=True, slots=True)
class Models:
    """The models that all sites have, and the house model of this one."""

    scorer: Scorer
    house: HouseModel | None

    def score(self, texts: Sequence[Text]) -> list[ScoredText]:
        scored: list[ScoredText] = []
        for start in range(0, len(texts), BATCH):
            batch = texts[start : start + BATCH]
            signals = signals_by_model(self.scorer, {i: self._scorable(text) for i, text in enumerate(batch)})
            scored += [ScoredText(signals.get(i, ()), too_costly=i not in signals) for i in range(len(batch))]
        return scored

    def _scorable(self, text: Text) -> Scorable:
        reading = Reading(text.text, Budget(BUDGET_S, own_time))
        return Scorable(text=text.text, title=text.title, house=self.house, reading=reading)


def measured(
    db: Database, site_id: str, material: Material, models: Models, *, with_decided: bool, now: datetime
) -> Signals:
    """The signals of the cases; with other models also those of the decided comments, but for relevance, which needs
    their articles."""
    texts = [(case.id, case.text, case.title) for case in material.cases]
    signals = dict(cases.signals_of(db, site_id, texts, models.score, now=now))
    if with_decided:
        asked = [Text(comment.text, site_id) for comment in material.decided]
        for comment, scored in zip(material.decided, models.score(asked), strict=True):
            signals[comment.id] = tuple(signal for signal in scored.signals if signal.name != RELEVANCE.name)
    return signals


def tried(material: Material, before: Signals, after: Signals, policy: Policy, edited: Policy) -> Trial:
    was, becomes = (trials.answers(material.comments(s), p) for s, p in ((before, policy), (after, edited)))
    return compare(material.book, material.texts, was, becomes)


def objection(
    db: Database,
    site_id: str,
    loaded: Callable[[], Scorer],
    in_use: HouseModel | None,
    model: HouseModel,
    *,
    now: datetime,
) -> str | None:
    """Why the rule book speaks against the house model ``model``, or None. A site without a rule that is ready has
    nothing to say."""
    material = trials.material(db, site_id, now=now)
    if not material.book.ready:
        return None
    with db.read() as conn:
        row = sites.current_policy(conn, site_id)
    policy, scorer = documents.parse(row.document, row.version), loaded()
    before, after = (
        measured(db, site_id, material, Models(scorer, house), with_decided=True, now=now) for house in (in_use, model)
    )
    worse = tried(material, before, after, policy, policy).worse
    names = {rule.key: rule.name for rule in material.book.rules} | NO_RULES
    counts = (f"{names[o.rule]} ({o.right_after:,} of {o.texts:,} right, now {o.right_before:,})" for o in worse)
    return f"by the rule book it is worse on {', '.join(counts)}" if worse else None
