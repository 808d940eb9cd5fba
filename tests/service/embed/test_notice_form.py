"""The form for notices of illegal content, as a visitor without an account and without a script fills it in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from moderation.ground.database.engine import Database
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.ground.wording.sentences import LANGUAGES, ours
from moderation.law.notices import list_rows
from moderation.law.notices.list_rows import ListedNotice, NoticesWanted
from moderation.law.notices.values import MAX_EXPLANATION_CHARS, OF_MINORS
from moderation.sites import sites
from moderation.sites.sites import NewSite
from service.context import utc_now
from service.embed import notice_form
from service.embed.notice_form import AT_SITE, BY_ADDRESS, places_in
from tests.builders import OPERATOR
from tests.own_databases import ON_BOTH
from tests.service.bodies import a_body, settle
from tests.service.conftest import Caller

TEXT = "Throw <b>them</b> all into the sea."
OURS = {"Sec-Fetch-Site": "same-origin"}
FILLED = {
    "comment": "c-1",
    "explanation": "§ 130 StGB: it calls for violence.",
    "category": "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH",
    "name": "Karl Notifier",
    "email": "karl@mail.example",
    "good_faith": "yes",
    "language": "de",
}


@pytest.fixture(autouse=True)
def published(api: Caller, database: Database, site: NewSite) -> None:
    api.put("/v1/site/origins", {"origins": ["https://news.example"]})
    said = {"id": "c-1", "author": {"id": "r-1", "name": "Eve"}, "article": {"id": "a-1", "title": "Ferry all winter"}}
    assert api.post("/v1/comments", a_body(TEXT, **said)).status_code == 202
    settle(database, site.site.id, "c-1")


@pytest.fixture
def path(site: NewSite) -> str:
    return f"/embed/v1/notice/{site.site.id}"


@pytest.fixture
def send(client: FlaskClient, path: str) -> Callable[..., TestResponse]:
    """Sends the form filled in; an override of None leaves a field out."""

    def sent(*, address: str = "203.0.113.7", **overrides: str | None) -> TestResponse:
        fields = {name: value for name, value in {**FILLED, **overrides}.items() if value is not None}
        return client.post(path, data=fields, headers=OURS, environ_overrides={"REMOTE_ADDR": address})

    return sent


Send = Callable[..., TestResponse]


def read(answer: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html.parser")


def kept(database: Database, site: NewSite) -> list[ListedNotice]:
    with database.read() as conn:
        return list(list_rows.listing(conn, NoticesWanted((site.site.id,)), before=None, limit=100).found)


@ON_BOTH
def test_a_notice_is_kept_with_its_language_and_leads_to_a_receipt_with_its_number(
    client: FlaskClient, send: Send, database: Database, site: NewSite, api: Caller
) -> None:
    answer = send()
    receipt = client.get(answer.headers["Location"])

    (listed,) = kept(database, site)
    assert answer.status_code == 303
    assert listed.notice.id in receipt.text
    assert BeautifulSoup(receipt.text, "html.parser").html["lang"] == "de"  # type: ignore[index]
    notice = listed.notice
    assert (notice.explanation, notice.name, notice.email) == (FILLED["explanation"], FILLED["name"], FILLED["email"])
    assert (notice.category, notice.language, notice.hid) == (FILLED["category"], "de", False)
    assert (notice.reader_id, notice.flagger, notice.key_id) == (None, None, None)
    assert listed.status is CommentStatus.PUBLISHED  # one stranger's word takes nothing offline
    heard = [event["type"] for event in api.get("/v1/events?limit=100").json["events"]]  # type: ignore[index]
    assert heard.count("notice.received") == 1


def test_the_form_quotes_the_comment_as_text_and_is_a_page_of_the_paper(
    client: FlaskClient, path: str, site: NewSite, database: Database
) -> None:
    changes: dict[str, Any] = {"paper_colour": "#0a4d8c", "reader_contact": "leser@herald.example"}
    sites.change_settings(database, site.site.id, by=OPERATOR, now=utc_now(), **changes)

    answer = client.get(f"{path}?comment=c-1&language=fr")
    page = read(answer)

    assert page.blockquote is not None and page.blockquote.get_text() == TEXT
    assert page.find(["b", "script", "img"]) is None
    assert page.select(".masthead p")[0].get_text(strip=True) == site.site.name
    assert page.select(".masthead rect")[0]["fill"] == "#0a4d8c"
    assert "leser@herald.example" in page.select(".imprint")[0].get_text()
    assert page.h1 is not None and page.h1.get_text() == ours("fr")["notice_form_title"]
    assert "form-action 'self'" in answer.headers["Content-Security-Policy"]
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_can_be_chosen_and_keeps_the_comment(client: FlaskClient, path: str, language: str) -> None:
    page = read(client.get(f"{path}?comment=c-1", headers={"Accept-Language": "pl"}))
    assert page.html is not None and page.html["lang"] == "pl"
    (link,) = page.select(f".languages a[hreflang={language}]")

    chosen = read(client.get(str(link["href"])))

    assert chosen.html is not None and chosen.html["lang"] == language
    assert chosen.select("input[name=comment]")[0]["value"] == "c-1"
    assert chosen.select("input[name=language]")[0]["value"] == language
    assert chosen.select("[aria-current]")[0]["lang"] == language
    assert len(chosen.select("select[name=category] option")) == 15


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"comment": "c-9"}, "comment"),
        ({"comment": ""}, "comment"),
        ({"explanation": " "}, "explanation"),
        ({"explanation": None}, "explanation"),
        ({"explanation": "x" * (MAX_EXPLANATION_CHARS + 1)}, "explanation"),
        ({"category": "STATEMENT_CATEGORY_GOSSIP"}, "category"),
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"email": None}, "email"),
        ({"email": "karl at mail"}, "email"),
        ({"good_faith": None}, "good_faith"),
    ],
)
def test_a_field_that_is_wrong_is_named_beside_itself_and_above_and_nothing_typed_is_lost(
    send: Send, database: Database, site: NewSite, wrong: dict[str, str | None], field: str
) -> None:
    answer = send(**wrong)
    page = read(answer)

    said = ours("de")[f"notice_form_problem_{field}"]
    assert answer.status_code == 422
    assert [(a["href"], a.get_text()) for a in page.select("#problems a")] == [(f"#{field}", said)]
    (faulty,) = page.select("[aria-invalid]")
    assert faulty["id"] == field and f"problem-{field}" in str(faulty["aria-describedby"]).split()
    assert page.select(f"#problem-{field}")[0].get_text() == said
    if field != "name":
        assert page.select("#name")[0]["value"] == "Karl Notifier"
    assert kept(database, site) == []


def test_all_that_is_wrong_is_named_at_once_in_the_order_of_the_page(send: Send) -> None:
    page = read(send(comment="x", explanation="", name="", email="", good_faith=None))

    names = [str(a["href"]) for a in page.select("#problems a")]
    assert names == ["#comment", "#explanation", "#name", "#email", "#good_faith"]
    assert all(page.select(name) for name in names)


def test_sexual_abuse_of_children_needs_no_name(send: Send, database: Database, site: NewSite) -> None:
    answer = send(name="", email="", child_sexual_abuse="yes", category="")

    (listed,) = kept(database, site)
    assert answer.status_code == 303
    assert (listed.notice.category, listed.notice.name, listed.notice.email) == (OF_MINORS, None, None)


@pytest.mark.parametrize("state", ["waiting", "flagged", "rejected", "of another site"])
def test_a_comment_that_readers_do_not_see_is_neither_quoted_nor_noticed(
    client: FlaskClient,
    api: Caller,
    other_api: Caller,
    send: Send,
    database: Database,
    site: NewSite,
    path: str,
    state: str,
) -> None:
    secret = "Nobody may read this."
    (other_api if state == "of another site" else api).post("/v1/comments", a_body(secret, id="c-2"))
    if state in ("flagged", "rejected"):
        action = Action.FLAG if state == "flagged" else Action.REJECT
        settle(database, site.site.id, "c-2", action, toxicity=0.9)

    assert secret not in client.get(f"{path}?comment=c-2").text
    assert send(comment="c-2").status_code == 422
    assert kept(database, site) == []


def test_a_form_that_is_sent_twice_is_one_notice_even_if_the_comment_went_offline(
    client: FlaskClient, send: Send, database: Database, site: NewSite, api: Caller, path: str
) -> None:
    id = str(read(client.get(f"{path}?comment=c-1")).select("input[name=id]")[0]["value"])
    first = send(id=id)
    version = api.get("/v1/comments/c-1").json["version"]  # type: ignore[index]
    api.post("/v1/comments/c-1/decisions", {"action": "reject", "version": version})

    again = send(id=id)

    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["Location"] == again.headers["Location"]
    assert [listed.notice.id for listed in kept(database, site)] == [id]


def test_an_id_that_another_notice_has_gets_no_look_at_its_receipt(
    api: Caller, send: Send, database: Database, site: NewSite
) -> None:
    first = send(id="01890a5d-ac96-774b-bcce-b302099a8057")
    api.post("/v1/comments", a_body("Another.", id="c-2"))
    settle(database, site.site.id, "c-2")

    second = send(id="01890a5d-ac96-774b-bcce-b302099a8057", comment="c-2", email="other@mail.example")

    assert second.status_code == 303 and second.headers["Location"] != first.headers["Location"]
    assert len(kept(database, site)) == 2


def test_an_address_sends_so_many_within_an_hour_and_is_told_without_losing_the_text(
    send: Send, database: Database, site: NewSite, api: Caller
) -> None:
    for number in range(BY_ADDRESS):
        assert send(email=f"k{number}@mail.example").status_code == 303

    answer = send(email="one-more@mail.example")
    elsewhere = send(email="elsewhere@mail.example", address="203.0.113.8")

    page = read(answer)
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0
    assert ours("de")["notice_form_problem_pace"] in page.select("#problems")[0].get_text()
    assert page.textarea is not None and page.textarea.get_text() == FILLED["explanation"]
    assert elsewhere.status_code == 303
    assert len(kept(database, site)) == BY_ADDRESS + 1


def test_one_household_cannot_send_from_each_of_its_addresses(send: Send) -> None:
    answers = [send(email=f"k{n}@mail.example", address=f"2001:db8::{n:x}") for n in range(BY_ADDRESS + 1)]

    assert [answer.status_code for answer in answers] == [303] * BY_ADDRESS + [429]


def test_a_site_takes_so_many_within_an_hour_from_all_addresses(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, send: Send
) -> None:
    assert AT_SITE > BY_ADDRESS
    monkeypatch.setattr(client.application.extensions[notice_form.EXTENSION].at_site, "most", 3)

    answers = [send(email=f"k{n}@mail.example", address=f"203.0.113.{n}") for n in range(4)]

    assert [answer.status_code for answer in answers] == [303, 303, 303, 429]


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}])
def test_no_page_of_a_stranger_sends_the_form(
    client: FlaskClient, path: str, database: Database, site: NewSite, headers: dict[str, str]
) -> None:
    assert client.post(path, data=FILLED, headers=headers).status_code == 403
    assert kept(database, site) == []


def test_a_site_that_named_no_pages_has_no_form(client: FlaskClient, other_site: NewSite) -> None:
    for name in (other_site.site.id, "01890a5d-ac96-774b-bcce-b302099a8057", "nonsense"):
        assert client.get(f"/embed/v1/notice/{name}").status_code == 404
        assert client.post(f"/embed/v1/notice/{name}", data=FILLED, headers=OURS).status_code == 404


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("c-1017", "c-1017"),
        (" 1017 ", "1017"),
        ("https://news.example/ferry#gavel-c-1017", "c-1017"),
        ("https://news.example/ferry?x=1#gavel-a%2Fb", "a/b"),
        ("https://news.example/ferry/#comment-77", "77"),
        ("#gavel-c-1017", "c-1017"),
    ],
)
def test_a_comment_is_found_by_its_address_or_its_number(typed: str, meant: str) -> None:
    assert meant in list(places_in(typed))


def test_an_address_that_a_visitor_copied_finds_the_comment(client: FlaskClient, path: str) -> None:
    page = read(client.get(path, query_string={"comment": "https://news.example/ferry#gavel-c-1"}))

    assert page.select("input[name=comment]")[0]["value"] == "c-1"
