"""``python -m training.limits DATA REPORT``: the limits that catch most and keep a wish.

The wish: of civil newspaper comments, of civil comments that mention a group, and of civil validation rows at most so
many are held. REPORT is the folder that ``evaluate`` wrote its scores into.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from moderation.signals.default_limits import DEFAULT_LIMITS
from moderation.text import groups
from training.dataset import LABELS, NEWS_FILE, VALID_FILE, Floats, Rows, read_rows
from training.diagram import trade_off_svg
from training.evaluate import NEWS, SOCIAL_AND_WIKI

CIVIL_TO, PLAIN_FROM = 0.2, 0.8
FEWEST_OF_GROUP = 30
"""Civil rows that mention a group, to say anything about it."""

GRID = np.round(np.arange(0.30, 0.991, 0.01), 2)
ROUNDS = 3
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Wish:
    """Shares of civil comments that may be held: of newspapers, of all validation rows, and of those in which any
    group is named."""

    news: float = 0.03
    validation: float = 0.035
    mentions: float = 0.03


@dataclass(frozen=True, slots=True)
class Sample:
    """All rows of both files. ``scores`` has the shape (rows, labels); the masks pick civil rows that a wish is about,
    and toxic ones to catch."""

    scores: Floats
    bounded: tuple[tuple[Mask, float], ...]
    caught: tuple[Mask, ...]

    def keeps(self, held: Mask) -> bool:
        return all(held[civil].mean() <= most for civil, most in self.bounded if civil.any())

    def worth(self, held: Mask) -> float:
        """The mean share of toxic rows caught, each file counting the same."""
        return float(np.mean([held[toxic].mean() for toxic in self.caught]))


def chosen(sample: Sample, start: Sequence[float]) -> list[float]:
    """The limits by label that catch most within the wish: each in turn, the others as they are, a few times over.

    The start is made stricter until it keeps the wish.
    """
    limits = list(start)
    while not sample.keeps(held_at(sample.scores, limits)):
        limits = [min(0.99, limit + 0.005) for limit in limits]
    for _ in range(ROUNDS):
        for place in range(len(limits)):
            tried = [[*limits[:place], float(value), *limits[place + 1 :]] for value in GRID]
            kept = [one for one in tried if sample.keeps(held_at(sample.scores, one))]
            limits = max([limits, *kept], key=lambda one: sample.worth(held_at(sample.scores, one)))
    return limits


def held_at(scores: Floats, limits: Sequence[float]) -> Mask:
    return np.asarray((scores >= np.asarray(limits, dtype=np.float32)).any(axis=1))


def mentions(texts: Sequence[str]) -> dict[str, Mask]:
    """Which of the texts name which group, in English."""
    words = groups.lexicon("en")
    found = [frozenset(groups.mentioned(text, words)) for text in texts]
    return {group: np.asarray([group in one for one in found]) for group in words}


def sample_of(files: dict[str, Rows], scores: dict[str, Floats], wish: Wish) -> tuple[Sample, dict[str, Mask]]:
    """The sample, and the civil rows of each group that is mentioned often enough."""
    toxicity = np.concatenate([files[name].labels[:, 0] for name in files])
    named = mentions([text for name in files for text in files[name].texts])
    is_news = np.concatenate([np.full(len(files[name]), name == NEWS) for name in files])
    civil, plain = toxicity <= CIVIL_TO + 1e-6, toxicity >= PLAIN_FROM - 1e-6
    by_group = {group: civil & mask for group, mask in named.items() if (civil & mask).sum() >= FEWEST_OF_GROUP}
    any_group = civil & np.any(list(named.values()), axis=0)
    bounded = ((civil & is_news, wish.news), (civil & ~is_news, wish.validation), (any_group & is_news, wish.mentions))
    caught = (plain & is_news, plain & ~is_news)
    return Sample(np.concatenate([scores[name] for name in files]), bounded, caught), by_group


def table(sample: Sample, by_group: dict[str, Mask], choices: dict[str, Sequence[float]]) -> str:
    """Markdown: one column a choice of limits."""
    held = {name: held_at(sample.scores, limits) for name, limits in choices.items()}
    lines = [f"| | {' | '.join(choices)} |", f"|---{'|---' * len(choices)}|"]
    rows = [(label, [f"{limits[i]:.2f}" for limits in choices.values()]) for i, label in enumerate(LABELS)]
    names = ("civil news held", "civil validation held", "civil news that mention a group held")
    shares = list(zip(names, (mask for mask, _ in sample.bounded), strict=True))
    shares += list(zip(("plainly toxic news caught", "plainly toxic validation caught"), sample.caught, strict=True))
    shares += [(f"civil, mention {group}, held", mask) for group, mask in by_group.items()]
    rows += [
        (f"{name} (of {mask.sum():,})", [f"{100 * one[mask].mean():.1f} %" for one in held.values()])
        for name, mask in shares
    ]
    return "\n".join([*lines, *(f"| {name} | {' | '.join(cells)} |" for name, cells in rows)])


def curve(sample: Sample, limits: Sequence[float]) -> list[tuple[float, float]]:
    """The shares held and caught by all limits together, moved by the same amount of log-odds."""
    points = []
    for shift in np.linspace(-2, 2, 41):
        odds = np.log(np.asarray(limits) / (1 - np.asarray(limits))) + shift
        held = held_at(sample.scores, list(1 / (1 + np.exp(-odds))))
        points.append((float(held[sample.bounded[0][0]].mean()), sample.worth(held)))
    return points


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("report", type=Path)
    for name in ("news", "validation", "mentions"):
        parser.add_argument(f"--{name}", type=float, default=getattr(Wish(), name), help="the share that may be held")
    given = parser.parse_args()
    files = {SOCIAL_AND_WIKI: read_rows(given.data / VALID_FILE), NEWS: read_rows(given.data / NEWS_FILE)}
    with np.load(given.report / "scores.npz") as kept:
        scores = {name: kept[name] for name in files}
    sample, by_group = sample_of(files, scores, Wish(given.news, given.validation, given.mentions))
    now = [DEFAULT_LIMITS[label] for label in LABELS]
    found = chosen(sample, now)
    print(table(sample, by_group, {"now": now, "by the wish": found}))
    drawn = trade_off_svg("Limits moved together", curve(sample, found), "civil news held", "plainly toxic caught")
    (given.report / "limits.svg").write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
