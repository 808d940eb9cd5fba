"""A statement and a receipt are pages of the paper: its looks, the reader's own words, and what the site declared."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from moderation.ground.database.engine import Database
from moderation.ground.errors import InvalidInput
from moderation.ground.values.statuses import Action
from moderation.sites import sites
from moderation.sites.sites import NewSite
from service.context import utc_now
from tests.builders import OPERATOR
from tests.service.api.statements.test_statements import reject, statement_of
from tests.service.bodies import a_body, settle
from tests.service.conftest import Caller

TEXT = "This minister is a crook.\n<b>Really</b> & truly."
BODY = "Schlichtungsstelle, Wilhelmstraße 1, Berlin"


def change(database: Database, site: NewSite, **settings: Any) -> None:
    sites.change_settings(database, site.site.id, by=OPERATOR, now=utc_now(), **settings)


@pytest.fixture
def path(api: Caller, database: Database, site: NewSite) -> str:
    """Of the page of a rejection."""
    article = {"id": "a-1", "title": "Ferry to run all winter"}
    api.post("/v1/comments", a_body(TEXT, id="c-1", language="en", article=article))
    settle(database, site.site.id, "c-1", Action.FLAG, toxicity=0.9)
    return str(statement_of(api, reject(api, "/v1/comments/c-1/decisions"))["path"])


def read(client: FlaskClient, path: str) -> BeautifulSoup:
    return BeautifulSoup(client.get(path).text, "html.parser")


def test_it_says_first_what_happened_and_what_one_can_do(client: FlaskClient, path: str, site: NewSite) -> None:
    page = read(client, path)

    assert page.select(".masthead")[0].get_text(strip=True) == site.site.name
    assert [heading.get_text() for heading in page.find_all(["h1", "h2"])] == [
        "Your comment was not published", "If you disagree", "Your comment", "Ground", "Facts", "Your appeal"
    ]  # fmt: skip
    assert page.blockquote is not None and page.blockquote.get_text() == TEXT
    assert page.find("b") is None


def test_the_papers_colour_and_logo_come_from_its_settings(
    client: FlaskClient, path: str, database: Database, site: NewSite
) -> None:
    change(database, site, paper_colour="#0a4d8c", paper_logo="https://img.herald.example:8443/logo.svg")

    answer = client.get(path)
    page = BeautifulSoup(answer.text, "html.parser")

    (image,) = page.select(".masthead img")
    assert (image["src"], image["alt"]) == ("https://img.herald.example:8443/logo.svg", site.site.name)
    assert page.select(".band rect")[0]["fill"] == "#0a4d8c"
    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert "img-src 'self' https://img.herald.example:8443" in policy and "default-src 'none'" in policy
    assert "style=" not in answer.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("paper_colour", "red"), ("paper_colour", "#0a4d8c;"), ("paper_logo", "http://herald.example/logo.svg"),
        ("paper_logo", "https://x.example; script-src *"), ("paper_logo", "javascript:alert(1)"),
        ("paper_logo", "https://a@b.example/x"), ("rules_url", "javascript:alert(1)"), ("reader_contact", "a\nb"),
        ("users_per_month", -1),
    ],
)  # fmt: skip
def test_a_value_that_no_page_could_show_is_refused_by_its_field(
    database: Database, site: NewSite, field: str, value: object
) -> None:
    with pytest.raises(InvalidInput) as refused:
        change(database, site, **{field: value})

    assert [problem.field for problem in refused.value.problems] == [field]


def test_an_edited_comment_is_not_quoted(api: Caller, client: FlaskClient, path: str) -> None:
    api.patch("/v1/comments/c-1", {"text": "This minister was wrong."})

    page = read(client, path)

    assert page.blockquote is None and "Your comment was not published" in page.get_text()


def test_a_certified_body_is_named_only_where_the_site_names_one(
    client: FlaskClient, path: str, database: Database, site: NewSite
) -> None:
    before = read(client, path).get_text()
    change(database, site, dispute_body=BODY)
    after = read(client, path).get_text()

    assert "You can also go to court." in before and "certified body" not in before
    assert f"certified body for out-of-court settlement, or to a court. The body is: {BODY}." in after


def test_contact_points_rules_and_the_warning_stand_at_the_end(
    client: FlaskClient, path: str, database: Database, site: NewSite
) -> None:
    assert read(client, path).select(".imprint") == []
    change(
        database, site, rules_url="https://herald.example/rules", reader_contact="readers@herald.example",
        authority_contact="law@herald.example", misuse_policy="After a warning we stop taking unfounded notices.",
    )  # fmt: skip

    (imprint,) = read(client, path).select(".imprint")

    assert [line.get_text() for line in imprint.find_all("p")] == [
        "After a warning we stop taking unfounded notices.", "Our rules for discussions",
        "Contact for readers: readers@herald.example", "Contact for authorities: law@herald.example",
    ]  # fmt: skip
    assert imprint.a is not None and imprint.a["href"] == "https://herald.example/rules"
