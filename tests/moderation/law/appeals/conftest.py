"""A newsroom with people, and comments that the policy or a person rejected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from moderation.ground.database.engine import Database
from moderation.ground.values.comments import Comment
from moderation.ground.values.signals import Signal
from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Reason, ReasonCode, Verdict
from moderation.judging.signals.scoring import Scoring
from moderation.law.appeals import making
from moderation.law.appeals.values import AppealSource, CommentAppeal
from moderation.moderators.review import reviewing
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.pipeline.loading import rows as loading
from moderation.pipeline.settling.judgements import settle
from moderation.sites import rows as sites
from moderation.sites.people import moderators
from moderation.sites.people.roles import Role
from moderation.sites.rows import Moderator
from moderation.spine.comments import rows as comments
from moderation.spine.comments.moves import Judgement
from tests.builders import NOON, OPERATOR
from tests.moderation.conftest import Newsroom

WORDS = "I quoted the minister. The words are hers."


@dataclass
class Court:
    """The newsroom with its people by name."""

    newsroom: Newsroom
    people: dict[str, str] = field(default_factory=dict)
    number: int = 0

    @property
    def database(self) -> Database:
        return self.newsroom.database

    @property
    def site_id(self) -> str:
        return self.newsroom.site.id

    def hire(self, **roles: Role) -> None:
        for name, role in roles.items():
            self.people[name] = moderators.create_moderator(
                self.database,
                email=f"{name}@example.org",
                name=name,
                password_hash="x",
                roles={self.site_id: role},
                by=OPERATOR,
                now=NOON,
            )

    def person(self, name: str) -> Moderator:
        with self.database.read() as conn:
            found = sites.find_moderator(conn, id=self.people[name])
        assert found is not None
        return found

    def comment(self, external_id: str) -> Comment:
        with self.database.read() as conn:
            return comments.get_comment(conn, self.site_id, external_id)

    def settled(self, action: Action, *, now: datetime = NOON, **said: Any) -> str:
        """A comment that the policy decided by its toxicity; returns the decision."""
        self.number += 1
        external_id = said.pop("id", f"c-{self.number}")
        self.newsroom.post(id=external_id, now=now, **said)
        with self.database.read() as conn:
            comment = comments.get_comment(conn, self.site_id, external_id)
            (scored,) = loading.load_waiting(conn, [comment.id])
        found = Scoring((Signal("toxicity", 0.9, "test"),), {"toxicity": "t@1"}, "en", 0.1)
        reason = Reason(ReasonCode.RULE, action, signal="toxicity", value=0.9, limit=0.8, bound="at_least", label="Tox")
        (made,) = settle(self.database, [Judgement(scored, found, Verdict(action, (reason,)))], now=now)
        return made.id

    def rejected_by(self, name: str, *, now: datetime = NOON, **said: Any) -> str:
        """A comment that this person rejected; returns the decision."""
        self.settled(Action.FLAG, now=now, **said)
        comment = self.comment(said.get("id", f"c-{self.number}"))
        choice = ModeratorChoice(Choice.REJECT, comment.version, "Insult or abuse")
        return reviewing.decide(self.database, self.person(name), comment.id, choice, now=now, hold_s=0).id

    def appeal(self, decision_id: str, text: str = WORDS, *, now: datetime = NOON, **said: Any) -> CommentAppeal:
        fields: Mapping[str, Any] = {"source": AppealSource.PAGE, **said}
        return making.appeal(self.database, self.site_id, decision_id, text, now=now, **fields)


Rejected = Callable[..., str]


@pytest.fixture
def court(newsroom: Newsroom) -> Court:
    found = Court(newsroom)
    found.hire(ana=Role.MODERATOR, ben=Role.LEAD)
    return found
