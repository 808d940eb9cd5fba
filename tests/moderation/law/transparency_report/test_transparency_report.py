"""The transparency report: every sum is recounted here from the rows, in Python and without the report's own code."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database, new_id
from moderation.ground.errors import InvalidInput
from moderation.ground.values.statuses import Action
from moderation.insight.checks.error_rates import errors_between
from moderation.insight.checks.tables import checks
from moderation.law.appeals.tables import appeals
from moderation.law.notices import giving
from moderation.law.notices.values import NewNotice
from moderation.law.statements import exporting
from moderation.law.transparency_report import counting
from moderation.law.transparency_report import rows as store
from moderation.law.transparency_report.table import COLUMNS, TransparencyLine, TransparencyPart, lines
from moderation.law.transparency_report.values import TransparencyReport
from moderation.moderators.review import api_decisions
from moderation.sites import rows as sites
from moderation.sites.audit.actors import SYSTEM
from moderation.sites.rows import Site
from moderation.sites.settings.rejection_reasons import ReasonDetails
from moderation.sites.settings.values import SiteSettings
from moderation.spine.comments.tables import comments, decisions, notices
from moderation.spine.events.tables import events
from tests.moderation.conftest import Newsroom
from tests.moderation.law.statements.test_exporting import LAW, NOW, TODAY, TOMORROW, settled, write

DAY = timedelta(days=1)
COUNT = 48
CATEGORIES = ("STATEMENT_CATEGORY_VIOLENCE", "STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE")


def account_of(database: Database, site_id: str, first: date, last: date) -> TransparencyReport:
    return counting.transparency_report(database, site_id, first, last, errors_of=errors_between)


@pytest.fixture
def year(newsroom: Newsroom) -> Newsroom:
    """Decisions of every kind, notices with each outcome, some by a trusted flagger, and checks."""
    many = newsroom
    with many.database.write() as conn:
        sites.update_site_settings(
            conn, many.site.id, SiteSettings(reason_details={"Insult or abuse": ReasonDetails(ground=LAW)})
        )
    for number in range(COUNT):
        write(many, number)
    for number in range(12):
        name = f"n-{number}"
        many.post(f"Throw them into the sea, {number}.", id=name, language="de", author_id=f"u-{number}", now=NOW)
        settled(many.database, many.site.id, name, Action.PUBLISH, "insult")
        new = NewNotice(
            name,
            "§ 130 StGB",
            "Karl",
            "k@mail.example",
            CATEGORIES[number % 2],
            flagger="Hotline" if number < 4 else None,
        )
        giving.give(many.database, many.site.id, new, by=SYSTEM, now=NOW + timedelta(minutes=number))
        if number < 9:
            action = Action.PUBLISH if number % 3 == 0 else Action.REJECT
            later = NOW + timedelta(hours=1 + number)
            api_decisions.rule(many.database, many.site.id, name, action, version=2, now=later, reason="Off topic")
    with many.database.write() as conn:
        rows = conn.execute(sa.select(comments.c.id).order_by(comments.c.id).limit(COUNT)).scalars().all()
        conn.execute(checks.delete())  # some were drawn at random
        for number, comment_id in enumerate(rows):
            conn.execute(checks.insert().values(**a_check(many.site.id, comment_id, number)))
    return many


def a_check(site_id: str, comment_id: str, number: int) -> dict[str, Any]:
    verdict = ("published", "rejected")[number % 2]
    outcome = ("rejected" if verdict == "published" else "published") if number % 10 == 0 else verdict
    return {
        "comment_id": comment_id, "site_id": site_id, "drawn_at": NOW, "probability": 0.01, "verdict": verdict,
        "models": {}, "groups": [], "is_new_author": False, "second_due": False,
        "decided_at": NOW if number < 40 else None, "outcome": outcome if number < 40 else None,
    }  # fmt: skip


@pytest.fixture
def said(year: Newsroom) -> Callable[..., float | int | None]:
    """The value of the one line with these cells."""
    found = lines(account_of(year.database, year.site.id, TODAY - DAY, TODAY + DAY))

    def value(part: TransparencyPart, indicator: str, category: str = "all", scope: str = "all") -> float | int | None:
        wanted = (part, indicator, category, scope)
        (line,) = [each for each in found if (each.part, each.indicator, each.category, each.scope) == wanted]
        return line.value

    return value


def every(database: Database, table: sa.Table) -> list[Any]:
    with database.read() as conn:
        return list(conn.execute(sa.select(table)).all())


def exported(newsroom: Newsroom) -> list[dict[str, Any]]:
    made = exporting.batches(newsroom.database, newsroom.site.id, TODAY - DAY, TODAY + DAY, known=frozenset())
    return [one for batch in made for one in batch["statements"]]


def test_the_notices_are_recounted_from_their_rows(year: Newsroom, said: Callable[..., Any]) -> None:
    rows = every(year.database, notices)

    for scope, some in (("all", rows), ("trusted_flaggers", [row for row in rows if row.flagger])):
        assert said(TransparencyPart.NOTICES, "received", scope=scope) == len(some)
        for category, number in Counter(row.category for row in some).items():
            assert said(TransparencyPart.NOTICES, "received", category, scope) == number
        for outcome in ("upheld", "dismissed", "withdrawn"):
            assert said(TransparencyPart.NOTICES, outcome, scope=scope) == sum(row.outcome == outcome for row in some)
        assert said(TransparencyPart.NOTICES, "open", scope=scope) == sum(row.outcome is None for row in some)
        hours = [(r.decided_at - r.received_at).total_seconds() / 3600 for r in some if r.decided_at]
        assert said(TransparencyPart.NOTICES, "median_hours", scope=scope) == pytest.approx(
            statistics.median(hours), abs=0.006
        )
    assert said(TransparencyPart.NOTICES, "received") == 12
    assert said(TransparencyPart.NOTICES, "open") == 3


def test_the_measures_are_those_of_the_statements(year: Newsroom, said: Callable[..., Any]) -> None:
    """Recounted from the export to the EU's database, which another test checks by its rules."""
    every_one = exported(year)
    sources = {
        "SOURCE_VOLUNTARY": TransparencyPart.OWN_INITIATIVE,
        "SOURCE_TYPE_OTHER_NOTIFICATION": TransparencyPart.REPORTS,
    }

    for source, part in sources.items():
        mine = [one for one in every_one if one["source_type"] == source]
        assert len(mine) > 5
        assert said(part, "measures") == len(mine)
        kinds = Counter((one["decision_ground"], one["category"]) for one in mine)
        for (ground, category), number in kinds.items():
            kind = "law" if "ILLEGAL" in ground else "house_rule"
            assert said(part, "measures", category, kind) == number
            alone = sum(
                one["automated_decision"] == "AUTOMATED_DECISION_FULLY"
                for one in mine
                if (one["decision_ground"], one["category"]) == (ground, category)
            )
            assert said(part, "decided_by_software", category, kind) == alone
        for code, number in Counter(one["automated_decision"] for one in mine).items():
            assert said(part, f"automation_{code.removeprefix('AUTOMATED_DECISION_').lower()}") == number
        for language, number in Counter(one.get("content_language", "") for one in mine).items():
            assert said(part, "language", scope=language.lower() or "unknown") == number
    after_notices = [one for one in every_one if one["source_type"] in ("SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER")]
    kinds_there = Counter(one["source_type"] for one in after_notices)
    assert said(TransparencyPart.NOTICES, "measures_by_house_rule", scope="notices") == kinds_there["SOURCE_ARTICLE_16"]
    assert (
        said(TransparencyPart.NOTICES, "measures_by_house_rule", scope="trusted_flaggers")
        == kinds_there["SOURCE_TRUSTED_FLAGGER"]
    )
    assert len(every_one) > COUNT


def test_the_restrictions_are_recounted_from_the_decisions(year: Newsroom, said: Callable[..., Any]) -> None:
    rows = [row for row in every(year.database, decisions) if is_against(row)]
    kinds = Counter(restricted(row) for row in rows)

    for kind, number in kinds.items():
        found = [
            said_or_0(said, part, f"restriction_{kind}")
            for part in (TransparencyPart.OWN_INITIATIVE, TransparencyPart.REPORTS)
        ]
        after_notices = sum(restricted(row) == kind for row in rows if was_noticed(year, row))
        assert sum(found) + after_notices == number
    assert set(kinds) == {"not_published", "removed", "held"}


def said_or_0(said: Callable[..., Any], *wanted: Any) -> int:
    try:
        return int(said(*wanted))
    except ValueError:
        return 0


def is_against(row: Any) -> bool:
    held = (row.status_before, row.status_after) == ("published", "flagged") and row.undoes is None
    return held or (row.status_after == "rejected" and row.status_before != "rejected")


def restricted(row: Any) -> str:
    if row.status_after == "flagged":
        return "held"
    return "removed" if row.status_before == "published" else "not_published"


def was_noticed(year: Newsroom, row: Any) -> bool:
    given = every(year.database, notices)
    return any(
        one.comment_id == row.comment_id and one.received_at <= row.created_at <= (one.decided_at or row.created_at)
        for one in given
    )


def test_decisions_by_software_and_by_people_are_recounted(year: Newsroom, said: Callable[..., Any]) -> None:
    silent = {row.decision_id for row in every(year.database, events) if row.cancelled_at}
    rows = [row for row in every(year.database, decisions) if row.status_after != row.status_before]

    for status in ("published", "flagged", "rejected"):
        heard = [row for row in rows if row.status_after == status and not row.undoes and row.id not in silent]
        machines = sum(row.decided_by in ("policy", "system") for row in heard)
        people = sum(row.decided_by in ("moderator", "api") for row in heard)
        assert said(TransparencyPart.AUTOMATION, f"{status}_by_software") == machines
        assert said(TransparencyPart.AUTOMATION, f"{status}_by_people") == people
    amended = sum(is_against(row) and was_changed(rows, row) for row in rows)
    assert said(TransparencyPart.COMPLAINTS, "measures_changed_later") == amended > 5


def was_changed(rows: list[Any], row: Any) -> bool:
    later = [one for one in rows if one.comment_id == row.comment_id and one.version > row.version]
    return any(one.status_after != row.status_after for one in later)


def test_the_error_rates_are_recounted_from_the_checks(year: Newsroom) -> None:
    found = lines(account_of(year.database, year.site.id, TODAY - DAY, TODAY + DAY))
    rows = [row for row in every(year.database, checks) if row.outcome is not None]

    for verdict in ("published", "rejected"):
        mine = [row for row in rows if row.verdict == verdict]
        (rate,) = [line for line in found if line.indicator == f"error_rate_{verdict}"]
        wrong = sum(1 / row.probability for row in mine if row.outcome != row.verdict)
        assert rate.value == pytest.approx(wrong / sum(1 / row.probability for row in mine), abs=1e-5)
        assert rate.low is not None and rate.high is not None and rate.value is not None
        assert rate.low <= rate.value <= rate.high < 1
        (checked,) = [line for line in found if line.indicator == f"checked_{verdict}"]
        assert checked.value == len(mine) == 20


def test_the_complaints_are_recounted_from_the_appeals(year: Newsroom) -> None:
    with year.database.write() as conn:
        mine = [row for row in conn.execute(sa.select(decisions)) if is_against(row)][:12]
        for number, row in enumerate(mine):
            conn.execute(appeals.insert().values(**an_appeal(row, number, conn)))

    found = lines(account_of(year.database, year.site.id, TODAY - DAY, TODAY + DAY))

    complaints = {(one.indicator, one.scope): one.value for one in found if one.part is TransparencyPart.COMPLAINTS}
    rows, deciders = every(year.database, appeals), {row.id: row.decided_by for row in mine}
    assert complaints["received", "all"] == len(rows) == 12
    for scope, machines in (("against_software", True), ("against_people", False)):
        some = [row for row in rows if (deciders[row.decision_id] in ("policy", "system")) is machines]
        for outcome, number in Counter(row.outcome or "open" for row in some).items():
            assert complaints[outcome, scope] == number
    assert {indicator for indicator, _scope in complaints} > {"upheld", "overturned", "open"}


def an_appeal(row: Any, number: int, conn: Any) -> dict[str, Any]:
    author_id = conn.execute(sa.select(comments.c.author_id).where(comments.c.id == row.comment_id)).scalar_one()
    outcome = ("upheld", "overturned", None)[number % 3]
    return {
        "id": new_id(), "site_id": row.site_id, "comment_id": row.comment_id, "decision_id": row.id,
        "author_id": author_id, "text": "No.", "source": "page", "language": "en", "created_at": NOW,
        "outcome": outcome, "decided_at": NOW + DAY if outcome else None,
    }  # fmt: skip


def test_the_lines_name_the_terms_of_the_statements_that_they_count(year: Newsroom) -> None:
    """Restrictions share a term, so their lines together are recounted from the export."""
    every_one, counted = exported(year), Counter[tuple[str, frozenset[str]]]()
    for line in lines(account_of(year.database, year.site.id, TODAY - DAY, TODAY + DAY)):
        if line.eu_terms and "language" not in line.indicator and line.part is not TransparencyPart.NOTICES:
            counted[f"{line.indicator.partition('_')[0]} {line.category}", frozenset(line.eu_terms)] += int(
                line.value or 0
            )

    found = {
        (about, terms): sum(
            terms <= terms_of(one) and about.partition(" ")[2] in ("all", one["category"]) for one in every_one
        )
        for about, terms in counted
    }

    assert found == counted
    every_term = {term for _about, terms in counted for term in terms}
    assert every_term > {"SOURCE_VOLUNTARY", "AUTOMATED_DECISION_FULLY", "DECISION_VISIBILITY_CONTENT_REMOVED"}


def terms_of(one: dict[str, Any]) -> set[str]:
    names = ("decision_ground", "source_type", "automated_decision")
    return {*one["decision_visibility"], *(one[name] for name in names)}


def test_other_days_and_other_sites_count_for_nothing(year: Newsroom, other_site: Site) -> None:
    earlier = account_of(year.database, year.site.id, TODAY - 3 * DAY, TODAY - 2 * DAY)
    elsewhere = account_of(year.database, other_site.id, TODAY, TOMORROW)

    for transparency in (earlier, elsewhere):
        assert (sum(transparency.measures.values()), list(transparency.notices), dict(transparency.decided)) == (
            0,
            [],
            {},
        )


def test_a_decision_that_the_site_never_heard_of_counts_for_nothing(year: Newsroom) -> None:
    before = account_of(year.database, year.site.id, TODAY - DAY, TODAY + DAY)
    with year.database.write() as conn:
        mine = next(row for row in every(year.database, decisions) if is_against(row))
        conn.execute(events.update().where(events.c.decision_id == mine.id).values(cancelled_at=NOW))

    after = account_of(year.database, year.site.id, TODAY - DAY, TODAY + DAY)

    assert sum(before.measures.values()) - sum(after.measures.values()) == 1
    assert sum(before.decided.values()) - sum(after.decided.values()) == 1


@pytest.mark.parametrize(
    ("first", "last"),
    [(date(2026, 1, 2), date(2026, 1, 1)), (date(2026, 1, 1), date(2027, 1, 2))],
)
def test_days_that_no_account_covers_are_refused(newsroom: Newsroom, first: date, last: date) -> None:
    with pytest.raises(InvalidInput, match="to: must be 0 to 365 days"):
        account_of(newsroom.database, newsroom.site.id, first, last)


def test_a_whole_leap_year_is_one_account(newsroom: Newsroom) -> None:
    found = account_of(newsroom.database, newsroom.site.id, date(2028, 1, 1), date(2028, 12, 31))

    assert [line.cells[0] for line in lines(found)][:2] == ["orders", "orders"]
    assert all(len(line.cells) == len(COLUMNS) for line in lines(found))
    assert {type(line) for line in lines(found)} == {TransparencyLine}


def test_the_count_of_decisions_stops_at_its_limit(year: Newsroom) -> None:
    start, end = counting.midnight(TODAY - DAY), counting.midnight(TODAY + 2 * DAY)

    with year.database.read() as conn:
        few = store.count_decisions(conn, year.site.id, start, end, at_most=10)
        all_of_them = store.count_decisions(conn, year.site.id, start, end, at_most=100_000)

    assert (few, all_of_them) == (10, len(every(year.database, decisions)))
