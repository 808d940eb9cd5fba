"""``python -m training.limits.prices OUT``: the comments that each default rule catches, and those that it costs.

OUT is the folder of ``training.limits.choose``, which keeps what the rules see of each comment there. A comment that
two rules hold is no rule's own: without either it would be held all the same.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from moderation.ground.values.policies import Condition, Rule
from moderation.judging.policy.default import default_policy
from training.limits.choose import interval
from training.limits.policy_rows import AGREED_CIVIL, AGREED_TOXIC, RULES, Mask, Read, kept

SHOWN = (AGREED_TOXIC, "toxic in the natural mix", AGREED_CIVIL, "civil in the natural mix", "published")
OF_AUTHOR = "author.published"


def held_by(read: Read) -> dict[str, Mask]:
    """The comments that each rule of the default policy holds, by its name; those for newcomers as if all were. Rules
    on signals that the rows lack are left out."""
    rules = {rule: [condition for condition in rule.conditions if condition.signal != OF_AUTHOR] for rule in _rules()}
    measured = {rule: left for rule, left in rules.items() if all(condition.signal in RULES for condition in left)}
    return {_name(rule): _held(read, left) for rule, left in measured.items()}


def own(held: Mapping[str, Mask], name: str) -> Mask:
    """Those that no other rule holds. Rules for newcomers are no others to the rest, which hold everybody's."""
    others = [mask for other, mask in held.items() if other != name and (name in RULES) <= (other in RULES)]
    return held[name] & ~sum(others, start=~held[name] & held[name])


def table(read: Read) -> str:
    """Markdown: how many comments of each kind a rule holds, and how many it holds alone. Rules that hold none of them
    share a line."""
    parts, held = read.parts, held_by(read)
    lines = [f"| rule | {' | '.join(f'{name}, of {parts[name].sum():,}' for name in SHOWN)} |"]
    lines.append(f"|---{'|---' * len(SHOWN)}|")
    idle = []
    for name, mask in held.items():
        if not any(mask[parts[part]].any() for part in SHOWN):
            idle.append(name)
            continue
        cells = [f"{(mask & parts[part]).sum()}, {(own(held, name) & parts[part]).sum()} alone" for part in SHOWN]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    lines.append(f"| {', '.join(idle)} |{' 0 |' * len(SHOWN)}")
    everybody = sum((mask for name, mask in held.items() if name in RULES), start=read.kind == "")
    cells = [interval(float(everybody[parts[part]].mean()), int(parts[part].sum())) for part in SHOWN]
    lines.append(f"| all, of an author with a record | {' | '.join(cells)} |")
    return "\n".join(lines)


def _rules() -> tuple[Rule, ...]:
    return default_policy().rules


def _name(rule: Rule) -> str:
    (first, *others) = rule.conditions
    return rule.label if others else first.signal


def _held(read: Read, conditions: list[Condition]) -> Mask:
    held: Mask = np.ones(len(read.kind), dtype=np.bool_)
    for condition in conditions:
        held &= read.values[:, RULES.index(condition.signal)] >= condition.limit
    return held


def main(arguments: list[str] | None = None) -> None:
    """Command line: print the table."""
    parser = argparse.ArgumentParser(prog="python -m training.limits.prices", description=__doc__)
    parser.add_argument("out", type=Path)
    print(table(kept(parser.parse_args(arguments).out / "policy.npz")))


if __name__ == "__main__":
    main()
