"""A comment's status changes in one place of the code, and by all who change it in the same manner."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.errors import MoveNotAllowed
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.comments import Comment
from moderation.ground.values.decisions import Decision
from moderation.ground.values.statuses import Action, CommentStatus, DecidedBy
from moderation.ground.values.verdicts import Reason, ReasonCode
from moderation.law.notices import giving
from moderation.law.notices.values import NewNotice
from moderation.operations.composition import RULES
from moderation.pipeline.arriving import intake
from moderation.pipeline.settling.judgements import give_up, settle
from moderation.readers.reports import reporting as reports
from moderation.sites.audit.actors import SYSTEM
from moderation.spine.articles.tables import authors
from moderation.spine.comments import rows as comment_store
from moderation.spine.comments.door import let_through, record
from moderation.spine.comments.door_rules import DOOR_RULES, Follower, Part, Veto
from moderation.spine.comments.moves import Move
from moderation.spine.comments.tables import comments, decisions, scorings
from moderation.spine.events.tables import events
from tests.builders import NOON
from tests.moderation.conftest import Newsroom
from tests.moderation.spine.comments.test_door import judge

ROOT = Path(__file__).parents[4]
ROOMS = ("moderation", "service", "workers")


def callers(function: str, module: str) -> Iterator[str]:
    """Files that call ``module.function`` of the core, under any name by which they import the module."""
    room, _, leaf = f"moderation.{module}".rpartition(".")
    for path in sorted(p for room in ROOMS for p in (ROOT / room).rglob("*.py")):
        text = path.read_text()
        if leaf not in text or function not in text:
            continue  # to parse all takes seconds
        tree = ast.parse(text)
        names = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == room
            for alias in node.names
            if alias.name == leaf
        }
        called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        if called & {f"{name}.{function}" for name in names}:
            yield str(path.relative_to(ROOT))


def test_moves_events_decisions_and_authors_records_are_written_in_one_module() -> None:
    """Only the events of measures, appeals and notices are written beside them: they move no comment."""
    here = ["moderation/spine/comments/door.py"]

    assert list(callers("move", "spine.comments.move_rows")) == here
    law = [f"moderation/law/{name}.py" for name in ("appeals/events", "notices/deciding", "notices/giving")]
    measures = "moderation/moderators/authors/taking_measures.py"
    assert list(callers("insert_events", "spine.events.rows")) == [*law, measures, *here]
    assert list(callers("insert_decisions", "spine.comments.decision_rows")) == here
    assert list(callers("count_for_authors", "spine.articles.rows")) == ["moderation/moderators/authors/counts.py"]


def functions(name: str) -> set[str]:
    """The modules of the core that have a function of this name at their top."""
    texts = {path: path.read_text() for path in (ROOT / "moderation").rglob("*.py")}
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path, text in texts.items()
        if f"def {name}" in text
        and any(isinstance(node, ast.FunctionDef) and node.name == name for node in ast.parse(text).body)
    }


def test_the_one_list_knows_all_vetoes_parts_and_followers() -> None:
    """A module takes part in moves if it has a function of one of these names."""
    assert {veto.__module__ for veto in RULES.vetoes} == functions("veto")
    assert {part.__module__ for part in RULES.parts} == functions("announce")
    assert {follow.__module__ for follow in RULES.followers} == functions("follow")


@contextmanager
def opened(database: Database, **changes: Any) -> Iterator[Database]:
    """The same database with other rules of the door."""
    with closing(Database(database.url, options={DOOR_RULES: replace(RULES, **changes)})) as changed:
        yield changed


def written(database: Database) -> tuple[int, int, int]:
    """How many decisions, scorings and events there are."""
    with database.read() as conn:
        counts = [conn.execute(sa.select(sa.func.count()).select_from(t)) for t in (decisions, scorings, events)]
        return tuple(count.scalar_one() for count in counts)  # type: ignore[return-value]


def state(database: Database) -> tuple[str, int]:
    with database.read() as conn:
        status, version = conn.execute(sa.select(comments.c.status, comments.c.version)).one()
        return status, version


def by_machine(comment: Comment, to: CommentStatus, by: DecidedBy = DecidedBy.SYSTEM) -> Move:
    return Move(comment, to, NOON, by, (Reason(ReasonCode.RULE, Action.REJECT, "toxicity"),), reason="insult")


def noticed(newsroom: Newsroom, database: Database, *, edited: bool) -> Comment:
    """A published comment with an open notice, or one whose author gave it another text since."""
    comment = newsroom.post(id="n-1").comment
    settle(database, [judge(database, comment.id)], now=NOON)
    given = NewNotice("n-1", "It calls for violence.", "Karl", "karl@mail.example")
    giving.give(database, newsroom.site.id, given, by=SYSTEM, now=NOON)
    if edited:
        later = NOON + timedelta(minutes=1)
        intake.edit(database, newsroom.queues, newsroom.site.id, "n-1", "Another text.", now=later)
    with database.read() as conn:
        return comment_store.get_by_id(conn, comment.id)


@pytest.mark.parametrize("by", [DecidedBy.POLICY, DecidedBy.SYSTEM])
def test_a_caller_that_knows_nothing_of_notices_cannot_decide_a_noticed_comment(
    newsroom: Newsroom, database: Database, by: DecidedBy
) -> None:
    comment = noticed(newsroom, database, edited=False)
    before = written(database)

    with database.write() as conn:
        passed = let_through(conn, [by_machine(comment, CommentStatus.REJECTED, by)], now=NOON)
    with pytest.raises(MoveNotAllowed), database.write() as conn:
        record(conn, by_machine(comment, CommentStatus.REJECTED, by), now=NOON)

    assert ([move.comment.id for move in passed.barred], passed.moves) == ([comment.id], ())
    assert (state(database), written(database)) == (("published", 2), before)


@pytest.mark.parametrize("to", [CommentStatus.PUBLISHED, CommentStatus.REJECTED, CommentStatus.FLAGGED])
def test_a_noticed_comment_that_waits_goes_to_a_person_whatever_a_machine_asks(
    newsroom: Newsroom, database: Database, to: CommentStatus
) -> None:
    comment = noticed(newsroom, database, edited=True)

    with database.write() as conn:
        passed = let_through(conn, [by_machine(comment, to)], now=NOON)

    (made,) = passed.decisions
    assert (made.status_after, made.reason) == (CommentStatus.FLAGGED, None)
    assert [(said["code"], said["action"]) for said in made.reasons] == [("noticed", "flag"), ("rule", "flag")]
    assert not passed.barred


def test_a_comment_that_could_not_be_scored_says_that_somebody_gave_notice_of_it(
    newsroom: Newsroom, database: Database
) -> None:
    comment = noticed(newsroom, database, edited=True)

    (made,) = give_up(database, [comment.id], now=NOON, detail="it broke")

    assert [said["code"] for said in made.reasons] == ["noticed", "scoring_failed"]


def test_of_a_batch_only_the_noticed_comments_are_barred_and_a_person_is_never(
    newsroom: Newsroom, database: Database
) -> None:
    barred = noticed(newsroom, database, edited=False)
    free = newsroom.post(id="n-2").comment
    settle(database, [judge(database, free.id)], now=NOON)
    with database.read() as conn:
        both = [comment_store.get_by_id(conn, id) for id in (barred.id, free.id)]

    with database.write() as conn:
        passed = let_through(conn, [by_machine(comment, CommentStatus.REJECTED) for comment in both], now=NOON)
    with database.write() as conn:
        by_person = record(conn, Move(barred, CommentStatus.REJECTED, NOON, DecidedBy.MODERATOR), now=NOON)

    assert [move.comment.id for move in passed.moves] == [free.id]
    assert [move.comment.id for move in passed.barred] == [barred.id]
    assert by_person.status_after is CommentStatus.REJECTED


def test_readers_reports_still_send_a_noticed_comment_to_a_person(newsroom: Newsroom, database: Database) -> None:
    """Else the author of a comment could keep it online by giving notice of it."""
    noticed(newsroom, database, edited=False)

    for reader in range(20):
        said = reports.Report(f"r-{reader}", "insult")
        flagged = reports.report(database, newsroom.site.id, "n-1", said, now=NOON).listed.comment
        if flagged.status is CommentStatus.FLAGGED:
            break

    assert state(database)[0] == "flagged"


def test_a_database_without_rules_lets_no_comment_move(newsroom: Newsroom, database: Database) -> None:
    comment = newsroom.post().comment

    with closing(Database(database.url)) as without, pytest.raises(RuntimeError, match="without the rules of the door"):
        settle(without, [judge(database, comment.id)], now=NOON)

    assert (state(database), written(database)) == (("waiting", 1), (0, 0, 0))


def test_vetoes_parts_and_followers_run_in_the_transaction_of_the_move_in_their_order(
    newsroom: Newsroom, database: Database
) -> None:
    comment = newsroom.post().comment
    called: list[tuple[str, str, int]] = []

    def note(conn: Connection, name: str) -> None:
        """With the status and the number of decisions as this transaction sees them."""
        status = conn.execute(sa.select(comments.c.status)).scalar_one()
        called.append((name, status, conn.execute(sa.select(sa.func.count()).select_from(decisions)).scalar_one()))

    def vetoes(name: str) -> Veto:
        def veto(conn: Connection, _moves: Sequence[Move]) -> dict[str, Reason]:
            note(conn, name)
            return {}

        return veto

    def parts(name: str) -> Part:
        def announce(conn: Connection, steps: Sequence[tuple[Move, Decision]]) -> dict[str, dict[str, Any]]:
            note(conn, name)
            return {made.id: {name: made.version} for _, made in steps}

        return announce

    def followers(name: str) -> Follower:
        return lambda conn, _moves, _now: note(conn, name)

    own: dict[str, Any] = {
        "vetoes": (vetoes("veto 1"), vetoes("veto 2")),
        "parts": (parts("part_1"), parts("part_2")),
        "followers": (followers("follower 1"), *RULES.followers, followers("follower 2")),
    }
    with opened(database, **own) as changed:
        settle(changed, [judge(database, comment.id)], now=NOON)

    asked = [("veto 1", "waiting", 0), ("veto 2", "waiting", 0)]
    told = [(name, "published", 1) for name in ("part_1", "part_2", "follower 1", "follower 2")]
    assert called == [*asked, *told]
    with database.read() as conn:
        payload = conn.execute(sa.select(events.c.payload)).scalar_one()
    assert (payload["decision"]["part_1"], payload["decision"]["part_2"]) == (1, 1)
    assert "statement" not in payload["decision"]


def test_the_first_veto_gives_the_reason(newsroom: Newsroom, database: Database) -> None:
    comment = newsroom.post().comment

    def barring(label: str) -> Veto:
        why = Reason(ReasonCode.NOTICED, Action.FLAG, label=label)
        return lambda _conn, moves: {move.comment.id: why for move in moves}

    with opened(database, vetoes=(barring("the first"), barring("the second"))) as changed:
        (made,) = settle(changed, [judge(database, comment.id)], now=NOON)

    assert [said["label"] for said in made.reasons if said["code"] == "noticed"] == ["the first"]


@pytest.mark.parametrize("which", ["vetoes", "parts", "followers"])
def test_one_that_fails_leaves_nothing_of_the_move(newsroom: Newsroom, database: Database, which: str) -> None:
    comment = newsroom.post().comment
    seen: list[int] = []

    def fails(_conn: Connection, moves: Sequence[object], *_now: datetime) -> None:
        seen.append(len(moves))
        raise ZeroDivisionError

    with opened(database, **{which: (*getattr(RULES, which), fails)}) as changed, pytest.raises(ZeroDivisionError):
        settle(changed, [judge(database, comment.id)], now=NOON)

    assert seen == [1]
    assert (state(database), written(database)) == (("waiting", 1), (0, 0, 0))
    with database.read() as conn:
        assert conn.execute(sa.select(authors.c.published)).scalar() == 0


def test_a_veto_is_asked_when_nobody_else_can_change_the_comment(
    newsroom: Newsroom, postgres_database: Database, database: Database
) -> None:
    """A notice that comes between the veto and the move would be passed over."""
    if database.is_sqlite:
        pytest.skip("SQLite has one writer")
    comment = newsroom.post().comment
    free: list[str] = []

    def veto(_conn: Connection, moves: Sequence[Move]) -> dict[str, Reason]:
        unlocked = sa.select(comments.c.id).with_for_update(skip_locked=True)
        with postgres_database.write() as other:
            free.extend(other.execute(unlocked).scalars())
        return {}

    with opened(database, vetoes=(veto,)) as changed, changed.write() as conn:
        record(conn, by_machine(comment, CommentStatus.REJECTED), now=NOON)

    assert free == []
    assert state(database)[0] == "rejected"


def test_an_edit_and_a_withdrawal_leave_the_same_event_as_a_decision_but_for_the_decision(
    newsroom: Newsroom, database: Database, queues: Queues
) -> None:
    comment = newsroom.post(id="n-1").comment
    settle(database, [judge(database, comment.id)], now=NOON)

    intake.edit(database, queues, newsroom.site.id, "n-1", "Another text.", now=NOON)
    intake.withdraw(database, newsroom.site.id, "n-1", now=NOON)

    with database.read() as conn:
        made = conn.execute(sa.select(events.c.type, events.c.payload).order_by(events.c.id)).all()
        record = conn.execute(sa.select(authors.c.published, authors.c.rejected)).one()
    assert [row.type for row in made] == ["comment.published", "comment.edited", "comment.withdrawn"]
    assert [row.payload["comment"]["version"] for row in made] == [2, 3, 4]
    assert len({tuple(sorted(row.payload["comment"])) for row in made}) == 1
    assert ["decision" in row.payload for row in made] == [True, False, False]
    assert tuple(record) == (0, 0)
