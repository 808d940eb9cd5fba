"""An author appeals against a suspension or a ban behind the signed link: somebody else decides, and event, page,
API, export and report say the same of every path."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from moderation.ground.errors import InvalidInput, NotAllowed
from moderation.ground.values.measures import Measure
from moderation.ground.wording.sentences import LANGUAGES, day, ours
from moderation.law.appeals import rows as appeals
from moderation.law.appeals import waiting
from moderation.law.appeals.errors import AppealDecided
from moderation.law.appeals.values import AppealReason, MeasureAppeal
from moderation.law.measure_appeals import deciding
from moderation.law.transparency_report.table import TransparencyPart, lines
from moderation.moderators.authors import taking_measures
from moderation.moderators.authors.measure_rows import TakenMeasure
from moderation.sites import rows as sites
from moderation.sites.audit.tables import audit
from moderation.sites.people import moderators
from moderation.sites.people.roles import Role
from moderation.sites.rows import Moderator, find_moderator
from moderation.sites.tables import sites as site_table
from moderation.spine.articles.tables import author_measures
from moderation.spine.events.tables import events
from service.context import utc_now
from tests.builders import OPERATOR
from tests.own_databases import ON_BOTH
from tests.service.api.statements.test_measures import (
    House,
    by_the_ladder,
    by_the_site,
)

WORDS = "I had quoted the minister. The words are hers."
Outcome = tuple[str, bool]


def person(house: House, name: str, role: Role = Role.MODERATOR) -> Moderator:
    id = moderators.create_moderator(
        house.database,
        email=f"{name}@example.org",
        name=name,
        password_hash="x",
        roles={house.site.site.id: role},
        by=OPERATOR,
        now=utc_now(),
    )
    with house.database.read() as conn:
        found = find_moderator(conn, id=id)
    assert found is not None
    return found


def newest(house: House) -> TakenMeasure:
    return house.taken[-1]


def statement_of(house: House, measure_id: str) -> dict[str, Any]:
    page = house.api.get("/v1/authors/reader-1/measures").json
    assert page is not None
    said = next(measure for measure in page["measures"] if measure["id"] == measure_id)["statement"]
    return dict(said)


def appeal(house: House, text: str = WORDS, measure_id: str = "") -> MeasureAppeal:
    """By the form of the page."""
    measure_id = measure_id or newest(house).id
    answer = house.client.post(statement_of(house, measure_id)["path"], data={"text": text})
    assert answer.status_code == 303, answer.text
    with house.database.read() as conn:
        made = appeals.of_measure(conn, measure_id)
    assert made is not None
    return made


def answer(house: House, reason: AppealReason, *, by: str = "ben", said: str = "") -> MeasureAppeal:
    with house.database.read() as conn:
        made = appeals.of_measure(conn, newest(house).id)
    assert made is not None
    lift, now = taking_measures.lift_in, utc_now()
    return deciding.decide(house.database, person(house, by), made.id, reason, lift=lift, answer=said, now=now)


def upheld(house: House) -> None:
    house.take(Measure.SUSPEND, days=7)
    appeal(house)
    answer(house, AppealReason.RULE_BROKEN)


def overturned(house: House) -> None:
    house.take(Measure.BAN)
    appeal(house)
    answer(house, AppealReason.MISREAD)


def overturned_of_the_ladder(house: House) -> None:
    by_the_ladder(house)
    appeal(house)
    answer(house, AppealReason.SOFTWARE_ERRED)


def overturned_of_the_site(house: House) -> None:
    by_the_site(house)
    appeal(house)
    answer(house, AppealReason.WITHIN_RULES)


def overturned_after_a_warning(house: House) -> None:
    house.take(Measure.BAN)
    appeal(house)
    house.take(Measure.WARN)
    with house.database.read() as conn:
        made = appeals.of_measure(conn, house.taken[0].id)
    assert made is not None
    lift, now = taking_measures.lift_in, utc_now()
    deciding.decide(house.database, person(house, "ben"), made.id, AppealReason.MISREAD, lift=lift, now=now)


def settled_by_another(house: House) -> None:
    house.take(Measure.SUSPEND, days=7)
    appeal(house)
    house.take(Measure.SUSPEND, days=30)


def settled_by_an_undo(house: House) -> None:
    house.take(Measure.BAN)
    appeal(house)
    house.undo(newest(house))


def settled_by_an_end(house: House) -> None:
    house.take(Measure.BAN)
    appeal(house)
    house.take(Measure.RESTORE, reason="A mistake.", rejection_reason=None)


def opened_again(house: House) -> None:
    settled_by_another(house)
    house.events()  # the site hears that the appeal was closed
    house.undo(newest(house))


def opened_again_unheard(house: House) -> None:
    """The second measure and all that followed from it wait for their hold."""
    house.take(Measure.SUSPEND, days=7)
    appeal(house)
    house.undo(house.take(Measure.SUSPEND, days=30, due_in=timedelta(minutes=1)))


def open_one(house: House) -> None:
    house.take(Measure.BAN)
    appeal(house)


HOLDS, LIFTED = True, False
BY_PEOPLE, BY_SOFTWARE = "against_measures_of_people", "against_measures_of_software"
PATHS: Mapping[Callable[[House], None], tuple[Sequence[str], str, str, bool]] = {
    open_one: (["open"], "open", BY_PEOPLE, HOLDS),
    upheld: (["open", "upheld"], "upheld", BY_PEOPLE, HOLDS),
    overturned: (["open", "overturned"], "overturned", BY_PEOPLE, LIFTED),
    overturned_of_the_ladder: (["open", "overturned"], "overturned", BY_SOFTWARE, LIFTED),
    overturned_of_the_site: (["open", "overturned"], "overturned", BY_PEOPLE, LIFTED),
    overturned_after_a_warning: (["open", "overturned"], "overturned", BY_PEOPLE, LIFTED),
    settled_by_another: (["open", "settled"], "settled", BY_PEOPLE, LIFTED),
    settled_by_an_undo: (["open", "settled"], "settled", BY_PEOPLE, LIFTED),
    settled_by_an_end: (["open", "settled"], "settled", BY_PEOPLE, LIFTED),
    opened_again: (["open", "settled", "open"], "open", BY_PEOPLE, HOLDS),
    opened_again_unheard: (["open"], "open", BY_PEOPLE, HOLDS),
}
"""The events of the appeal, its state, the maker of its measure, and whether the measure still holds."""


def announced(house: House) -> list[dict[str, Any]]:
    feed = house.api.get("/v1/events?limit=100").json
    assert feed is not None
    return [event["data"] for event in feed["events"] if event["type"].startswith("appeal.")]


@ON_BOTH
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.__name__)
def test_the_outputs_agree_on_every_appeal(house: House, path: Callable[[House], None]) -> None:
    heard, state, scope, holds = PATHS[path]

    path(house)

    said = announced(house)
    assert [one["appeal"]["state"] for one in said] == heard
    measure_id = said[0]["appeal"]["measure_id"]
    assert {one["appeal"]["author_id"] for one in said} == {"reader-1"}
    read = house.api.get(f"/v1/author-measures/{measure_id}/appeal").json
    assert read is not None and (read["state"], read["measure_id"]) == (state, measure_id)
    assert read["message"] == said[-1]["message"] or path is opened_again_unheard
    page = " ".join(house.page(said[0]["appeal"]["path"]).get_text(" ").split())
    assert read["message"]["text"] in page
    assert ("gilt nicht mehr" in page) is not holds, page
    exported = {one["puid"]: one for one in house.exported()}
    assert ("end_date_account_restriction" in exported[measure_id]) is (not holds or newest(house).until is not None)
    _check_report(house, state, scope)


def _check_report(house: House, state: str, scope: str) -> None:
    complaints = [line for line in lines(house.report()) if line.part is TransparencyPart.COMPLAINTS]
    counts = Counter({(line.indicator, line.scope): line.value for line in complaints if line.value})
    assert counts[("received", "all")] == 1
    assert counts[(state, scope)] == 1


def test_the_paths_reach_every_state() -> None:
    assert {state for _heard, state, _scope, _holds in PATHS.values()} == {"open", "upheld", "overturned", "settled"}


def test_a_granted_appeal_lets_the_author_write_again(house: House) -> None:
    house.take(Measure.BAN)
    body = {"id": "c-9", "article": {"id": "a-1"}, "author": {"id": "reader-1"}, "text": "May I?"}
    refused = house.api.post("/v1/comments", body)
    assert refused.status_code == 403
    assert refused.json is not None
    assert refused.json["author"]["statement_path"] == statement_of(house, newest(house).id)["path"]
    appeal(house)

    answer(house, AppealReason.MISREAD, said="We are sorry.")

    assert house.api.post("/v1/comments", body).status_code == 202
    (restored,) = [said for said in house.events() if said["undone"]]
    assert restored["id"] == newest(house).id
    text = house.page(statement_of(house, newest(house).id)["path"]).get_text()
    assert "We are sorry." in text and ours("de")["appeal_account_reason_misread"] in text


def test_a_hold_beneath_a_ban_holds_again(house: House) -> None:
    house.take(Measure.HOLD)
    overturned(house)

    state = house.api.get("/v1/authors/reader-1/measures").json
    assert state is not None and state["author"]["standing"] == "hold"


def test_nobody_decides_on_their_own_measure(house: House) -> None:
    house.take(Measure.BAN)
    made = appeal(house)
    ben = person(house, "ben")

    with pytest.raises(NotAllowed):
        deciding.decide(
            house.database, house.person, made.id, AppealReason.MISREAD, lift=taking_measures.lift_in, now=utc_now()
        )
    with house.database.read() as conn:
        assert (waiting.count_for(conn, house.person), waiting.of_others(conn, house.person)) == (0, 1)
        assert waiting.count_for(conn, ben) == 1


def test_a_decided_appeal_is_decided_once_and_noted(house: House) -> None:
    overturned(house)

    with pytest.raises(AppealDecided):
        answer(house, AppealReason.RULE_BROKEN, by="cem")

    with house.database.read() as conn:
        (entry,) = conn.execute(sa.select(audit).where(audit.c.action == "appeal.overturned")).all()
    assert (entry.subject, entry.after["measure"]) == ("reader-1", newest(house).id)


def test_software_errs_only_where_it_decided(house: House) -> None:
    open_one(house)

    with pytest.raises(InvalidInput) as refused:
        answer(house, AppealReason.SOFTWARE_ERRED)

    assert [problem.field for problem in refused.value.problems] == ["reason"]


def test_who_works_alone_decides_again_and_says_so(house: House) -> None:
    with house.database.write() as conn:
        sites.set_role(conn, house.person.id, house.site.site.id, Role.ADMIN)
    with house.database.read() as conn:
        alone = find_moderator(conn, id=house.person.id)
    assert alone is not None
    house.take(Measure.BAN)
    path = statement_of(house, newest(house).id)["path"]
    assert ours("de")["appeal_read_by"] not in house.page(path).get_text()
    made = appeal(house)

    deciding.decide(
        house.database, alone, made.id, AppealReason.RULE_BROKEN, lift=taking_measures.lift_in, now=utc_now()
    )

    assert ours("de")["appeal_read_by_same"] in house.page(path).get_text()


def test_the_form_refuses_what_is_no_appeal_and_takes_one(house: House) -> None:
    house.take(Measure.BAN)
    path = statement_of(house, newest(house).id)["path"]

    empty = house.client.post(path, data={"text": " "})
    assert (empty.status_code, ours("de")["appeal_empty"] in empty.text) == (422, True)
    assert house.client.post(path, data={"text": WORDS}).status_code == 303
    assert house.client.post(path, data={"text": "Again."}).status_code == 303  # sent twice: it says how it stands
    page = house.page(path)
    assert page.find("textarea") is None
    assert [one["appeal"]["state"] for one in announced(house)] == ["open"]


@pytest.mark.parametrize("change", ["late", "none taken", "crowded", "over"])
def test_an_appeal_is_refused_with_its_reason(house: House, change: str) -> None:
    house.take(Measure.BAN)
    id = newest(house).id
    if change == "late":
        _age(house, timedelta(days=184))
    elif change == "over":
        house.undo(newest(house))
    else:
        house.change(**{"none taken": {"open_appeals_per_site": 0}}.get(change, {"open_appeals_per_author": 1}))
    if change == "crowded":
        house.change(open_appeals_per_site=1)
        other = house.api.post("/v1/authors/reader-2/measures", {"measure": "ban", "reason": "Spam."})
        assert other.status_code == 404  # nobody of that name has written: the first appeal is this author's
        house.reject("c-1")
        decision = house.api.get("/v1/comments/c-1").json["decision"]["id"]  # type: ignore[index]
        assert house.api.post(f"/v1/decisions/{decision}/appeal", {"text": WORDS}).status_code == 201

    answered = house.api.post(f"/v1/author-measures/{id}/appeal", {"text": WORDS})

    kinds = {"late": "appeal-too-late", "over": "decision-over"}
    assert answered.json is not None
    assert answered.json["type"].rpartition(":")[2] == kinds.get(change, "too-many-appeals")
    assert house.api.get(f"/v1/author-measures/{id}/appeal").status_code == 404


def test_a_suspension_that_ran_to_its_end_can_still_be_overturned(house: House) -> None:
    house.take(Measure.SUSPEND, days=3)
    _age(house, timedelta(days=4))
    taking_measures.end_marks(house.database, now=utc_now())
    appeal(house)
    first = newest(house).id
    house.take(Measure.BAN)

    with house.database.read() as conn:
        made = appeals.of_measure(conn, first)
    assert made is not None and made.outcome is None  # a later measure leaves nothing undecided
    deciding.decide(
        house.database, person(house, "ben"), made.id, AppealReason.MISREAD, lift=taking_measures.lift_in, now=utc_now()
    )

    state = house.api.get("/v1/authors/reader-1/measures").json
    assert state is not None and state["author"]["standing"] == "banned"
    assert [measure["undone"] for measure in state["measures"]] == [False, True]


def test_a_measure_of_before_has_its_statement_and_its_appeal(house: House) -> None:
    """As an earlier version left it: without a statement in its event, and at a site that never signed a link."""
    taken = house.take(Measure.BAN)
    with house.database.write() as conn:
        row = conn.execute(sa.select(events.c.payload).where(events.c.id == taken.id)).scalar_one()
        payload = {**row, "measure": {name: value for name, value in row["measure"].items() if name != "statement"}}
        conn.execute(events.update().where(events.c.id == taken.id).values(payload=payload))
        conn.execute(site_table.update().values(address_secret=None))

    made = appeal(house)

    assert made.measure_id == taken.id
    assert ours("de")["statement_title_banned"] in house.page(statement_of(house, taken.id)["path"]).get_text()


def test_the_erasure_of_an_author_takes_the_appeal_along(house: House) -> None:
    open_one(house)

    assert house.api.delete("/v1/authors/reader-1").status_code in (200, 202, 204)

    with house.database.read() as conn:
        assert appeals.count_open(conn, house.site.site.id) == 0
        assert all(row.payload["message"] is None for row in conn.execute(sa.select(events)) if row.author_id)


def test_the_export_of_an_author_has_the_appeal_with_its_words(house: House) -> None:
    open_one(house)

    exported = house.api.get("/v1/authors/reader-1/export").json

    assert exported is not None
    (made,) = exported["appeals"]
    assert (made["text"], made["measure_id"], made["comment_id"]) == (WORDS, newest(house).id, None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_its_outcome(house: House, language: str) -> None:
    house.take(Measure.BAN, language=language)
    appeal(house)
    answer(house, AppealReason.MISREAD)

    text = house.page(statement_of(house, newest(house).id)["path"]).get_text()
    said = ours(language)["appeal_account_outcome_overturned"].replace("{day}", day(utc_now(), language))
    assert said in text and "{" not in text


def _age(house: House, time: timedelta) -> None:
    """Moves the newest measure into the past."""
    taken = newest(house)
    until = taken.until - time if taken.until else None
    with house.database.write() as conn:
        mine = author_measures.c.id == taken.id
        conn.execute(author_measures.update().where(mine).values(created_at=taken.created_at - time, until=until))
        payload = conn.execute(sa.select(events.c.payload).where(events.c.id == taken.id)).scalar_one()
        payload["measure"]["statement"]["object_until"] = (taken.created_at + timedelta(days=183) - time).isoformat()
        conn.execute(events.update().where(events.c.id == taken.id).values(payload=payload))
        conn.execute(sa.text("UPDATE authors SET standing_until = :until"), {"until": until})
