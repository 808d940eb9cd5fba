"""Measures each language on rows that no training saw, and says from that how far its scores are trusted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from moderation.judging.signals.language import LanguageStanding
from training.measuring.metrics import Auc, auc_with_interval
from training.multilingual.measuring.calibrate import Limits
from training.multilingual.measuring.scored import Scored
from training.rows.dataset import LABELS
from workers.scoring.engines.onnx import logit

MOST_HELD = 0.03
LEAST_AUC = 0.80
LEAST_CAUGHT = 0.40
FEWEST_CIVIL, FEWEST_TOXIC = 300, 100
"""A language decides within these; they were set before the measurement."""

FEWEST_OF_SOURCE, SOURCES = 100, 2
"""A language decides only where so many sources with so many civil rows agree that few of those are held."""

LEARNT = frozenset(
    {
        "beep",
        "cold",
        "curse_detection",
        "gahd",
        "germeval2018",
        "k_mhas",
        "mlma",
        "offendes",
        "offendes_10_annotators",
        "offenseval_tr",
        "olid_br",
        "poleval2019_task6",
        "ro_offense",
        "told_br",
        "vihos",
    }
)
"""Sources whose other rows the weights learnt from. One that decides needs another source beside them: Vietnamese held
2.9 % of the civil rows of the source that it had learnt from, and 12.9 % of another one's."""

FEWEST_TO_TELL = 30
"""Rows of either kind that a figure needs."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One language, or one of its sources. Shares are None where too few rows tell."""

    rows: int
    civil: int
    toxic: int
    auc: Auc
    held: float | None  # of civil rows, by the default policy
    caught: float | None  # of plainly toxic rows

    @property
    def decides(self) -> bool:
        enough = self.civil >= FEWEST_CIVIL and self.toxic >= FEWEST_TOXIC
        good = (self.auc.value or 0) >= LEAST_AUC and (self.caught or 0) >= LEAST_CAUGHT
        return enough and good and self.held is not None and self.held <= MOST_HELD


def measure(rows: Scored, limits: Limits) -> Measured:
    """Rows of one language, with calibrated logits, by the whole default policy."""
    edges = logit(np.asarray([limits[label] for label in LABELS], dtype=np.float32))
    held = np.asarray((rows.logits >= edges).any(axis=1) | rows.ruled)
    return Measured(
        len(rows.toxicity),
        int(rows.civil.sum()),
        int(rows.plain.sum()),
        auc_with_interval(rows.logits[:, 0], rows.toxicity),
        float(held[rows.civil].mean()) if rows.civil.sum() >= FEWEST_TO_TELL else None,
        float(held[rows.plain].mean()) if rows.plain.sum() >= FEWEST_TO_TELL else None,
    )


def sources_of(rows: Scored) -> list[tuple[str, str]]:
    """Language and source, in order."""
    return sorted(set(zip(rows.languages.tolist(), rows.sources.tolist(), strict=True)))


def standings(crossed: Scored, languages: Iterable[str], limits: Limits) -> dict[str, LanguageStanding]:
    """``languages`` are those with any rows to measure. One decides by its validation rows alone; the others
    advise."""
    return {
        code: LanguageStanding.DECIDES if decides(crossed.of(code), limits) else LanguageStanding.ADVISES
        for code in sorted(languages)
    }


def decides(rows: Scored, limits: Limits) -> bool:
    """Whether one language's validation rows, calibrated by others, are good enough: all together, and the civil ones
    of at least two sources, of which the weights did not learn from one."""
    if not len(rows.toxicity) or not measure(rows, limits).decides:
        return False
    by_source = {name: measure(rows.where(np.asarray(rows.sources == name)), limits) for name in set(rows.sources)}
    told = {name: measured for name, measured in by_source.items() if measured.civil >= FEWEST_OF_SOURCE}
    agree = all(measured.held is not None and measured.held <= MOST_HELD for measured in told.values())
    return agree and len(told) >= SOURCES and not LEARNT.issuperset(told)
