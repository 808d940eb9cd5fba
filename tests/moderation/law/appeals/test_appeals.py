"""Appeals in the core: made once and in time, decided by somebody else, and what follows, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from moderation.ground.errors import InvalidInput, NotAllowed, NotFound
from moderation.ground.values.statuses import Action, CommentStatus, DecidedBy
from moderation.insight.checks import appealed, error_rates
from moderation.insight.checks import rows as checks
from moderation.insight.checks.rows import Check
from moderation.insight.learning import example_rows as examples
from moderation.insight.learning.example_rows import LabelSource
from moderation.law.appeals import deciding, figure_rows
from moderation.law.appeals import rows as store
from moderation.law.appeals.errors import AlreadyAppealed, AppealDecided, AppealTooLate, DecisionOver, TooManyAppeals
from moderation.law.appeals.figure_rows import AppealOutcomes
from moderation.law.appeals.values import Appeal, AppealOutcome, AppealReason, AppealSource, AppealState
from moderation.law.statements import rows as statements
from moderation.moderators.review import api_decisions, reviewing
from moderation.operations.operating.deleting import erasing, retention, site_deletion
from moderation.pipeline.arriving import intake
from moderation.sites import sites
from moderation.sites.audit import actors
from moderation.sites.audit.tables import audit
from moderation.sites.people.roles import Role
from moderation.sites.rows import Site
from moderation.spine.comments import decision_rows as decisions
from moderation.spine.comments.door import record
from moderation.spine.events.tables import events
from tests.builders import NOON, OPERATOR
from tests.moderation.law.appeals.conftest import WORDS, Court

DAY = timedelta(days=1)
PUBLISHED, REJECTED = CommentStatus.PUBLISHED, CommentStatus.REJECTED


def change(court: Court, **settings: Any) -> None:
    sites.change_settings(court.database, court.site_id, by=OPERATOR, now=NOON, **settings)


def sent(court: Court, kind: str) -> list[Any]:
    query = sa.select(events.c.payload).where(events.c.type == kind).order_by(events.c.id)
    with court.database.read() as conn:
        return list(conn.execute(query).scalars())


def now_of(court: Court, appeal: Appeal) -> Appeal:
    with court.database.read() as conn:
        found = store.find(conn, appeal.id)
    assert found is not None
    return found


def decide(court: Court, appeal: Appeal, name: str, reason: AppealReason, **said: Any) -> Appeal:
    said = {"now": NOON + DAY, **said}
    return deciding.decide(court.database, court.person(name), appeal.id, reason, judged=appealed.count, **said)


def test_an_appeal_is_stored_and_the_site_hears_of_it_without_the_authors_words(court: Court) -> None:
    decision_id = court.rejected_by("ana", language="de")

    made = court.appeal(decision_id, f"  {WORDS}\r\nReally. ")

    assert now_of(court, made) == made
    assert (made.text, made.language, made.state) == (f"{WORDS}\nReally.", "de", AppealState.OPEN)
    assert made.maker_id == court.people["ana"]
    (told,) = sent(court, "appeal.received")
    assert (told["appeal"]["decision_id"], told["appeal"]["comment_id"], told["appeal"]["author_id"]) == (
        *(decision_id, "c-1"),
        "u-1",
    )
    assert told["message"]["text"].startswith("Wir haben Ihren Widerspruch am 2. März 2026 erhalten.")
    assert "minister" not in str(told)
    with court.database.read() as conn:
        announced = statements.get_decided(conn, court.site_id, decision_id).announced
    assert announced is not None and told["appeal"]["path"] == announced["path"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must say why"),
        (" \r\n\t ", "must say why"),
        ("x" * 2_001, "must have at most 2,000 characters, and has 2,001"),
        ("a\x00b", "control characters"),
        ("a\x1bb", "control characters"),
        ("a\ud800b", "control characters"),
    ],
)
def test_a_text_that_is_no_text_is_named(court: Court, text: str, said: str) -> None:
    decision_id = court.settled(Action.REJECT)

    with pytest.raises(InvalidInput) as refused:
        court.appeal(decision_id, text)

    assert refused.value.problems[0].field == "text"
    assert said in refused.value.problems[0].message


@pytest.mark.parametrize("text", ["x", "x" * 2_000, f" {'é' * 2_000}\r\n", "a\tb\nc", "Ihr seid doch alle 💩!"])
def test_any_other_text_is_taken_insults_too(court: Court, text: str) -> None:
    made = court.appeal(court.settled(Action.REJECT), text)

    assert now_of(court, made).text == text.strip()


def test_a_decision_is_appealed_once(court: Court) -> None:
    decision_id = court.settled(Action.REJECT)
    made = court.appeal(decision_id)

    with pytest.raises(AlreadyAppealed):
        court.appeal(decision_id)
    decide(court, made, "ana", AppealReason.RULE_BROKEN)
    with pytest.raises(AlreadyAppealed):
        court.appeal(decision_id)

    assert len(sent(court, "appeal.received")) == 1


def test_the_time_is_the_one_that_the_statement_named(court: Court) -> None:
    change(court, appeal_days=10)
    first, second = court.settled(Action.REJECT), court.settled(Action.REJECT)
    change(court, appeal_days=1)

    court.appeal(first, now=NOON + 10 * DAY - timedelta(seconds=1))
    with pytest.raises(AppealTooLate):
        court.appeal(second, now=NOON + 10 * DAY)


def test_there_is_nothing_to_appeal_against_where_nothing_was_decided(court: Court, other_site: Site) -> None:
    published, rejected = court.settled(Action.PUBLISH), court.settled(Action.REJECT)
    elsewhere = replace(court, newsroom=type(court.newsroom)(court.database, court.newsroom.queues, other_site))

    for caller, decision_id in (
        (court, published),
        (court, "01a21022-6258-7611-864a-0e757bf7ee87"),
        (elsewhere, rejected),
    ):
        with pytest.raises(NotFound):
            caller.appeal(decision_id)
    with pytest.raises(NotFound):
        court.appeal(rejected, source=AppealSource.READER, author_id="u-2")
    court.appeal(rejected, source=AppealSource.READER, author_id="u-1")


@pytest.mark.parametrize("how", ["published", "undone", "edited", "withdrawn"])
def test_a_decision_that_no_longer_holds_needs_no_appeal(court: Court, how: str) -> None:
    before, after = court.rejected_by("ana"), court.rejected_by("ana")
    made = court.appeal(before)

    for number in (1, 2):
        undo(court, how, f"c-{number}")

    with pytest.raises(DecisionOver):
        court.appeal(after)
    assert now_of(court, made).outcome is AppealOutcome.SETTLED  # it was open: nothing is left to decide
    (told,) = sent(court, "appeal.decided")
    assert (told["appeal"]["state"], told["appeal"]["reason"]) == ("settled", None)


def undo(court: Court, how: str, external_id: str) -> None:
    comment, newsroom = court.comment(external_id), court.newsroom
    if how == "published":
        api_decisions.rule(
            court.database, court.site_id, external_id, Action.PUBLISH, version=comment.version, now=NOON
        )
    elif how == "undone":
        with court.database.read() as conn:
            latest = decisions.latest_decision(conn, comment.id)
        assert latest is not None
        reviewing.undo(court.database, court.person("ana"), latest.id, now=NOON, hold_s=0)
    elif how == "edited":
        intake.edit(court.database, newsroom.queues, court.site_id, external_id, "Another text.", now=NOON)
    else:
        intake.withdraw(court.database, court.site_id, external_id, now=NOON)


def test_open_appeals_are_bounded_by_author_and_site(court: Court) -> None:
    change(court, open_appeals_per_author=2, open_appeals_per_site=3)
    mine = [court.settled(Action.REJECT, author_id="u-1") for _ in range(4)]
    theirs = [court.settled(Action.REJECT, author_id="u-2") for _ in range(2)]
    made = [court.appeal(each) for each in mine[:2]]

    with pytest.raises(TooManyAppeals) as refused:
        court.appeal(mine[2])
    assert refused.value.problems[0].field == "author"
    court.appeal(theirs[0])
    with pytest.raises(TooManyAppeals) as refused:
        court.appeal(theirs[1])
    assert refused.value.problems[0].field == "site"
    decide(court, made[0], "ana", AppealReason.RULE_BROKEN)
    court.appeal(mine[2])


def test_a_site_that_takes_none_refuses_all(court: Court) -> None:
    change(court, open_appeals_per_site=0)

    with pytest.raises(TooManyAppeals):
        court.appeal(court.settled(Action.REJECT))


def test_upholding_leaves_the_comment_and_says_why(court: Court) -> None:
    made = court.appeal(court.rejected_by("ana"))
    version = court.comment("c-1").version

    done = decide(court, made, "ben", AppealReason.RULE_BROKEN, answer=" Calling somebody a rat is one.\r\n")

    assert now_of(court, made) == done
    assert (done.outcome, done.moderator_id, done.by_same_person) == (
        *(AppealOutcome.UPHELD, court.people["ben"]),
        False,
    )
    assert (court.comment("c-1").status, court.comment("c-1").version) == (REJECTED, version)
    (told,) = sent(court, "appeal.decided")
    assert (told["appeal"]["state"], told["appeal"]["reason"]) == ("upheld", "rule_broken")
    assert told["message"] == {
        "language": "en",
        "text": "A person looked at your appeal on 3 March 2026. The decision stays. The comment breaks the rule that "
        "we named. The moderators write: Calling somebody a rat is one.",
    }


def test_overturning_publishes_through_the_door_and_amends_the_statement(court: Court) -> None:
    decision_id = court.rejected_by("ana")
    made = court.appeal(decision_id)

    decide(court, made, "ben", AppealReason.MISREAD)

    comment = court.comment("c-1")
    with court.database.read() as conn:
        latest = decisions.latest_decision(conn, comment.id)
        about = statements.get_decided(conn, court.site_id, decision_id)
        trail = conn.execute(sa.select(audit.c.action, audit.c.subject, audit.c.actor_name)).all()
    assert latest is not None
    assert (comment.status, latest.decided_by, latest.moderator_id) == (
        *(PUBLISHED, DecidedBy.MODERATOR),
        court.people["ben"],
    )
    assert about.amended_by is not None and about.amended_by.id == latest.id
    assert now_of(court, made).outcome is AppealOutcome.OVERTURNED  # and not settled by its own move
    assert len(sent(court, "appeal.decided")) == 1
    assert ("appeal.overturned", "c-1", "ben") in trail


def test_the_order_of_events_is_the_order_of_what_happened(court: Court) -> None:
    decide(court, court.appeal(court.settled(Action.REJECT)), "ana", AppealReason.SOFTWARE_ERRED)

    with court.database.read() as conn:
        query = sa.select(events.c.type).order_by(events.c.due_at, events.c.id)
        assert list(conn.execute(query).scalars()) == [
            *("comment.rejected", "appeal.received", "comment.published", "appeal.decided")
        ]


@pytest.mark.parametrize(("maker", "by"), [("ana", "ana"), ("ben", "ben")])
def test_nobody_decides_on_their_own_decision(court: Court, maker: str, by: str) -> None:
    made = court.appeal(court.rejected_by(maker))

    with pytest.raises(NotAllowed):
        decide(court, made, by, AppealReason.RULE_BROKEN)

    assert now_of(court, made).state is AppealState.OPEN


def test_a_moderator_leaves_a_leads_decision_to_another_lead(court: Court) -> None:
    made = court.appeal(court.rejected_by("ben"))
    court.hire(dora=Role.ADMIN)

    with pytest.raises(NotAllowed):
        decide(court, made, "ana", AppealReason.MISREAD)
    decide(court, made, "dora", AppealReason.MISREAD)


def test_who_confirmed_software_blind_does_not_look_at_it_again(court: Court) -> None:
    decision_id = court.settled(Action.REJECT)
    comment = court.comment("c-1")
    choice = reviewing.ModeratorChoice(reviewing.Choice.REJECT, comment.version)
    with court.database.write() as conn:
        move = replace(reviewing._move(conn, court.person("ana"), comment, choice, NOON, 0), confirms=True, silent=True)
        record(conn, move, now=NOON)
    made = court.appeal(decision_id)

    assert made.maker_id == court.people["ana"]


def test_a_lead_who_works_alone_decides_and_the_author_is_told(newsroom: Any) -> None:
    court = Court(newsroom)
    court.hire(ben=Role.LEAD)
    made = court.appeal(court.rejected_by("ben"))

    done = decide(court, made, "ben", AppealReason.NOTHING_NEW)

    assert done.by_same_person
    (told,) = sent(court, "appeal.decided")
    assert "since nobody else works for us" in told["message"]["text"]


def test_two_people_decide_once(court: Court) -> None:
    made = court.appeal(court.settled(Action.REJECT))
    decide(court, made, "ana", AppealReason.RULE_BROKEN)

    with pytest.raises(AppealDecided):
        decide(court, made, "ben", AppealReason.WITHIN_RULES)

    assert court.comment("c-1").status is REJECTED
    assert len(sent(court, "appeal.decided")) == 1


@pytest.mark.parametrize("answer", ["x" * 1_001, "a\x00b"])
def test_an_answer_has_its_limits(court: Court, answer: str) -> None:
    made = court.appeal(court.settled(Action.REJECT))

    with pytest.raises(InvalidInput) as refused:
        decide(court, made, "ana", AppealReason.RULE_BROKEN, answer=answer)
    assert refused.value.problems[0].field == "answer"
    decide(court, made, "ana", AppealReason.RULE_BROKEN, answer="x" * 1_000)


def test_a_person_of_another_site_finds_no_appeal(court: Court, other_site: Site) -> None:
    made = court.appeal(court.settled(Action.REJECT))
    stranger = replace(court.person("ana"), roles={other_site.id: Role.ADMIN})

    with pytest.raises(NotFound):
        deciding.decide(court.database, stranger, made.id, AppealReason.RULE_BROKEN, judged=appealed.count, now=NOON)


def test_an_overturned_rejection_by_software_is_an_error_in_the_rates_and_a_label(court: Court) -> None:
    wrong, right = (court.appeal(court.settled(Action.REJECT)) for _ in range(2))
    decide(court, wrong, "ana", AppealReason.SOFTWARE_ERRED)
    decide(court, right, "ana", AppealReason.RULE_BROKEN)

    with court.database.read() as conn:
        rates = error_rates.of_site(conn, court.site_id, now=NOON + 2 * DAY)
        learnt = {e.comment_id: e for e in examples.checked(conn, court.site_id, most=10)}
        decided = examples.decided_by_people(conn, court.site_id, most=10)
    assert (rates.checked, rates.waiting) == (2, 0)
    assert rates.errors[REJECTED].share == pytest.approx(0.5)
    assert {id: (e.is_rejected, e.weight, e.source) for id, e in learnt.items()} == {
        wrong.comment_id: (False, 1.0, LabelSource.CHECK),
        right.comment_id: (True, 1.0, LabelSource.CHECK),
    }
    assert [e.comment_id for e in decided] == [wrong.comment_id]


def test_a_drawn_comment_that_is_appealed_speaks_for_itself_alone(court: Court) -> None:
    made = [court.appeal(court.settled(Action.REJECT)) for _ in range(2)]
    with court.database.write() as conn:
        checks.insert(conn, [Check(each.comment_id, court.site_id, NOON, 0.01, REJECTED) for each in made])

    decide(court, made[0], "ana", AppealReason.SOFTWARE_ERRED)
    decide(court, made[1], "ana", AppealReason.RULE_BROKEN)

    with court.database.read() as conn:
        found = checks.of(conn, [each.comment_id for each in made])
    assert [(found[each.comment_id].weight, found[each.comment_id].outcome) for each in made] == [
        (1, PUBLISHED),
        (1, REJECTED),
    ]


def test_a_persons_decision_says_nothing_about_software(court: Court) -> None:
    decide(court, court.appeal(court.rejected_by("ana")), "ben", AppealReason.MISREAD)

    with court.database.read() as conn:
        assert error_rates.of_site(conn, court.site_id, now=NOON + 2 * DAY).checked == 0


def test_the_outcomes_of_a_period_add_up(court: Court) -> None:
    change(court, open_appeals_per_author=100)
    kinds = [AppealReason.RULE_BROKEN, AppealReason.RULE_BROKEN, AppealReason.MISREAD, None]
    for number, reason in enumerate(kinds):
        made = court.appeal(court.settled(Action.REJECT), now=NOON)
        if reason is not None:
            decide(court, made, "ana", reason, now=NOON + (number + 1) * DAY)
    decide(court, court.appeal(court.rejected_by("ana")), "ben", AppealReason.MISREAD, now=NOON + 5 * DAY)
    court.appeal(court.settled(Action.REJECT), now=NOON + 30 * DAY)

    with court.database.read() as conn:
        found = figure_rows.outcomes(conn, court.site_id, NOON, NOON + 30 * DAY)
        nothing = figure_rows.outcomes(conn, court.site_id, NOON - DAY, NOON)

    assert found == [
        AppealOutcomes(AppealOutcome.UPHELD, True, False, 2, 1.5),
        AppealOutcomes(AppealOutcome.OVERTURNED, False, False, 1, 5.0),
        AppealOutcomes(AppealOutcome.OVERTURNED, True, False, 1, 3.0),
        AppealOutcomes(None, True, False, 1, None),
    ]
    assert nothing == []


def test_the_erasure_of_an_author_takes_the_words_along(court: Court) -> None:
    decided, open_one = court.appeal(court.settled(Action.REJECT)), court.appeal(court.settled(Action.REJECT))
    decide(court, decided, "ana", AppealReason.RULE_BROKEN, answer="You wrote rat.")

    erasing.erase(court.database, court.site_id, "u-1", by=OPERATOR, now=NOON + 2 * DAY)

    for made in (decided, open_one):
        assert (now_of(court, made).text, now_of(court, made).answer) == ("", None)
    assert now_of(court, open_one).outcome is AppealOutcome.SETTLED
    told = sent(court, "appeal.received") + sent(court, "appeal.decided")
    assert len(told) == 4
    assert all(each["message"] is None for each in told)


def test_retention_keeps_a_comment_while_its_appeal_is_open(court: Court) -> None:
    change(court, keep_rejected_days=1)
    start = datetime.now(UTC)  # ids are by the true time
    made = court.appeal(court.settled(Action.REJECT, now=start), now=start)
    with court.database.write() as conn:
        conn.execute(events.update().values(cancelled_at=NOON))  # the site has heard of everything

    assert list(retention.retain(court.database, by=actors.SYSTEM, now=start + 5 * DAY)) == []
    decide(court, made, "ana", AppealReason.RULE_BROKEN, now=start + 5 * DAY)
    with court.database.write() as conn:
        conn.execute(events.update().values(cancelled_at=NOON))
    gone = list(retention.retain(court.database, by=actors.SYSTEM, now=start + 10 * DAY))

    assert [(each.kind, each.count) for each in gone] == [("rejected", 1)]
    with court.database.read() as conn:
        assert store.find(conn, made.id) is None


def test_a_deleted_site_leaves_no_appeals(court: Court) -> None:
    made = court.appeal(court.settled(Action.REJECT))

    list(site_deletion.delete(court.database, court.newsroom.site, by=OPERATOR, now=NOON))

    with court.database.read() as conn:
        assert store.find(conn, made.id) is None
