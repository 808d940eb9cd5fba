"""A signed reader posts, sees, edits and withdraws their own comments, reports others', and can do nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

from moderation.ground.database.engine import Database
from moderation.ground.values.statuses import Action
from moderation.sites import reader_secrets
from moderation.sites.sites import NewSite
from moderation.spine.articles import rows as articles
from moderation.spine.comments.tables import comments
from service.api.readers import admission
from service.app import create_app
from service.context import utc_now
from tests.builders import OPERATOR
from tests.own_databases import ON_BOTH
from tests.service.api.readers.conftest import ORIGIN, Sign
from tests.service.bodies import a_body, problem_fields
from tests.service.conftest import Caller

OWN = "/v1/reader/comments"
TEXT = "At last. Will the last boat wait for the train?"
ID = "01a21022-6248-7aa4-98be-b8141b0f4638"
Publish = Callable[..., None]


def post(who: Caller, text: str = TEXT, **fields: Any) -> Any:
    answer = who.post(OWN, {"article_id": "a-1", "text": text, **fields})
    assert answer.status_code == 202, answer.text
    return answer.json


def kind(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["type"].removeprefix("urn:gavel:problem:")


@ON_BOTH
def test_a_comment_is_stored_with_what_the_token_says_of_its_author(
    client: FlaskClient, sign: Sign, database: Database, site: NewSite
) -> None:
    dana = Caller(client, sign(created_at="2020-05-01T09:00:00Z", email_domain="mail.example"))

    made = post(dana, id=ID, language="en", typed_s=12.5)

    assert (made["id"], made["status"], made["text"], made["version"]) == (ID, "waiting", TEXT, 1)
    with database.read() as conn:
        author = articles.find_author(conn, site.site.id, "dana")
    assert author is not None
    assert (author.name, author.email_domain) == ("Dana", "mail.example")
    assert author.registered_at is not None and author.registered_at.year == 2020


def test_sending_again_with_the_pages_own_id_is_safe(dana: Caller, eve: Caller) -> None:
    made = post(dana, id=ID)
    again = dana.post(OWN, {"article_id": "a-1", "text": TEXT, "id": ID})
    other = eve.post(OWN, {"article_id": "a-1", "text": TEXT, "id": ID})

    assert again.json == made
    assert kind(other) == (409, "id-conflict")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": "c-1"}, "id"),
        ({"article_id": ".."}, "article_id"),
        ({"text": " "}, "text"),
        ({"text": None}, "text"),
        ({"parent_id": "none"}, "parent_id"),
        ({"author": {"id": "eve"}}, "author"),
        ({"article": {"id": "a-1", "title": "Mine"}}, "article"),
        ({"posted_at": "2026-03-02T12:00:00Z"}, "posted_at"),
        ({"typed_s": -1}, "typed_s"),
    ],
)
def test_a_wrong_comment_names_its_field_and_is_not_stored(dana: Caller, change: Any, field: str) -> None:
    answer = dana.post(OWN, {"article_id": "a-1", "text": TEXT, **change})

    assert (answer.status_code, problem_fields(answer.json)) == (422, [field])
    assert dana.get(OWN).json == {"comments": [], "next": None}


def test_a_page_names_no_article_that_the_site_has_not_described(
    dana: Caller, api: Caller, database: Database, site: NewSite
) -> None:
    unknown = dana.post(OWN, {"article_id": "a-2", "text": TEXT})
    api.put("/v1/articles/a-1", {"title": "T", "state": "closed"})
    closed = dana.post(OWN, {"article_id": "a-1", "text": TEXT})

    assert kind(unknown) == (404, "not-found")
    assert kind(closed) == (409, "article-closed")
    with database.read() as conn:
        assert articles.find_article(conn, site.site.id, "a-2") is None


@pytest.mark.parametrize("action", [Action.FLAG, Action.REJECT, None])
def test_readers_answer_only_what_they_see(dana: Caller, api: Caller, publish: Publish, action: Action | None) -> None:
    api.post("/v1/comments", a_body(id="c-1", author={"id": "somebody"}))
    if action is not None:
        publish("c-1", action)

    hidden = dana.post(OWN, {"article_id": "a-1", "text": TEXT, "parent_id": "c-1"})
    unknown = dana.post(OWN, {"article_id": "a-1", "text": TEXT, "parent_id": "c-2"})

    assert hidden.status_code == unknown.status_code == 422
    assert hidden.json == unknown.json


def test_a_reply_to_a_published_comment_is_taken(dana: Caller, publish: Publish) -> None:
    publish("c-1", author={"id": "somebody"})

    assert post(dana, parent_id="c-1")["parent_id"] == "c-1"


@ON_BOTH
def test_own_comments_are_listed_in_every_state_and_nobody_elses(
    dana: Caller, eve: Caller, publish: Publish, api: Caller
) -> None:
    api.put("/v1/articles/a-2", {"title": "Another"})
    made = [post(dana, f"Number {number}.")["id"] for number in range(3)]
    post(eve)
    elsewhere = dana.post(OWN, {"article_id": "a-2", "text": TEXT}).json["id"]  # type: ignore[index]
    for id, action in zip(made, (Action.PUBLISH, Action.FLAG, Action.REJECT), strict=True):
        publish(id, action)

    listed: Any = dana.get(OWN).json
    first: Any = dana.get(f"{OWN}?limit=3").json
    rest: Any = dana.get(f"{OWN}?limit=3&after={first['next']}").json

    assert [(c["id"], c["status"]) for c in listed["comments"]] == [
        (elsewhere, "waiting"), (made[2], "rejected"), (made[1], "flagged"), (made[0], "published"),
    ]  # fmt: skip
    assert first["comments"] + rest["comments"] == listed["comments"]
    assert (listed["next"], rest["next"]) == (None, None)
    assert [c["id"] for c in dana.get(f"{OWN}?article=a-2").json["comments"]] == [elsewhere]  # type: ignore[index]
    assert dana.get(f"{OWN}?article=none").json == {"comments": [], "next": None}
    assert set(listed["comments"][0]) == {
        "id", "article_id", "parent_id", "text", "status", "version", "replies", "featured", "posted_at", "updated_at",
        "editable_until",
        "statement_path",
    }  # fmt: skip


def test_a_wrong_cursor_is_named(dana: Caller) -> None:
    post(dana)

    assert problem_fields(dana.get(f"{OWN}?after=x").json) == ["after"]


def test_an_edit_waits_like_a_new_comment_and_is_over_in_time(
    dana: Caller, api: Caller, database: Database, publish: Publish
) -> None:
    made = post(dana)
    publish(made["id"])
    edited = dana.patch(f"{OWN}/{made['id']}", {"text": "At last!", "version": 2})
    stale = dana.patch(f"{OWN}/{made['id']}", {"text": "Again.", "version": 1})
    with database.write() as conn:
        conn.execute(comments.update().values(received_at=utc_now() - timedelta(minutes=15)))
    late = dana.patch(f"{OWN}/{made['id']}", {"text": "Too late."})
    after: Any = dana.get(OWN).json["comments"][0]  # type: ignore[index]
    by_site = api.patch(f"/v1/comments/{made['id']}", {"text": "By the site."})

    assert made["editable_until"] is not None
    assert (edited.status_code, edited.json["status"], edited.json["text"]) == (202, "waiting", "At last!")  # type: ignore[index]
    assert kind(stale) == (409, "stale-version")
    assert kind(late) == (409, "edit-time-over")
    assert (after["text"], after["editable_until"]) == ("At last!", None)
    assert by_site.status_code == 202


@pytest.mark.parametrize("place", [{}, {"article": "a-1"}])
def test_an_edit_is_refused_where_a_new_comment_is(
    dana: Caller, api: Caller, publish: Publish, place: dict[str, str]
) -> None:
    made = post(dana)
    publish(made["id"])
    mode = api.post("/v1/site/modes", {"mode": "closed", "hours": 1, **place}).json or {}

    edited = dana.patch(f"{OWN}/{made['id']}", {"text": "Wholly other words."})
    by_the_site = api.patch(f"/v1/comments/{made['id']}", {"text": "Words of the site."})

    assert kind(edited) == (409, "article-closed")
    assert datetime.fromisoformat(edited.json["until"]) == datetime.fromisoformat(mode["until"])  # type: ignore[index]
    assert by_the_site.status_code == 202


def test_an_edit_is_refused_on_a_closed_article(dana: Caller, api: Caller) -> None:
    made = post(dana)
    api.put("/v1/articles/a-1", {"title": "T", "state": "closed"})

    assert kind(dana.patch(f"{OWN}/{made['id']}", {"text": "Other words."})) == (409, "article-closed")


@ON_BOTH
def test_in_a_slow_mode_a_reader_may_edit_once_in_its_minutes(dana: Caller, api: Caller) -> None:
    post(dana, "Just before.")
    api.post("/v1/site/modes", {"mode": "slow", "hours": 1})
    made = post(dana)

    edits = [dana.patch(f"{OWN}/{made['id']}", {"text": text}) for text in ("At last!", "Wholly other words.")]

    assert edits[0].status_code == 202
    assert kind(edits[1]) == (429, "author-rate-limited")
    assert 290 <= int(edits[1].headers["Retry-After"]) <= 300


def test_a_site_may_allow_no_edits(dana: Caller, api: Caller) -> None:
    put = api.put("/v1/site/author-limits", {"comments_per_author_per_minute": 5, "reader_edit_minutes": 0})
    made = post(dana)

    assert put.json == {"comments_per_author_per_minute": 5, "reader_edit_minutes": 0, "close_after_days": None}
    assert kind(dana.patch(f"{OWN}/{made['id']}", {"text": "Never."})) == (409, "edit-time-over")
    assert dana.get("/v1/reader").json["edit_minutes"] == 0  # type: ignore[index]


def test_a_withdrawal_is_for_good_and_may_be_repeated(dana: Caller, api: Caller) -> None:
    made = post(dana)

    answers = [dana.delete(f"{OWN}/{made['id']}") for _ in range(2)]

    assert [(a.status_code, a.json["status"], a.json["editable_until"]) for a in answers] == [  # type: ignore[index]
        (200, "withdrawn", None)
    ] * 2
    assert api.get(f"/v1/comments/{made['id']}").json["status"] == "withdrawn"  # type: ignore[index]


def test_nobody_elses_comment_exists_for_a_reader(dana: Caller, eve: Caller, api: Caller) -> None:
    made = post(dana)

    edit = eve.patch(f"{OWN}/{made['id']}", {"text": "Mine."})
    withdrawal = eve.delete(f"{OWN}/{made['id']}")

    assert kind(edit) == kind(withdrawal) == (404, "not-found")
    assert edit.json == eve.patch(f"{OWN}/none", {"text": "Mine."}).json | {"detail": edit.json["detail"]}  # type: ignore[index,operator]
    found: Any = api.get(f"/v1/comments/{made['id']}").json
    assert (found["text"], found["status"]) == (TEXT, "waiting")


@ON_BOTH
def test_a_report_counts_once_and_says_nothing_of_others(
    dana: Caller, eve: Caller, publish: Publish, api: Caller
) -> None:
    publish("c-1", author={"id": "somebody"})
    report = {"comment_id": "c-1", "reason": "insult"}

    answers = [who.post("/v1/reader/reports", report) for who in (dana, dana, eve)]

    assert [(a.status_code, a.json) for a in answers] == [
        (201, {"counted": True, "notice": None}),
        (200, {"counted": False, "notice": None}),
        (201, {"counted": True, "notice": None}),
    ]  # fmt: skip
    assert api.get("/v1/comments/c-1").json["reports"] == 2  # type: ignore[index]


@pytest.mark.parametrize("action", [Action.FLAG, Action.REJECT, None])
def test_what_readers_do_not_see_cannot_be_reported(
    dana: Caller, api: Caller, publish: Publish, action: Action | None
) -> None:
    api.post("/v1/comments", a_body(id="c-1", author={"id": "somebody"}))
    if action is not None:
        publish("c-1", action)

    answer = dana.post("/v1/reader/reports", {"comment_id": "c-1", "reason": "insult"})

    assert kind(answer) == (404, "not-found")
    assert api.get("/v1/comments/c-1").json["reports"] == 0  # type: ignore[index]


def test_nobody_reports_their_own_comment(dana: Caller, publish: Publish) -> None:
    made = post(dana)
    publish(made["id"])

    answer = dana.post("/v1/reader/reports", {"comment_id": made["id"], "reason": "insult"})

    assert (answer.status_code, problem_fields(answer.json)) == (422, ["comment_id"])


@pytest.mark.parametrize(
    ("measure", "has_end"), [({"measure": "suspend", "days": 7}, True), ({"measure": "ban"}, False)]
)
def test_a_silenced_reader_hears_why_and_until_when(
    dana: Caller, api: Caller, publish: Publish, measure: dict[str, Any], has_end: bool
) -> None:
    made = post(dana)
    publish("c-1", author={"id": "somebody"})
    assert api.post("/v1/authors/dana/measures", {**measure, "reason": "You insulted the mayor."}).status_code == 201

    refused = [
        dana.post(OWN, {"article_id": "a-1", "text": TEXT}),
        dana.patch(f"{OWN}/{made['id']}", {"text": "Another text."}),
        dana.post("/v1/reader/reports", {"comment_id": "c-1", "reason": "insult"}),
    ]
    known: Any = dana.get("/v1/reader").json
    listed: Any = dana.get(OWN).json

    assert [kind(answer) for answer in refused] == [(403, "author-suspended")] * 3
    assert known["may_comment"] is False
    assert (known["until"] is not None) == has_end
    assert "You insulted the mayor." in known["message"]["text"]
    assert [c["text"] for c in listed["comments"]] == [TEXT]
    assert dana.delete(f"{OWN}/{made['id']}").status_code == 200


def test_the_sites_limit_on_one_readers_comments_holds(dana: Caller, eve: Caller, api: Caller) -> None:
    api.put("/v1/site/author-limits", {"comments_per_author_per_minute": 1})
    post(dana)

    assert kind(dana.post(OWN, {"article_id": "a-1", "text": TEXT})) == (429, "author-rate-limited")
    post(eve)


def test_one_readers_requests_are_limited_and_nobody_elses(
    dana: Caller, eve: Caller, monkeypatch: pytest.MonkeyPatch, settings: Any, database: Database, queues: Any
) -> None:
    monkeypatch.setattr(admission, "PER_MINUTE", 2)
    client = create_app(settings, database=database, queues=queues).test_client()
    mine, hers = Caller(client, dana.token), Caller(client, eve.token)

    answers = [mine.get("/v1/reader") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"reader";q=2;w=60'
    assert int(answers[2].headers["Retry-After"]) > 0
    assert hers.get("/v1/reader").status_code == 200


def allowed(response: Any) -> dict[str, str]:
    return {name: value for name, value in response.headers if name.startswith("Access-Control-")}


def test_a_page_of_the_site_may_read_the_answer_also_of_a_refusal(dana: Caller, sign: Sign) -> None:
    found = dana.get("/v1/reader", headers={"Origin": ORIGIN})
    expired = Caller(dana.client, sign(exp=utc_now() - timedelta(hours=1))).get(
        "/v1/reader", headers={"Origin": ORIGIN}
    )

    assert (found.status_code, expired.status_code) == (200, 401)
    assert allowed(found)["Access-Control-Allow-Origin"] == ORIGIN
    assert allowed(expired)["Access-Control-Allow-Origin"] == ORIGIN


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "*", "https://news.example:8443"])
def test_a_page_of_another_origin_is_refused(dana: Caller, origin: str) -> None:
    answer = dana.post(OWN, {"article_id": "a-1", "text": TEXT}, headers={"Origin": origin})

    assert kind(answer) == (403, "not-allowed")
    assert allowed(answer) == {}
    assert dana.get(OWN).json == {"comments": [], "next": None}


def test_a_page_of_another_site_is_refused(dana: Caller, other_api: Caller) -> None:
    other_api.put("/v1/site/origins", {"origins": ["https://other.example"]})

    answer = dana.get("/v1/reader", headers={"Origin": "https://other.example"})

    assert kind(answer) == (403, "not-allowed")
    assert allowed(answer) == {}


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_a_browser_that_asks_first_is_let_in(client: FlaskClient, method: str) -> None:
    headers = {"Access-Control-Request-Method": method, "Origin": ORIGIN}

    answer = client.options(f"{OWN}/c-1" if method != "POST" else OWN, headers=headers)

    assert answer.status_code == 204
    assert allowed(answer)["Access-Control-Allow-Methods"] == "GET, POST, PATCH, DELETE"
    assert allowed(answer)["Access-Control-Allow-Headers"] == "Authorization, Content-Type, Prefer"
    assert client.options(OWN, headers={**headers, "Origin": "https://evil.example"}).status_code == 401


def test_a_token_opens_no_other_call(dana: Caller, app: OpenAPI, api: Caller) -> None:
    tried = 0
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/v1/") or rule.rule.startswith(("/v1/reader", "/v1/pages/")):
            continue  # those of pages need no key
        path = rule.rule.replace("<id>", "a-1").replace("<path:id>", "dana").replace("<int:version>", "1")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            assert dana._call(method, path, json={}).status_code == 401, (method, path)
            tried += 1
    assert tried > 40


@pytest.mark.parametrize("path", ["/v1/reader", OWN])
def test_a_sites_key_opens_no_call_of_a_reader(api: Caller, client: FlaskClient, path: str) -> None:
    assert kind(api.get(path)) == (403, "not-allowed")
    assert kind(client.get(path)) == (401, "not-authenticated")


def test_a_reader_is_another_one_at_another_site(
    dana: Caller, client: FlaskClient, sign: Sign, database: Database, other_site: NewSite
) -> None:
    made = post(dana)
    theirs = reader_secrets.create(database, other_site.site.id, by=OPERATOR, now=utc_now())
    namesake = Caller(client, sign(key=theirs.secret, kid=theirs.id, aud=other_site.site.id))

    assert namesake.get(OWN).json == {"comments": [], "next": None}
    assert kind(namesake.delete(f"{OWN}/{made['id']}")) == (404, "not-found")
    assert kind(namesake.post(OWN, {"article_id": "a-1", "text": TEXT})) == (404, "not-found")
    assert kind(namesake.post("/v1/reader/reports", {"comment_id": made["id"], "reason": "x"})) == (404, "not-found")
