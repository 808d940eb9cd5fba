"""Counts the verdicts of a policy in the shadow beside what people did. Nothing is decided here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from moderation.ground.estimates import Share, counted_share, weighted_share
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.insight.learning.shadows.rows import VerdictBeside

MOST_COMMENTS = 5_000  # the newest, however long it has been running
MOST_LINES = 20  # of a table


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Verdicts on comments that people decided, too."""

    caught: int  # held or rejected, and people rejected them
    wrongly_held: int  # held or rejected, and people published them
    wrongly_published: int  # published, and people rejected them
    rightly_published: int
    wrongly_rejected: int  # rejected by rule, and people published them; these are among the wrongly held

    @property
    def judged(self) -> int:
        return self.caught + self.wrongly_held + self.wrongly_published + self.rightly_published

    @property
    def held_wrongly(self) -> Share | None:
        """Of what it held and people decided, the share that they published."""
        return counted_share(self.wrongly_held, self.wrongly_held + self.caught)

    @property
    def published_wrongly(self) -> Share | None:
        """Of what it published and people decided, the share that they rejected."""
        return counted_share(self.wrongly_published, self.wrongly_published + self.rightly_published)


def count(verdicts: Sequence[VerdictBeside]) -> dict[str, Any]:
    """All figures of the page, as JSON."""
    return {
        "comments": _total(verdicts),
        "differs": _total([verdict for verdict in verdicts if verdict.action is not verdict.policy_action]),
        "second_looks": _total([verdict for verdict in verdicts if verdict.is_second_look]),
        "shadow": {**_outcomes(verdicts, _of_shadow), **_estimate(verdicts, _of_shadow)},
        "policy": {**_outcomes(verdicts, _of_policy), **_estimate(verdicts, _of_policy)},
        "by_section": _table(verdicts, lambda verdict: verdict.section),
        "by_language": _table(verdicts, lambda verdict: verdict.language),
        "by_reason": _table([verdict for verdict in verdicts if verdict.reason], lambda verdict: verdict.reason),
    }


def _of_shadow(verdict: VerdictBeside) -> Action:
    return verdict.action


def _of_policy(verdict: VerdictBeside) -> Action:
    return verdict.policy_action


def _total(verdicts: Iterable[VerdictBeside]) -> int:
    return sum(verdict.count for verdict in verdicts)


def _outcomes(verdicts: Iterable[VerdictBeside], whose: Callable[[VerdictBeside], Action]) -> dict[str, Any]:
    taken: Counter[Action] = Counter()
    seen: Counter[tuple[Action, CommentStatus | None]] = Counter()
    for verdict in verdicts:
        taken[whose(verdict)] += verdict.count
        seen[whose(verdict), verdict.outcome] += verdict.count
    held = (Action.FLAG, Action.REJECT)
    outcomes = Outcomes(
        caught=sum(seen[action, CommentStatus.REJECTED] for action in held),
        wrongly_held=sum(seen[action, CommentStatus.PUBLISHED] for action in held),
        wrongly_published=seen[Action.PUBLISH, CommentStatus.REJECTED],
        rightly_published=seen[Action.PUBLISH, CommentStatus.PUBLISHED],
        wrongly_rejected=seen[Action.REJECT, CommentStatus.PUBLISHED],
    )
    return {"actions": {action.value: taken[action] for action in Action}, **_shown(outcomes)}


def _estimate(verdicts: Sequence[VerdictBeside], whose: Callable[[VerdictBeside], Action]) -> dict[str, Any]:
    """Of all that it publishes, judged or not, the share that people would reject. None until some of what the policy
    published were checked at random."""
    if not any(verdict.policy_action is Action.PUBLISH and verdict.weight is not None for verdict in verdicts):
        return {"estimated": None}
    known = [
        (verdict, verdict.weight)
        for verdict in verdicts
        if verdict.weight is not None and whose(verdict) is Action.PUBLISH
    ]
    share = weighted_share(
        (weight, verdict.outcome is CommentStatus.REJECTED)
        for verdict, weight in known
        for _each in range(verdict.count)
    )
    return {"estimated": None if share is None else asdict(share)}


def _shown(outcomes: Outcomes) -> dict[str, Any]:
    shares = {"held_wrongly": outcomes.held_wrongly, "published_wrongly": outcomes.published_wrongly}
    return {**asdict(outcomes), **{name: share and asdict(share) for name, share in shares.items()}}


def _table(verdicts: Iterable[VerdictBeside], key: Callable[[VerdictBeside], str | None]) -> list[dict[str, Any]]:
    """The names with the most comments first, each with the shadow's outcomes and the policy's."""
    groups: dict[str | None, list[VerdictBeside]] = defaultdict(list)
    for verdict in verdicts:
        groups[key(verdict)].append(verdict)
    largest = sorted(groups.items(), key=lambda item: (-_total(item[1]), item[0] or ""))[:MOST_LINES]
    return [
        {
            "name": name,
            "comments": _total(group),
            "shadow": _outcomes(group, _of_shadow),
            "policy": _outcomes(group, _of_policy),
        }
        for name, group in largest
    ]
