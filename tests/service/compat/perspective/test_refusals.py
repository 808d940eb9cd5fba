"""Every error of the contract: its status, its text, and its details."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.errors import ArticleClosed, FieldProblem, InvalidInput, ScoringAway, ScoringBusy, ScoringLate
from moderation.ground.jobs.jobs import Queues
from moderation.sites import keys
from moderation.sites.keys import Scope
from moderation.sites.sites import NewSite
from service.app import create_app
from service.context import utc_now
from tests.builders import OPERATOR
from tests.service.compat.perspective.conftest import Perspective
from tests.service.compat.perspective.scoring import FakeScoring, take_place

TEXT = "You absolute fool 0.9"
ERROR = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
ANALYZE = "/v1alpha1/comments:analyze"


def a_body(text: Any = TEXT, **more: Any) -> dict[str, Any]:
    return {"comment": {"text": text}, "requestedAttributes": {"TOXICITY": {}}, **more}


def error_of(response: Any, code: int = 400, status: str = "INVALID_ARGUMENT") -> dict[str, Any]:
    error: dict[str, Any] = response.json["error"]
    assert (response.status_code, error["code"], error["status"]) == (code, code, status), response.text
    assert response.headers["Content-Type"] == "application/json; charset=UTF-8"
    return error


BOTH = {"entries": [{"text": "a"}], "articleAndParentComment": {"article": {"text": "b"}}}
CASES: dict[str, tuple[dict[str, Any], str, str]] = {
    "empty text": (a_body(""), "Comment must be non-empty.", "COMMENT_EMPTY"),
    "spaces": (a_body(" \n"), "Comment must be non-empty.", "COMMENT_EMPTY"),
    "no text": ({"requestedAttributes": {"TOXICITY": {}}}, "Comment must be non-empty.", "COMMENT_EMPTY"),
    "20,481 bytes": (
        a_body("x" * 20_481),
        "Comment text was too many bytes. Value (20481) exceeded limit (20480).",
        "COMMENT_TOO_LONG",
    ),
    "bytes, not characters": (
        a_body("é" * 10_241),
        "Comment text was too many bytes. Value (20482) exceeded limit (20480).",
        "COMMENT_TOO_LONG",
    ),
    "no attributes": ({"comment": {"text": TEXT}}, "Missing requested_attributes", "NO_REQUESTED_ATTRIBUTES"),
    "no attribute": (a_body(requestedAttributes={}), "Missing requested_attributes", "NO_REQUESTED_ATTRIBUTES"),
    "unknown": (a_body(requestedAttributes={"FOO": {}}), "Unknown requested attribute: FOO", "INVALID_REQUEST"),
    "no model": (
        a_body(requestedAttributes={"TOXICITY": {}, "FLIRTATION": {}}),
        "Unknown requested attribute: FLIRTATION",
        "INVALID_REQUEST",
    ),
    "no head in the weights": (
        a_body(requestedAttributes={"SEXUALLY_EXPLICIT": {}}),
        "Unknown requested attribute: SEXUALLY_EXPLICIT",
        "INVALID_REQUEST",
    ),
    "score type": (
        a_body(requestedAttributes={"TOXICITY": {"scoreType": "RAW"}}),
        "Requested score type RAW is not supported by attribute TOXICITY",
        "INVALID_REQUEST",
    ),
    "HTML": (
        {**a_body(), "comment": {"text": TEXT, "type": "HTML"}},
        "Currently, only 'PLAIN_TEXT' comments are supported",
        "INVALID_REQUEST",
    ),
    "text type": ({**a_body(), "comment": {"text": TEXT, "type": "PDF"}}, "Unknown text type", "INVALID_REQUEST"),
    "51 attributes": (
        a_body(requestedAttributes={f"TOXICITY@{number}": {} for number in range(51)}),
        "Too many requested attributes. The limit is 50.",
        "INVALID_REQUEST",
    ),
    "both contexts": (
        a_body(context=BOTH),
        "Context can have either entries or article_and_parent_comment, but both fields were populated.",
        "INVALID_REQUEST",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_an_error_reads_as_documented(perspective: Perspective, case: str) -> None:
    body, message, kind = CASES[case]

    error = error_of(perspective.call("analyze", body))

    assert error["message"] == message
    assert error["details"] == [{"@type": ERROR, "errorType": kind}]


@pytest.mark.parametrize("sent", [{"languages": ["sv"]}, {}])
def test_swedish_is_refused_as_documented(perspective: Perspective, sent: dict[str, Any]) -> None:
    response = perspective.analyze("Det var en riktig idiot", "TOXICITY", "INSULT", **sent)

    error = error_of(response)
    assert error["message"] == "Attribute TOXICITY does not support request languages: sv"
    assert error["details"] == [
        {
            "@type": ERROR,
            "errorType": "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
            "languageNotSupportedByAttributeError": {
                "detectedLanguages": ["sv"],
                "requestedLanguages": ["sv"],
                "attribute": "TOXICITY",
            },
        }
    ]


def test_a_text_that_no_signal_can_judge_gets_no_number(perspective: Perspective) -> None:
    error = error_of(perspective.analyze("Hi", "TOXICITY", "SPAM"))

    assert error["message"] == "Attribute SPAM has no score for this comment: too short"


def test_a_text_that_takes_too_long_to_read_is_refused(perspective: Perspective, scoring: FakeScoring) -> None:
    scoring.too_costly = True

    assert error_of(perspective.analyze(TEXT))["message"] == "Comment text takes too long to read."


@pytest.mark.parametrize(
    "raw", [b"{", b'{"comment": }', b"[]", b'"text"', b"\xff", b"[" * 100_000, b'{"a":' * 5_000, b"1" * 5_000]
)
def test_broken_json_is_refused(client: FlaskClient, key: str, raw: bytes) -> None:
    error = error_of(client.post(f"{ANALYZE}?key={key}", data=raw))

    assert error["message"].startswith("Invalid JSON payload received. ")


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        (a_body(x=1), "", 'Invalid JSON payload received. Unknown name "x": Cannot find field.'),
        ({**a_body(), "comment": {"text": TEXT, "html": "y"}}, "comment",
         "Invalid JSON payload received. Unknown name \"html\" at 'comment': Cannot find field."),
        (a_body(1), "comment.text", "Invalid value at 'comment.text' (TYPE_STRING), 1"),
        (a_body(languages="en"), "languages", "Invalid value at 'languages' (a list)"),
        (a_body(doNotStore="yes"), "do_not_store", "Invalid value at 'do_not_store' (TYPE_BOOL)"),
        (a_body(requestedAttributes=["TOXICITY"]), "requested_attributes",
         "Invalid value at 'requested_attributes' (an object)"),
        (a_body(requestedAttributes={"TOXICITY": {"scoreThreshold": "much"}}),
         "requested_attributes[TOXICITY].score_threshold",
         "Invalid value at 'requested_attributes[TOXICITY].score_threshold' (TYPE_FLOAT)"),
    ],
)  # fmt: skip
def test_a_field_that_is_unknown_or_wrong_is_named(
    perspective: Perspective, body: dict[str, Any], field: str, message: str
) -> None:
    error = error_of(perspective.call("analyze", body))

    (detail,) = error["details"]
    (violation,) = detail["fieldViolations"]
    assert error["message"] == message
    assert detail["@type"] == "type.googleapis.com/google.rpc.BadRequest"
    assert violation.get("field", "") == field
    assert TEXT not in str(error)


def test_an_empty_post_is_answered_with_details(client: FlaskClient, key: str) -> None:
    error = error_of(client.post(f"{ANALYZE}?key={key}"))

    assert "reason" not in error["details"][0]


@pytest.mark.parametrize("path", [ANALYZE, "/v1alpha1/comments:suggestscore", "/$discovery/rest"])
def test_a_wrong_key_is_refused_before_anything_is_read(client: FlaskClient, path: str) -> None:
    method = "GET" if "discovery" in path else "POST"

    error = error_of(client.open(f"{path}?key=wrong", method=method))

    assert error["message"] == "API key not valid. Please pass a valid API key."
    assert error["details"] == [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "API_KEY_INVALID",
            "domain": "googleapis.com",
            "metadata": {"service": "commentanalyzer.googleapis.com"},
        }
    ]


def test_a_call_without_a_key_is_refused(client: FlaskClient) -> None:
    error = error_of(client.post(ANALYZE, json=a_body()), 403, "PERMISSION_DENIED")

    assert error["message"] == (
        "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or "
        "other form of API consumer identity to call this API."
    )


@pytest.mark.parametrize("header", ["X-Goog-Api-Key", "Authorization"])
def test_the_key_may_be_in_a_header(client: FlaskClient, key: str, header: str) -> None:
    value = f"Bearer {key}" if header == "Authorization" else key

    assert client.post(ANALYZE, json=a_body(), headers={header: value}).status_code == 200


def test_a_key_that_may_not_score_is_refused(client: FlaskClient, database: Database, site: NewSite) -> None:
    made = keys.create_key(database, site.site.id, name="post", scopes=[Scope.POST], by=OPERATOR, now=utc_now())

    error = error_of(client.post(f"{ANALYZE}?key={made.token}", json=a_body()), 403, "PERMISSION_DENIED")

    assert error["message"] == "The caller does not have permission: this key lacks the scope score."


def test_too_many_requests_are_refused_as_google_refuses_them(
    settings: Settings, database: Database, queues: Queues, key: str
) -> None:
    few = Settings(gavel_home=settings.gavel_home, rate_limit_per_minute=1)
    app = create_app(few, database=database, queues=queues)
    take_place(app)
    client = app.test_client()
    client.post(f"{ANALYZE}?key={key}", json=a_body())

    response = client.post(f"{ANALYZE}?key={key}", json=a_body())

    error = error_of(response, 429, "RESOURCE_EXHAUSTED")
    assert error["message"].startswith("Quota exceeded for quota metric 'Analysis requests (AnalyzeComment)' and limit")
    (info,) = error["details"]
    assert (info["reason"], info["metadata"]["quota_limit_value"]) == ("RATE_LIMIT_EXCEEDED", "1")
    assert int(response.headers["Retry-After"]) > 0


@pytest.mark.parametrize("away", [ScoringAway("away"), ScoringBusy("busy"), ScoringLate("late")])
def test_a_text_that_cannot_be_scored_in_time_is_refused(
    perspective: Perspective, scoring: FakeScoring, away: Exception
) -> None:
    scoring.error = away

    response = perspective.analyze(TEXT)

    error_of(response, 503, "UNAVAILABLE")
    assert int(response.headers["Retry-After"]) >= 1


def test_a_body_that_is_too_large_is_refused(client: FlaskClient, key: str) -> None:
    error = error_of(client.post(f"{ANALYZE}?key={key}", data=b" " * (2 * 1024 * 1024 + 1)))

    assert error["message"] == "Request payload size exceeds the limit: 2097152 bytes."


@pytest.mark.parametrize("path", ["/v1alpha1/comments:analyse", "/v1alpha1/comments", ANALYZE, "/batch"])
def test_a_call_that_does_not_exist_is_not_found(client: FlaskClient, key: str, path: str) -> None:
    error_of(client.get(f"{path}?key={key}"), 404, "NOT_FOUND")


def test_other_methods_of_open_paths_are_not_found(client: FlaskClient) -> None:
    error_of(client.post("/$discovery/rest"), 404, "NOT_FOUND")


@pytest.mark.parametrize(
    "body", [a_body(clientToken="\ud83d"), a_body(requestedAttributes={"\ud83d": {}}), {**a_body(), "\ud83d": 1}]
)
def test_half_an_emoji_is_no_mistake_of_ours(perspective: Perspective, body: dict[str, Any]) -> None:
    assert perspective.call("analyze", body).status_code in (200, 400)


@pytest.mark.parametrize("error", [ArticleClosed("a-1"), InvalidInput(FieldProblem("text", "is bad"))])
def test_other_refusals_of_the_core_are_the_callers(
    perspective: Perspective, scoring: FakeScoring, error: Exception
) -> None:
    scoring.error = error

    error_of(perspective.analyze(TEXT))


def test_a_mistake_of_ours_says_nothing(perspective: Perspective, scoring: FakeScoring) -> None:
    scoring.error = RuntimeError(TEXT)

    response = perspective.analyze(TEXT)

    assert error_of(response, 500, "INTERNAL")["message"] == "Internal error encountered."
