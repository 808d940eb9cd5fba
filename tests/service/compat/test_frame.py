"""A dialect on the frame: who reaches its views, and what it is given to word."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Blueprint, Response, jsonify, request
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from sqlalchemy.exc import OperationalError

from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.ground.jobs.jobs import Queues
from moderation.sites import keys
from moderation.sites.keys import Scope
from moderation.sites.sites import NewSite, change_settings
from service import compat
from service.app import create_app
from service.auth import needs, requirement_of
from service.compat import frame
from service.compat.frame import Fault
from service.context import utc_now
from tests.builders import OPERATOR

OWN = "https://news.example"


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Nothing here depends on which database it is."""
    return sqlite_database


@pytest.fixture
def app(settings: Settings, database: Database, queues: Queues) -> OpenAPI:
    app = create_app(settings, database=database, queues=queues)
    app.register_blueprint(a_dialect())
    return app


def a_dialect() -> Blueprint:
    blueprint = Blueprint("klingon", __name__, url_prefix="/klingon")
    frame.speak(blueprint, token=lambda: request.args.get("key"), word=_word)

    @blueprint.post("/say")
    @needs(Scope.SCORE, max_bytes=100)
    def say() -> Response:
        match request.get_data(as_text=True):
            case "fall":
                raise RuntimeError("secret text")
            case "no database":
                raise OperationalError("select", {}, Exception("gone"))
            case "bad":
                raise InvalidInput(FieldProblem("text", "is empty"))
            case said:
                return Response(said)

    @blueprint.post("/undeclared")
    def undeclared() -> Response:
        return Response("secret")

    return blueprint


def _word(fault: Fault) -> Response:
    response = jsonify({"trouble": fault.trouble, "detail": fault.detail, "limit": fault.limit})
    response.status_code = 418
    return response


def key_of(database: Database, site: NewSite, *scopes: Scope) -> str:
    made = keys.create_key(database, site.site.id, name="one", scopes=scopes, by=OPERATOR, now=utc_now())
    return made.token


def say(client: FlaskClient, text: str, key: str | None, **headers: str) -> Any:
    query = {} if key is None else {"key": key}
    return client.post("/klingon/say", data=text, query_string=query, headers=headers)


def test_a_key_that_may_score_reaches_the_view(client: FlaskClient, database: Database, site: NewSite) -> None:
    response = say(client, "nuqneH", key_of(database, site, Scope.SCORE))

    assert (response.status_code, response.text) == (200, "nuqneH")
    assert response.headers["Cache-Control"] == "no-store"
    assert "RateLimit" in response.headers


@pytest.mark.parametrize(
    ("text", "trouble"),
    [("bad", "invalid"), ("x" * 101, "too_large"), ("no database", "away"), ("fall", "broken")],
)
def test_a_dialect_words_each_error(
    client: FlaskClient, database: Database, site: NewSite, text: str, trouble: str
) -> None:
    response = say(client, text, key_of(database, site, Scope.SCORE))

    assert (response.status_code, response.json["trouble"]) == (418, trouble)
    assert "secret" not in response.text
    assert response.headers.get("Retry-After") == ("2" if trouble == "away" else None)


def test_the_largest_body_is_named(client: FlaskClient, database: Database, site: NewSite) -> None:
    assert say(client, "x" * 100, key_of(database, site, Scope.SCORE)).status_code == 200
    assert say(client, "x" * 101, key_of(database, site, Scope.SCORE)).json["limit"] == 100


@pytest.mark.parametrize(("key", "trouble"), [(None, "no_key"), ("gvl_nobody-has-this-one", "wrong_key")])
def test_without_a_live_key_nothing_is_read(client: FlaskClient, key: str | None, trouble: str) -> None:
    assert say(client, "fall", key).json["trouble"] == trouble


@pytest.mark.parametrize("scope", sorted(set(Scope) - {Scope.SCORE}))
def test_a_key_without_the_scope_is_refused(
    client: FlaskClient, database: Database, site: NewSite, scope: Scope
) -> None:
    assert say(client, "nuqneH", key_of(database, site, scope)).json["trouble"] == "not_allowed"


def test_a_view_that_declares_nothing_is_served_to_nobody(client: FlaskClient, api_key: str) -> None:
    response = client.post(f"/klingon/undeclared?key={api_key}")

    assert response.json["trouble"] == "broken"  # type: ignore[index]
    assert "secret" not in response.text


def test_the_requests_of_a_key_are_limited(
    settings: Settings, database: Database, queues: Queues, site: NewSite
) -> None:
    app = create_app(
        Settings(gavel_home=settings.gavel_home, rate_limit_per_minute=2), database=database, queues=queues
    )
    app.register_blueprint(a_dialect())
    client, key = app.test_client(), key_of(database, site, Scope.SCORE)

    answers = [say(client, "nuqneH", key) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 418]
    assert answers[2].json["trouble"] == "too_fast"
    assert answers[2].json["limit"] == 2
    assert int(answers[2].headers["Retry-After"]) > 0


@pytest.fixture
def page_key(database: Database, site: NewSite) -> str:
    """A key that every reader of the page can see."""
    change_settings(database, site.site.id, by=OPERATOR, now=utc_now(), origins=(OWN,))
    return key_of(database, site, Scope.SCORE)


def test_a_page_of_the_site_may_score(client: FlaskClient, page_key: str) -> None:
    response = say(client, "nuqneH", page_key, Origin=OWN)

    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == OWN


def test_a_page_hears_whether_it_may_send_the_dialects_headers(client: FlaskClient, page_key: str) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-goog-api-key"}

    own = client.options("/klingon/say", headers={**asked, "Origin": OWN})
    strange = client.options("/klingon/say", headers={**asked, "Origin": "https://evil.example"})

    assert own.status_code == 204
    assert own.headers["Access-Control-Allow-Headers"] == "x-goog-api-key"
    assert "Access-Control-Allow-Origin" not in strange.headers


def test_a_strange_page_may_not_score(client: FlaskClient, page_key: str) -> None:
    response = say(client, "nuqneH", page_key, Origin="https://evil.example")

    assert response.json["trouble"] == "not_allowed"
    assert "Access-Control-Allow-Origin" not in response.headers


def test_a_page_gets_no_answer_to_a_key_that_may_do_more(client: FlaskClient, page_key: str, api_key: str) -> None:
    response = say(client, "nuqneH", api_key, Origin=OWN)

    assert "Access-Control-Allow-Origin" not in response.headers


def test_every_call_of_a_dialect_declares_its_scope_or_that_it_is_open(client: FlaskClient, app: OpenAPI) -> None:
    names = tuple(f"{dialect.name}." for dialect in compat.DIALECTS)
    found = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith(names)]

    needed = [requirement_of(app.view_functions[rule.endpoint]) for rule in found]

    assert len(found) >= 8
    assert {requirement.scope for requirement in needed if requirement is not None} == {Scope.SCORE}
