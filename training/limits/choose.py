"""``python -m training.limits.choose DATA MODELS OUT``: the default limits that catch most and let a newsroom publish.

It reads comments in a natural mix, and comments that a newspaper published after reading them. It counts what the whole
default policy holds of them: models, lists of words, capitals, spam and links together. Authors count as known, and
comments have no article. Where the crowd's votes and careful readings agree counts most. There are few toxic comments
in the mix, so those of other sources count, too.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from moderation.judging.signals.default_limits import DEFAULT_LIMITS
from training.limits.policy_rows import RULES, Mask, Read, Wish, kept, read_comments, save
from training.measuring.diagram import trade_off_svg
from training.rows.dataset import LABELS, Floats
from workers.scoring.engines.weights import MANIFEST
from workers.scoring.export.exporting import write_json

MOVED = ("toxicity", "threat", "insult", "identity_attack")
"""The limits that are chosen. Obscenity is a matter of taste, and severe toxicity has too few rows."""

GRIDS = {name: np.round(np.arange(0.30, 0.991, 0.01), 2) for name in MOVED}
STRICTEST = 0.99
ROUNDS, STARTS = 3, 40


@dataclass(frozen=True, slots=True)
class Budgets:
    """Which rows each budget is about, shape (budgets, texts), and the rows that may be held of each, (budgets,)."""

    rows: Floats
    most: Floats

    @classmethod
    def of(cls, read: Read, wish: Wish) -> Budgets:
        given = [(mask, share) for _, mask, share in read.budgets(wish)]
        most = [share * mask.sum() + 1e-6 for mask, share in given]
        return cls(np.asarray([mask for mask, _ in given], np.float32), np.asarray(most, np.float32))

    def kept_by(self, held: Mask) -> Mask:
        """Of several choices, shape (texts, choices), those that keep every budget."""
        return np.asarray((self.rows @ held.astype(np.float32) <= self.most[:, np.newaxis]).all(axis=0))


def chosen(read: Read, start: Mapping[str, float], wish: Wish, *, starts: int = STARTS) -> dict[str, float]:
    """The limits that catch most, found from several starts: a budget that one label uses up early is then missing for
    another.

    Raises ValueError if no limits keep the wish.
    """
    random, budgets = np.random.default_rng(0), Budgets.of(read, wish)
    drawn = [{**start, **{name: float(random.uniform(0.7, 0.99)) for name in MOVED}} for _ in range(starts - 1)]
    climbed = [_climbed(read, _kept_from(read, begin, budgets), budgets, random) for begin in (dict(start), *drawn)]
    return max(climbed, key=read.worth)


def _kept_from(read: Read, limits: dict[str, float], budgets: Budgets) -> dict[str, float]:
    """The limits, made stricter until they keep all budgets."""
    while not budgets.kept_by(read.held(limits)[:, np.newaxis]).all():
        if all(limits[name] >= STRICTEST for name in MOVED):
            raise ValueError("rules that are not chosen here hold more than the wish by themselves")
        limits = {**limits, **{name: min(STRICTEST, limits[name] + 0.01) for name in MOVED}}
    return limits


def _climbed(read: Read, limits: dict[str, float], budgets: Budgets, random: np.random.Generator) -> dict[str, float]:
    """Each limit in turn, the others as they are, a few times over."""
    limits = dict(limits)
    for _ in range(ROUNDS):
        for name in random.permutation(MOVED).tolist():
            tried = np.append(GRIDS[name], limits[name]).astype(np.float32)
            others = read.held({**limits, name: np.inf})
            held = others[:, np.newaxis] | (read.values[:, [RULES.index(name)]] >= tried)
            worth = np.where(budgets.kept_by(held), read.worths(held), -1)
            best = np.flatnonzero(worth >= worth.max() - 1e-9)
            limits[name] = float(tried[best].max())  # the strictest of equals
    return limits


def moved(manifest: Mapping[str, Any], limits: Mapping[str, float]) -> dict[str, Any]:
    """A manifest whose scores are shifted so that the default limits hold what the limits found hold. So sites keep
    theirs, and other languages theirs, when the weights change."""
    calibration = dict(manifest["calibration"])
    for name in MOVED:
        own = calibration[name]
        shift = own["shift"] + _odds(DEFAULT_LIMITS[name]) - _odds(limits[name])
        calibration[name] = {**own, "shift": shift}
    return {**manifest, "calibration": calibration}


def _odds(limit: float) -> float:
    return float(np.log(limit / (1 - limit)))


def interval(share: float, rows: int) -> str:
    """Wilson's, at 95 %."""
    if not rows:
        return "–"
    z = 1.96
    middle, width = (share + z * z / (2 * rows)), z * np.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    low, high = ((middle + sign * width) / (1 + z * z / rows) for sign in (-1, 1))
    return f"{100 * share:.1f} % [{100 * max(0, low):.1f}–{100 * high:.1f}]"


def table(read: Read, choices: Mapping[str, Mapping[str, float]], wish: Wish) -> str:
    """Markdown: one column a choice of limits."""
    lines = [f"| | {' | '.join(choices)} |", f"|---{'|---' * len(choices)}|"]
    lines += [f"| {name} | {' | '.join(f'{edges.get(name, 0):.2f}' for edges in choices.values())} |" for name in MOVED]
    held = [read.held(limits) for limits in choices.values()]
    shown = {name: mask for name, mask, _ in read.budgets(wish)} | read.parts
    for name, mask in shown.items():
        cells = [interval(float(column[mask].mean()), int(mask.sum())) for column in held]
        lines.append(f"| {name} (of {mask.sum():,}) | {' | '.join(cells)} |")
    return "\n".join(lines)


def costs(read: Read, limits: Mapping[str, float]) -> str:
    """Markdown: the share held by each rule, and by it alone."""
    fired, parts = read.fired(limits), read.parts
    alone = fired & (fired.sum(axis=1, keepdims=True) == 1)
    lines = [f"| rule | {' | '.join(f'{name}: held, by it alone' for name in parts)} |", f"|---{'|---' * len(parts)}|"]
    for column, name in enumerate(RULES):
        if fired[:, column].any():
            cells = [
                f"{100 * fired[m, column].mean():.2f}, {100 * alone[m, column].mean():.2f} %" for m in parts.values()
            ]
            lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def curve(read: Read, limits: Mapping[str, float]) -> list[tuple[float, float]]:
    """The shares of published comments held and of toxic ones in the mix caught, as all labels' limits move."""
    points, parts = [], read.parts
    for shift in np.linspace(-2, 2, 41):
        moved = {name: _moved(limits[name], shift) for name in LABELS}
        held = read.held({**limits, **moved})
        points.append((float(held[parts["published"]].mean()), float(held[parts["toxic in the natural mix"]].mean())))
    return points


def _moved(limit: float, shift: float) -> float:
    return float(1 / (1 + np.exp(-(_odds(limit) + shift))))


def main(arguments: list[str] | None = None) -> None:
    """Command line: print the tables, and write scores and curve into a folder. Scores there are used again."""
    parser = argparse.ArgumentParser(prog="python -m training.limits.choose", description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("models", type=Path)
    parser.add_argument("out", type=Path)
    for name in ("published", "civil", "crowd", "group"):
        parser.add_argument(f"--{name}", type=float, default=getattr(Wish(), name), help="the share that may be held")
    parser.add_argument("--write", action="store_true", help="shift the scores so that the default limits do the same")
    given = parser.parse_args(arguments)
    wish = Wish(given.published, given.civil, given.crowd, given.group)
    given.out.mkdir(parents=True, exist_ok=True)
    scores = given.out / "policy.npz"
    if not scores.exists():
        save(read_comments(given.data, given.models), scores)
    read, now = kept(scores), dict(DEFAULT_LIMITS)
    limits = chosen(read, now, wish)
    print(table(read, {"now": now, "by the wish": limits}, wish), costs(read, limits), sep="\n\n")
    print(json.dumps({name: round(limits[name], 3) for name in MOVED}))
    if given.write:
        manifest = given.models / "toxicity" / MANIFEST
        write_json(manifest, moved(json.loads(manifest.read_text(encoding="utf-8")), limits))
    drawn = trade_off_svg("The labels' limits moved together", curve(read, limits), "published, held", "toxic, caught")
    (given.out / "limits.svg").write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
