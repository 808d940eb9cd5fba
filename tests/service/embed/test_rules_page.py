"""The house rules as readers see them: on their page, in the box's answer, and behind a statement."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from moderation.ground.database.engine import Database, new_id
from moderation.ground.wording.sentences import LANGUAGES, ours
from moderation.sites import sites
from moderation.sites.rules import writing
from moderation.sites.rules.values import HouseRule, Must, RuleCase
from moderation.sites.sites import NewSite
from service.api.pages import admission
from service.context import utc_now
from tests.builders import OPERATOR
from tests.own_databases import ON_BOTH
from tests.service.api.statements.test_statements import reject, statement_of
from tests.service.bodies import a_body, settle
from tests.service.conftest import Caller

INSULTS = HouseRule("insults", "No <insults>", "Be kind & fair.", "Sarcasm is allowed.", "Insult or abuse")
SPAM = HouseRule("spam", "No advertising", "Sell elsewhere.", "Coupons count.")


@pytest.fixture
def path(site: NewSite) -> str:
    return f"/embed/v1/rules/{site.site.id}"


@pytest.fixture
def book(database: Database, site: NewSite) -> None:
    by = {"by": OPERATOR, "now": utc_now()}
    for rule in (INSULTS, SPAM):
        writing.put_rule(database, site.site.id, rule, **by)  # type: ignore[arg-type]
    case = RuleCase(new_id(), "You pathetic little man", Must.HELD, utc_now(), "Ana")
    writing.add_case(database, site.site.id, "insults", case, **by)  # type: ignore[arg-type]


def read(answer: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html.parser")


@ON_BOTH
@pytest.mark.usefixtures("book")
def test_readers_see_names_and_sentences_and_nothing_that_is_for_moderators(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    page = read(answer)

    assert answer.status_code == 200
    assert [(h["id"], h.get_text(), h.find_next("p").get_text()) for h in page.find_all("h2")] == [  # type: ignore[union-attr]
        ("insults", "No <insults>", "Be kind & fair."),
        ("spam", "No advertising", "Sell elsewhere."),
    ]
    for hidden in ("Sarcasm", "Coupons", "pathetic", "Ana", "Insult or abuse"):
        assert hidden not in answer.text


@pytest.mark.usefixtures("book")
def test_a_removed_rule_is_gone_and_the_page_goes_with_the_last_one(
    client: FlaskClient, path: str, database: Database, site: NewSite
) -> None:
    writing.remove_rule(database, site.site.id, "insults", by=OPERATOR, now=utc_now())
    left = read(client.get(path))
    writing.remove_rule(database, site.site.id, "spam", by=OPERATOR, now=utc_now())

    assert [h["id"] for h in left.find_all("h2")] == ["spam"]
    assert client.get(path).status_code == 404


@pytest.mark.usefixtures("book")
def test_the_page_may_be_kept_and_asked_for_again(
    client: FlaskClient, path: str, database: Database, site: NewSite
) -> None:
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    writing.remove_rule(database, site.site.id, "spam", by=OPERATOR, now=utc_now())
    changed = client.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"].startswith("public, max-age=60")
    assert first.headers["Vary"] == "Accept-Language"
    assert "Set-Cookie" not in first.headers and "X-Robots-Tag" not in first.headers
    assert (again.status_code, again.data, changed.status_code) == (304, b"", 200)


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_the_readers_language(client: FlaskClient, path: str, language: str) -> None:
    chosen = read(client.get(f"{path}?language={language}"))
    preferred = read(client.get(path, headers={"Accept-Language": f"{language}-XX,{language};q=0.9,en;q=0.1"}))

    for page in (chosen, preferred):
        assert page.html is not None and page.html["lang"] == language
        assert page.h1 is not None and page.h1.get_text() == ours(language)["statement_rules"]
        assert page.select(".lead")[0].get_text() == ours(language)["rules_intro"]


@pytest.mark.usefixtures("book")
def test_the_papers_own_page_comes_first(client: FlaskClient, path: str, database: Database, site: NewSite) -> None:
    sites.change_settings(database, site.site.id, by=OPERATOR, now=utc_now(), rules_url="https://herald.example/rules")

    answer = client.get(path)

    assert (answer.status_code, answer.headers["Location"]) == (302, "https://herald.example/rules")


@pytest.mark.parametrize("name", ["none", "0190c2d2-0000-7000-8000-000000000000"])
def test_an_unknown_site_and_one_without_rules_have_no_page(client: FlaskClient, path: str, name: str) -> None:
    assert client.get(f"/embed/v1/rules/{name}").status_code == 404
    assert client.get(path).status_code == 404


def test_the_box_gets_the_path_only_where_the_rule_book_makes_the_page(
    api: Caller, client: FlaskClient, database: Database, site: NewSite, path: str, request: pytest.FixtureRequest
) -> None:
    api.put("/v1/site/origins", {"origins": ["https://news.example"]})

    def answered() -> TestResponse:
        client.application.extensions[admission.EXTENSION]._known.clear()  # as a few seconds later
        return client.get(f"/v1/pages/{site.site.id}/articles/a-1")

    without = answered()
    request.getfixturevalue("book")
    with_book = answered()
    sites.change_settings(database, site.site.id, by=OPERATOR, now=utc_now(), rules_url="https://herald.example/r")
    with_own_page = answered()

    assert [a.json["rules"] for a in (without, with_book, with_own_page)] == [None, f"{path}?language=", None]  # type: ignore[index]
    assert without.headers["ETag"] != with_book.headers["ETag"]


@pytest.mark.usefixtures("book")
def test_a_statement_leads_to_the_rule_that_it_names(
    api: Caller, client: FlaskClient, database: Database, site: NewSite, path: str
) -> None:
    assert api.post("/v1/comments", a_body("You pathetic man", id="c-1")).status_code == 202
    settle(database, site.site.id, "c-1")
    rejection = reject(api, "/v1/comments/c-1/decisions", reason="Insult or abuse")
    address = str(statement_of(api, rejection)["path"])

    page = read(client.get(address))
    sites.change_settings(database, site.site.id, by=OPERATOR, now=utc_now(), rules_url="https://herald.example/r")
    with_own_page = read(client.get(address))

    addresses = {link.get_text(): link["href"] for link in page.find_all("a")}
    assert addresses["No <insults>"] == f"{path}?language=en#insults"
    assert addresses["Our rules for discussions"] == f"{path}?language=en"
    assert "No <insults>" not in with_own_page.get_text()
