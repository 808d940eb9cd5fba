"""The one shape of every error, and what no body may hold."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from werkzeug.exceptions import HTTPException

from moderation.ground import errors as domain
from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.errors import GavelError
from moderation.ground.jobs.jobs import Queues
from moderation.operations.composition import open_database
from service import errors
from service.app import create_app
from tests.conftest import free_port
from tests.service.bodies import a_body, problem_fields
from tests.service.conftest import Caller


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Nothing here depends on which database it is."""
    return sqlite_database


def every_error(base: type[GavelError] = GavelError) -> Iterator[type[GavelError]]:
    for error in base.__subclasses__():
        yield error
        yield from every_error(error)


def assert_is_problem(body: Any, status: int) -> None:
    assert set(body) >= {"type", "title", "status", "detail", "errors"}
    assert body["status"] == status
    assert body["type"].startswith(errors.TYPE_PREFIX)
    assert all(set(error) == {"field", "message"} for error in body["errors"])


@pytest.mark.parametrize("error", sorted(set(every_error()), key=str))
def test_every_error_of_the_core_is_mapped(error: type[GavelError]) -> None:
    if error.__module__ != domain.__name__:
        pytest.skip("an error of a test")

    assert any(cls in errors.KINDS for cls in error.__mro__[: error.__mro__.index(GavelError)])


SAME_EVERYWHERE = {
    404: "not-found",
    405: "method-not-allowed",
    412: "precondition-failed",
    413: "request-entity-too-large",
    414: "request-uri-too-long",
    415: "unsupported-media-type",
    416: "requested-range-not-satisfiable",
    418: "im-a-teapot",
    422: "unprocessable-entity",
}
"""The phrases of some of these are others from Python 3.13 on."""


@pytest.mark.parametrize("status", [status for status in HTTPStatus if status >= 400])
def test_the_type_of_an_error_of_http_is_the_same_on_every_python(
    app: OpenAPI, monkeypatch: pytest.MonkeyPatch, status: HTTPStatus
) -> None:
    monkeypatch.setattr(status, "phrase", "As Another Python Says It")

    class Refused(HTTPException):
        code = int(status)

    @app.get("/raises", doc_ui=False)
    def raises() -> str:
        raise Refused

    response = app.test_client().get("/raises")

    assert response.status_code == status
    assert_is_problem(response.json, status)
    assert response.json is not None
    name = response.json["type"].removeprefix(errors.TYPE_PREFIX)
    assert "another" not in name and not name.startswith("error-")
    assert name == SAME_EVERYWHERE.get(status, name)


def test_a_status_that_has_no_name_is_a_problem_too(app: OpenAPI) -> None:
    class Refused(HTTPException):
        code = 499

    @app.get("/raises", doc_ui=False)
    def raises() -> str:
        raise Refused

    assert app.test_client().get("/raises").json["type"] == f"{errors.TYPE_PREFIX}error-499"  # type: ignore[index]


EXAMPLES: list[tuple[GavelError, int]] = [
    (domain.InvalidInput(domain.FieldProblem("text", "must not be empty")), 422),
    (domain.NotFound("comment", "c-1"), 404),
    (domain.NotAllowed("no"), 403),
    (domain.NotAuthenticated("no"), 401),
    (domain.IdConflict("c-1"), 409),
    (domain.NameTaken("site", "A"), 409),
    (domain.StalePolicy(1, 2), 409),
    (domain.FiguresChanged("Stricter"), 409),
    (domain.StaleVersion("c-1", 1, 2, "published", "Ana"), 409),
    (domain.MoveNotAllowed("c-1", "withdrawn", "published"), 409),
    (domain.ArticleClosed("a-1"), 409),
    (domain.AuthorSlowed("u-1", 5, 60), 429),
    (domain.BacklogFull(9, 8, 7), 503),
    (domain.RateLimited(9, 7), 429),
    (domain.LoginThrottled(9, 7), 429),
    (domain.ModelUnavailable("no"), 503),
    (domain.StorageNotReady("no"), 503),
    (domain.SettingsError("REDIS_URL: too short"), 500),
]


@pytest.mark.parametrize(("error", "status"), EXAMPLES, ids=lambda x: type(x).__name__)
def test_an_error_of_the_core_becomes_a_problem(app: OpenAPI, error: GavelError, status: int) -> None:
    @app.get("/raises", doc_ui=False)
    def raises() -> str:
        raise error

    response = app.test_client().get("/raises")

    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
    assert_is_problem(response.json, status)
    assert ("Retry-After" in response.headers) == hasattr(error, "retry_after_s")


def test_the_answer_to_a_stale_version_has_the_comments_present_state(app: OpenAPI) -> None:
    problem = errors.problem_of(domain.StaleVersion("c-1", 1, 2, "published", "Ana"))

    assert problem["current"] == {"version": 2, "status": "published", "decided_by": "Ana"}


def test_a_caller_does_not_see_a_setting(app: OpenAPI) -> None:
    assert "REDIS_URL" not in str(errors.problem_of(domain.SettingsError("REDIS_URL: too short")))


def test_an_unexpected_error_tells_nothing_but_an_incident(app: OpenAPI, caplog: pytest.LogCaptureFixture) -> None:
    @app.get("/raises", doc_ui=False)
    def raises() -> str:
        raise RuntimeError("the password is swordfish")

    response = app.test_client().get("/raises")

    assert response.status_code == 500
    assert_is_problem(response.json, 500)
    assert "swordfish" not in response.text
    assert response.json is not None
    assert response.json["instance"] in caplog.text


def test_an_unknown_path_is_a_problem(client: FlaskClient) -> None:
    response = client.get("/v1/nothing")

    assert response.status_code == 404
    assert_is_problem(response.json, 404)


def test_a_wrong_method_is_a_problem_that_names_the_right_ones(client: FlaskClient) -> None:
    response = client.put("/v1/comments", json={})

    assert response.status_code == 405
    assert_is_problem(response.json, 405)
    assert "POST" in response.headers["Allow"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", None])
def test_another_content_type_is_refused(api: Caller, content_type: str | None) -> None:
    response = api.post("/v1/comments", data=b"{}", content_type=content_type)

    assert response.status_code == 415
    assert_is_problem(response.json, 415)


def test_json_with_a_charset_is_taken(api: Caller) -> None:
    response = api.put("/v1/articles/a-1", data=b'{"title": "T"}', content_type="application/json; charset=utf-8")

    assert response.status_code == 201


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"{'title': 1}", "not JSON"),
        (b"[]", "must be a JSON object"),
        (b'"{\\"title\\": \\"T\\"}"', "must be a JSON object"),
        (b"null", "must be a JSON object"),
        (b'{"title": "T", "title": "U"}', "'title' twice"),
        (b'{"tags": [{"a": 1, "a": 2}]}', "'a' twice"),
        (b'{"title": NaN}', "NaN"),
        (b'{"title": -Infinity}', "-Infinity"),
        (b'{"title": 1e999}', "too large"),
        (b'{"title": ' + b"9" * 5000 + b"}", "too long"),
        (b'{"title": "\xff"}', "not UTF-8"),
        (b'{"title": "\xed\xa0\x80"}', "not UTF-8"),
        (b'{"title": "a\\ud800b"}', "title has a lone surrogate at position 1"),
        (b'{"title": "\\u0000"}', "title has a null character at position 0"),
        (b'{"tags": ["x", "\\udfff"]}', "tags[1] has a lone surrogate"),
        (b'{"a\\u0000": 1}', "null character"),
        (b'{"title": ' + b"[" * 40 + b"]" * 40 + b"}", "nested"),
        (b'{"title": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested"),
    ],
)
def test_a_body_that_could_be_read_in_two_ways_is_refused(
    api: Caller, database: Database, body: bytes, says: str
) -> None:
    response = api.put("/v1/articles/a-1", data=body, content_type="application/json")

    assert response.status_code == 400
    assert_is_problem(response.json, 400)
    assert says in response.text.replace('\\"', '"').encode().decode("unicode_escape", "ignore")
    assert api.get("/v1/articles/a-1").status_code == 404


def test_a_pair_of_surrogates_is_one_character(api: Caller) -> None:
    response = api.put("/v1/articles/a-1", data=b'{"title": "\\ud83d\\ude00"}', content_type="application/json")

    assert response.json is not None
    assert response.json["title"] == "\U0001f600"


@pytest.mark.parametrize(("size", "status"), [(256 * 1024, 201), (256 * 1024 + 1, 413)])
def test_a_body_may_have_256_kib(api: Caller, size: int, status: int) -> None:
    body = b'{"title": "T", "text": "%s"}' % (b"x" * 190_000)
    padded = body + b" " * (size - len(body))

    response = api.put("/v1/articles/a-1", data=padded, content_type="application/json")

    assert response.status_code == status
    if status == 413:
        assert_is_problem(response.json, 413)


def test_unknown_fields_are_named_as_the_caller_wrote_them(api: Caller) -> None:
    body = a_body(article={"id": "a-1", "titel": "T"}, mood="angry")

    response = api.post("/v1/comments", body)

    assert response.status_code == 422
    assert response.json is not None
    assert response.json["errors"] == [
        {"field": "article.titel", "message": "is not known here"},
        {"field": "mood", "message": "is not known here"},
    ]


def test_an_unknown_parameter_of_a_query_is_refused(api: Caller) -> None:
    response = api.get("/v1/events?since=4")

    assert response.status_code == 422
    assert problem_fields(response.json) == ["since"]


def test_a_database_that_does_not_answer_is_a_503(settings: Settings, queues: Queues) -> None:
    away = open_database(f"postgresql://nobody@127.0.0.1:{free_port()}/gavel")
    client = create_app(settings, database=away, queues=queues).test_client()

    response = client.get("/v1/policy", headers={"Authorization": "Bearer gvl_some"})

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "2"
    assert_is_problem(response.json, 503)
    assert "nobody" not in response.text


def test_no_class_of_ours_is_named_where_an_object_is_missing(api: Caller) -> None:
    answer = api.post("/v1/comments", json=a_body(article="a-1", author=[]))

    assert answer.json is not None
    assert {(error["field"], error["message"]) for error in answer.json["errors"]} == {
        ("article", "must be an object"),
        ("author", "must be an object"),
    }
