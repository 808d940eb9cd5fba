"""``comments:suggestscore``: what moderators elsewhere think becomes a decision here, or a label."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from moderation.ground.database.engine import Database
from moderation.ground.values.statuses import Action
from moderation.moderators.review import label_rows as labels
from moderation.moderators.review.label_rows import Label
from moderation.sites.sites import NewSite
from moderation.spine.comments import rows as comments
from tests.service.bodies import TEXT, a_body, settle
from tests.service.compat.perspective.conftest import Perspective
from tests.service.conftest import Caller


@pytest.fixture
def full(client: FlaskClient, api_key: str) -> Perspective:
    """A caller whose key may do everything."""
    return Perspective(client, api_key)


@pytest.fixture
def flagged(api: Caller, database: Database, site: NewSite) -> str:
    api.post("/v1/comments", a_body(id="53922"))
    settle(database, site.site.id, "53922", Action.FLAG)
    return "53922"


def kept(database: Database, site: NewSite) -> list[Label]:
    with database.read() as conn:
        return [label for _, label in labels.of_site(conn, site.site.id, limit=10)]


def status(database: Database, site: NewSite, comment: str) -> str:
    with database.read() as conn:
        return comments.get_comment(conn, site.site.id, comment).status


@pytest.mark.parametrize(
    ("value", "becomes"), [(1, "rejected"), (0.5, "rejected"), (0.49, "published"), (0, "published")]
)
def test_a_judgement_of_a_known_comment_decides_it(
    full: Perspective, database: Database, site: NewSite, flagged: str, value: float, becomes: str
) -> None:
    response = full.suggest(
        TEXT, value, clientToken="comment:53922", communityId="Coral:https://news.example", languages=["en"]
    )

    assert response.json == {
        "clientToken": "comment:53922", "requestedLanguages": ["en"], "detectedLanguages": ["en"],
    }  # fmt: skip
    assert response.headers["Gavel-Feedback"] == "decided"
    assert status(database, site, flagged) == becomes
    assert kept(database, site) == []


def test_a_key_that_may_not_moderate_decides_nothing(
    client: FlaskClient, posting_key: str, database: Database, site: NewSite, flagged: str
) -> None:
    response = Perspective(client, posting_key).suggest(TEXT, 1, clientToken="comment:53922")

    assert response.headers["Gavel-Feedback"] == "kept"
    assert status(database, site, flagged) == "flagged"
    assert [(label.value, label.text, label.reference) for label in kept(database, site)] == [(1.0, None, "53922")]


def test_a_key_that_may_be_in_a_page_teaches_nothing(
    perspective: Perspective, database: Database, site: NewSite, flagged: str
) -> None:
    response = perspective.suggest(TEXT, 1, clientToken="comment:53922")

    assert response.status_code == 403
    assert status(database, site, flagged) == "flagged"
    assert kept(database, site) == []


def test_a_comment_without_one_fault_is_not_published_for_that(
    full: Perspective, database: Database, site: NewSite, flagged: str
) -> None:
    scores = {"PROFANITY": {"summaryScore": {"value": 0}}}

    body = {"comment": {"text": TEXT}, "attributeScores": scores, "clientToken": "53922"}
    response = full.call("suggestscore", body)

    assert response.headers["Gavel-Feedback"] == "kept"
    assert status(database, site, flagged) == "flagged"


def test_labels_are_on_our_scale_and_twins_keep_the_higher(
    full: Perspective, database: Database, site: NewSite
) -> None:
    given = {"OFF_TOPIC": 0.9, "TOXICITY": 0.2, "TOXICITY_EXPERIMENTAL": 0.8}
    scores = {name: {"summaryScore": {"value": value}} for name, value in given.items()}

    full.call("suggestscore", {"comment": {"text": "Half of an emoji \ud83d\u0000"}, "attributeScores": scores})

    found = kept(database, site)
    assert {label.signal: round(label.value, 6) for label in found} == {"relevance": 0.1, "toxicity": 0.8}
    assert found[0].text == "Half of an emoji \ufffd\ufffd"


def test_a_judgement_of_an_unknown_text_is_a_label(full: Perspective, database: Database, site: NewSite) -> None:
    scores = {"TOXICITY": {"spanScores": [{"begin": 0, "end": 3, "score": {"value": 0.7}}, {"score": {"value": 0.2}}]},
              "FLIRTATION": {"summaryScore": {"value": 1, "type": "PROBABILITY"}}}  # fmt: skip

    response = full.call("suggestscore", {"comment": {"text": "Hey you"}, "attribute_scores": scores})

    assert response.json == {}
    assert {(label.signal, label.value, label.text) for label in kept(database, site)} == {
        ("toxicity", 0.7, "Hey you"),
        ("flirtation", 1.0, "Hey you"),
    }


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ({}, "Missing attribute_scores"),
        (None, "Missing attribute_scores"),
        ({"TOXICITY": {}}, "Attribute TOXICITY has neither a summary score nor span scores"),
        ({"FOO": {"summaryScore": {"value": 1}}}, "Unknown requested attribute: FOO"),
        ({"TOXICITY": {"summaryScore": {"value": 1.5}}},
         "Suggested scores of attribute TOXICITY must be between 0 and 1"),
        ({"TOXICITY": {"summaryScore": {"value": 1, "type": "RAW"}}},
         "Suggested score type RAW is not supported by attribute TOXICITY"),
    ],
)  # fmt: skip
def test_a_judgement_that_says_nothing_is_refused(
    full: Perspective, database: Database, site: NewSite, scores: Any, message: str
) -> None:
    response = full.call("suggestscore", {"comment": {"text": TEXT}, "attributeScores": scores})

    error: Any = response.json["error"]  # type: ignore[index]
    assert (error["code"], error["status"], error["message"]) == (400, "INVALID_ARGUMENT", message)
    assert error["details"][0]["errorType"] == "INVALID_REQUEST"
    assert kept(database, site) == []
