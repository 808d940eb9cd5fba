"""Mutants of a policy: edits that an editor could save, from a label in other words to a rule that is gone."""

from __future__ import annotations

import copy
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

from moderation.ground.errors import InvalidInput
from moderation.ground.values.policies import Policy
from moderation.judging.policy import documents

Form = dict[str, Any]
STEPS = (0.05, 0.2, 0.6, 1.5)  # spreads of log-odds by which a limit moves
MOST_ADDED = 4  # words, and steps of a count


@dataclass(frozen=True, slots=True)
class PolicyMutant:
    kind: str
    policy: Policy


@dataclass(frozen=True, slots=True)
class Editor:
    """Edits documents in place, by chance. ``words`` are those that comments use, the most frequent first."""

    rng: random.Random
    words: Sequence[str]

    def move_limit(self, form: Form) -> None:
        self._move(self.rng.choice(_of_scores(form)), self.rng.gauss(0, self.rng.choice(STEPS)))

    def move_all_limits(self, form: Form) -> None:
        """In one direction, as an editor does who wants a stricter or a milder site."""
        step = self.rng.gauss(0, self.rng.choice(STEPS))
        for rule in _of_scores(form):
            self._move(rule, step)

    def move_some_limits(self, form: Form) -> None:
        """Up or down, as a new choice of limits does."""
        for rule in self.rng.sample(_of_scores(form), 3):
            self._move(rule, self.rng.gauss(0, self.rng.choice(STEPS)))

    def move_count(self, form: Form) -> None:
        rule = self.rng.choice([rule for rule in _singles(form) if rule.get("at_least", 0) >= 1])
        rule["at_least"] = max(1, rule["at_least"] + self.rng.choice((-1, 1)) * self.rng.randint(1, MOST_ADDED))

    def drop_rule(self, form: Form) -> None:
        form["rules"].remove(self.rng.choice(form["rules"]))

    def change_action(self, form: Form) -> None:
        self.rng.choice(form["rules"])["action"] = self.rng.choice(("reject", "publish"))

    def ban_words(self, form: Form) -> None:
        form["banned_words"] += self._words(self.rng.randint(1, MOST_ADDED))

    def suspect_words(self, form: Form) -> None:
        form["suspect_words"] += self._words(10 * self.rng.randint(1, MOST_ADDED))

    def drop_shipped_words(self, form: Form) -> None:
        form["shipped_words"] = False

    def hold_all(self, form: Form) -> None:
        form["default"] = "flag"

    def join_rules(self, form: Form) -> None:
        """Two rules that fired alone fire only together."""
        first, second = self.rng.sample(list(_singles(form)), 2)
        form["rules"] = [rule for rule in form["rules"] if rule not in (first, second)]
        form["rules"].append({"all": [_condition(first), _condition(second)], "action": "flag"})

    def add_joined_rule(self, form: Form) -> None:
        """Two conditions that are nearly met hold a comment together."""
        rules = self.rng.sample(_of_scores(form), 2)
        pair = [
            {**_condition(rule), "at_least": round(rule["at_least"] * self.rng.uniform(0.2, 1), 3)} for rule in rules
        ]
        form["rules"].append({"all": pair, "action": "flag"})

    def rename(self, form: Form) -> None:
        self.rng.choice(form["rules"])["label"] = "In other words"

    def order(self, form: Form) -> None:
        self.rng.shuffle(form["rules"])

    def block_domains(self, form: Form) -> None:
        form["blocked_domains"] = [self.rng.choice(("youtube.com", "wikipedia.org", "example.org", "bbc.co.uk"))]

    def override_section(self, form: Form) -> None:
        """For a section in which none of the decided comments is."""
        form["sections"] = {"chess": {"rules": [], "without": [self.rng.choice(list(_singles(form)))["signal"]]}}

    def _move(self, rule: Form, step: float) -> None:
        odds = math.log(rule["at_least"] / (1 - rule["at_least"])) + step
        rule["at_least"] = round(min(0.999, max(0.001, 1 / (1 + math.exp(-odds)))), 3)

    def _words(self, count: int) -> list[str]:
        """Frequent and rare ones alike: the logarithm of the rank is even."""
        ranks = (int(len(self.words) ** self.rng.random()) - 1 for _ in range(count))
        return list({self.words[rank] for rank in ranks})


KINDS: Mapping[str, tuple[int, Callable[[Editor, Form], None]]] = {
    "a limit moved": (10, Editor.move_limit),
    "some limits moved": (6, Editor.move_some_limits),
    "all limits moved": (6, Editor.move_all_limits),
    "a limit of a count moved": (1, Editor.move_count),
    "a rule dropped": (4, Editor.drop_rule),
    "an action changed": (1, Editor.change_action),
    "words banned": (3, Editor.ban_words),
    "words suspected": (1, Editor.suspect_words),
    "shipped words dropped": (1, Editor.drop_shipped_words),
    "all held": (1, Editor.hold_all),
    "rules joined": (1, Editor.join_rules),
    "a joined rule added": (2, Editor.add_joined_rule),
    "a label renamed": (1, Editor.rename),
    "rules ordered": (1, Editor.order),
    "domains blocked": (1, Editor.block_domains),
    "a section's rule dropped": (1, Editor.override_section),
}
"""How many of 40 mutants are of the kind, and its edit."""


def mutants(document: Mapping[str, Any], editor: Editor, count: int) -> list[PolicyMutant]:
    deck = [kind for kind, (share, _) in KINDS.items() for _ in range(share)]
    editor.rng.shuffle(deck)
    return [_mutant(document, editor, kind) for kind in islice(cycle(deck), count)]


def _mutant(document: Mapping[str, Any], editor: Editor, kind: str) -> PolicyMutant:
    """Edits that no policy takes are drawn again."""
    while True:
        form = copy.deepcopy(dict(document))
        KINDS[kind][1](editor, form)
        with suppress(InvalidInput):
            return PolicyMutant(kind, documents.parse(form, document["version"] + 1))


def _singles(form: Form) -> Iterator[Form]:
    return (rule for rule in form["rules"] if "signal" in rule)


def _of_scores(form: Form) -> list[Form]:
    """The rules that compare a score of a text with a limit, which most edits are about."""
    return [rule for rule in _singles(form) if 0 < rule.get("at_least", 0) < 1]


def _condition(rule: Form) -> Form:
    return {name: value for name, value in rule.items() if name in ("signal", "at_least", "below")}
