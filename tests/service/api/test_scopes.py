"""Every view outside the desk declares the scope that a key needs, or that it is open to all."""

from __future__ import annotations

import re

import pytest
from flask import Blueprint
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from werkzeug.routing import Rule

from moderation.ground.database.engine import Database
from moderation.sites import keys
from moderation.sites.keys import Scope
from moderation.sites.sites import NewSite
from service import auth, compat
from service.auth import Requirement, requirement_of
from service.context import utc_now
from tests.builders import OPERATOR
from tests.service.conftest import Caller

OPEN = {
    "/", "/docs", "/docs/assets/<path:name>", "/docs/start.js", "/healthz", "/metrics", "/openapi.json", "/readyz",
    "/embed/v1.js", "/embed/v1/later.js", "/embed/v1/notice/<site>", "/embed/v1/articles/<article>.html",
    "/embed/v1/articles/<article>.rss", "/embed/v1/rules/<site>", "/notices/<token>", "/statements/<token>",
    "/v1/pages/<site>/articles/<article>", "/v1/pages/<site>/articles/<article>/version",
    "/v1/pages/<site>/articles/<article>/shown", "/v1/pages/<site>/articles/<article>/picks",
    "/v1/pages/<site>/articles/<article>/comments/<id>", "/v1/pages/<site>/articles/<article>/comments/<id>/replies",
    "/v1/pages/<site>/counts", "/v1/pages/<site>/newest", "/v1/pages/<site>/texts",
}  # fmt: skip


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Nothing here depends on which database it is."""
    return sqlite_database


def rules(app: OpenAPI) -> list[Rule]:
    """All but the desk's, which declare roles, those of other vendors' dialects, which refuse in their own words
    (tests/service/compat), and the static files."""
    others = ("desk.", "static", *(f"{dialect.name}." for dialect in compat.DIALECTS))
    return [r for r in app.url_map.iter_rules() if not r.endpoint.startswith(others)]


def scopes_of(requirement: Requirement) -> list[Scope]:
    """Each of which opens the view alone; none where it takes a reader's token."""
    if requirement.scope is None:
        return []
    instead = [] if requirement.instead is None else [requirement.instead]
    return [requirement.scope, *instead, *([Scope.PUBLIC] if requirement.is_public else [])]


def test_every_view_declares_its_scope_or_that_it_is_open_to_all(app: OpenAPI) -> None:
    needed = {rule.rule: requirement_of(app.view_functions[rule.endpoint]) for rule in rules(app)}

    assert {path for path, requirement in needed.items() if requirement is None} == OPEN
    assert all(path.startswith("/v1/") for path, requirement in needed.items() if requirement is not None)


def test_a_view_that_declares_nothing_is_found_out() -> None:
    def view() -> str:
        return "anything"

    with pytest.raises(LookupError, match="view declares neither"):
        requirement_of(view)


def test_a_guarded_view_that_declares_nothing_is_served_to_nobody(app: OpenAPI, api_key: str) -> None:
    hasty = Blueprint("hasty", __name__)
    hasty.add_url_rule("/v1/hasty", "view", lambda: "secret")
    auth.guard(hasty)
    app.register_blueprint(hasty)

    answer = Caller(app.test_client(), api_key).get("/v1/hasty")

    assert answer.status_code == 500
    assert "secret" not in answer.text


@pytest.mark.parametrize("held", list(Scope))
def test_a_key_opens_only_what_its_scope_allows(
    app: OpenAPI, client: FlaskClient, database: Database, site: NewSite, held: Scope
) -> None:
    key = keys.create_key(database, site.site.id, name="one scope", scopes=[held], by=OPERATOR, now=utc_now())
    caller = Caller(client, key.token)

    for rule in rules(app):
        requirement = requirement_of(app.view_functions[rule.endpoint])
        if requirement is None:
            continue
        path = re.sub(r"<[^>]+>", "1", rule.rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            status = caller._call(method, path, json={}).status_code
            opens = held in scopes_of(requirement)
            assert (status == 403) == (not opens), (method, path)


def test_the_document_names_the_scope_of_each_call(app: OpenAPI, client: FlaskClient) -> None:
    paths = client.get("/openapi.json").json["paths"]  # type: ignore[index]

    for rule in rules(app):
        requirement = requirement_of(app.view_functions[rule.endpoint])
        operations = paths.get(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), {})
        for operation in (operations[m.lower()] for m in rule.methods or () if m.lower() in operations):
            keys_or_reader = requirement and [{"siteKey": [scope]} for scope in scopes_of(requirement)]
            expected = keys_or_reader or ([{"readerToken": []}] if requirement else None)
            assert operation.get("security") == expected, rule.rule
