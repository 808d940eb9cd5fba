"""OpenAI's moderations: what a client that knows nothing of Gavel sends, and reads."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from hypothesis import HealthCheck, given, settings, strategies
from werkzeug.test import TestResponse

from moderation.ground.database.engine import Database
from moderation.ground.errors import ScoringAway
from moderation.ground.values.modes import ModeName
from moderation.law.modes import starting
from moderation.law.modes.starting import ModeWish
from moderation.sites import keys
from moderation.sites.keys import Scope
from moderation.sites.sites import NewSite
from service.compat.openai.reading import MAX_TEXTS
from service.context import utc_now
from tests.builders import OPERATOR
from tests.service.compat.scored import FakeScoring, Says, take_place

TEXT_CATEGORIES = {
    "harassment", "harassment/threatening", "sexual", "hate", "hate/threatening", "self-harm/intent",
    "self-harm/instructions", "self-harm", "sexual/minors", "violence", "violence/graphic",
}  # fmt: skip
OMNI_CATEGORIES = TEXT_CATEGORIES | {"illicit", "illicit/violent"}


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Nothing here depends on which database it is."""
    return sqlite_database


def says(text: str) -> Says:
    if "swahili" in text:
        return "language: sw"
    if "endless" in text:
        return "too costly"
    if "kill" in text:
        return {"toxicity": 0.97, "insult": 0.4, "threat": 0.9}
    return {"toxicity": 0.95, "insult": 0.96} if "idiot" in text else {}


@pytest.fixture
def scoring(app: OpenAPI) -> FakeScoring:
    return take_place(app, FakeScoring(says))


@pytest.fixture
def key(database: Database, site: NewSite) -> str:
    return keys.create_key(database, site.site.id, name="chat", scopes=[Scope.SCORE], by=OPERATOR, now=utc_now()).token


@pytest.fixture
def moderate(client: FlaskClient, key: str, scoring: FakeScoring) -> Any:
    def call(input: Any, **body: Any) -> TestResponse:
        return client.post("/v1/moderations", json={"input": input, **body}, headers={"Authorization": f"Bearer {key}"})

    return call


def test_a_string_gets_one_result_with_all_categories(moderate: Any) -> None:
    answer = moderate("You are an idiot.")

    body = answer.get_json()
    (result,) = body["results"]
    assert answer.status_code == 200
    assert body["id"].startswith("modr-")
    assert body["model"] == "omni-moderation-latest"
    assert result["flagged"] is True
    assert {name for name, is_true in result["categories"].items() if is_true} == {"harassment"}
    assert set(result["categories"]) == set(result["category_scores"]) == OMNI_CATEGORIES
    assert result["category_scores"]["harassment"] == 0.96
    assert result["category_applied_input_types"]["harassment"] == ["text"]


def test_a_threat_is_violence_and_threatening_harassment(moderate: Any) -> None:
    (result,) = moderate("I will kill you.").get_json()["results"]

    true = {name for name, is_true in result["categories"].items() if is_true}
    assert true == {"harassment", "harassment/threatening", "violence"}
    assert result["category_scores"]["harassment/threatening"] == 0.9


def test_a_category_without_a_model_is_false_has_no_input_types_and_is_named(moderate: Any) -> None:
    answer = moderate("You are an idiot.")

    (result,) = answer.get_json()["results"]
    without = answer.headers["Gavel-Categories-Without-Model"].split(", ")
    assert set(without) == OMNI_CATEGORIES - {
        "harassment", "harassment/threatening", "hate", "hate/threatening", "violence"
    }  # fmt: skip
    for name in without:
        assert result["category_applied_input_types"][name] == []
        assert (result["categories"][name], result["category_scores"][name]) == (False, 0.0)


def test_a_model_that_knows_the_sexually_explicit_answers_for_it(moderate: Any, scoring: FakeScoring) -> None:
    scoring.says = lambda _text: {"sexual_explicit": 0.93}

    answer = moderate("Come here.")

    (result,) = answer.get_json()["results"]
    assert result["categories"]["sexual"] is True
    assert "sexual" not in answer.headers["Gavel-Categories-Without-Model"].split(", ")


@pytest.mark.parametrize("model", ["text-moderation-latest", "text-moderation-stable"])
def test_the_text_models_have_eleven_categories_and_no_input_types(moderate: Any, model: str) -> None:
    body = moderate("Good morning.", model=model).get_json()

    (result,) = body["results"]
    assert body["model"] == "text-moderation-007"
    assert set(result["categories"]) == TEXT_CATEGORIES
    assert "category_applied_input_types" not in result
    assert result["flagged"] is False


def test_a_list_of_strings_gets_a_result_for_each_in_order(moderate: Any) -> None:
    results = moderate(["Good morning.", "You idiot.", "Thank you."]).get_json()["results"]

    assert [result["flagged"] for result in results] == [False, True, False]


def test_parts_of_one_message_get_one_result(moderate: Any, scoring: FakeScoring) -> None:
    parts = [{"type": "text", "text": "Good morning,"}, {"type": "text", "text": "idiot."}]

    (result,) = moderate(parts).get_json()["results"]

    assert result["flagged"] is True
    assert scoring.asked == ["Good morning,\nidiot."]


@pytest.mark.parametrize(("text", "why"), [("In swahili.", "language: sw"), ("An endless text.", "took too long")])
def test_a_text_that_no_model_could_read_is_flagged_and_named(moderate: Any, text: str, why: str) -> None:
    answer = moderate(["Good morning.", text])

    plain, unread = answer.get_json()["results"]
    assert (plain["flagged"], unread["flagged"]) == (False, True)
    assert not any(unread["categories"].values())
    assert all(types == [] for types in unread["category_applied_input_types"].values())
    assert answer.headers["Gavel-Not-Judged"].startswith(f"1 ({why}")


@pytest.mark.parametrize("mode", [ModeName.EVERYTHING_WAITS, ModeName.REGULARS_ONLY])
def test_a_text_that_a_person_reads_first_in_a_mode_is_flagged(
    moderate: Any, database: Database, site: NewSite, mode: ModeName
) -> None:
    wish = ModeWish(mode, utc_now() + timedelta(hours=1))
    starting.start(database, site.site.id, wish, by=OPERATOR, now=utc_now())

    answer = moderate("Good morning.")

    assert answer.get_json()["results"][0]["flagged"] is True
    assert answer.headers["Gavel-Not-Judged"].startswith("0 (breaking news: ")


def test_a_site_that_is_closed_for_a_while_gets_no_answer(moderate: Any, database: Database, site: NewSite) -> None:
    wish = ModeWish(ModeName.CLOSED, utc_now() + timedelta(hours=1))
    starting.start(database, site.site.id, wish, by=OPERATOR, now=utc_now())

    assert moderate("Good morning.").status_code == 400


IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}


@pytest.mark.parametrize(
    ("body", "status", "param", "code"),
    [
        ({"input": [IMAGE]}, 400, "input[0].image_url", "unsupported_image"),
        ({"input": [{"type": "text", "text": "a"}, IMAGE]}, 400, "input[1].image_url", "unsupported_image"),
        ({"input": [IMAGE, IMAGE]}, 400, "input", "too_many_images"),
        ({"input": ""}, 400, "input", "empty_string"),
        ({"input": " \n"}, 400, "input", "empty_string"),
        ({"input": []}, 400, "input", "empty_array"),
        ({"input": ["a"] * (MAX_TEXTS + 1)}, 400, "input", "array_above_max_length"),
        ({"input": "a" * 20_481}, 400, "input", "string_above_max_length"),
        ({"input": 5}, 400, "input", "invalid_type"),
        ({"input": None}, 400, "input", "invalid_type"),
        ({"input": ["a", 5]}, 400, "input[1]", "invalid_type"),
        ({"input": [{"type": "text", "text": "a"}, "b"]}, 400, "input[1]", "invalid_type"),
        ({"input": [{"type": "audio"}]}, 400, "input[0].type", "invalid_value"),
        ({"input": [{"type": "text"}]}, 400, "input[0].text", "invalid_type"),
        ({}, 400, "input", "missing_required_parameter"),
        ({"input": "a", "stream": True}, 400, "stream", "unknown_parameter"),
        ({"input": "a", "model": 4}, 400, "model", "invalid_type"),
        ({"input": "a", "model": "gpt-4"}, 404, "model", "model_not_found"),
    ],
)
def test_a_request_that_cannot_be_answered_is_refused_in_openais_words(
    client: FlaskClient, key: str, scoring: FakeScoring, body: Any, status: int, param: str, code: str
) -> None:
    answer = client.post("/v1/moderations", json=body, headers={"Authorization": f"Bearer {key}"})

    error = answer.get_json()["error"]
    assert answer.status_code == status
    assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", param, code)
    assert error["message"]
    assert not scoring.asked


@pytest.mark.parametrize("raw", [b"{", b"[]", b"\xff", b'{"input": "a", "input": "b"}', b""])
def test_broken_json_is_a_400_in_openais_shape(client: FlaskClient, key: str, raw: bytes) -> None:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    answer = client.post("/v1/moderations", data=raw, headers=headers)

    assert answer.status_code == 400
    assert answer.get_json()["error"]["type"] == "invalid_request_error"


def test_every_other_error_has_openais_shape_too(
    client: FlaskClient, key: str, api_key: str, scoring: FakeScoring, database: Database, site: NewSite
) -> None:
    reader = keys.create_key(database, site.site.id, name="r", scopes=[Scope.READ], by=OPERATOR, now=utc_now()).token
    bearer = {"Authorization": f"Bearer {key}"}
    large = json.dumps({"input": "a" * 2_000_000})
    answers = {
        401: client.post("/v1/moderations", json={"input": "a"}),
        403: client.post("/v1/moderations", json={"input": "a"}, headers={"Authorization": f"Bearer {reader}"}),
        405: client.get("/v1/moderations", headers=bearer),
        404: client.post("/v1/moderations/results", json={}, headers=bearer),
        413: client.post("/v1/moderations", data=large, content_type="application/json", headers=bearer),
    }

    for status, answer in answers.items():
        assert answer.status_code == status
        assert set(answer.get_json()["error"]) == {"message", "type", "param", "code"}
        assert answer.headers["X-Request-Id"]
    wrong = client.post("/v1/moderations", json={"input": "a"}, headers={"Authorization": "Bearer gvl_no"})
    assert (wrong.status_code, wrong.get_json()["error"]["code"]) == (401, "invalid_api_key")


def test_a_scoring_process_that_is_away_is_a_503_that_clients_retry(moderate: Any, scoring: FakeScoring) -> None:
    scoring.error = ScoringAway("the scoring process does not answer", 2)

    answer = moderate("Good morning.")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert answer.headers["x-should-retry"] == "true"
    assert answer.get_json()["error"]["type"] == "server_error"


def test_headers_about_organisations_and_unknown_query_parameters_are_ignored(
    client: FlaskClient, key: str, scoring: FakeScoring
) -> None:
    headers = {"Authorization": f"Bearer {key}", "OpenAI-Organization": "org-1", "OpenAI-Project": "p-1"}

    answer = client.post("/v1/moderations?api-version=2024", json={"input": "Good morning."}, headers=headers)

    assert answer.status_code == 200


def test_the_models_are_listed(client: FlaskClient, key: str) -> None:
    headers = {"Authorization": f"Bearer {key}"}

    listed = client.get("/v1/models", headers=headers).get_json()

    assert "omni-moderation-latest" in [model["id"] for model in listed["data"]]
    assert client.get("/v1/models/omni-moderation-latest", headers=headers).get_json()["object"] == "model"
    assert client.get("/v1/models/gpt-4", headers=headers).get_json()["error"]["code"] == "model_not_found"


ANYTHING = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers() | strategies.text(max_size=8),
    lambda inner: (
        strategies.lists(inner, max_size=3)
        | strategies.dictionaries(strategies.sampled_from(["type", "text", "image_url", "url"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(input=ANYTHING, model=strategies.none() | strategies.sampled_from(["omni-moderation-latest", "x"]) | ANYTHING)
def test_nothing_that_anybody_sends_is_our_fault(moderate: Any, input: Any, model: Any) -> None:
    answer = moderate(input, model=model)

    assert answer.status_code in (200, 400, 404)
    assert ("results" in answer.get_json()) is (answer.status_code == 200)
