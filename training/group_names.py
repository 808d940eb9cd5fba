"""``python -m training.group_names DATA FOLDER``: how much less names of groups must count, for the default limits to
hold few civil comments that name one.

It reads validation rows only. Groups whose civil rows are seldom held are left alone, because hatred against them would
be missed for nothing, and so are all if few civil rows are held altogether.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moderation.text import groups
from moderation.text.reading import Reading
from training.dataset import VALID_FILE, Floats, Rows, read_rows
from training.policy_rows import CIVIL_TO, PLAIN_FROM, Mask, mentions
from training.rationale_words import open_engine
from workers.scoring.encoder.group_names import MIN_VALUE, GroupNames
from workers.scoring.encoder.scored import Scored
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.onnx import logit
from workers.scoring.engines.weights import GROUP_NAMES, MANIFEST, Weights
from workers.scoring.export.exporting import write_json

WISH = 0.03
"""The share of civil rows that name a group which may be held."""

FEWEST = 15
"""Civil rows that name a group, to say anything about it."""

SHARES = (0.0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.75, 1.0)
MOST = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Windows:
    """All windows of some texts. ``text`` has the position of each window's text, shape (windows,); ``odds`` its
    log-odds and ``amounts`` what the names of groups add to them, shape (windows, signals) each."""

    texts: int
    text: NDArray[np.int64]
    odds: Floats
    amounts: Floats

    def held(self, limits: Floats, share: float, most: float) -> Mask:
        """Which texts are held at these limits, shape (signals,), if names count less: shape (texts,)."""
        is_high = self.odds.max(axis=1, keepdims=True) >= logit(np.asarray([MIN_VALUE]))
        odds = self.odds - is_high * np.minimum(most, share * self.amounts)
        held = np.zeros(self.texts, dtype=np.bool_)
        held[self.text[(odds >= logit(limits)).any(axis=1)]] = True
        return held


def without_rule(weights: Weights) -> Weights:
    """The same weights, with every name counted in full."""
    manifest = {key: value for key, value in weights.manifest.items() if key != GROUP_NAMES}
    return replace(weights, manifest=manifest)


def scored(toxicity: Toxicity, texts: Sequence[str]) -> list[Scored]:
    """Raises ValueError if the weights give no amounts of tokens."""
    found = [one for at in range(0, len(texts), AT_ONCE) for one in toxicity.scored(texts[at : at + AT_ONCE])]
    if any(tokens.carried is None for one in found for tokens in one.tokens):
        raise ValueError("the weights give no amounts of tokens: fit a head with training.rationale first")
    return found


def windows_of(texts: Sequence[Scored], words: Sequence[str]) -> Windows:
    """The windows of texts that were scored without a rule, and how much these words add to them."""
    rule = GroupNames(1.0, math.inf, tuple(words))
    amounts = [
        rule.named(rule.places_in(Reading(window.text)), carried).taken
        for one in texts
        for window, tokens in zip(one.windows, one.tokens, strict=True)
        if (carried := tokens.carried) is not None
    ]
    owner = np.repeat(np.arange(len(texts)), [len(one.windows) for one in texts])
    return Windows(len(texts), owner, logit(np.concatenate([one.rows for one in texts])), np.stack(amounts))


def held_too_often(held: Mask, civil: Mask, by_group: Mapping[str, Mask], wish: float) -> list[str]:
    """The groups of whose civil rows more than the wish are held, without those with few rows."""
    civil_of = {group: civil & mask for group, mask in by_group.items()}
    return [group for group, mask in civil_of.items() if mask.sum() >= FEWEST and held[mask].mean() > wish]


def chosen(windows: Windows, limits: Floats, civil: Mask, plain: Mask, wish: float) -> tuple[float, float] | None:
    """The share and the most that catch most plainly toxic rows, of those that keep the wish; the least of them, if
    several do. None if nothing keeps it."""
    tried = {pair: windows.held(limits, *pair) for pair in product(SHARES, MOST)}
    kept = [pair for pair, held in tried.items() if held[civil].mean() <= wish]
    return max(kept, key=lambda pair: float(tried[pair][plain].mean()), default=None)


def table(columns: Mapping[str, Mask], civil: Mask, plain: Mask, by_group: Mapping[str, Mask]) -> str:
    """Markdown: the civil rows held and the toxic ones caught, for each group with enough civil rows."""
    lines = [f"| rows that name | {' | '.join(f'civil held, {c} | toxic caught, {c}' for c in columns)} |"]
    lines.append(f"|---{'|---' * 2 * len(columns)}|")
    rows = {"any group": np.ones(len(civil), dtype=np.bool_)}
    rows |= {group: mask for group, mask in by_group.items() if (civil & mask).sum() >= FEWEST and (plain & mask).any()}
    for name, mask in rows.items():
        of = (civil & mask, plain & mask)
        cells = [f"{100 * held[one].mean():.1f} %" for held in columns.values() for one in of]
        lines.append(f"| {name} ({of[0].sum()} civil, {of[1].sum()} toxic) | {' | '.join(cells)} |")
    return "\n".join(lines)


def rows_that_name(data: Path) -> tuple[Rows, dict[str, Mask]]:
    """The civil and the plainly toxic validation rows that name a group, and which row names which."""
    rows = read_rows(data / VALID_FILE)
    told = (rows.labels[:, 0] <= CIVIL_TO + 1e-6) | (rows.labels[:, 0] >= PLAIN_FROM - 1e-6)
    by_group = mentions(rows.texts)
    kept = np.flatnonzero(told & np.any(list(by_group.values()), axis=0))
    return rows.pick(kept), {group: mask[kept] for group, mask in by_group.items()}


def fitted(weights: Weights, data: Path, wish: float) -> dict[str, Any] | None:
    """The rule for a manifest, with a table of its effect printed. None if none is needed, or none keeps the wish."""
    toxicity = Toxicity(open_engine(weights), without_rule(weights))
    limits = np.asarray(
        [weights.manifest["default_limits"].get(name, 1.0) for name in toxicity.signals], dtype=np.float32
    )
    rows, by_group = rows_that_name(data)
    civil, plain = rows.labels[:, 0] <= CIVIL_TO + 1e-6, rows.labels[:, 0] >= PLAIN_FROM - 1e-6
    read, lexicon = scored(toxicity, rows.texts), groups.lexicon(weights.languages[0])
    before = windows_of(read, ()).held(limits, 0.0, 0.0)
    named = held_too_often(before, civil, by_group, wish) if before[civil].mean() > wish else []
    windows = windows_of(read, [word for group in named for word in lexicon[group]])
    found = chosen(windows, limits, civil, plain, wish) if named else None
    if found is None:
        print(table({"now": before}, civil, plain, by_group))
        print("no group is held too often" if not named else "no rule keeps the wish")
        return None
    share, most = found
    print(table({"now": before, "by the rule": windows.held(limits, share, most)}, civil, plain, by_group))
    rule = {"share": share, "most": most, "groups": named}
    print(json.dumps({GROUP_NAMES: rule}))
    return rule


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.group_names", description=__doc__)
    parser.add_argument("data", type=Path, metavar="DATA", help="folder with the labelled csv.gz files")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="weights with a head and their export")
    parser.add_argument("--wish", type=float, default=WISH, help="the share of civil rows that may be held")
    parser.add_argument("--write", action="store_true", help="write the rule into the manifest")
    given = parser.parse_args()
    weights = Weights.read(given.folder.name, given.folder)
    rule = fitted(weights, given.data, given.wish)
    if given.write and rule is not None:
        write_json(given.folder / MANIFEST, {**weights.manifest, GROUP_NAMES: rule})


if __name__ == "__main__":
    main()
