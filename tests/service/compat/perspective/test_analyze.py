"""``comments:analyze`` as Perspective answers it."""

from __future__ import annotations

import json
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient

from moderation.ground.database.engine import Database
from moderation.ground.errors import ScoringAway
from moderation.pipeline.drafts.settings import WithoutModel
from service.checking import checks
from service.compat.perspective.attributes import WITHOUT_MODEL
from tests.service.compat.perspective.conftest import Perspective, Set
from tests.service.compat.perspective.scoring import FakeScoring
from tests.ticking import TickingClock

TEXT = "You absolute fool 0.9"


def test_an_answer_has_the_form_that_clients_read(perspective: Perspective) -> None:
    response = perspective.analyze(TEXT, languages=["en"], clientToken="abc", doNotStore=True)

    score = {"value": 0.9, "type": "PROBABILITY"}
    assert response.status_code == 200
    assert response.json == {
        "attributeScores": {
            "TOXICITY": {"spanScores": [{"begin": 0, "end": 21, "score": score}], "summaryScore": score}
        },
        "languages": ["en"],
        "clientToken": "abc",
        "detectedLanguages": ["en"],
    }
    assert response.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert response.headers["Gavel-Model-Version"] == "toxicity=test@1, spam=test@2"
    assert response.text.startswith('{\n  "attributeScores"')


def test_every_attribute_with_a_signal_has_a_number(perspective: Perspective) -> None:
    production = ["TOXICITY", "SEVERE_TOXICITY", "IDENTITY_ATTACK", "INSULT", "PROFANITY", "THREAT"]
    scores = perspective.scores(TEXT, *production, *(f"{name}_EXPERIMENTAL" for name in production), "SPAM", "OBSCENE")

    assert [scores[name] for name in production] == [0.9, 0.45, 0.15, 0.18, 0.3, 0.225]
    assert all(scores[f"{name}_EXPERIMENTAL"] == scores[name] for name in production)
    assert (scores["SPAM"], scores["OBSCENE"]) == (0.25, 0.3)


def test_nothing_is_stored(perspective: Perspective, database: Database) -> None:
    from moderation.operations.all_tables import metadata

    def rows() -> dict[str, int]:
        with database.read() as conn:
            return {table.name: len(conn.execute(table.select()).all()) for table in metadata.sorted_tables}

    before = rows()
    perspective.analyze(TEXT, doNotStore=False)

    assert rows() == before


def test_a_language_that_nobody_names_is_detected(perspective: Perspective, scoring: FakeScoring) -> None:
    body: Any = perspective.analyze(TEXT).json

    assert (body["languages"], body["detectedLanguages"]) == (["en"], ["en"])
    assert [one.language for one in scoring.asked] == [None]


def test_a_requested_language_is_never_overruled(perspective: Perspective, scoring: FakeScoring) -> None:
    response = perspective.analyze("Det var en idiot 0.9", languages=["en"])

    assert response.json["languages"] == ["en"]  # type: ignore[index]
    assert [one.language for one in scoring.asked] == ["en"]


def test_all_requested_languages_must_be_known(perspective: Perspective) -> None:
    assert perspective.analyze(TEXT, languages=["en", "en-GB"]).status_code == 200
    refused = perspective.analyze(TEXT, languages=["en", "sv", "da"])
    assert refused.json["error"]["message"] == "Attribute TOXICITY does not support request languages: sv, da"  # type: ignore[index]


def test_scores_that_only_advise_are_given_out_where_the_site_trusts_them(
    perspective: Perspective, change: Set
) -> None:
    assert perspective.analyze("Ahoy 0.9").status_code == 400
    assert perspective.analyze("Ahoy 0.9", languages=["ro"]).status_code == 400
    change(trusted_languages=("ro",))
    assert perspective.scores("Ahoy 0.9", languages=["ro"]) == {"TOXICITY": 0.9}
    change(trusted_languages=(), held_languages=("en",))
    assert perspective.analyze(TEXT, languages=["en"]).status_code == 400


def test_the_language_that_a_caller_names_is_taken_at_its_word(perspective: Perspective) -> None:
    assert perspective.scores("Ahoy 0.9", languages=["en"]) == {"TOXICITY": 0.9}


def test_spam_is_judged_in_any_language(perspective: Perspective) -> None:
    assert perspective.scores("Det var en idiot", "SPAM", languages=["sv"]) == {"SPAM": 0.25}


@pytest.mark.parametrize(("threshold", "names"), [(0.89, ["TOXICITY"]), (0.9, ["TOXICITY"]), (0.91, [])])
def test_a_score_below_its_threshold_is_left_out(perspective: Perspective, threshold: float, names: list[str]) -> None:
    wanted = {"TOXICITY": {"scoreThreshold": threshold, "scoreType": "PROBABILITY"}}
    response = perspective.call("analyze", {"comment": {"text": TEXT}, "requestedAttributes": wanted})

    body: Any = response.json
    assert response.status_code == 200
    assert list(body.get("attributeScores", {})) == names
    assert ("attributeScores" in body) == bool(names)
    assert body["detectedLanguages"] == ["en"]


def test_spans_are_sentences_in_utf_16_units(perspective: Perspective) -> None:
    text = "😀 Good 0.1! Fool 0.8!"
    body: Any = perspective.analyze(text, "TOXICITY", "SPAM", spanAnnotations=True).json

    spans = body["attributeScores"]["TOXICITY"]["spanScores"]
    units = text.encode("utf-16-le")
    cut = [units[2 * span["begin"] : 2 * span["end"]].decode("utf-16-le") for span in spans]
    assert cut == ["😀 Good 0.1!", "Fool 0.8!"]
    assert [span["score"]["value"] for span in spans] == [0.1, 0.8]
    assert spans[0]["begin"] == 0 and spans[1]["end"] == len(units) // 2
    assert [(span["begin"], span["end"]) for span in body["attributeScores"]["SPAM"]["spanScores"]] == [(0, 22)]


def test_a_text_without_a_wish_for_spans_has_one(perspective: Perspective) -> None:
    body: Any = perspective.analyze("😀 Good 0.1! Fool 0.8!").json

    assert [(s["begin"], s["end"]) for s in body["attributeScores"]["TOXICITY"]["spanScores"]] == [(0, 22)]


@pytest.mark.parametrize(
    "body",
    [
        {"comment": {"text": TEXT}, "requested_attributes": {"TOXICITY": {"score_threshold": "0.1"}}},
        {"comment": {"text": TEXT, "type": "PLAIN_TEXT"}, "requestedAttributes": {"TOXICITY@6": {}}, "sessionId": "x",
         "communityId": "Coral:https://news.example", "context": {"entries": [{"text": '{"a": 1}'}]}},
        {"comment": {"text": TEXT, "type": None}, "requestedAttributes": {"TOXICITY": None}, "languages": None},
    ],
)  # fmt: skip
def test_both_ways_of_writing_names_are_read(perspective: Perspective, body: dict[str, Any]) -> None:
    response = perspective.call("analyze", body)

    assert list(response.json["attributeScores"]) == ["TOXICITY"], response.text  # type: ignore[index]


@pytest.mark.parametrize("content_type", [None, "text/plain;charset=UTF-8", "application/json; charset=latin-1"])
def test_any_content_type_will_do(client: FlaskClient, key: str, content_type: str | None) -> None:
    body = json.dumps({"comment": {"text": TEXT}, "requestedAttributes": {"TOXICITY": {}}})

    response = client.post(f"/v1alpha1/comments%3Aanalyze?key={key}", data=body, content_type=content_type)

    assert response.status_code == 200


def test_unknown_parameters_of_the_query_are_ignored(client: FlaskClient, key: str) -> None:
    query = "alt=json&prettyPrint=false&fields=x&quotaUser=y&callback=z&%24.xgafv=1&uploadType=u&what=ever"
    body = {"comment": {"text": TEXT}, "requestedAttributes": {"TOXICITY": {}}}

    response = client.post(f"/v1alpha1/comments:analyze?key={key}&{query}", json=body)

    assert response.status_code == 200
    assert response.text.startswith('{"attributeScores"')


def test_a_site_may_leave_out_attributes_without_a_model(perspective: Perspective, change: Set) -> None:
    change(perspective_without_model=WithoutModel.OMIT)

    response = perspective.analyze(TEXT, "TOXICITY", "FLIRTATION", "SEXUALLY_EXPLICIT", "NEWER_THAN_THIS")

    assert list(response.json["attributeScores"]) == ["TOXICITY"]  # type: ignore[index]
    left_out = "FLIRTATION, SEXUALLY_EXPLICIT, NEWER_THAN_THIS"
    assert response.headers["Gavel-Attributes-Left-Out"] == left_out


def test_names_that_no_attribute_has_stay_out_of_the_header(perspective: Perspective, change: Set) -> None:
    change(perspective_without_model=WithoutModel.OMIT)

    response = perspective.analyze(TEXT, "TOXICITY", "A\nB", "x" * 500, *(f"FOO_{'A' * n}" for n in range(30)))

    assert response.status_code == 200
    assert len(response.headers["Gavel-Attributes-Left-Out"].split(", ")) == 20


def test_no_attribute_without_a_model_ever_gets_a_number(perspective: Perspective, change: Set) -> None:
    change(perspective_without_model=WithoutModel.OMIT)

    assert perspective.scores(TEXT, *WITHOUT_MODEL) == {}


def test_off_topic_needs_the_article(perspective: Perspective, scoring: FakeScoring) -> None:
    context = {"articleAndParentComment": {"article": {"text": "The ferry runs all winter."}}}

    assert perspective.scores(TEXT, "OFF_TOPIC", context=context) == {"OFF_TOPIC": 0.8}
    assert perspective.analyze(TEXT, "OFF_TOPIC").status_code == 400
    perspective.analyze(TEXT, context=context)
    assert [one.article_text is not None for one in scoring.asked] == [True, False, False]


def test_a_score_map_puts_scores_on_the_scale_of_the_newsroom(perspective: Perspective, change: Set) -> None:
    change(perspective_score_maps={"TOXICITY": ((0.0, 0.0), (0.9, 0.5), (1.0, 1.0))})

    scores = perspective.scores(TEXT, "TOXICITY", "TOXICITY_EXPERIMENTAL", "INSULT")

    assert scores == {"TOXICITY": 0.5, "TOXICITY_EXPERIMENTAL": 0.5, "INSULT": 0.18}
    wanted = {"TOXICITY": {"scoreThreshold": 0.6}}
    body: Any = perspective.call("analyze", {"comment": {"text": TEXT}, "requestedAttributes": wanted}).json
    assert "attributeScores" not in body


def test_texts_at_the_limit_are_scored(perspective: Perspective, scoring: FakeScoring) -> None:
    assert perspective.analyze("é" * 10_240).status_code == 200
    assert len(scoring.asked) == 1


@pytest.mark.parametrize(
    ("text", "headers", "seconds"),
    [("Fine", {}, 0.7), ("x" * 3_000, {}, 0.7), ("x" * 7_000, {}, 1.7), ("x" * 20_480, {}, 5.0),
     ("Fine", {"X-Server-Timeout": "0.3"}, 0.3), ("Fine", {"X-Server-Timeout": "3"}, 3.0),
     ("Fine", {"X-Server-Timeout": "60"}, 5.0), ("Fine", {"X-Server-Timeout": "0"}, 0.05),
     ("Fine", {"X-Server-Timeout": "soon"}, 0.7)],
)  # fmt: skip
def test_an_answer_has_a_deadline(
    perspective: Perspective,
    scoring: FakeScoring,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    headers: dict[str, str],
    seconds: float,
) -> None:
    monkeypatch.setattr(checks, "time", SimpleNamespace(monotonic=TickingClock(0.01)))

    perspective.call("analyze", {"comment": {"text": text}, "requestedAttributes": {"TOXICITY": {}}}, headers=headers)

    (given_s,) = scoring.deadlines_s
    assert given_s == pytest.approx(seconds - 0.01)  # reading the rules takes its time


def test_a_page_of_the_site_may_ask(client: FlaskClient, key: str, change: Set) -> None:
    change(origins=("https://news.example",))
    headers = {"Origin": "https://news.example"}
    body = {"comment": {"text": TEXT}, "requestedAttributes": {"TOXICITY": {}}}

    response = client.post(f"/v1alpha1/comments:analyze?key={key}", json=body, headers=headers)

    assert response.headers["Access-Control-Allow-Origin"] == "https://news.example"


def test_logs_hold_neither_the_text_nor_the_key(
    perspective: Perspective, scoring: FakeScoring, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    perspective.analyze("Secret words 0.9")
    perspective.analyze("Secret words", "FOO")
    scoring.error = ScoringAway("away")
    perspective.analyze("Secret words")

    assert len(caplog.records) >= 3
    assert "Secret" not in caplog.text
    assert perspective.key not in caplog.text
