"""A signed reader reads their own suspensions and bans, and appeals against them: nobody else's, no other site's."""

from __future__ import annotations

import importlib
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from moderation.ground.database.engine import Database
from moderation.sites import reader_secrets, sites
from moderation.sites.sites import NewSite
from moderation.sites.tables import sites as site_table
from moderation.spine.events.tables import events
from service.context import utc_now
from tests.builders import OPERATOR
from tests.own_databases import ON_BOTH
from tests.service.api.readers.conftest import ORIGIN, Sign
from tests.service.bodies import a_body, problem_fields
from tests.service.conftest import Caller
from tests.statements import Asked

WORDS = "I had quoted the minister. The words are hers."
BAN: dict[str, Any] = {"measure": "ban", "reason": "Enough"}
SUSPENSION: dict[str, Any] = {"measure": "suspend", "days": 7, "reason": "Enough"}


@pytest.fixture(autouse=True)
def known(api: Caller) -> None:
    """Dana and Eve have written, so that measures about them can be taken."""
    for reader in ("dana", "eve"):
        assert api.post("/v1/comments", a_body(id=f"by-{reader}", author={"id": reader})).status_code == 202


@pytest.fixture
def theirs(client: FlaskClient, database: Database, other_site: NewSite, other_api: Caller, sign: Sign) -> Caller:
    """A reader of site B under the same id."""
    secret = reader_secrets.create(database, other_site.site.id, by=OPERATOR, now=utc_now())
    other_api.put("/v1/site/origins", {"origins": [ORIGIN]})
    other_api.put("/v1/articles/a-1", {"title": "Ferry"})
    assert other_api.post("/v1/comments", a_body(id="c-1", author={"id": "dana"})).status_code == 202
    return Caller(client, sign(secret.secret, kid=secret.id, aud=other_site.site.id))


def take(api: Caller, measure: dict[str, Any], reader: str = "dana") -> str:
    """Returns the measure's id."""
    answer = api.post(f"/v1/authors/{reader}/measures", measure)
    assert answer.status_code == 201 and answer.json is not None
    return str(answer.json["measure"]["id"])


def undo(api: Caller, measure_id: str) -> None:
    assert api.post(f"/v1/author-measures/{measure_id}/undo").status_code == 200


def own(reader: Caller, query: str = "") -> list[dict[str, Any]]:
    page = reader.get(f"/v1/reader/measures{query}")
    assert page.status_code == 200 and page.json is not None
    return list(page.json["measures"])


def appeal(reader: Caller, measure_id: str) -> Any:
    return reader.post("/v1/reader/appeals", {"measure_id": measure_id, "text": WORDS})


def kind(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["type"].removeprefix("urn:gavel:problem:")


@ON_BOTH
def test_a_reader_reads_why_they_may_not_comment(api: Caller, client: FlaskClient, dana: Caller) -> None:
    id = take(api, SUSPENSION)

    (measure,) = own(dana)

    told = dana.get("/v1/reader").json
    assert told is not None
    assert (measure["id"], measure["restriction"], measure["holds"]) == (id, "suspended", True)
    assert (measure["may_appeal"], measure["appeal"]) == (True, None)
    assert {name: told[name] for name in ("until", "message", "statement_path")} == {
        name: measure[name] for name in ("until", "message", "statement_path")
    }
    assert "Enough" in client.get(measure["statement_path"]).text


def test_only_what_keeps_them_from_commenting_is_shown_newest_first(api: Caller, dana: Caller) -> None:
    first = take(api, SUSPENSION)
    for measure in ("warn", "hold", "trust"):
        take(api, {"measure": measure, "reason": "Enough"})
    second = take(api, BAN)

    assert [(measure["id"], measure["holds"], measure["may_appeal"]) for measure in own(dana)] == [
        (second, True, True),
        (first, False, False),
    ]


def test_a_reader_turns_the_pages(api: Caller, dana: Caller) -> None:
    ids = [take(api, SUSPENSION), take(api, BAN)]

    first = dana.get("/v1/reader/measures?limit=1").json
    assert first is not None
    second = dana.get(f"/v1/reader/measures?limit=1&after={first['next']}").json
    assert second is not None

    assert [page["measures"][0]["id"] for page in (first, second)] == ids[::-1]
    assert second["next"] is None


def test_a_measure_undone_before_it_was_announced_was_none(api: Caller, dana: Caller) -> None:
    undo(api, take(api, BAN))

    assert own(dana) == []


def test_a_measure_undone_later_is_shown_as_over(api: Caller, dana: Caller) -> None:
    id = take(api, BAN)
    api.get("/v1/events")  # the site hears of it
    undo(api, id)

    (measure,) = own(dana)

    assert (measure["id"], measure["holds"], measure["may_appeal"]) == (id, False, False)
    assert kind(appeal(dana, id)) == (409, "decision-over")


def test_nobody_reads_anothers(
    api: Caller, dana: Caller, eve: Caller, theirs: Caller, client: FlaskClient, sign: Sign
) -> None:
    take(api, BAN)

    unknown = Caller(client, sign(sub="frida"))

    assert [own(reader) for reader in (eve, theirs, unknown)] == [[], [], []]
    assert len(own(dana)) == 1


@ON_BOTH
def test_nobody_appeals_against_anothers(api: Caller, dana: Caller, eve: Caller, theirs: Caller) -> None:
    id = take(api, BAN)

    assert [kind(appeal(reader, id)) for reader in (eve, theirs)] == [(404, "not-found")] * 2
    assert api.get(f"/v1/author-measures/{id}/appeal").status_code == 404
    assert own(dana)[0]["may_appeal"]


@ON_BOTH
def test_a_banned_reader_appeals_once(api: Caller, dana: Caller) -> None:
    id = take(api, BAN)

    filed = appeal(dana, id)

    assert filed.status_code == 201
    assert (filed.json["source"], filed.json["measure_id"], filed.json["comment_id"]) == ("reader", id, None)
    assert api.get(f"/v1/author-measures/{id}/appeal").json == filed.json
    (measure,) = own(dana)
    assert (measure["may_appeal"], measure["appeal"]) == (False, filed.json)
    assert kind(appeal(dana, id)) == (409, "already-appealed")


@pytest.mark.parametrize("measure", ["warn", "hold"])
def test_there_is_no_appeal_against_milder_measures(api: Caller, dana: Caller, measure: str) -> None:
    assert kind(appeal(dana, take(api, {"measure": measure, "reason": "Enough"}))) == (404, "not-found")


def test_a_reader_learns_that_the_time_is_over(api: Caller, dana: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    id = take(api, BAN)
    later = utc_now() + timedelta(days=183)
    monkeypatch.setattr(importlib.import_module("service.api.readers.redress"), "utc_now", lambda: later)

    (measure,) = own(dana)

    assert (measure["holds"], measure["may_appeal"], measure["statement_path"]) == (True, False, None)
    assert kind(appeal(dana, id)) == (409, "appeal-too-late")


def test_a_site_that_never_signed_a_link_signs_this_one(
    api: Caller, client: FlaskClient, dana: Caller, database: Database
) -> None:
    """A measure as an earlier version left it: without a statement in its event."""
    id = take(api, BAN)
    with database.write() as conn:
        row = conn.execute(sa.select(events.c.payload).where(events.c.id == id)).scalar_one()
        measure = {name: value for name, value in row["measure"].items() if name != "statement"}
        conn.execute(events.update().where(events.c.id == id).values(payload={**row, "measure": measure}))
        conn.execute(site_table.update().values(address_secret=None))

    (shown,) = own(dana)

    assert client.get(shown["statement_path"]).status_code == 200


def test_a_site_that_takes_no_appeals_says_so(api: Caller, dana: Caller, database: Database, site: NewSite) -> None:
    id = take(api, BAN)
    settings: dict[str, Any] = {"open_appeals_per_author": 1, "open_appeals_per_site": 0}
    sites.change_settings(database, site.site.id, by=OPERATOR, now=utc_now(), **settings)

    assert not own(dana)[0]["may_appeal"]
    assert kind(appeal(dana, id)) == (429, "too-many-appeals")


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({}, "measure_id", "must be given, or comment_id instead"),
        ({"comment_id": None, "measure_id": None}, "measure_id", "must be given, or comment_id instead"),
        (
            {"comment_id": "by-dana", "measure_id": "01890a5d-ac96-774b-bcce-b302099a8058"},
            "measure_id",
            "replaces comment_id: give only one of them",
        ),
        ({"measure_id": "by-dana"}, "measure_id", ""),
        ({"comment_id": "a/b"}, "comment_id", ""),
    ],
)
def test_exactly_one_is_named(dana: Caller, body: dict[str, Any], field: str, message: str) -> None:
    refused = dana.post("/v1/reader/appeals", {**body, "text": WORDS})

    assert refused.status_code == 422 and refused.json is not None
    assert problem_fields(refused.json) == [field]
    assert message in refused.json["errors"][0]["message"]


def test_the_list_takes_a_readers_token_only(api: Caller, dana: Caller) -> None:
    assert kind(api.get("/v1/reader/measures")) == (403, "not-allowed")
    assert problem_fields(dana.get("/v1/reader/measures?after=x").json) == ["after"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_reading_them_walks_no_table(api: Caller, dana: Caller, database: Database) -> None:
    appeal(dana, take(api, BAN))
    asked = Asked(database)

    with asked.listening():
        (measure,) = own(dana)

    assert measure["appeal"]
    assert asked.scans() == []
