"""What a policy in the shadow would have done beside what people did. Counting only: nothing is decided here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from moderation.learning.intervals import Share, wilson
from moderation.model import Action, CommentStatus
from moderation.store.shadows import Beside

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
        return wilson(self.wrongly_held, self.wrongly_held + self.caught)

    @property
    def published_wrongly(self) -> Share | None:
        """Of what it published and people decided, the share that they rejected."""
        return wilson(self.wrongly_published, self.wrongly_published + self.rightly_published)


def count(found: Sequence[Beside]) -> dict[str, Any]:
    """All figures of the page, as JSON."""
    return {
        "comments": len(found),
        "differs": sum(one.action is not one.policy_action for one in found),
        "second_looks": sum(one.is_second_look for one in found),
        "shadow": {"actions": _actions(one.action for one in found), **_shown(_shadow(found))},
        "policy": {"actions": _actions(one.policy_action for one in found), **_shown(_policy(found))},
        "by_section": _table(found, lambda one: one.section),
        "by_language": _table(found, lambda one: one.language),
        "by_reason": _table([one for one in found if one.reason], lambda one: one.reason),
    }


def _shadow(found: Iterable[Beside]) -> Outcomes:
    return _outcomes((one.action, one.outcome) for one in found)


def _policy(found: Iterable[Beside]) -> Outcomes:
    return _outcomes((one.policy_action, one.outcome) for one in found)


def _outcomes(pairs: Iterable[tuple[Action, CommentStatus | None]]) -> Outcomes:
    seen = Counter(pair for pair in pairs if pair[1] is not None)
    held = (Action.FLAG, Action.REJECT)
    return Outcomes(
        caught=sum(seen[action, CommentStatus.REJECTED] for action in held),
        wrongly_held=sum(seen[action, CommentStatus.PUBLISHED] for action in held),
        wrongly_published=seen[Action.PUBLISH, CommentStatus.REJECTED],
        rightly_published=seen[Action.PUBLISH, CommentStatus.PUBLISHED],
        wrongly_rejected=seen[Action.REJECT, CommentStatus.PUBLISHED],
    )


def _actions(taken: Iterable[Action]) -> dict[str, int]:
    seen = Counter(taken)
    return {action.value: seen[action] for action in Action}


def _shown(outcomes: Outcomes) -> dict[str, Any]:
    shares = {"held_wrongly": outcomes.held_wrongly, "published_wrongly": outcomes.published_wrongly}
    return {**asdict(outcomes), **{name: share and asdict(share) for name, share in shares.items()}}


def _table(found: Iterable[Beside], key: Callable[[Beside], str | None]) -> list[dict[str, Any]]:
    """The names with the most comments first, each with the shadow's outcomes and the policy's."""
    groups: dict[str | None, list[Beside]] = defaultdict(list)
    for one in found:
        groups[key(one)].append(one)
    largest = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0] or ""))[:MOST_LINES]
    return [
        {"name": name, "comments": len(group), "shadow": _shown(_shadow(group)), "policy": _shown(_policy(group))}
        for name, group in largest
    ]
