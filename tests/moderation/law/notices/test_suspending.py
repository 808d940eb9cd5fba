"""A lead suspends a notifier whom a receipt has warned: at one site, for a time, and never from reporting abuse of
children."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database
from moderation.ground.errors import InvalidInput, NotAllowed, NotFound, NotifierSuspended
from moderation.law.notices import giving, suspending
from moderation.law.notices import rows as store
from moderation.law.notices.giving import Given
from moderation.law.notices.suspending import NotifierState
from moderation.law.notices.tables import notifier_suspensions
from moderation.law.notices.values import OF_MINORS, LegalNotice, NewNotice, Place
from moderation.moderators.review import reviewing
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.operations.operating.deleting import erasing, retention
from moderation.operations.operating.deleting.retention import Deletion
from moderation.sites import rows as sites
from moderation.sites.audit.actors import SYSTEM
from moderation.sites.audit.tables import audit
from moderation.sites.people import moderators
from moderation.sites.people.roles import Role
from moderation.sites.rows import Moderator, Site
from service.context import utc_now
from tests.builders import OPERATOR
from tests.moderation.conftest import Newsroom
from tests.service.bodies import settle

WHY = "§ 130 StGB: it calls for violence."
DAY = timedelta(days=1)


@dataclass
class Office:
    """Lea leads site A, Ana moderates it, Carla leads site B."""

    database: Database
    newsrooms: dict[str, Newsroom]
    people: dict[str, Moderator]
    now: datetime = field(default_factory=utc_now)
    count: int = 0

    def give(
        self, email: str = "karl@mail.example", *, at: str = "A", later: timedelta = timedelta(0), **said: Any
    ) -> Given:
        """A notice of a new published comment."""
        self.count += 1
        room, id = self.newsrooms[at], f"c-{self.count}"
        room.send(f"A quiet word, number {id}.", id=id, now=self.now)
        settle(self.database, room.site.id, id)
        new = NewNotice(id, said.pop("why", WHY), "Karl", email, **said)
        return giving.give(self.database, room.site.id, new, by=SYSTEM, now=self.now + later)

    def dismissed(self, email: str = "karl@mail.example", **said: Any) -> None:
        notice = self.give(email, **said).notice
        who = self.people["Carla" if said.get("at") == "B" else "Lea"]
        wish = ModeratorChoice(Choice.APPROVE, 2)
        reviewing.decide(self.database, who, notice.comment_id, wish, now=self.now, hold_s=0)

    def warned(self, email: str = "karl@mail.example", **said: Any) -> LegalNotice:
        for _ in range(3):
            self.dismissed(email, **said)
        notice = self.give(email, **said).notice
        assert notice.place is Place.UNFOUNDED
        return notice

    def suspend(self, notice: LegalNotice, days: int = 30, *, by: str = "Lea") -> None:
        suspending.suspend(self.database, self.people[by], notice.id, days, self.now)

    def lift(self, notice: LegalNotice, *, by: str = "Lea", later: timedelta = timedelta(0)) -> None:
        suspending.lift(self.database, self.people[by], notice.id, self.now + later)

    def rows(self) -> int:
        with self.database.read() as conn:
            return conn.execute(sa.select(sa.func.count()).select_from(notifier_suspensions)).scalar_one()

    def entries(self) -> list[tuple[str, Any, str | None, Any, Any]]:
        columns = (audit.c.action, audit.c.actor_name, audit.c.subject, audit.c.before, audit.c.after)
        query = sa.select(*columns).where(audit.c.action.startswith("notifier.")).order_by(audit.c.id)
        with self.database.read() as conn:
            return [(row[0], row[1], row[2], row[3], row[4]) for row in conn.execute(query)]


@pytest.fixture
def office(database: Database, newsroom: Newsroom, other_site: Site) -> Office:
    a, b = newsroom.site.id, other_site.id
    roles = {"Lea": {a: Role.LEAD}, "Ana": {a: Role.MODERATOR, b: Role.LEAD}, "Carla": {b: Role.LEAD}}
    people = {}
    for name, held in roles.items():
        id = moderators.create_moderator(
            database, email=f"{name}@mail.example", name=name, password_hash="x", roles=held, by=OPERATOR, now=utc_now()
        )
        with database.read() as conn:
            person = sites.find_moderator(conn, id=id)
        assert person is not None
        people[name] = person
    rooms = {"A": newsroom, "B": Newsroom(database, newsroom.queues, other_site)}
    return Office(database, rooms, people)


def test_nobody_is_suspended_before_a_receipt_warned_them(office: Office) -> None:
    for _ in range(3):
        office.dismissed()
    with office.database.read() as conn:
        notices = conn.execute(sa.text("SELECT id FROM notices ORDER BY id")).scalars().all()
        last = store.find(conn, str(notices[-1]))
    assert last is not None

    with pytest.raises(InvalidInput, match="notice_id: no receipt has warned this notifier"):
        office.suspend(last)

    assert (office.rows(), office.entries()) == (0, [])
    office.give()
    office.suspend(last)  # a receipt has, since then
    assert office.rows() == 1


def test_only_a_lead_of_the_site_suspends_and_lifts(office: Office) -> None:
    notice = office.warned()

    for act in (office.suspend, office.lift):
        with pytest.raises(NotAllowed):
            act(notice, by="Ana")
        with pytest.raises(NotFound):
            act(notice, by="Carla")

    assert (office.rows(), office.entries()) == (0, [])


@pytest.mark.parametrize("days", [0, -1, 181, 10**9])
def test_the_number_of_days_has_bounds(office: Office, days: int) -> None:
    notice = office.warned()

    with pytest.raises(InvalidInput, match="days: must be from 1 to 180"):
        office.suspend(notice, days)

    assert office.rows() == 0
    office.suspend(notice, 180)


@pytest.mark.parametrize("who", [{}, {"reader_id": "karl"}, {"flagger": "Hotline"}])
def test_a_suspended_notifier_is_refused_however_written_and_another_is_not(
    office: Office, who: dict[str, Any]
) -> None:
    notice = office.warned(**who)

    office.suspend(notice)

    with pytest.raises(NotifierSuspended) as refusal:
        office.give("Karl+new@Mail.example", why="Other grounds.", **who)
    assert refusal.value.until == office.now + 30 * DAY
    office.give("mia@mail.example")
    again = NewNotice("c-4", WHY, "Karl", "karl@mail.example", **who)  # what is open stays, and is found again
    given = giving.give(office.database, notice.site_id, again, by=SYSTEM, now=office.now)
    assert (given.notice.id, given.notice.status, given.is_new) == (notice.id, "open", False)


def test_an_open_notice_of_theirs_is_answered(office: Office) -> None:
    notice = office.warned()
    office.suspend(notice)

    wish = ModeratorChoice(Choice.REJECT, 2)
    reviewing.decide(office.database, office.people["Lea"], notice.comment_id, wish, now=office.now, hold_s=0)

    with office.database.read() as conn:
        answered = store.find(conn, notice.id)
    assert answered is not None and answered.status == "upheld"


def test_a_notice_of_sexual_abuse_of_children_is_always_taken(office: Office) -> None:
    notice = office.warned()
    office.suspend(notice)

    assert office.give(category=OF_MINORS).is_new
    assert office.give(category=OF_MINORS, why="The picture shows a child.").is_new


def test_it_ends_by_itself_to_the_moment(office: Office) -> None:
    office.suspend(office.warned(), 1)

    with pytest.raises(NotifierSuspended):
        office.give(later=DAY - timedelta(seconds=1))
    assert office.give(later=DAY).is_new


def test_it_ends_by_hand_once(office: Office) -> None:
    notice = office.warned()
    office.suspend(notice)

    office.lift(notice)
    office.lift(notice)

    assert office.give().is_new
    assert [entry[0] for entry in office.entries()] == ["notifier.suspended", "notifier.suspension_ended"]


def test_a_second_one_replaces_the_first(office: Office) -> None:
    notice = office.warned()
    office.suspend(notice, 30)

    office.suspend(notice, 2)

    assert office.rows() == 1
    assert office.give(later=3 * DAY).is_new


def test_the_audit_trail_has_it_and_names_no_notifier(office: Office) -> None:
    notice = office.warned()
    office.suspend(notice)
    office.lift(notice)

    said = {"notice": notice.id, "until": (office.now + 30 * DAY).isoformat()}
    assert office.entries() == [
        ("notifier.suspended", "Lea", "c-4", None, said),
        ("notifier.suspension_ended", "Lea", "c-4", said, None),
    ]


def test_another_site_takes_their_notices_and_has_to_warn_them_itself(office: Office) -> None:
    office.suspend(office.warned())

    elsewhere = office.give(at="B").notice

    with pytest.raises(InvalidInput, match="no receipt has warned"):
        office.suspend(elsewhere, by="Carla")
    office.lift(elsewhere, by="Carla")  # lifts nothing at site A
    with pytest.raises(NotifierSuspended):
        office.give()


def test_a_lead_alone_sees_who_may_be_suspended(office: Office) -> None:
    notice, other = office.warned(), office.give("mia@mail.example").notice

    def states(who: str) -> Any:
        with office.database.read() as conn:
            return suspending.states(conn, office.people[who], [notice, other], office.now)

    before = states("Lea")
    office.suspend(notice)

    assert before == {notice.id: NotifierState(None, True)}
    assert states("Lea") == {notice.id: NotifierState(office.now + 30 * DAY, True)}
    assert (states("Ana"), states("Carla")) == ({}, {})


def test_nothing_names_the_notifier_after_the_end(office: Office) -> None:
    office.suspend(office.warned())

    def run(days: int, *, dry_run: bool = False) -> int:
        done = retention.retain(office.database, by=OPERATOR, now=office.now + days * DAY, dry_run=dry_run)
        return sum(purged.count for purged in done if purged.kind is Deletion.SUSPENSIONS)

    assert (run(29), office.rows()) == (0, 1)
    assert (run(30, dry_run=True), office.rows()) == (1, 1)
    assert (run(30), office.rows()) == (1, 0)


def test_an_erasure_of_the_reader_takes_it(office: Office) -> None:
    notice = office.warned(reader_id="karl")
    office.suspend(notice)

    erasing.erase(office.database, notice.site_id, "karl", by=OPERATOR, now=office.now)

    assert office.rows() == 0
