"""Two newsrooms and their people: Ana moderates the Herald, Ben leads both, Carla moderates the Courier.

Dora is the admin of both, for what only admins do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.comments import Comment, Lane
from moderation.ground.values.signals import Signal, Span
from moderation.judging.policy import documents, verdicts
from moderation.judging.policy.default import default_policy
from moderation.judging.signals.scoring import Scoring
from moderation.pipeline.arriving import intake
from moderation.pipeline.arriving.submission import Submission
from moderation.pipeline.loading import looking_up
from moderation.pipeline.loading import rows as loading
from moderation.pipeline.settling.judgements import settle
from moderation.sites import rows as site_store
from moderation.sites.people import moderators
from moderation.sites.people.roles import Role
from moderation.sites.rows import Moderator, PolicyRow, Site
from moderation.sites.settings.values import SiteSettings
from moderation.spine.comments.moves import Judgement
from service.passwords import hash_password
from tests.builders import OPERATOR

PASSWORD = "a long enough passphrase"
MODELS = {"toxicity": "minilm-l6@test", "relevance": "minilm@test"}


@cache
def password_hash() -> str:
    """Argon2 is slow on purpose; once is enough."""
    return hash_password(PASSWORD)


def newsroom_policy() -> dict[str, Any]:
    """The default rules with limits of the cast's own, so that better weights do not move what the tests see."""
    document = documents.dump(default_policy())
    limits = {"toxicity": 0.8, "insult": 0.75, "threat": 0.5, "identity_attack": 0.6}
    rules = [
        {**rule, "at_least": limits[rule["signal"]]} if rule.get("signal") in limits else rule
        for rule in document["rules"]
        if "all" not in rule  # as it was before newcomers had rules
    ]
    return {**document, "rules": rules}


@dataclass
class Cast:
    database: Database
    queues: Queues
    now: datetime
    herald: Site = field(init=False)
    courier: Site = field(init=False)
    ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.herald, self.courier = self._site("The Herald"), self._site("The Courier")
        everywhere = {self.herald.id: Role.LEAD, self.courier.id: Role.LEAD}
        self._moderator("Ana", {self.herald.id: Role.MODERATOR})
        self._moderator("Ben", everywhere)
        self._moderator("Dora", dict.fromkeys(everywhere, Role.ADMIN))
        self._moderator("Carla", {self.courier.id: Role.MODERATOR})

    def moderator(self, name: str) -> Moderator:
        with self.database.read() as conn:
            found = site_store.find_moderator(conn, id=self.ids[name])
        assert found is not None
        return found

    def flagged(self, text: str = "You are a fool, all of you.", *, site: Site | None = None, **said: Any) -> Comment:
        """A comment that was scored and flagged. ``scores`` are signal values, ``evidence`` words of the text."""
        scores = {"toxicity": 0.93, "insult": 0.88, **said.pop("scores", {})}
        return self.settled(text, site=site, scores=scores, **said)

    def published(self, text: str = "The port needs a second crane.", **said: Any) -> Comment:
        return self.settled(text, **said)

    def settled(
        self,
        text: str,
        *,
        site: Site | None = None,
        scores: dict[str, float | None] | None = None,
        evidence: tuple[str, ...] = (),
        now: datetime | None = None,
        found_in: str | None = None,
        **said: Any,
    ) -> Comment:
        """``found_in`` is the language that the scoring found, unless the one that the site declares."""
        comment = self.waiting(text, site=site, now=now, **said)
        self.judge(comment.id, scores=scores, evidence=evidence, now=now, found_in=found_in)
        return comment

    def edited(self, comment: Comment, text: str, **judged: Any) -> None:
        """With a new text, scored again."""
        intake.edit(self.database, self.queues, comment.site_id, comment.external_id, text, now=self.now)
        self.judge(comment.id, **judged)

    def judge(
        self,
        comment_id: str,
        *,
        scores: dict[str, float | None] | None = None,
        evidence: tuple[str, ...] = (),
        now: datetime | None = None,
        found_in: str | None = None,
    ) -> None:
        with self.database.read() as conn:
            waiting = loading.load_waiting(conn, [comment_id])
            (scored,) = map(looking_up.excused, looking_up.known_of(conn, waiting, now=now or self.now))
        comment = scored.comment
        values = {"toxicity": 0.05, "relevance": 0.8, "language.supported": 1.0, **(scores or {})}
        spans = tuple(Span(at, at + len(word)) for word in evidence if (at := comment.text.find(word)) >= 0)
        signals = tuple(
            Signal(name, value, "test", evidence=spans if name == "toxicity" else ()) for name, value in values.items()
        )
        judgement = Judgement(
            scored,
            Scoring(signals, MODELS, found_in or comment.language or "en", 0.01),
            verdicts.decide(signals, scored.policy, scored.circumstances(now or self.now)),
        )
        settle(self.database, [judgement], now=now or self.now)

    def waiting(
        self, text: str, *, site: Site | None = None, now: datetime | None = None, author: str = "Dana", **said: Any
    ) -> Comment:
        article = {"title": "Export licences for rare earths", "section": "Economy", **said.pop("article", {})}
        fields: dict[str, Any] = {
            "article_id": said.pop("article_id", "a-1"),
            "author_id": author.lower()[:50],
            "author_name": author,
            "article": tuple(article.items()),
            "text": text,
            **said,
        }
        submission = Submission(**fields)
        site_id = (site or self.herald).id
        return intake.submit(self.database, self.queues, site_id, submission, lane=Lane.LIVE, now=now or self.now)

    def _site(self, name: str) -> Site:
        with self.database.write() as conn:
            site = site_store.insert_site(
                conn, name=name, settings=SiteSettings(comments_per_author_per_minute=None), now=self.now
            )
            document = newsroom_policy()
            site_store.insert_policy(conn, site.id, PolicyRow(1, document, None, "test", self.now))
        return site

    def _moderator(self, name: str, roles: dict[str, Role]) -> None:
        self.ids[name] = moderators.create_moderator(
            self.database,
            email=f"{name.lower()}@example.org",
            name=name,
            password_hash=password_hash(),
            roles=roles,
            by=OPERATOR,
            now=self.now,
        )
