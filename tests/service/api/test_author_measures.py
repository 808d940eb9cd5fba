"""Measures about readers by API: taken, read, undone, ended, heard of, and what they refuse."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from moderation.ground.database.engine import Database
from moderation.ground.values.statuses import Action
from moderation.moderators.authors import taking_measures as author_measures
from moderation.pipeline.loading import rows as loading
from moderation.sites.sites import NewSite
from moderation.spine.articles import rows as articles
from moderation.spine.articles.tables import authors
from moderation.spine.comments import rows as comments
from moderation.spine.events.tables import events
from service.context import utc_now
from tests.own_databases import ON_BOTH
from tests.service.bodies import a_body, problem_fields, settle
from tests.service.conftest import Caller

PATH = "/v1/authors/reader-1/measures"
SUSPEND = {"measure": "suspend", "days": 7, "reason": "You insult others."}


@pytest.fixture
def known(api: Caller) -> None:
    """A reader who has written once."""
    assert api.post("/v1/comments", a_body(id="c-1", language="de")).status_code == 202


def heard(api: Caller) -> list[dict[str, Any]]:
    """The events about authors."""
    feed = api.get("/v1/events").json
    assert feed is not None
    return [event for event in feed["events"] if event["type"].startswith("author.")]


def let_pass(database: Database, days: float) -> None:
    """As if the marks had been set so much earlier."""
    with database.write() as conn:
        for row in conn.execute(sa.select(authors.c.id, authors.c.standing_until)).all():
            if row.standing_until is not None:
                until = row.standing_until - timedelta(days=days)
                conn.execute(authors.update().where(authors.c.id == row.id).values(standing_until=until))


@pytest.mark.usefixtures("known")
def test_a_suspended_reader_is_refused_with_the_end_and_the_message_in_their_language(api: Caller) -> None:
    taken = api.post(PATH, SUSPEND)

    refused = api.post("/v1/comments", a_body(id="c-2"))

    assert (taken.status_code, refused.status_code) == (201, 403)
    assert taken.json is not None and refused.json is not None
    assert refused.json["type"] == "urn:gavel:problem:author-suspended"
    assert problem_fields(refused.json) == ["author.id"]
    author = refused.json["author"]
    assert (author["id"], author["standing"]) == ("reader-1", "suspended")
    assert author["until"] == taken.json["author"]["until"].replace("Z", "+00:00")
    assert author["message"]["language"] == "de"
    assert author["message"]["text"].startswith("Sie können bis ")
    assert author["message"]["text"].endswith("nicht kommentieren. Grund: You insult others.")
    assert "WWW-Authenticate" not in refused.headers
    assert api.get("/v1/comments/c-2").status_code == 404


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("measure", [SUSPEND, {"measure": "ban", "rejection_reason": "Insult or abuse"}])
def test_a_comment_that_was_accepted_before_may_be_sent_again(api: Caller, measure: dict[str, Any]) -> None:
    api.post(PATH, measure)

    assert api.post("/v1/comments", a_body(id="c-1", language="de")).status_code == 202


@pytest.mark.usefixtures("known")
def test_a_batch_refuses_the_suspended_readers_comments_alone(api: Caller) -> None:
    api.post(PATH, SUSPEND)

    sent = [a_body(id="c-2"), a_body(id="c-3", author={"id": "other"}), a_body(id="c-1", language="de")]
    results = api.post("/v1/comments:batch", {"comments": sent}).json["results"]  # type: ignore[index]

    assert [result["status"] for result in results] == [403, 202, 202]
    assert results[0]["problem"]["author"]["standing"] == "suspended"


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(("days", "answer"), [(6.99, 403), (7.01, 202)])
def test_a_suspension_ends_by_itself_even_if_no_sweeper_runs(
    api: Caller, database: Database, days: float, answer: int
) -> None:
    api.post(PATH, SUSPEND)
    let_pass(database, days)

    assert api.post("/v1/comments", a_body(id="c-2")).status_code == answer
    state = api.get(PATH).json["author"]  # type: ignore[index]
    assert state["may_comment"] is (answer == 202)
    assert api.get("/v1/authors/reader-1").json["author"]["may_comment"] is (answer == 202)  # type: ignore[index]


@ON_BOTH
@pytest.mark.usefixtures("known")
def test_the_sweeper_says_once_that_a_mark_has_ended(api: Caller, database: Database, site: NewSite) -> None:
    api.post(PATH, SUSPEND)
    assert author_measures.end_marks(database, now=utc_now()) == set()
    let_pass(database, 8)

    assert author_measures.end_marks(database, now=utc_now()) == {site.site.id}

    assert author_measures.end_marks(database, now=utc_now()) == set()
    assert [event["type"] for event in heard(api)] == ["author.suspended", "author.restored"]
    data = heard(api)[1]["data"]
    assert data["author"] == {"id": "reader-1", "standing": "normal", "until": None, "may_comment": True}
    assert data["message"] == {"language": "de", "text": "Sie können wieder wie gewohnt kommentieren."}


def ended(database: Database) -> list[dict[str, Any]]:
    """The events of ends in the days to come, which no feed has yet."""
    query = sa.select(events.c.type, events.c.payload).where(events.c.due_at > utc_now() + timedelta(days=1))
    with database.read() as conn:
        return [{"type": row.type, "data": row.payload} for row in conn.execute(query.order_by(events.c.due_at))]


HELD_FOR_30_DAYS = {"measure": "hold", "days": 30, "reason": "You stray."}
HELD_FOR_3_DAYS = {"measure": "hold", "days": 3, "reason": "You stray."}
HELD = {"measure": "hold", "reason": "You stray."}
LONGER = {"measure": "suspend", "days": 9, "reason": "Again."}


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("measures", "ends"),
    [
        ([HELD, SUSPEND], ["hold"]),
        ([HELD_FOR_30_DAYS, SUSPEND], ["hold", "normal"]),
        ([HELD_FOR_3_DAYS, SUSPEND], ["normal"]),
        ([HELD_FOR_30_DAYS, SUSPEND, {"measure": "warn", "reason": "You stray."}, LONGER], ["hold", "normal"]),
        ([HELD, {"measure": "ban", "reason": "Abuse."}, SUSPEND], ["hold"]),
        ([HELD, {"measure": "restore"}, SUSPEND], ["normal"]),
        ([HELD, {"measure": "trust", "reason": "A regular."}, SUSPEND], ["normal"]),
        ([SUSPEND, HELD_FOR_30_DAYS], ["normal"]),
    ],
)
def test_a_hold_that_lasts_longer_than_a_suspension_holds_again(
    api: Caller, database: Database, measures: list[dict[str, Any]], ends: list[str]
) -> None:
    for measure in measures:
        assert api.post(PATH, measure).status_code == 201

    for days in (10, 31, 32):
        author_measures.end_marks(database, now=utc_now() + timedelta(days=days))

    assert [event["data"]["author"]["standing"] for event in ended(database)] == ends


@pytest.mark.usefixtures("known")
def test_the_site_hears_of_a_hold_that_holds_again_and_why(api: Caller, database: Database) -> None:
    held = api.post(PATH, HELD_FOR_30_DAYS).json
    api.post(PATH, SUSPEND)

    author_measures.end_marks(database, now=utc_now() + timedelta(days=8))

    (event,) = ended(database)
    assert held is not None
    assert event["type"] == "author.held"
    assert event["data"]["author"] == {
        "id": "reader-1",
        "standing": "hold",
        "until": held["author"]["until"].replace("Z", "+00:00"),
        "may_comment": True,
    }
    assert (event["data"]["measure"]["measure"], event["data"]["measure"]["reason"]) == ("hold", "You stray.")
    assert event["data"]["message"]["text"].startswith("Bis ")


@pytest.mark.usefixtures("known")
def test_a_measure_after_the_end_of_a_suspension_finds_the_hold_beneath(api: Caller, database: Database) -> None:
    api.post(PATH, HELD)
    api.post(PATH, SUSPEND)
    let_pass(database, 8)

    warned = api.post(PATH, {"measure": "warn", "reason": "You stray."}).json

    assert warned is not None
    assert warned["author"]["standing"] == "hold"


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("measure", "is_on_hold"), [(SUSPEND, True), (HELD_FOR_3_DAYS, False), (HELD, True), (None, False)]
)
def test_after_a_suspension_a_person_looks_until_its_end_is_recorded(
    api: Caller, database: Database, measure: dict[str, Any] | None, is_on_hold: bool
) -> None:
    if measure:
        api.post(PATH, measure)
    with database.read() as conn:
        author = articles.author_by_id(conn, conn.execute(sa.select(authors.c.id)).scalar_one())
    assert author is not None

    assert author.is_on_hold(utc_now() + timedelta(days=8)) is is_on_hold


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("measure", "kind", "standing", "may_comment"),
    [
        ({"measure": "warn"}, "author.warned", "normal", True),
        ({"measure": "hold", "days": 3}, "author.held", "hold", True),
        (SUSPEND, "author.suspended", "suspended", False),
        ({"measure": "ban"}, "author.banned", "banned", False),
        ({"measure": "trust"}, "author.trusted", "trusted", True),
    ],
)
def test_each_measure_is_an_event_and_undoing_it_restores(
    api: Caller, measure: dict[str, Any], kind: str, standing: str, may_comment: bool
) -> None:
    taken = api.post(PATH, {"reason": "So decided", "comment_id": "c-1", **measure}).json
    assert taken is not None
    assert len(heard(api)) == 1

    undone = api.post(f"/v1/author-measures/{taken['measure']['id']}/undo")

    said, back = heard(api)
    assert (said["type"], back["type"]) == (kind, "author.restored")
    assert (said["data"]["author"]["standing"], said["data"]["author"]["may_comment"]) == (standing, may_comment)
    assert said["data"]["measure"]["comment_id"] == "c-1"
    assert (said["data"]["measure"]["undone"], back["data"]["measure"]["undone"]) == (False, True)
    assert back["data"]["measure"]["id"] == said["data"]["measure"]["id"] == said["id"]
    assert undone.json["author"]["standing"] == "normal"  # type: ignore[index]
    again = api.post(f"/v1/author-measures/{taken['measure']['id']}/undo")
    assert (again.status_code, again.json["type"]) == (409, "urn:gavel:problem:measure-followed")  # type: ignore[index]


@pytest.mark.usefixtures("known")
def test_a_measure_that_is_undone_before_the_site_hears_of_it_makes_no_event(api: Caller) -> None:
    taken = api.post(PATH, SUSPEND).json
    assert taken is not None

    api.post(f"/v1/author-measures/{taken['measure']['id']}/undo")

    assert heard(api) == []
    assert api.post("/v1/comments", a_body(id="c-2")).status_code == 202


@pytest.mark.usefixtures("known")
def test_a_warning_during_a_suspension_changes_neither_mark_nor_message(api: Caller) -> None:
    api.post(PATH, SUSPEND)
    before = api.get("/v1/authors/reader-1").json["author"]["mark"]  # type: ignore[index]

    api.post(PATH, {"measure": "warn", "reason": "And calm down."})

    assert api.get("/v1/authors/reader-1").json["author"]["mark"] == before  # type: ignore[index]
    refused = api.post("/v1/comments", a_body(id="c-2")).json
    assert refused is not None and refused["author"]["message"] == before["message"]


@pytest.mark.usefixtures("known")
def test_an_undo_brings_back_the_mark_that_held_before(api: Caller) -> None:
    api.post(PATH, {"measure": "hold", "days": 30, "reason": "Watch them"})
    ban = api.post(PATH, {"measure": "ban", "reason": "Threats"}).json
    assert ban is not None
    assert len(heard(api)) == 2

    undone = api.post(f"/v1/author-measures/{ban['measure']['id']}/undo").json

    assert undone is not None
    assert undone["author"]["standing"] == "hold"
    assert datetime.fromisoformat(undone["author"]["until"]) > utc_now() + timedelta(days=29)
    assert [event["type"] for event in heard(api)] == ["author.held", "author.banned", "author.held"]


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"measure": "suspend", "reason": "x"}, ["days"]),
        ({"measure": "suspend", "reason": "x", "days": 7, "until": "2030-01-01T00:00:00Z"}, ["until"]),
        ({"measure": "suspend", "reason": "x", "until": "2020-01-01T00:00:00Z"}, ["until"]),
        ({"measure": "suspend", "reason": "x", "days": 0}, ["days"]),
        ({"measure": "ban", "reason": "x", "days": 3}, ["days"]),
        ({"measure": "warn"}, ["reason"]),
        ({"measure": "warn", "reason": " "}, ["reason"]),
        ({"measure": "warn", "rejection_reason": "Nonsense"}, ["rejection_reason"]),
        ({"measure": "restore"}, ["measure"]),
        ({"measure": "flog", "reason": "x"}, ["measure"]),
        ({"measure": "warn", "reason": "x", "comment_id": "other-1"}, ["comment_id"]),
        ({"measure": "warn", "reason": "x", "days": 3, "rejection_reason": "Nonsense"}, ["rejection_reason", "days"]),
    ],
)
def test_a_measure_that_makes_no_sense_is_refused_by_the_names_of_its_fields(
    api: Caller, body: dict[str, Any], fields: list[str]
) -> None:
    api.post("/v1/comments", a_body(id="other-1", author={"id": "other"}))

    response = api.post(PATH, body)

    assert response.status_code == 422
    assert problem_fields(response.json) == fields
    assert heard(api) == []


def test_nobody_measures_a_reader_whom_gavel_does_not_know(api: Caller) -> None:
    assert api.post(PATH, SUSPEND).status_code == 404
    assert api.get(PATH).status_code == 404


@pytest.mark.usefixtures("known")
def test_the_history_comes_by_page_newest_first(api: Caller) -> None:
    for number in range(3):
        api.post(PATH, {"measure": "warn", "reason": f"Number {number}"})

    first = api.get(f"{PATH}?limit=2").json
    assert first is not None
    rest = api.get(f"{PATH}?limit=2&after={first['next']}").json

    assert rest is not None
    assert [one["reason"] for one in first["measures"]] == ["Number 2", "Number 1"]
    assert ([one["reason"] for one in rest["measures"]], rest["next"]) == (["Number 0"], None)


@pytest.mark.usefixtures("known")
def test_an_edit_by_a_suspended_reader_waits_for_a_person(api: Caller, database: Database, site: NewSite) -> None:
    settle(database, site.site.id, "c-1")
    api.post(PATH, SUSPEND)

    edited = api.patch("/v1/comments/c-1", {"text": "Another text."})

    assert edited.status_code == 202
    with database.read() as conn:
        (scored,) = loading.load_waiting(conn, [comments.get_comment(conn, site.site.id, "c-1").id])
    assert scored.circumstances(utc_now()).author_on_hold


def climb(api: Caller, **changes: Any) -> None:
    steps = [{"measure": "hold", "days": 7}, {"measure": "suspend", "days": 7}, {"measure": "ban"}]
    ladder = {"rejections": 2, "within_days": 30, "steps": steps, "climb": "applied", **changes}
    assert api.put("/v1/site/author-ladder", {"author_ladder": ladder}).status_code == 200


def reject(api: Caller, number: int, reason: str = "Insult or abuse") -> None:
    assert api.post("/v1/comments", a_body(f"Number {number}.", id=f"r-{number}")).status_code == 202
    body = {"action": "reject", "version": 1, "reason": reason}
    assert api.post(f"/v1/comments/r-{number}/decisions", body).status_code == 201


def test_the_ladder_climbs_step_by_step_and_counts_anew_after_each(api: Caller, database: Database) -> None:
    climb(api)
    standings = []
    for number in range(6):
        let_pass(database, 8)  # so that a suspended reader may write again
        reject(api, number)
        standings.append(api.get(PATH).json["author"]["standing"])  # type: ignore[index]

    assert standings == ["normal", "hold", "normal", "suspended", "normal", "banned"]
    assert [event["type"] for event in heard(api)] == ["author.held", "author.suspended", "author.banned"]
    assert {event["data"]["measure"]["by"] for event in heard(api)} == {"ladder"}
    assert heard(api)[0]["data"]["measure"]["rejection_reason"] == "Insult or abuse"
    assert heard(api)[0]["data"]["measure"]["comment_id"] == "r-1"


@pytest.mark.usefixtures("known")
def test_the_reason_of_a_measure_may_have_its_former_name_for_one_release(api: Caller) -> None:
    taken = api.post(PATH, {"measure": "warn", "category": "Insult or abuse"}).json

    assert taken is not None
    assert taken["measure"]["rejection_reason"] == taken["measure"]["category"] == "Insult or abuse"
    assert heard(api)[0]["data"]["measure"]["category"] == "Insult or abuse"


@pytest.mark.parametrize("reason", ["Off topic", "Other", "Of our own"])
def test_rejections_that_do_not_count_lead_to_nothing(api: Caller, reason: str) -> None:
    climb(api)

    for number in range(3):
        reject(api, number, reason)

    assert api.get(PATH).json["measures"] == []  # type: ignore[index]


def test_a_ladder_that_only_proposes_takes_no_measure(api: Caller) -> None:
    climb(api, climb="proposed")

    for number in range(3):
        reject(api, number)

    assert api.get(PATH).json["measures"] == []  # type: ignore[index]


@ON_BOTH
def test_a_rejection_that_is_overturned_takes_its_measure_back(api: Caller) -> None:
    climb(api)
    for number in range(2):
        reject(api, number)

    api.post("/v1/comments/r-1/decisions", {"action": "publish", "version": 2})

    page = api.get(PATH).json
    assert page is not None
    assert (page["author"]["standing"], [one["undone"] for one in page["measures"]]) == ("normal", [True])


@pytest.mark.usefixtures("known")
def test_events_and_refusals_are_as_the_document_says(api: Caller) -> None:
    api.post(PATH, SUSPEND)
    spec = api.client.get("/openapi.json").json
    assert spec is not None

    def validator(name: str) -> Draft202012Validator:
        return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": spec["components"]})

    validator("AuthorEventData").validate(heard(api)[0]["data"])
    validator("Event").validate(heard(api)[0])
    validator("Problem").validate(api.post("/v1/comments", a_body(id="c-9")).json)
    assert "author-suspended" in str(spec["paths"]["/v1/comments"]["post"]["description"])
    assert {"author.suspended", "author.restored"} < spec["webhooks"].keys()


def test_a_reader_of_another_site_is_untouched(api: Caller, other_api: Caller) -> None:
    for caller in (api, other_api):
        caller.post("/v1/comments", a_body(id="c-1"))
    taken = api.post(PATH, SUSPEND).json
    assert taken is not None

    assert other_api.post("/v1/comments", a_body(id="c-2")).status_code == 202
    assert other_api.post(f"/v1/author-measures/{taken['measure']['id']}/undo").status_code == 404


def test_a_message_of_the_reason_goes_with_the_measure(api: Caller) -> None:
    template = "Hello {name}, we took it down: {reason}. {measure} Write to us."
    reason = {"name": "Insult", "wordings": {"de": "Beleidigung"}, "counts_against_author": True}
    api.put("/v1/site/rejection-reasons", {"reasons": [{**reason, "messages": {"en": template}}]})
    api.post("/v1/comments", a_body(id="c-1", author={"id": "reader-1", "name": "Dana"}, language="en-GB"))

    taken = api.post(PATH, {"measure": "ban", "rejection_reason": "Insult", "reason": "the mayor"}).json

    assert taken is not None
    assert taken["measure"]["message"] == {
        "language": "en",
        "text": "Hello Dana, we took it down: Insult: the mayor. You can no longer comment here. Write to us.",
    }


def test_flagged_comments_of_a_banned_reader_stay_with_people(api: Caller, database: Database, site: NewSite) -> None:
    api.post("/v1/comments", a_body(id="c-1"))
    settle(database, site.site.id, "c-1", Action.FLAG, toxicity=0.9)

    api.post(PATH, {"measure": "ban", "reason": "Threats"})

    assert api.get("/v1/comments/c-1").json["status"] == "flagged"  # type: ignore[index]
