"""The comments that another policy would hold, found by deciding only on those whose verdict it can change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from moderation.ground.values.policies import Policy, Rule
from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Circumstances
from moderation.judging.policy import replay, trust, verdicts
from moderation.judging.policy.baseline import Baseline, finite_values
from moderation.judging.policy.replay import ReplayedComment
from moderation.judging.policy.verdicts import InForce
from moderation.judging.policy.wording import WORD_LISTS
from moderation.judging.signals.registry import SIGNALS
from moderation.judging.signals.spec import SignalSpec
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_budget import UNLIMITED

Shape = tuple[frozenset[str], Action]
"""All of a rule that fires on which the action of a verdict depends: its signals and its action."""


def held(beside: Baseline, then: Policy) -> frozenset[str]:
    """The ids of the comments that the policy ``then`` does not publish at once."""
    ids = set(beside.holding.ids)
    for comment in to_decide(beside, then):
        if verdicts.decide(comment.signals, then, comment.circumstances).action is Action.PUBLISH:
            ids.discard(comment.id)
        else:
            ids.add(comment.id)
    return frozenset(ids)


def to_decide(beside: Baseline, then: Policy) -> Iterator[ReplayedComment]:
    """The comments whose verdict can differ, with the signals as ``then`` measures them."""
    measured, changes = _measured_again(beside, then), _Changes(beside.policy, then)
    for place, comment in enumerate(beside.comments):
        if place in measured:
            yield measured[place]
        elif changes.at(comment.circumstances).can_alter(comment, beside.values[place]):
            yield comment


def _measured_again(beside: Baseline, then: Policy) -> dict[int, ReplayedComment]:
    """The comments in which a signal has another value since a list has changed, by their place."""
    places = {place for spec in SIGNALS.values() for place in _places_to_measure(spec, beside, then)}
    changed = {}
    for place in places:
        comment = beside.comments[place]
        reading = Reading(comment.text, UNLIMITED)  # a budget allowed to read it for the baseline
        signals = tuple(replay.measured_for(comment.signals, reading, then))
        again = replace(comment, signals=signals)
        if finite_values(again) != beside.values[place]:
            changed[place] = again
    return changed


def _places_to_measure(spec: SignalSpec, beside: Baseline, then: Policy) -> Iterable[int]:
    changed = [name for name in spec.lists if getattr(beside.policy, name) != getattr(then, name)]
    if not changed:
        return ()
    if not set(changed) <= set(WORD_LISTS):
        return beside.linking  # a list of domains: texts without links have none of them
    entries = {entry for name in changed for entry in set(getattr(beside.policy, name)) ^ set(getattr(then, name))}
    return beside.vocabulary.candidates(tuple(sorted(entries)))


@dataclass(frozen=True, slots=True)
class _Change:
    """The difference between two sets of rules in force. ``asked`` has the signals whose absence only one of the two
    sends to a person."""

    gone: tuple[tuple[Rule, Shape], ...]
    new: tuple[tuple[Rule, Shape], ...]
    asked: frozenset[str]
    is_whole: bool  # any verdict can differ

    def can_alter(self, comment: ReplayedComment, values: Mapping[str, float]) -> bool:
        if self.is_whole or _fired(self.gone, values) != _fired(self.new, values):
            return True
        return bool(self.asked) and not self.asked <= values.keys() | {
            s.name for s in comment.signals if s.abstained is not None
        }


class _Changes:
    """The changes for comments in each section and under each article that have limits of their own."""

    def __init__(self, before: Policy, then: Policy) -> None:
        self._before, self._then = before, then
        self._sections = before.sections.keys() | then.sections.keys()
        self._articles = before.articles.keys() | then.articles.keys()
        self._found: dict[tuple[str | None, str | None], _Change] = {}

    def at(self, circumstances: Circumstances) -> _Change:
        section = circumstances.section if circumstances.section in self._sections else None
        article = circumstances.article_id if circumstances.article_id in self._articles else None
        if (section, article) not in self._found:
            self._found[section, article] = self._between(circumstances)
        return self._found[section, article]

    def _between(self, circumstances: Circumstances) -> _Change:
        before, then = (verdicts.in_force(policy, circumstances) for policy in (self._before, self._then))
        return _Change(
            gone=_shaped(before.rules, set(then.rules)),
            new=_shaped(then.rules, set(before.rules)),
            asked=(before.required ^ then.required) | (_asked(before) ^ _asked(then)),
            is_whole=self._before.default is not self._then.default
            or trust.unruled(before.rules) != trust.unruled(then.rules),
        )


def _shaped(rules: Iterable[Rule], without: set[Rule]) -> tuple[tuple[Rule, Shape], ...]:
    return tuple((rule, (rule.signals, rule.action)) for rule in rules if rule not in without)


def _fired(rules: Iterable[tuple[Rule, Shape]], values: Mapping[str, float]) -> set[Shape]:
    return {shape for rule, shape in rules if rule.fires_on(values)}


def _asked(force: InForce) -> frozenset[str]:
    return force.required.union(*(rule.signals for rule in force.rules))
