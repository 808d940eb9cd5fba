"""Questions to colleagues, owners of escalated comments, and the count in the tab's title."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from moderation.ground.errors import InvalidInput, MoveNotAllowed, NotAllowed, NotFound
from moderation.ground.values.comments import Comment
from moderation.ground.values.statuses import CommentStatus
from moderation.moderators.queue import escalation_rows as escalations
from moderation.moderators.queue import rows as queue
from moderation.moderators.queue.desk import escalation_owners, questions
from moderation.moderators.queue.desk import question_rows as store
from moderation.moderators.queue.view_rows import QueueView
from moderation.moderators.review import reviewing as review
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.operations.operating.deleting import erasing_rows as erasing
from moderation.operations.operating.deleting import retention_rows as retention
from moderation.sites.people.roles import Role
from moderation.sites.tables import memberships
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import Browser, Page
from tests.service.desk.cast import Cast
from tests.service.desk.review.test_review import status_of
from tests.statements import Asked

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def people(cast: Cast, browser: Callable[[], Browser]) -> tuple[Browser, Browser]:
    """Ana and Eli, who moderate the Herald."""
    cast._moderator("Eli", {cast.herald.id: Role.MODERATOR})
    return browser().log_in_as(cast, "Ana"), browser().log_in_as(cast, "Eli")


def headlines(page: Page) -> list[str]:
    """The lines over the queue."""
    return [" ".join(tag.get_text(" ").split()) for tag in page.html.select("#above-queue .asked a")]


def ask(cast: Cast, comment: Comment, text: str = "Is this a quote?") -> store.Question:
    ana = cast.moderator("Ana")
    return questions.ask(cast.database, ana, comment.id, colleague_id=cast.ids["Eli"], text=text, now=cast.now)


@ON_SQLITE
def test_a_colleague_gets_the_comment_with_the_question_and_the_asker_the_answer(
    cast: Cast, people: tuple[Browser, Browser]
) -> None:
    ana, eli = people
    comment = cast.flagged("A hard one.", scores={"toxicity": 0.99})
    other = cast.flagged("Another.")

    page = ana.get(f"/desk/review/{comment.id}").press("Ask", colleague=cast.ids["Eli"], question="Is this a quote?")

    assert other.id in page.path  # it is put off for Ana
    assert page.status_line.startswith("Asked Eli: Dana on Export licences")
    page = eli.get("/desk/review")
    assert headlines(page) == ["Ana asks you: Is this a quote?"]
    question = str(page.html.select("#above-queue .asked a")[0]["href"])
    page = eli.get(question).press("Answer", answer="From the article.")
    assert headlines(page) == []
    assert page.status_line.startswith("Put off after your answer to Ana: Dana on Export licences")
    page = ana.get("/desk/review")
    assert headlines(page) == ["Eli answers you: From the article."]
    assert comment.id in page.path  # it is back
    page = page.press("Done with this question")
    assert headlines(page) == []
    assert "Eli answered" in page.text


@ON_SQLITE
def test_undo_takes_the_question_back_and_opens_its_comment(cast: Cast, people: tuple[Browser, Browser]) -> None:
    ana, eli = people
    comment = cast.flagged("A hard one.", scores={"toxicity": 0.99})
    cast.flagged("Another.")
    page = ana.get(f"/desk/review/{comment.id}?order=toxicity")
    page = page.press("Ask", colleague=cast.ids["Eli"], question="Is this a quote?")

    page = page.press("Undo : asked Eli")

    assert comment.id in page.path
    assert page.status_line.startswith(
        "Question to Eli taken back: Dana on Export licences for rare earths – open again"
    )
    assert not page.has_button("Undo")
    assert headlines(eli.get("/desk/review")) == []


@ON_SQLITE
def test_a_skip_after_a_question_is_a_skip(cast: Cast, people: tuple[Browser, Browser]) -> None:
    ana, _eli = people
    comment = cast.flagged("A hard one.", scores={"toxicity": 0.99})
    ask(cast, comment)

    page = ana.get(f"/desk/review/{comment.id}").press("Skip")

    assert page.status_line.startswith("Skipped: Dana")


@ON_SQLITE
def test_a_question_is_handed_back_or_taken_back(cast: Cast, people: tuple[Browser, Browser]) -> None:
    ana, eli = people
    comment = cast.flagged()
    ask(cast, comment)
    page = eli.get(f"/desk/review/{comment.id}").press("Hand it back")
    assert page.status_line.startswith("Handed back to Ana: Dana")
    assert headlines(ana.get("/desk/review")) == ["Eli hands back: Is this a quote?"]
    ana.get(f"/desk/review/{comment.id}").press("Done with this question")

    ask(cast, comment, "And now?")
    page = ana.get(f"/desk/review/{comment.id}").press("Take the question back")

    assert not page.has_button("Take the question back")
    assert headlines(eli.get("/desk/review")) == []


def test_a_decision_ends_the_question(cast: Cast) -> None:
    cast._moderator("Eli", {cast.herald.id: Role.MODERATOR})
    comment, eli = cast.flagged(), cast.moderator("Eli")
    ask(cast, comment)

    review.decide(cast.database, eli, comment.id, ModeratorChoice(Choice.REJECT, 2), now=cast.now, hold_s=0)

    with cast.database.write() as conn:
        assert store.waiting_for(conn, eli.id, tuple(eli.roles), limit=9) == ([], [])
        store.close_decided(conn, eli.id, now=cast.now)
        (closed,) = store.about(conn, comment.id, limit=9)
        assert closed.closed_at == closed.seen_at == cast.now


def test_only_people_of_the_site_are_asked_and_only_the_asked_one_answers(cast: Cast) -> None:
    cast._moderator("Eli", {cast.herald.id: Role.MODERATOR})
    comment, db, now = cast.flagged(), cast.database, cast.now
    ana, ben, carla = (cast.moderator(name) for name in ("Ana", "Ben", "Carla"))

    for nobody in (cast.ids["Carla"], ana.id, "not an id"):
        with pytest.raises(InvalidInput, match="somebody else who works for this site"):
            questions.ask(db, ana, comment.id, colleague_id=nobody, text="?", now=now)
    with pytest.raises(NotFound):
        questions.ask(db, carla, comment.id, colleague_id=ben.id, text="?", now=now)
    with pytest.raises(InvalidInput, match="1 to 1,000 characters"):
        questions.ask(db, ana, comment.id, colleague_id=ben.id, text=" ", now=now)
    with pytest.raises(MoveNotAllowed):
        questions.ask(db, ana, cast.published().id, colleague_id=ben.id, text="?", now=now)
    asked = ask(cast, comment)
    with pytest.raises(InvalidInput, match="asked them already"):
        ask(cast, comment)
    with pytest.raises(NotFound):
        questions.answer(db, ben, asked.id, "Yes.", now=now)
    with pytest.raises(NotFound):
        questions.take_back(db, ben, asked.id, now=now)


def test_a_question_goes_with_its_comment_and_its_words_with_the_text(cast: Cast) -> None:
    cast._moderator("Eli", {cast.herald.id: Role.MODERATOR})
    comment, db = cast.flagged(), cast.database
    asked = ask(cast, comment, "What of “fool”?")
    questions.answer(db, cast.moderator("Eli"), asked.id, "“Fool” is mild.", now=cast.now)

    with db.write() as conn:
        erasing.forget_texts(conn, [comment.id])
        (left,) = store.about(conn, comment.id, limit=9)
        assert (left.text, left.answer) == ("", None)
        retention.delete_comments(conn, [comment.id])
        assert store.about(conn, comment.id, limit=9) == []


@ON_SQLITE
def test_leads_share_out_what_is_escalated(cast: Cast, people: tuple[Browser, Browser], ben: Browser) -> None:
    ana, _eli = people
    comment = cast.flagged()
    ana.get(f"/desk/review/{comment.id}").press("Escalate")

    page = ben.get("/desk/escalated").press("Take it")
    assert "Ben has taken it" in page.text
    assert "taken by Ben" in page.html.select(".queue li")[0].get_text()
    page = ben.get(f"/desk/review/{comment.id}", escalated="1").press("Hand over", owner=cast.ids["Dora"])
    assert "Nothing left for you" in page.text  # it is Dora's now
    assert not ana.get(f"/desk/review/{comment.id}").has_button("Hand over")
    ben.get(f"/desk/review/{comment.id}", escalated="1").press("Leave it to all leads")
    assert comment.id in ben.get("/desk/escalated").path


@ON_BOTH
def test_an_owner_is_a_lead_and_of_one_escalation_only(cast: Cast) -> None:
    comment, db, now = cast.flagged(), cast.database, cast.now
    ana, ben, dora = (cast.moderator(name) for name in ("Ana", "Ben", "Dora"))
    with pytest.raises(MoveNotAllowed):
        escalation_owners.give(db, ben, comment.id, ben.id, now=now)
    escalated = review.decide(db, ana, comment.id, ModeratorChoice(Choice.ESCALATE, 2), now=now, hold_s=0)
    with pytest.raises(NotAllowed):
        escalation_owners.give(db, ana, comment.id, ana.id, now=now)
    with pytest.raises(InvalidInput, match="choose a lead"):
        escalation_owners.give(db, ben, comment.id, ana.id, now=now)

    escalation_owners.give(db, ben, comment.id, dora.id, now=now)

    view = QueueView((cast.herald.id,), escalated=True)
    with db.read() as conn:
        assert escalations.owners(conn, [comment.id])[comment.id].name == "Dora"
        assert queue.next_for(conn, view, ben.id, now=now) is None
        assert queue.next_for(conn, view, dora.id, now=now) == comment.id
    review.undo(db, ana, escalated.id, now=now, hold_s=0)
    assert status_of(cast, comment.id) is CommentStatus.FLAGGED
    with db.read() as conn:
        assert escalations.owners(conn, [comment.id]) == {}


def test_what_a_lead_had_taken_is_anybodys_once_they_lead_no_more(cast: Cast) -> None:
    comment, db, now = cast.flagged(), cast.database, cast.now
    ana, ben, dora = (cast.moderator(name) for name in ("Ana", "Ben", "Dora"))
    review.decide(db, ana, comment.id, ModeratorChoice(Choice.ESCALATE, 2), now=now, hold_s=0)
    escalation_owners.give(db, ben, comment.id, dora.id, now=now)
    mine = sa.and_(memberships.c.moderator_id == dora.id, memberships.c.site_id == cast.herald.id)

    with db.write() as conn:
        conn.execute(memberships.update().where(mine).values(role="moderator"))

    with db.read() as conn:
        assert escalations.owners(conn, [comment.id]) == {}
        assert queue.next_for(conn, QueueView((cast.herald.id,), escalated=True), ben.id, now=now) == comment.id


@ON_SQLITE
def test_the_title_of_the_tab_counts_what_waits(cast: Cast, ana: Browser) -> None:
    assert ana.get("/desk/review").html.title.get_text() == "Nothing is waiting · Gavel"  # type: ignore[union-attr]
    cast.flagged(author="Tom")
    cast.flagged(author="Tom")

    assert ana.get("/desk/review").html.title.get_text().startswith("(2) Tom on ")  # type: ignore[union-attr]
    part = ana.client.get("/desk/review", headers={"HX-Request": "true"}, follow_redirects=True).get_data(as_text=True)
    assert "<title>(2) Tom on " in part


@ON_SQLITE
def test_neither_questions_nor_owners_walk_a_table(cast: Cast, people: tuple[Browser, Browser], ben: Browser) -> None:
    ana, eli = people
    comment = cast.flagged()
    ask(cast, comment)
    ana.get(f"/desk/review/{comment.id}").press("Escalate")
    asked = Asked(cast.database)

    with asked.listening():
        eli.get("/desk/review")
        ben.get("/desk/escalated")

    assert asked.scans() == []
    mine = [statement for statement, _ in asked.statements if "FROM questions" in statement]
    assert mine
