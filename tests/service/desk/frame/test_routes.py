"""Every route of the desk declares the role that may open it, and nobody below that role gets past it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from werkzeug.routing import Rule

from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import Queues
from moderation.operations.all_tables import metadata
from moderation.operations.composition import open_database
from moderation.sites.people.roles import Role
from service.app import create_app
from service.desk.frame.routes import ANYBODY, EXTENSION, Route, Routes
from tests.conftest import free_port
from tests.service.desk.browsing import SAME_ORIGIN, Browser
from tests.service.desk.cast import Cast

SOME_ID = "01890a5d-ac96-774b-bcce-b302099a8057"
TEMPLATES = Path(__file__).resolve().parents[4] / "service" / "templates"
LONGEST_LINE = 160


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("desk.")]


def declared(app: Flask) -> dict[str, Route]:
    found: dict[str, Route] = app.extensions[EXTENSION]
    return found


def _names() -> list[str]:
    """The endpoints, for the parameters of tests: of an application that never asks its database."""
    app = create_app(Settings(demo=True), database=open_database("sqlite://"))
    return sorted({rule.endpoint for rule in rules(app)})


ENDPOINTS = _names()
ENDING = {"desk.log_out", "desk.end_sessions"}  # these end the session that the other tests share


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One for all tests here: they ask much and change nothing that another looks at."""
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('routes') / 'gavel.db'}")
    metadata.create_all(database.engine)
    no_queues = Queues(Redis(port=free_port(), socket_connect_timeout=0.05, retry=Retry(NoBackoff(), 0)))
    cast = Cast(database, no_queues, datetime.now(UTC))
    cast._moderator("Eva", {cast.herald.id: Role.LEAD, cast.courier.id: Role.MODERATOR})
    app = create_app(Settings(demo=True), database=database, queues=no_queues)
    app.extensions["cast"] = cast
    yield app
    database.close()


@pytest.fixture(scope="module")
def people(app: Flask) -> dict[str, Browser]:
    return {name: Browser(app.test_client()).log_in(name) for name in ("Ana", "Ben", "Dora", "Eva")}


def address(app: Flask, endpoint: str) -> str:
    rule = next(rule for rule in rules(app) if rule.endpoint == endpoint)
    values = {name: 1 if name == "version" else SOME_ID for name in rule.arguments}
    with app.test_request_context():
        return app.url_map.bind("localhost").build(endpoint, values, method=declared(app)[endpoint].method)


def ask(browser: Browser, app: Flask, endpoint: str) -> tuple[int, str]:
    """The status and, of a redirect, where it leads."""
    method = declared(app)[endpoint].method
    answer = browser.client.open(address(app, endpoint), method=method, headers=SAME_ORIGIN)
    return answer.status_code, answer.headers.get("Location", "")


def test_every_route_is_declared(app: Flask) -> None:
    assert {rule.endpoint for rule in rules(app)} == set(declared(app))


def test_a_route_that_was_not_declared_is_served_to_nobody(app: Flask) -> None:
    cast: Cast = app.extensions["cast"]
    app = create_app(Settings(demo=True), database=cast.database, queues=cast.queues)
    app.add_url_rule("/desk/secret", "desk.secret", lambda: "secret")
    app.testing = False

    answer = Browser(app.test_client()).log_in("Dora").client.get("/desk/secret")

    assert answer.status_code == 500
    assert "secret" not in answer.text


def status_for(app: Flask, people: dict[str, Browser], name: str, endpoint: str) -> int:
    status, _location = ask(people[name], app, endpoint)
    if endpoint in ENDING:
        people[name] = Browser(app.test_client()).log_in(name)
    return status


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_an_anonymous_person_is_sent_to_log_in(app: Flask, endpoint: str) -> None:
    status, location = ask(Browser(app.test_client()), app, endpoint)

    if declared(app)[endpoint].role is ANYBODY:
        assert not location.startswith("/desk/login")
    else:
        assert (status, location.partition("?")[0]) == (303, "/desk/login")


def test_few_pages_are_public(app: Flask) -> None:
    public = {name for name, route in declared(app).items() if route.is_public}

    assert public == {
        "desk.login", "desk.log_in", "desk.resume", "desk.invitation", "desk.accept_invitation",
        "desk.provider_login", "desk.provider_callback", "desk.leave_provider",
    }  # fmt: skip


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_person_below_the_role_is_refused(app: Flask, people: dict[str, Browser], endpoint: str) -> None:
    """Ana moderates; Ben, who leads, has his turn below. Pages that a moderator may open do not refuse her for her
    role."""
    route = declared(app)[endpoint]

    status = status_for(app, people, "Ana", endpoint)

    if route.role in (Role.LEAD, Role.ADMIN):
        assert status == 403
    else:
        assert status != 403


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_lead_is_refused_only_where_an_admin_is_needed(app: Flask, people: dict[str, Browser], endpoint: str) -> None:
    route = declared(app)[endpoint]

    status = status_for(app, people, "Ben", endpoint)

    assert (status == 403) == (route.role is Role.ADMIN)


def test_a_refusal_says_who_may(people: dict[str, Browser]) -> None:
    assert "Only leads can open this page." in people["Ana"].get("/desk/audit").text
    assert "Only admins can open this page." in people["Ben"].get("/desk/people").text


def test_a_lead_of_one_site_is_none_of_another(app: Flask, people: dict[str, Browser]) -> None:
    """A role holds for its site: Eva leads the Herald and moderates the Courier."""
    cast: Cast = app.extensions["cast"]
    eva = people["Eva"]

    assert eva.get("/desk/audit", site=cast.herald.id).status == 200
    refused = eva.get("/desk/audit", site=cast.courier.id)

    assert refused.status == 403
    assert "Only leads of this site can open this page." in refused.text


def test_the_bar_shows_what_one_may_open_in_the_declared_order(app: Flask, people: dict[str, Browser]) -> None:
    def bar(browser: Browser) -> list[str]:
        """The pages of each group, by following the link of the group."""
        groups = [str(link["href"]) for link in browser.get("/desk/review").html.select("nav[aria-label=Desk] a")]
        return [link.get_text() for group in groups for link in browser.get(group).html.select("nav.pages a")]

    placed = sorted((r.place, r.title, r.role) for r in declared(app).values() if r.place is not None)

    assert bar(people["Ana"]) == [title for _place, title, role in placed if role is Role.MODERATOR]
    assert bar(people["Ben"]) == [title for _place, title, role in placed if role in (Role.MODERATOR, Role.LEAD)]


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("/desk/review", "Work"), ("/desk/help", "Work"), ("/desk/trends", "Insight"),
        ("/desk/learning/bias", "Insight"), ("/desk/audit", "Insight"), ("/desk/policy/override", "Settings"),
        ("/desk/reasons", "Settings"),
    ],
)  # fmt: skip
def test_the_bar_shows_the_pages_of_one_group(people: dict[str, Browser], path: str, group: str) -> None:
    page = people["Ben"].get(path).html

    marked = page.select("nav[aria-label=Desk] a[aria-current]")
    assert [link.get_text() for link in marked] == [group]
    assert [nav["aria-label"] for nav in page.select("nav.pages")] == [group]
    assert len(page.select("header.bar nav a")) <= 12
    for name in ("review", "escalated", "appeals", "notices"):
        assert len(page.select(f"#tally-{name}")) == 1  # beside its tab, the group of its tab, or hidden


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/desk/review", "Review"),
        ("/desk/review?escalated=1", "Escalated"),
        ("/desk/decided?status=published", "Review"),
        ("/desk/policy/override", "Policy"),
        ("/desk/trends", "Trends"),
        ("/desk/campaigns", "Campaigns"),
    ],
)
def test_the_bar_marks_the_page_that_one_is_on(people: dict[str, Browser], path: str, current: str) -> None:
    marked = people["Ana"].get(path).html.select("nav.pages a[aria-current=page]")

    assert [link.get_text() for link in marked] == [current]


def test_no_page_of_the_bar_shares_its_place(app: Flask) -> None:
    places = [route.place for route in declared(app).values() if route.place is not None]

    assert len(places) == len(set(places)) == 25


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_page_has_a_title(app: Flask, people: dict[str, Browser], endpoint: str) -> None:
    route = declared(app)[endpoint]
    if route.method != "GET" or "<" in route.path or endpoint in ("desk.live", "desk.queue_changes"):
        pytest.skip("no page, or one of a comment, a person or a version")

    page = people["Dora"].get(address(app, endpoint))

    if page.html.title is not None:  # not a table as CSV
        assert page.html.title.get_text().removesuffix("· Gavel").strip()


def test_a_form_that_comes_back_keeps_the_title_of_its_page(app: Flask, people: dict[str, Browser]) -> None:
    refused = (
        Browser(app.test_client()).get("/desk/login").press("Log in", email="nobody@example.org", password="wrong")
    )
    assert refused.html.title.get_text() == "Log in · Gavel"  # type: ignore[union-attr]

    tried = people["Ben"].get("/desk/policy/override").press("Show what changes", name="")
    assert tried.heading() == "Limits for a section or an article"


def test_old_addresses_of_the_failed_items_lead_to_the_new(people: dict[str, Browser]) -> None:
    dora = people["Dora"]

    assert dora.client.get("/desk/given-up?site=x").headers["Location"] == "/desk/failed?site=x"
    moved = dora.client.get(f"/desk/given-up/events/{SOME_ID}?site=x")
    assert moved.headers["Location"] == f"/desk/failed/events/{SOME_ID}?site=x"


def test_an_endpoint_is_named_after_its_view_unless_told() -> None:
    routes = Routes(under="bulk")

    @routes.get("/x", role=Role.LEAD, title="X")
    def view() -> str:
        return "x"

    assert [(r.endpoint, r.under, r.title, r.method) for r in routes] == [("view", "bulk", "X", "GET")]


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.stem)
def test_no_line_of_a_template_is_too_long_to_read(template: Path) -> None:
    lines = template.read_text(encoding="utf-8").splitlines()

    assert [number for number, line in enumerate(lines, 1) if len(line) > LONGEST_LINE] == []
