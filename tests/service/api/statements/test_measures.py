"""A measure that keeps an author from commenting has a statement of reasons: event, page, export and report of every
kind of measure say the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from moderation.ground.database.engine import Database
from moderation.ground.values.measures import Measure
from moderation.ground.values.statuses import Action
from moderation.ground.wording.sentences import LANGUAGES, day, ours
from moderation.insight.checks.error_rates import errors_between
from moderation.law.statements import announcing, exporting, links
from moderation.law.transparency_report import counting
from moderation.law.transparency_report.table import TransparencyPart, lines
from moderation.law.transparency_report.values import TransparencyReport
from moderation.moderators.authors import measure_rows as store
from moderation.moderators.authors import taking_measures as measures
from moderation.moderators.authors.measure_rows import TakenMeasure
from moderation.moderators.authors.taking_measures import MeasureWish
from moderation.sites import sites
from moderation.sites.people import moderators
from moderation.sites.people.roles import Role
from moderation.sites.rows import find_moderator
from moderation.sites.settings.grounds import Ground, GroundKind
from moderation.sites.settings.ladder import Climb, Ladder, Step
from moderation.sites.settings.rejection_reasons import ReasonDetails
from moderation.sites.sites import NewSite
from moderation.spine.articles import rows as articles
from service.context import utc_now
from tests.builders import OPERATOR
from tests.moderation.law.statements import transparency_rules
from tests.own_databases import ON_BOTH
from tests.service.bodies import a_body, settle
from tests.service.conftest import Caller

INSULT = "Insult or abuse"
LAW = Ground({"en": "It insults.", "de": "Sie beleidigt."}, GroundKind.LAW, "§ 185 StGB")
OWN_WORDS = "You called Dana Olsen of dana@mail.example a crook."
SUSPENDED, BANNED = "suspended", "banned"
PERSON, LADDER = "not_automated", "fully"
ACCOUNT = {SUSPENDED: "DECISION_ACCOUNT_SUSPENDED", BANNED: "DECISION_ACCOUNT_TERMINATED"}
MINUTE = timedelta(minutes=1)


@dataclass
class House:
    """A site, one of its authors, and all who take measures about them."""

    api: Caller
    client: FlaskClient
    database: Database
    site: NewSite

    def __post_init__(self) -> None:
        person_id = moderators.create_moderator(
            self.database,
            email="ana@example.org",
            name="Ana",
            password_hash="x",
            roles={self.site.site.id: Role.MODERATOR},
            by=OPERATOR,
            now=utc_now(),
        )
        with self.database.read() as conn:
            person = find_moderator(conn, id=person_id)
        assert person is not None
        self.person = person
        self.change(reason_details={INSULT: ReasonDetails({"de": "Grob"}, counts_against_author=True)})
        self.write("c-1")

    def change(self, **settings: Any) -> None:
        sites.change_settings(self.database, self.site.site.id, by=OPERATOR, now=utc_now(), **settings)

    def write(self, id: str) -> None:
        body = a_body("You are a crook.", id=id, language="de", author={"id": "reader-1", "name": "Eve"})
        assert self.api.post("/v1/comments", body).status_code == 202
        settle(self.database, self.site.site.id, id, Action.FLAG, toxicity=0.9)

    def reject(self, id: str) -> None:
        said = {"action": "reject", "version": 2, "reason": INSULT}
        assert self.api.post(f"/v1/comments/{id}/decisions", said).status_code == 201

    @property
    def author_id(self) -> str:
        with self.database.read() as conn:
            author = articles.find_author(conn, self.site.site.id, "reader-1")
        assert author is not None
        return author.id

    def take(self, measure: Measure, *, due_in: timedelta = timedelta(0), **said: Any) -> TakenMeasure:
        wish = MeasureWish(measure, **{"rejection_reason": INSULT, **said})
        now = utc_now()
        return measures.take(self.database, self.person, self.author_id, wish, now=now, due_at=now + due_in)

    def by_site(self, **said: Any) -> None:
        assert self.api.post("/v1/authors/reader-1/measures", said).status_code == 201

    def undo(self, taken: TakenMeasure) -> None:
        measures.undo(self.database, self.person, taken.id, now=utc_now())

    @property
    def taken(self) -> list[TakenMeasure]:
        with self.database.read() as conn:
            return store.history(conn, self.author_id, limit=50)[::-1]

    def events(self) -> list[dict[str, Any]]:
        feed = self.api.get("/v1/events?limit=100").json
        assert feed is not None
        return [event["data"]["measure"] for event in feed["events"] if event["type"].startswith("author.")]

    def exported(self) -> list[dict[str, Any]]:
        today = utc_now().date()
        days = today - timedelta(days=1), today + timedelta(days=1)
        batches = list(exporting.batches(self.database, self.site.site.id, *days, known=frozenset()))
        assert [problem for batch in batches for problem in transparency_rules.problems(batch)] == []
        return [one for batch in batches for one in batch["statements"] if "decision_account" in one]

    def report(self) -> TransparencyReport:
        today = utc_now().date()
        days = today - timedelta(days=1), today + timedelta(days=1)
        return counting.transparency_report(self.database, self.site.site.id, *days, errors_of=errors_between)

    def page(self, path: str) -> BeautifulSoup:
        return BeautifulSoup(self.client.get(path).text, "html.parser")


def suspend(house: House) -> None:
    house.take(Measure.SUSPEND, days=7)


def ban(house: House) -> None:
    house.take(Measure.BAN)


def by_the_site(house: House) -> None:
    house.by_site(measure="suspend", days=3, rejection_reason=INSULT, comment_id="c-1")


def by_the_ladder(house: House) -> None:
    house.change(author_ladder=Ladder(2, 30, (Step(Measure.SUSPEND, 7), Step(Measure.BAN)), Climb.APPLIED))
    house.write("c-2")
    house.reject("c-1")
    house.reject("c-2")


def longer(house: House) -> None:
    house.take(Measure.SUSPEND, days=7)
    house.take(Measure.SUSPEND, days=30)


def then_banned(house: House) -> None:
    house.take(Measure.SUSPEND, days=7)
    house.take(Measure.BAN)


def restored(house: House) -> None:
    house.take(Measure.BAN)
    house.take(Measure.RESTORE, reason="A mistake.", rejection_reason=None)


def undone_late(house: House) -> None:
    taken = house.take(Measure.BAN)
    assert house.events()  # the site hears of it before
    house.undo(taken)


def undone_in_time(house: House) -> None:
    house.undo(house.take(Measure.BAN, due_in=MINUTE))


def others(house: House) -> None:
    for measure in (Measure.WARN, Measure.HOLD, Measure.TRUST):
        house.take(measure)


Kind = tuple[str, str]
PATHS: Mapping[Callable[[House], None], list[tuple[Kind, bool]]] = {
    suspend: [((SUSPENDED, PERSON), True)],
    ban: [((BANNED, PERSON), True)],
    by_the_site: [((SUSPENDED, PERSON), True)],
    by_the_ladder: [((SUSPENDED, LADDER), True)],
    longer: [((SUSPENDED, PERSON), False), ((SUSPENDED, PERSON), True)],
    then_banned: [((SUSPENDED, PERSON), False), ((BANNED, PERSON), True)],
    restored: [((BANNED, PERSON), False)],
    undone_late: [((BANNED, PERSON), False)],
    undone_in_time: [],
    others: [],
}
"""The effect of each, and the measures with a statement: of which kind, and whether it still holds."""


@ON_BOTH
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.__name__)
def test_event_page_export_and_report_say_the_same_of_every_measure(
    house: House, path: Callable[[House], None]
) -> None:
    path(house)

    kinds = [kind for kind, _holds in PATHS[path]]
    announced = {said["id"]: said["statement"] for said in house.events() if said["statement"]}
    stated = [taken for taken in house.taken if taken.id in announced]
    assert [
        (announced[taken.id]["restriction"], announced[taken.id]["automated_decision"]) for taken in stated
    ] == kinds
    exports = {one["puid"]: one for one in house.exported()}
    assert list(exports) == [taken.id for taken in stated]
    for taken, ((restriction, automation), holds) in zip(stated, PATHS[path], strict=True):
        _check_page(house, announced[taken.id], taken, restriction, automation, holds=holds)
        _check_export(exports[taken.id], taken, restriction, automation, holds=holds)
    _check_report(house, kinds, amended=sum(not holds for _kind, holds in PATHS[path]))


def _check_page(
    house: House, said: Mapping[str, Any], taken: TakenMeasure, restriction: str, automation: str, *, holds: bool
) -> None:
    page, words = house.page(said["path"]), ours("de")
    text = " ".join(page.get_text(" ").split())
    assert page.h1 is not None and page.h1.get_text() == words[f"statement_title_{restriction}"]
    assert ("gilt nicht mehr" in text) is not holds, text
    by = "site" if taken.made_by == "key" else automation
    assert words[f"statement_deciding_{by}"] in text
    assert (words["statement_account_after_several"] in text) is (automation == LADDER)
    assert said["ground"]["text"] in text and "Grob" in text
    if taken.until is not None and holds:
        assert day(taken.until, "de") in text


def _check_export(
    one: Mapping[str, Any], taken: TakenMeasure, restriction: str, automation: str, *, holds: bool
) -> None:
    assert one["decision_account"] == ACCOUNT[restriction]
    assert "decision_visibility" not in one
    assert one["automated_decision"] == f"AUTOMATED_DECISION_{automation.upper()}"
    assert one["automated_detection"] == ("Yes" if automation == LADDER else "No")
    ends = taken.until.date() if taken.until and holds else None if holds else utc_now().date()
    assert one.get("end_date_account_restriction") == (ends.isoformat() if ends else None)


def _check_report(house: House, kinds: list[Kind], *, amended: int) -> None:
    report = house.report()
    of_authors: Counter[Kind] = Counter()
    for fact, number in report.measures.items():
        if fact.restriction.value in ACCOUNT:
            of_authors[fact.restriction.value, fact.automation.value] += number
    assert of_authors == Counter(kinds)
    shown = {
        line.indicator: (line.value, ACCOUNT[line.indicator.partition("_")[2]] in line.eu_terms)
        for line in lines(report)
        if line.part is TransparencyPart.OWN_INITIATIVE and line.indicator.partition("_")[2] in ACCOUNT
    }
    counts = Counter(restriction for restriction, _automation in kinds)
    assert shown == {f"restriction_{name}": (number, True) for name, number in counts.items()}
    assert report.amended == amended


def test_the_paths_reach_every_kind() -> None:
    kinds = {kind for stated in PATHS.values() for kind, _holds in stated}

    assert kinds == {(SUSPENDED, PERSON), (SUSPENDED, LADDER), (BANNED, PERSON)}


def test_the_author_reads_the_editors_words_and_the_database_gets_none_of_them(house: House) -> None:
    house.take(Measure.SUSPEND, days=7, reason=OWN_WORDS)

    (said,) = house.events()
    (exported,) = house.exported()
    assert OWN_WORDS in house.page(said["statement"]["path"]).get_text()
    assert "Olsen" not in str(exported) and "mail.example" not in str(exported)


def test_a_statement_keeps_the_ground_of_its_day(house: House) -> None:
    house.take(Measure.BAN)
    (said,) = house.events()

    house.change(reason_details={INSULT: ReasonDetails({"de": "Grob"}, ground=LAW)})

    assert said["statement"]["ground"]["kind"] == "house_rule"
    assert "§ 185" not in house.page(said["statement"]["path"]).get_text()
    (exported,) = house.exported()
    assert exported["decision_ground"] == "DECISION_GROUND_INCOMPATIBLE_CONTENT"


def test_a_measure_on_the_ground_of_a_law_names_it(house: House) -> None:
    house.change(reason_details={INSULT: ReasonDetails({"de": "Grob"}, ground=LAW)})

    house.take(Measure.BAN)

    (exported,) = house.exported()
    assert exported["illegal_content_legal_ground"] == "§ 185 StGB"


def test_the_page_says_where_and_until_when_to_object(house: House) -> None:
    house.change(appeal_contact="beschwerde@herald.example", appeal_days=30)

    house.take(Measure.BAN)

    (said,) = house.events()
    text = house.page(said["statement"]["path"]).get_text()
    assert "beschwerde@herald.example" in text
    assert day(utc_now() + timedelta(days=30), "de") in text


def test_the_site_reads_the_link_with_the_measure(house: House) -> None:
    house.take(Measure.WARN)
    house.take(Measure.BAN)

    page = house.api.get("/v1/authors/reader-1/measures").json
    (banned, warned) = page["measures"]  # type: ignore[index]

    (announced,) = [said["statement"] for said in house.events() if said["statement"]]
    assert banned["statement"]["path"] == announced["path"]
    assert banned["statement"]["ground"] == announced["ground"]
    assert warned["statement"] is None


def test_a_link_that_is_altered_or_another_sites_shows_nothing(house: House, other_site: NewSite) -> None:
    taken = house.take(Measure.BAN)
    (said,) = house.events()
    path = said["statement"]["path"]
    with house.database.write() as conn:
        foreign = announcing.secret(conn, other_site.site.id)
    forged = links.path(foreign, taken.id, utc_now() + timedelta(days=9))

    for wrong in (path[:-1] + ("A" if path[-1] != "A" else "B"), forged):
        assert house.client.get(wrong).status_code == 404
    assert house.client.get(path).status_code == 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_its_statement(house: House, language: str) -> None:
    house.take(Measure.SUSPEND, days=7, language=language, reason="So it is.")

    (said,) = house.events()
    page = house.page(said["statement"]["path"])
    assert page.html is not None and page.html["lang"] == language
    assert "{" not in page.get_text()


def test_a_statement_goes_with_its_author(house: House) -> None:
    house.take(Measure.BAN)
    (said,) = house.events()

    assert house.api.delete("/v1/authors/reader-1").status_code in (200, 202, 204)

    assert house.client.get(said["statement"]["path"]).status_code == 404
    assert house.exported() == []
