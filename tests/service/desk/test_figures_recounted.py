"""Each figure of the desk's pages is counted again from the rows, after decisions, undos, redos and escalations."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import first_id_at
from moderation.ground.values.comments import Comment
from moderation.insight.trends import day_counting
from moderation.moderators.review import reviewing
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.spine.comments.tables import comments, decisions
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast

PEOPLE = {"moderator", "api"}
APPROVE, REJECT, ESCALATE = Choice.APPROVE, Choice.REJECT, Choice.ESCALATE
UNDO = "undo"
"""Takes back the newest decision on the comment; again, it redoes it, for a redo is the undo of an undo."""

COURSES: tuple[tuple[Any, ...], ...] = (
    (APPROVE,), (REJECT,), (APPROVE, UNDO), (REJECT, UNDO), (REJECT, UNDO, APPROVE), (APPROVE, UNDO, REJECT, UNDO),
    (REJECT, UNDO, UNDO), (APPROVE, UNDO, UNDO, UNDO), (ESCALATE,), (ESCALATE, APPROVE), (ESCALATE, REJECT, UNDO),
    (ESCALATE, UNDO, REJECT), (), (REJECT, APPROVE), (APPROVE, REJECT, UNDO),
)  # fmt: skip


@dataclass
class Rows:
    """The decisions as they are in the database, and plain sums over them."""

    rows: list[dict[str, Any]]
    comments: dict[str, dict[str, Any]]

    @cached_property
    def undone_by(self) -> dict[str, str]:
        return {row["undoes"]: row["id"] for row in self.rows if row["undoes"]}

    def stands(self, id: str) -> bool:
        """A decision stands unless an undo stands that takes it back."""
        return id not in self.undone_by or not self.stands(self.undone_by[id])

    def counts(self, row: dict[str, Any]) -> bool:
        """Whether it stands, and no decision of a person that stands left the comment otherwise later."""
        later = [r for r in self.own if r["comment_id"] == row["comment_id"] and r["version"] > row["version"]]
        final = row["status_after"] != "flagged"
        otherwise = [r for r in later if self.stands(r["id"]) and r["status_after"] != row["status_after"]]
        return self.stands(row["id"]) and not (final and otherwise)

    @cached_property
    def own(self) -> list[dict[str, Any]]:
        by_people = [row for row in self.rows if row["decided_by"] in PEOPLE and row["undoes"] is None]
        return [row for row in by_people if row["featured"] is None]

    def made(self, status: str, *, by: str | None = None) -> int:
        mine = [row for row in self.own if by is None or row["moderator_id"] == by]
        return sum(r["status_after"] == status != r["status_before"] and self.counts(r) for r in mine)

    def undone(self, by: str | None = None) -> int:
        mine = [row for row in self.own if by is None or row["moderator_id"] == by]
        return sum(not self.counts(row) for row in mine)

    def flagging_of(self, row: dict[str, Any]) -> dict[str, Any] | None:
        """The policy's last decision before this one, if it flagged."""
        before = [r for r in self.rows if r["comment_id"] == row["comment_id"] and r["version"] < row["version"]]
        last = max((r for r in before if r["decided_by"] not in PEOPLE), key=lambda r: int(r["version"]))
        return last if last["status_after"] == "flagged" else None

    def outcomes(self, heading: str) -> dict[str, tuple[int, int, int]]:
        """By reason, article or section: flagged, approved and rejected."""
        flagged, approved, rejected = Counter[str](), Counter[str](), Counter[str]()
        for row in self.rows:
            if row["decided_by"] not in PEOPLE and row["status_after"] == "flagged":
                flagged[self._name(row, heading)] += 1
        for row in self.own:
            flagging = self.flagging_of(row)
            counted = {"published": approved, "rejected": rejected}.get(row["status_after"])
            if flagging is not None and counted is not None and self.counts(row):
                counted[self._name(flagging, heading)] += 1
        return {name: (flagged[name], approved[name], rejected[name]) for name in flagged}

    def _name(self, flagging: dict[str, Any], heading: str) -> str:
        if heading == "reason":
            return str(flagging["reasons"][0]["signal"])
        return str(self.comments[flagging["comment_id"]][heading])


def rows_of(cast: Cast, about: dict[str, dict[str, Any]]) -> Rows:
    with cast.database.read() as conn:
        found = conn.execute(sa.select(decisions).where(decisions.c.site_id == cast.herald.id)).mappings().all()
    return Rows([dict(row) for row in found], about)


def act(cast: Cast, comment: Comment, course: tuple[Any, ...], who: str) -> None:
    for step in course:
        with cast.database.read() as conn:
            version = conn.execute(sa.select(comments.c.version).where(comments.c.id == comment.id)).scalar_one()
            mine = sa.select(decisions).where(
                decisions.c.comment_id == comment.id, decisions.c.decided_by == "moderator"
            )
            last = conn.execute(mine.order_by(decisions.c.version.desc()).limit(1)).mappings().first()
        if step == UNDO:
            assert last is not None
            reviewing.undo(cast.database, cast.moderator(who), last["id"], now=cast.now, hold_s=0)
            continue
        seen = None if last is None or last["status_after"] == "flagged" else last["id"]
        reason = "insult" if step is REJECT else None
        chosen = ModeratorChoice(step, version, reason=reason, overturns=seen)
        reviewing.decide(cast.database, cast.moderator(who), comment.id, chosen, now=cast.now, hold_s=0)


@pytest.fixture
def about(cast: Cast) -> dict[str, dict[str, Any]]:
    """Comments of two reasons and three sections, whose decisions took every course."""
    found: dict[str, dict[str, Any]] = {}
    for number, course in enumerate(COURSES):
        section = ("Economy", "Sport", "Culture")[number % 3]
        scores = {"toxicity": 0.0, "insult": 0.0, "relevance": 0.0} if number % 2 else {}
        comment = cast.flagged(
            f"Fool number {number}.", article_id=f"a-{section}", article={"title": f"On {section}", "section": section},
            author=f"Author {number}", scores=scores,
        )  # fmt: skip
        found[comment.id] = {"article": f"On {section}", "section": section}
        act(cast, comment, course, "Ben")
    for number in range(4):
        found[cast.published(f"Fine {number}.").id] = {}
    return found


def csv_of(browser: Browser, cast: Cast, by: str) -> list[dict[str, str]]:
    found = browser.client.get("/desk/trends.csv", query_string={"by": by, "site": cast.herald.id})
    return list(csv.DictReader(io.StringIO(found.get_data(as_text=True))))


def assert_trends_are_recounted(cast: Cast, ben: Browser, about: dict[str, dict[str, Any]]) -> int:
    """How many figures were compared. A day's undone decisions are those of that day, whenever they were undone."""
    rows, compared = rows_of(cast, about), 0
    for heading in ("reason", "article", "section"):
        expected = {name: tuple(map(str, counts)) for name, counts in rows.outcomes(heading).items()}
        shown = {row[heading]: (row["flagged"], row["approved"], row["rejected"]) for row in csv_of(ben, cast, heading)}
        assert shown == expected, heading
        compared += 3 * len(shown)
    days = csv_of(ben, cast, "day")
    total = {name: sum(int(day[name]) for day in days) for name in days[0] if name != "day"}
    first = Counter(row["status_after"] for row in rows.rows if row["decided_by"] not in PEOPLE)
    with cast.database.read() as conn:
        waiting = conn.execute(sa.select(sa.func.count()).where(comments.c.status == "flagged")).scalar_one()
    assert {**total, "backlog": int(days[-1]["backlog"])} == {
        "arrived": len(about), "published": first["published"], "flagged": first["flagged"], "rejected": 0,
        "decided_again": 0, "approved_by_people": rows.made("published"), "rejected_by_people": rows.made("rejected"),
        "taken_back": rows.undone(), "backlog": waiting,
    }  # fmt: skip
    mine = cast.ids["Ben"]
    people = ben.get("/desk/trends", site=cast.herald.id).region("By moderator")
    counts = (rows.made("published", by=mine), rows.made("rejected", by=mine), rows.undone(mine))
    assert f"Ben {counts[0]} {counts[1]} {counts[2]}" in people
    return compared + len(total) + len(counts)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_trends_count_the_decisions_that_stand(cast: Cast, ben: Browser, about: dict[str, dict[str, Any]]) -> None:
    assert assert_trends_are_recounted(cast, ben, about) >= 30


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_counted_day_takes_back_what_is_undone_on_a_later_day(
    cast: Cast, ben: Browser, about: dict[str, dict[str, Any]]
) -> None:
    tomorrow = cast.now + timedelta(days=1)
    assert len(list(day_counting.count_due(cast.database, now=tomorrow + timedelta(hours=2)))) >= 1
    before = rows_of(cast, about)
    with cast.database.write() as conn:
        for number, row in enumerate([row for row in before.own if row["status_after"] != "flagged"][:2]):
            at = tomorrow + timedelta(hours=3, seconds=number)
            back = {"status_before": row["status_after"], "status_after": row["status_before"], "action": "flag"}
            undo = {"id": first_id_at(at), "version": row["version"] + 9, "undoes": row["id"], "created_at": at}
            conn.execute(decisions.insert().values({**row, **back, **undo}))
    after = rows_of(cast, about)

    assert (after.made("published"), after.made("rejected")) != (before.made("published"), before.made("rejected"))
    assert_trends_are_recounted(cast, ben, about)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_policy_page_counts_the_same_decisions(cast: Cast, ben: Browser, about: dict[str, dict[str, Any]]) -> None:
    rows = rows_of(cast, about)
    last: dict[str, str] = {}
    for row in sorted(rows.own, key=lambda r: int(r["version"])):
        if rows.stands(row["id"]) and row["status_after"] != "flagged":
            last[row["comment_id"]] = row["status_after"]
    toxic = {r["comment_id"] for r in rows.rows if r["reasons"] and r["reasons"][0].get("signal") == "toxicity"}
    judged = Counter(status for id, status in last.items() if id in toxic)

    page = ben.get("/desk/policy", site=cast.herald.id)

    said = f"Moderators decided {judged.total()} of them and rejected {judged['rejected']}."
    assert judged.total() > judged["rejected"] > 0
    assert said in page.text
