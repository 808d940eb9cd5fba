"""Appeals by the site's call, by a signed reader, and by the form under the statement, which needs no account and no
script."""

from __future__ import annotations

import base64
import importlib
import json
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from moderation.ground.database.engine import Database
from moderation.ground.values.statuses import Action
from moderation.ground.wording import sentences
from moderation.insight.checks import appealed
from moderation.law.appeals import deciding
from moderation.law.appeals import rows as store
from moderation.law.appeals.values import AppealReason
from moderation.law.statements import announcing, links
from moderation.moderators.review import reviewing
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.sites import keys, sites
from moderation.sites.keys import Scope
from moderation.sites.people import moderators
from moderation.sites.people.roles import Role
from moderation.sites.rows import Moderator, find_moderator
from moderation.sites.sites import NewSite
from moderation.spine.comments import rows as comments
from service.context import utc_now
from tests.builders import OPERATOR
from tests.own_databases import ON_BOTH
from tests.service.bodies import a_body, problem_fields, settle
from tests.service.conftest import Caller

WORDS = "I quoted the minister. The words are hers."
TEXT = "Dana Olsen is a crook."


@pytest.fixture
def ben(database: Database, site: NewSite) -> Moderator:
    roles = {site.site.id: Role.LEAD}
    id = moderators.create_moderator(
        database, email="ben@example.org", name="Ben", password_hash="x", roles=roles, by=OPERATOR, now=utc_now()
    )
    with database.read() as conn:
        found = find_moderator(conn, id=id)
    assert found is not None
    return found


@pytest.fixture
def rejected(api: Caller, database: Database, site: NewSite) -> str:
    """A comment in German that the policy rejected; the decision."""
    return reject(api, database, site, "c-1", language="de")


def reject(api: Caller, database: Database, site: NewSite, id: str, **said: Any) -> str:
    article, author = {"id": "a-1", "title": "Ferry to run all winter"}, {"id": "dana", "name": "Dana Olsen"}
    api.post("/v1/comments", a_body(TEXT, id=id, article=article, author=author, **said))
    return settle(database, site.site.id, id, Action.REJECT, toxicity=0.99).id


def appeal(api: Caller, decision_id: str, text: Any = WORDS, **said: Any) -> TestResponse:
    return api.post(f"/v1/decisions/{decision_id}/appeal", {"text": text, **said})


def kind(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["type"].removeprefix("urn:gavel:problem:")


def page_of(api: Caller, decision_id: str) -> str:
    found = api.get(f"/v1/decisions/{decision_id}/statement").json
    assert found is not None
    return str(found["path"])


def test_the_site_passes_an_appeal_on_and_reads_how_it_stands(
    api: Caller, rejected: str, database: Database, ben: Moderator
) -> None:
    before = api.get(f"/v1/decisions/{rejected}/statement").json
    made = appeal(api, rejected)
    after = api.get(f"/v1/decisions/{rejected}/statement").json

    assert made.status_code == 201 and made.json is not None and before is not None and after is not None
    assert (made.json["state"], made.json["source"], made.json["comment_id"]) == ("open", "api", "c-1")
    assert made.json["message"]["text"].startswith("Wir haben Ihren Widerspruch")
    assert (before["may_appeal"], before["appeal"]) == (True, None)
    assert (after["may_appeal"], after["appeal"]) == (False, made.json)
    assert (
        "Ihren Widerspruch liest ein Mensch, der an der Entscheidung nicht beteiligt war."
        in after["paragraphs"][3]["text"]
    )

    deciding.decide(
        database,
        ben,
        made.json["id"],
        AppealReason.SOFTWARE_ERRED,
        judged=appealed.count,
        answer="Tut uns leid.",
        now=utc_now(),
    )

    found = api.get(f"/v1/decisions/{rejected}/appeal").json
    assert found is not None
    assert (found["state"], found["reason"], found["answer"]) == ("overturned", "software_erred", "Tut uns leid.")
    statement, comment = api.get(f"/v1/decisions/{rejected}/statement").json, api.get("/v1/comments/c-1").json
    assert statement is not None and comment is not None
    assert (statement["holds"], comment["status"]) == (False, "published")


def test_no_other_reader_is_promised_where_one_person_works_alone(
    api: Caller, client: FlaskClient, database: Database, site: NewSite, ben: Moderator
) -> None:
    api.post("/v1/comments", a_body(TEXT, id="c-1", language="en"))
    settle(database, site.site.id, "c-1", Action.FLAG, toxicity=0.9)
    with database.read() as conn:
        comment = comments.get_comment(conn, site.site.id, "c-1")
    choice = ModeratorChoice(Choice.REJECT, comment.version, "Off topic")
    made = reviewing.decide(database, ben, comment.id, choice, now=utc_now(), hold_s=0)
    path = page_of(api, made.id)

    alone = client.get(path).text
    moderators.create_moderator(
        database, email="ana@example.org", name="Ana", password_hash="x", roles={site.site.id: Role.MODERATOR},
        by=OPERATOR, now=utc_now(),
    )  # fmt: skip
    together, received = client.get(path).text, appeal(api, made.id).json

    assert received is not None
    assert "You can appeal until" in alone and "did not make the decision" not in alone
    assert together.count("A person who did not make the decision") == 2  # in the statement, and beside the field
    assert "did not make the decision" not in received["message"]["text"]


def test_a_statement_offers_no_second_appeal(api: Caller, client: FlaskClient, rejected: str) -> None:
    offers = sentences.ours("de")["statement_appeal_here"].partition("{")[0]
    before = client.get(page_of(api, rejected)).text

    appeal(api, rejected)

    after, statement = client.get(page_of(api, rejected)).text, api.get(f"/v1/decisions/{rejected}/statement").json
    assert statement is not None
    assert offers in before and offers not in after + statement["paragraphs"][-1]["text"]
    assert sentences.ours("de")["redress_court"] in after


def test_a_statement_whose_time_is_over_offers_no_appeal(
    api: Caller, client: FlaskClient, rejected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    offers = sentences.ours("de")["statement_appeal_here"].partition("{")[0]
    later = utc_now() + timedelta(days=200)

    monkeypatch.setattr(importlib.import_module("service.api.statements"), "utc_now", lambda: later)

    statement = api.get(f"/v1/decisions/{rejected}/statement").json
    assert statement is not None
    assert not statement["may_appeal"] and offers not in statement["paragraphs"][-1]["text"]


def test_the_feed_has_both_events(api: Caller, rejected: str, database: Database, ben: Moderator) -> None:
    made = appeal(api, rejected).json
    assert made is not None
    deciding.decide(database, ben, made["id"], AppealReason.RULE_BROKEN, judged=appealed.count, now=utc_now())

    feed = api.get("/v1/events").json
    assert feed is not None
    told = [event for event in feed["events"] if event["type"].startswith("appeal.")]

    assert [event["type"] for event in told] == ["appeal.received", "appeal.decided"]
    assert [event["data"]["appeal"]["state"] for event in told] == ["open", "upheld"]
    assert told[1]["data"]["message"]["text"].endswith("Der Kommentar verstößt gegen die genannte Regel.")
    assert "minister" not in str(feed) and "Ben" not in str(feed)


@pytest.mark.parametrize("text", ["", " \n ", "x" * 2_001, "a\x1bb", None, 3, ["x"]])
def test_a_wrong_text_is_named(api: Caller, rejected: str, text: Any) -> None:
    answer = appeal(api, rejected, text)

    assert kind(answer) == (422, "invalid-input")
    assert problem_fields(answer.json) == ["text"]


def test_an_unknown_field_is_named(api: Caller, rejected: str) -> None:
    assert problem_fields(appeal(api, rejected, author="dana").json) == ["author"]


def test_2000_characters_are_taken_and_once_only(api: Caller, rejected: str) -> None:
    assert appeal(api, rejected, "ü" * 2_000).status_code == 201
    assert kind(appeal(api, rejected)) == (409, "already-appealed")


def test_a_decision_of_another_site_and_one_for_the_author_are_not_found(
    api: Caller, other_api: Caller, rejected: str, database: Database, site: NewSite
) -> None:
    api.post("/v1/comments", a_body(id="c-2"))
    published = settle(database, site.site.id, "c-2").id

    for answer in (
        appeal(other_api, rejected),
        other_api.get(f"/v1/decisions/{rejected}/appeal"),
        appeal(api, published),
        api.get(f"/v1/decisions/{rejected}/appeal"),
    ):
        assert kind(answer) == (404, "not-found")


def test_a_changed_decision_and_the_limits_are_refused(
    api: Caller, rejected: str, database: Database, site: NewSite
) -> None:
    sites.change_settings(database, site.site.id, by=OPERATOR, now=utc_now(), open_appeals_per_author=1)
    second, third = (reject(api, database, site, id) for id in ("c-2", "c-3"))
    api.post("/v1/comments/c-3/decisions", {"action": "publish", "version": 2})

    assert kind(appeal(api, third)) == (409, "decision-over")
    assert appeal(api, rejected).status_code == 201
    refused = appeal(api, second)
    assert kind(refused) == (429, "too-many-appeals")
    assert problem_fields(refused.json) == ["author"]


@pytest.mark.parametrize(("scope", "status"), [(Scope.POST, 201), (Scope.READ, 403), (Scope.PUBLIC, 403)])
def test_a_key_needs_the_scope_to_post(
    api: Caller, client: FlaskClient, rejected: str, database: Database, site: NewSite, scope: Scope, status: int
) -> None:
    made = keys.create_key(database, site.site.id, name="k", scopes=[scope], by=OPERATOR, now=utc_now())

    assert appeal(Caller(client, made.token), rejected).status_code == status


def test_a_readers_export_holds_the_appeals(api: Caller, rejected: str) -> None:
    appeal(api, rejected)

    export = json.loads(api.get("/v1/authors/dana/export").text)

    assert [(one["comment_id"], one["text"], one["state"]) for one in export["appeals"]] == [("c-1", WORDS, "open")]


def test_the_form_needs_neither_account_nor_script(api: Caller, client: FlaskClient, rejected: str) -> None:
    path = page_of(api, rejected)
    page = client.get(path)
    form = BeautifulSoup(page.text, "html.parser").find("form")

    assert form is not None and form["action"] == path and "<script" not in page.text
    sent = client.post(path, data={"text": f"{WORDS}\r\nReally."})
    after = client.get(path)

    assert (sent.status_code, sent.headers["Location"]) == (303, path)
    assert "form-action 'self'" in after.headers["Content-Security-Policy"]
    assert "Wir haben Ihren Widerspruch am" in after.text and "<form" not in after.text
    assert "minister" not in after.text  # whoever holds the link does not read what the author wrote
    found = api.get(f"/v1/decisions/{rejected}/appeal").json
    assert found is not None and found["source"] == "page"
    assert client.post(path, data={"text": "Twice"}).status_code == 303  # the page says how the first one stands


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", sentences.ours("de")["appeal_empty"]),
        (" \r\n", sentences.ours("de")["appeal_empty"]),
        ("x" * 2_001, "Hier sind es 2001."),
        ("a\x00<b>", sentences.ours("de")["appeal_odd"]),
    ],
)
def test_the_form_says_what_is_wrong_and_keeps_the_words(
    api: Caller, client: FlaskClient, rejected: str, text: str, said: str
) -> None:
    answer = client.post(page_of(api, rejected), data={"text": text})

    assert answer.status_code == 422
    html = BeautifulSoup(answer.text, "html.parser")
    area, alert = html.find("textarea"), html.find(role="alert")
    assert area is not None and alert is not None
    assert said in alert.get_text()
    assert "problem" in str(area["aria-describedby"]) and area["aria-invalid"] == "true"
    assert area.get_text().strip() == text.strip()


def test_a_form_without_the_field_or_far_too_long_is_refused(api: Caller, client: FlaskClient, rejected: str) -> None:
    path = page_of(api, rejected)

    assert client.post(path).status_code == 422
    assert client.post(path, data={"text": "x" * 70_000}).status_code == 413
    assert client.get(path).status_code == 200


def test_limits_and_the_end_of_the_time_are_said_in_the_readers_language(
    api: Caller, client: FlaskClient, rejected: str, database: Database, site: NewSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = page_of(api, rejected)
    sites.change_settings(database, site.site.id, by=OPERATOR, now=utc_now(), open_appeals_per_site=0)
    crowded = client.post(path, data={"text": WORDS})
    sites.change_settings(database, site.site.id, by=OPERATOR, now=utc_now(), open_appeals_per_site=5)
    api.post("/v1/comments/c-1/decisions", {"action": "publish", "version": 2})
    over = client.post(path, data={"text": WORDS})

    assert (crowded.status_code, over.status_code) == (429, 409)
    assert sentences.ours("de")["appeal_crowded"] in crowded.text and sentences.ours("de")["appeal_over"] in over.text
    assert "<form" not in client.get(path).text


@ON_BOTH
def test_the_page_has_the_outcome_and_lives_until_it_is_read(
    api: Caller, client: FlaskClient, rejected: str, database: Database, ben: Moderator, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, calls = page_of(api, rejected), importlib.import_module("service.api.linked_pages")
    client.post(path, data={"text": WORDS})
    with database.read() as conn:
        made = store.of_decision(conn, rejected)
    assert made is not None
    end = utc_now() + timedelta(days=183)

    monkeypatch.setattr(calls, "utc_now", lambda: end + timedelta(days=1))
    waiting = client.get(path)
    deciding.decide(
        database,
        ben,
        made.id,
        AppealReason.MISREAD,
        judged=appealed.count,
        answer="<b>Sorry</b>",
        now=end + timedelta(days=2),
    )
    decided = client.get(path)
    monkeypatch.setattr(calls, "utc_now", lambda: end + timedelta(days=2 + 182))
    late = client.get(path)
    monkeypatch.setattr(calls, "utc_now", lambda: end + timedelta(days=2 + 183))
    gone = client.get(path)

    assert [page.status_code for page in (waiting, decided, late, gone)] == [200, 200, 200, 404]
    assert "Ihr Kommentar ist online" in decided.text and "Wir hatten den Kommentar missverstanden." in decided.text
    assert "&lt;b&gt;Sorry&lt;/b&gt;" in decided.text and "Ben" not in decided.text


def test_a_link_that_is_forged_foreign_or_late_takes_no_appeal_and_shows_nothing(
    api: Caller, client: FlaskClient, database: Database, site: NewSite, other_site: NewSite, rejected: str
) -> None:
    good = page_of(api, rejected)
    token = good.removeprefix("/statements/")
    with database.write() as conn:
        mine, theirs = (announcing.secret(conn, one.site.id) for one in (site, other_site))
    later = utc_now() + timedelta(days=1)
    altered = [f"{token[:n]}{'A' if token[n] != 'A' else 'B'}{token[n + 1 :]}" for n in range(0, len(token) - 1, 3)]
    made_up = {
        "cut": token[:-1],
        "longer": f"{token}A",
        "no link": "x" * 55,
        "a path": "..%2F..%2Fetc%2Fpasswd",
        "letters": "ä" * 55,
        "signed by another site": links.path(theirs, rejected, later).removeprefix("/statements/"),
        "expired": links.path(mine, rejected, utc_now() - timedelta(seconds=2)).removeprefix("/statements/"),
        "of no decision": links.path(mine, "01a21022-6258-7611-864a-0e757bf7ee87", later).removeprefix("/statements/"),
        "zeros": base64.urlsafe_b64encode(bytes(41)).decode().rstrip("="),
    }

    for kind_of_link, bad in [("altered", one) for one in altered] + list(made_up.items()):
        answer = client.post(f"/statements/{bad}", data={"text": WORDS}, headers={"Accept-Language": "de"})
        assert answer.status_code == 404, kind_of_link
        for secret in ("Ferry", "Kommentar", "minister", "crook", "Dana"):
            assert secret not in answer.text, kind_of_link

    with database.read() as conn:
        assert store.of_decision(conn, rejected) is None
    assert client.post(good, data={"text": WORDS}).status_code == 303
