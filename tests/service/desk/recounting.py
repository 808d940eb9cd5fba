"""A shift with every course that a decision can take, and plain sums over its rows, for comparing pages with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from moderation.ground.database.engine import new_id
from moderation.ground.values.comments import Comment
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.ground.values.verdicts import ShadowVerdict
from moderation.insight.checks import reviewing as check_review
from moderation.insight.checks import rows as checks
from moderation.insight.checks.rows import Check
from moderation.insight.checks.tables import checks as check_table
from moderation.insight.learning.shadows import rows as shadow_rows
from moderation.insight.learning.shadows import switching as shadows
from moderation.insight.learning.shadows.tables import shadow_verdicts
from moderation.moderators.review import featuring, reviewing
from moderation.moderators.review.featuring import Pick
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.pipeline.arriving import intake
from moderation.sites import rows as sites
from moderation.sites.rows import PolicyRow
from moderation.spine.comments.tables import comments, decisions, scorings
from tests.builders import OPERATOR
from tests.service.desk.cast import Cast, newsroom_policy

APPROVE, REJECT, ESCALATE = Choice.APPROVE, Choice.REJECT, Choice.ESCALATE
UNDO, EDIT, WITHDRAW, FEATURE, CONFIRM = "undo", "edit", "withdraw", "feature", "confirm"
PEOPLE = ("moderator", "api")
PUBLISHED, FLAGGED, REJECTED = "published", "flagged", "rejected"
FINAL = (PUBLISHED, REJECTED)
Row = dict[str, Any]

COURSES: dict[str, tuple[tuple[Any, ...], ...]] = {
    FLAGGED: (
        (APPROVE,), (REJECT,), (APPROVE, UNDO), (REJECT, UNDO), (REJECT, UNDO, APPROVE), (APPROVE, UNDO, REJECT, UNDO),
        (REJECT, UNDO, UNDO), (APPROVE, UNDO, UNDO, UNDO), (ESCALATE,), (ESCALATE, APPROVE), (ESCALATE, REJECT, UNDO),
        (ESCALATE, UNDO, REJECT), (), (REJECT, APPROVE), (APPROVE, REJECT, UNDO), (APPROVE, EDIT), (REJECT, WITHDRAW),
        (APPROVE, FEATURE), (REJECT, EDIT, APPROVE),
    ),
    PUBLISHED: (
        (), (REJECT,), (REJECT, UNDO), (REJECT, UNDO, UNDO), (REJECT, UNDO, UNDO, UNDO), (WITHDRAW,), (FEATURE,),
        (REJECT, APPROVE), (REJECT, EDIT), (REJECT, UNDO, REJECT), (CONFIRM,), (CONFIRM, UNDO), (CONFIRM, UNDO, UNDO),
        (CONFIRM, UNDO, UNDO, UNDO), (CONFIRM,),
    ),
    REJECTED: ((), (APPROVE,), (APPROVE, UNDO), (APPROVE, UNDO, UNDO), (APPROVE, REJECT, UNDO), (CONFIRM,)),
}  # fmt: skip
SCORES: dict[str, dict[str, float | None]] = {
    FLAGGED: {"toxicity": 0.9, "insult": 0.1}, PUBLISHED: {}, REJECTED: {"threat": 0.97, "toxicity": 0.1},
}  # fmt: skip


@dataclass
class Shift:
    """The cast's Herald after the shift: two sections, three authors for each verdict."""

    cast: Cast
    shadow_id: str = ""
    step: int = 0

    def work(self) -> None:
        cast = self.cast
        self._prepare()
        for verdict, courses in COURSES.items():
            for number, course in enumerate(courses):
                comment = self._arrive(verdict, number)
                if verdict != FLAGGED or number % 2:
                    self._draw(comment, verdict, number)
                self._take(comment, course, "Ben" if number % 3 else "Ana")
        batch = [self._arrive(FLAGGED, 100 + number) for number in range(3)]
        batch_id = new_id()
        for comment in batch:
            self._decide(comment, REJECT, "Ben", batch_id=batch_id)
        for number in range(4):
            scores = {"language.supported": 0.5, "toxicity": 0.1, "insult": 0.1}
            comment = self._arrive(FLAGGED, 200 + number, scores)
            self._take(comment, ((APPROVE,), (REJECT,), (REJECT, UNDO), ())[number], "Ben")
        cast.waiting("Not scored yet.", author="Nobody")
        self._judge_again()

    def _judge_again(self) -> None:
        """A second person judges four of the checks, and one of these otherwise."""
        with self.cast.database.write() as conn:
            judged = [
                c for c in checks.since(conn, self.cast.herald.id, self.cast.now - timedelta(days=1)) if c.outcome
            ]
            for number, check in enumerate(sorted(judged, key=lambda c: c.comment_id)[:4]):
                other = CommentStatus.REJECTED if check.outcome is CommentStatus.PUBLISHED else CommentStatus.PUBLISHED
                said = check.outcome if number and check.outcome else other
                checks.ask_second(conn, check.comment_id)
                by, now = self.cast.ids["Dora"], self.cast.now
                checks.settle_second(conn, check.comment_id, said, reason=None, by=by, now=now)

    def _prepare(self) -> None:
        herald, document = self.cast.herald, newsroom_policy()
        kept = [rule for rule in document["rules"] if rule.get("signal") != "threat"]
        reject = {"signal": "threat", "at_least": 0.95, "action": "reject", "label": ""}
        with self.cast.database.write() as conn:
            settings = sites.get_site(conn, herald.id).settings.changed(check_share=0.0)
            sites.update_site_settings(conn, herald.id, settings)
            policy = PolicyRow(2, {**document, "rules": [*kept, reject]}, None, "test", self.cast.now)
            sites.insert_policy(conn, herald.id, policy)
        stricter = shadows.with_rule(policy.document, "toxicity", 0.5, Action.FLAG)
        row = shadows.start(self.cast.database, herald.id, "Stricter", stricter, by=OPERATOR, now=self.cast.now)
        self.shadow_id = row.id

    def _arrive(self, verdict: str, number: int, scores: dict[str, float] | None = None) -> Comment:
        section = ("Economy", "Sport")[number % 2]
        word = ("crane", "port", "ship", "dock", "quay")[number % 5]
        comment = self.cast.settled(
            f"{verdict} {number}: {word} {number * 7919}",
            scores=scores or SCORES[verdict],  # type: ignore[arg-type]
            author=f"{verdict} {number % 3}",
            article_id=f"a-{section}",
            article={"title": f"On {section}", "section": section},
            now=self.cast.now - timedelta(minutes=3 * number + 1),
        )
        would = (Action.FLAG, Action.PUBLISH)[number % 2]
        did = {PUBLISHED: Action.PUBLISH, FLAGGED: Action.FLAG, REJECTED: Action.REJECT}[verdict]
        verdict_there = ShadowVerdict(self.shadow_id, comment.id, 1, would, did, "toxicity", section, "en")
        with self.cast.database.write() as conn:
            shadow_rows.record(conn, [verdict_there])
        return comment

    def _draw(self, comment: Comment, verdict: str, number: int) -> None:
        probability = (0.5, 0.25, 0.1)[number % 3]
        section, language = ("Economy", "Sport")[number % 2], ("en", "de")[number % 2]
        drawn = Check(
            comment.id, comment.site_id, self.cast.now, probability, CommentStatus(verdict), section, language,
            {"toxicity": "t@1"}, 2,
        )  # fmt: skip
        with self.cast.database.write() as conn:
            checks.insert(conn, [drawn])

    def _take(self, comment: Comment, course: Sequence[Any], who: str) -> None:
        for step in course:
            self._act(comment, step, who)

    def _act(self, comment: Comment, step: Any, who: str) -> None:
        db, site_id = self.cast.database, comment.site_id
        if step == UNDO:
            last = self._last(comment)
            assert last is not None
            reviewing.undo(db, self.cast.moderator("Ben"), last["id"], now=self._moment(), hold_s=0)
        elif step == EDIT:
            text = f"Edited, {comment.external_id}."
            intake.edit(db, self.cast.queues, site_id, comment.external_id, text, now=self._moment())
            self.cast.judge(comment.id, scores=SCORES[FLAGGED], now=self._moment())
        elif step == WITHDRAW:
            intake.withdraw(db, site_id, comment.external_id, now=self._moment())
        elif step == FEATURE:
            wish = Pick(comment.id, self._version(comment), True)
            featuring.pick(db, self.cast.moderator("Ben"), wish, now=self._moment(), hold_s=0)
        elif step == CONFIRM:
            self._confirm(comment)
        else:
            self._decide(comment, step, who)

    def _confirm(self, comment: Comment) -> None:
        """Judges the check of a comment as the policy decided."""
        with self.cast.database.read() as conn:
            status = conn.execute(sa.select(comments.c.status).where(comments.c.id == comment.id)).scalar_one()
        chosen = ModeratorChoice(APPROVE if status == PUBLISHED else REJECT, self._version(comment))
        ben = self.cast.moderator("Ben")
        check_review.judge(self.cast.database, ben, comment.id, chosen, now=self._moment(), hold_s=0)

    def _decide(self, comment: Comment, choice: Choice, who: str, batch_id: str | None = None) -> None:
        last = self._last(comment)
        seen = None if last is None or last["status_after"] == FLAGGED else last["id"]
        reason = "Off topic" if choice is REJECT else None
        chosen = ModeratorChoice(choice, self._version(comment), reason=reason, overturns=seen, batch_id=batch_id)
        moderator = self.cast.moderator("Ben" if last is not None else who)  # a lead may decide after anybody
        reviewing.decide(self.cast.database, moderator, comment.id, chosen, now=self._moment(), hold_s=0)

    def _version(self, comment: Comment) -> int:
        with self.cast.database.read() as conn:
            version: int = conn.execute(sa.select(comments.c.version).where(comments.c.id == comment.id)).scalar_one()
        return version

    def _last(self, comment: Comment) -> Any:
        newest = sa.select(decisions).where(decisions.c.comment_id == comment.id)
        with self.cast.database.read() as conn:
            row = conn.execute(newest.order_by(decisions.c.version.desc()).limit(1)).mappings().first()
        return row if row is not None and row["decided_by"] in PEOPLE else None

    def _moment(self) -> Any:
        """No two decisions at the same time."""
        self.step += 1
        return self.cast.now + timedelta(milliseconds=self.step)


@dataclass
class Recount:
    """The rows of a site, and sums over them by loops alone."""

    decisions: list[Row]
    comments: dict[str, Row]
    checks: list[Row]
    languages: dict[str, str]
    shadow: list[Row]

    @classmethod
    def of(cls, cast: Cast) -> Recount:
        def read(table: sa.Table, *where: Any) -> list[Row]:
            with cast.database.read() as conn:
                return [dict(row) for row in conn.execute(sa.select(table).where(*where)).mappings()]

        site_id = cast.herald.id
        return cls(
            sorted(
                read(decisions, decisions.c.site_id == site_id), key=lambda row: (row["comment_id"], row["version"])
            ),
            {row["id"]: row for row in read(comments, comments.c.site_id == site_id)},
            read(check_table, check_table.c.site_id == site_id),
            {row["id"]: row["language"] for row in read(scorings)},
            read(shadow_verdicts),
        )

    @cached_property
    def undone_by(self) -> dict[str, str]:
        return {row["undoes"]: row["id"] for row in self.decisions if row["undoes"]}

    def stands(self, id: str) -> bool:
        """A decision stands unless an undo stands that takes it back."""
        return id not in self.undone_by or not self.stands(self.undone_by[id])

    @cached_property
    def overturned(self) -> set[str]:
        """People's decisions that stand, but after which a person decided otherwise."""
        standing = [row for row in self.anew if self.stands(row["id"])]
        return {
            earlier["id"]
            for earlier, later in pairwise(standing)
            if earlier["comment_id"] == later["comment_id"]
            and {earlier["decided_by"], later["decided_by"]} <= set(PEOPLE)
            and earlier["status_after"] in FINAL
            and later["status_after"] != earlier["status_after"]
        }

    def counts(self, row: Row) -> bool:
        """Whether a figure of people's decisions has it."""
        return self.stands(row["id"]) and row["id"] not in self.overturned

    @cached_property
    def anew(self) -> list[Row]:
        """Decisions that are neither an undo nor a feature."""
        return [row for row in self.decisions if row["undoes"] is None and row["featured"] is None]

    @cached_property
    def in_force(self) -> dict[str, Row]:
        """By comment: the newest decision that stands."""
        return {row["comment_id"]: row for row in self.anew if self.stands(row["id"])}

    @cached_property
    def judged(self) -> dict[str, str]:
        """By comment: the status that a person gave it, where that holds."""
        found = {id: row["status_after"] for id, row in self.in_force.items() if row["decided_by"] in PEOPLE}
        return {id: status for id, status in found.items() if status in FINAL and status == self.comments[id]["status"]}

    @cached_property
    def by_policy(self) -> dict[str, Row]:
        """By comment: the policy's newest decision."""
        return {row["comment_id"]: row for row in self.anew if row["decided_by"] not in PEOPLE}

    def held_for(self, signal: str) -> list[str]:
        """Comments that the policy holds for the signal, among other reasons or alone."""
        return [id for id, row in self.by_policy.items() if signal in self._causes(row)]

    def _causes(self, row: Row) -> set[str]:
        return {r["signal"] or r["code"] for r in row["reasons"] if r["action"] != "publish"}

    def alone(self, signal: str) -> int:
        return sum(self._causes(self.by_policy[id]) == {signal} for id in self.held_for(signal))

    def rejected(self, ids: Sequence[str]) -> tuple[int, int]:
        """How many of them people judged, and how many of these they rejected."""
        statuses = Counter(self.judged[id] for id in ids if id in self.judged)
        return statuses.total(), statuses[REJECTED]

    def first_verdicts(self) -> Counter[str]:
        return Counter(r["status_after"] for r in self.decisions if r["version"] == 1 and r["decided_by"] not in PEOPLE)

    def by_status(self, **fields: Any) -> Counter[str]:
        of = [c for c in self.comments.values() if all(c[name] == value for name, value in fields.items())]
        return Counter(c["status"] for c in of)

    def outcome_of_check(self, check: Row) -> str | None:
        """The first judgement that stands; what came later, such as a lead's, is not blind."""
        made = (r for r in self.anew if r["comment_id"] == check["comment_id"] and r["decided_by"] in PEOPLE)
        return next((r["status_after"] for r in made if self.stands(r["id"]) and r["status_after"] in FINAL), None)

    def errors(self, verdict: str, **fields: Any) -> tuple[float, int] | None:
        """The weighted share of the judged checks with this verdict that people decided otherwise, and their number."""
        drawn = [c for c in self.checks if c["verdict"] == verdict and all(c[n] == v for n, v in fields.items())]
        judged = [(1 / c["probability"], outcome) for c in drawn if (outcome := self.outcome_of_check(c))]
        wrong = PUBLISHED if verdict == FLAGGED else REJECTED if verdict == PUBLISHED else PUBLISHED
        total = sum(weight for weight, _ in judged)
        return (sum(weight for weight, outcome in judged if outcome == wrong) / total, len(judged)) if judged else None

    def beside(self, whose: str) -> Iterator[tuple[str, str | None]]:
        """Each verdict of the shadow, or of the policy beside it, with how people judged the comment."""
        checked = {c["comment_id"]: self.outcome_of_check(c) for c in self.checks}
        for row in self.shadow:
            id = row["comment_id"]
            yield row[whose], self.judged.get(id, checked.get(id))
