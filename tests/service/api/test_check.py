"""A text is scored without being stored: ``POST /v1/check``, on a real scoring process."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from redis import Redis
from werkzeug.test import TestResponse

from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.wording.sentences import ours
from moderation.judging.signals.registry import SIGNALS
from moderation.operations.all_tables import metadata
from moderation.pipeline.arriving.comment_text import MAX_CHARS
from moderation.sites import keys
from moderation.sites.keys import Scope
from moderation.sites.sites import NewSite
from service.api.schemas.check_schemas import LEAST_DEADLINE_MS, LONGEST_DEADLINE_MS, MAX_ARTICLE_CHARS
from service.app import create_app
from service.checking.advice import A_PERSON_READS
from service.context import utc_now
from tests.builders import OPERATOR
from tests.conftest import free_port
from tests.scoring_processes import Answering
from tests.service.bodies import a_body, problem_fields, settle
from tests.service.conftest import Caller

INSULT = "You are a fool, and everybody knows it."
CIVIL = "Will the last boat of the day wait for the train from the capital?"
LONG_WAIT = {"deadline_ms": LONGEST_DEADLINE_MS}  # the tests' machine may be busy
PAGE = "https://news.example"


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """``tests/moderation/pipeline/drafts`` looks at both databases."""
    return sqlite_database


@pytest.fixture
def settings(settings: Settings, scoring_process: Answering) -> Settings:
    return scoring_process.named_in(settings)


def check(caller: Caller, text: str = CIVIL, **fields: Any) -> TestResponse:
    return caller.post("/v1/check", {"text": text, **LONG_WAIT, **fields})


def a_key(client: FlaskClient, database: Database, site: NewSite, *scopes: Scope) -> Caller:
    made = keys.create_key(database, site.site.id, name="a key", scopes=scopes, by=OPERATOR, now=utc_now())
    return Caller(client, made.token)


def values(response: TestResponse) -> dict[str, float | None]:
    assert response.json is not None
    return {signal["name"]: signal["value"] for signal in response.json["signals"]}


def abstained(response: TestResponse) -> dict[str, str]:
    assert response.json is not None
    return {signal["name"]: signal["abstained"] for signal in response.json["signals"] if signal["abstained"]}


def words(response: TestResponse) -> list[str]:
    """The words of INSULT that carry the signal."""
    assert response.json is not None
    spans = next(signal["evidence"] for signal in response.json["signals"] if signal["name"] == "insult")
    return [INSULT[span["start"] : span["end"]] for span in spans]


def reason_words(response: TestResponse) -> list[str]:
    assert response.json is not None
    return [INSULT[span["start"] : span["end"]] for span in response.json["reasons"][0]["evidence"]]


def rows(database: Database) -> dict[str, int]:
    with database.read() as conn:
        return {
            table.name: conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def test_an_insult_is_answered_with_a_verdict_and_words_for_its_writer(api: Caller) -> None:
    response = check(api, INSULT)

    assert response.status_code == 200
    assert response.json is not None
    assert response.json["verdict"] == "flag"
    reasons = {reason["signal"]: reason for reason in response.json["reasons"]}
    assert reasons["insult"]["value"] >= reasons["insult"]["limit"] == 0.82
    assert "Readers may find this insulting." in response.json["advice"]
    assert response.json["language"] == "en"
    assert response.headers["Gavel-Model-Version"].startswith("toxicity=bundled@")


def test_advice_is_in_the_writers_language_and_in_the_sites_words(api: Caller) -> None:
    own = api.put("/v1/site/texts", {"language": "pl", "texts": {"advice_insult": "Prosimy spokojniej."}})

    polish, italian = (
        api.post("/v1/check", {"text": INSULT, **LONG_WAIT}, headers={"Accept-Language": accepted})
        for accepted in ("pl-PL", "it, pl;q=0.5")
    )

    assert own.status_code == 200
    for response, expected in ((polish, "Prosimy spokojniej."), (italian, ours("it")["advice_insult"])):
        assert response.json is not None
        said = dict(zip(response.json["advice_codes"], response.json["advice"], strict=True))
        assert said["advice_insult"] == expected


def test_a_text_that_would_be_published_brings_no_advice(api: Caller) -> None:
    response = check(api, CIVIL)

    assert response.json is not None
    assert (response.json["verdict"], response.json["advice"]) == ("publish", [])
    assert values(response)["toxicity"] < 0.5  # type: ignore[operator]


def test_every_signal_but_those_of_absent_models_comes_in_the_order_of_the_registry(api: Caller) -> None:
    """The tests' toxicity model has no head for ``sexual_explicit``, and the site has not learnt a house model."""
    found = list(values(check(api)))

    assert found == [name for name in SIGNALS if name not in ("sexual_explicit", "house")]


def test_nothing_is_kept_of_a_text(
    api: Caller, database: Database, redis: Redis, caplog: pytest.LogCaptureFixture, scoring_process: Answering
) -> None:
    api.post("/v1/comments", a_body())  # an article and an author that the check names
    before, jobs = rows(database), redis.dbsize()

    with caplog.at_level(logging.DEBUG):
        response = check(api, "Xylophagous zeppelin fool", article={"id": "a-1"}, author={"id": "reader-1"})
        check(api, "Xylophagous zeppelin", article={"id": "a-2"}, author={"id": "reader-2"})

    assert response.status_code == 200
    assert rows(database) == before
    assert redis.dbsize() == jobs
    assert "Xylophagous" not in caplog.text
    assert "Xylophagous" not in scoring_process.log.read_text()


def test_the_verdict_is_that_of_the_sites_own_policy(api: Caller) -> None:
    policy: dict[str, Any] = api.get("/v1/policy").json  # type: ignore[assignment]
    strict = [{**rule, "action": "reject"} for rule in policy["rules"] if rule.get("signal") == "insult"]
    saved = api.put("/v1/policy", {**policy, "rules": strict, "required": []})
    assert saved.status_code == 200

    response = check(api, INSULT)

    assert response.json is not None
    assert response.json["verdict"] == "reject"
    assert response.json["policy_version"] == policy["version"] + 1


def test_a_stored_article_counts_with_its_state_and_its_text(api: Caller) -> None:
    described = {"title": "Ferry to run all winter", "text": "The last boat of the day will wait for the train."}
    api.put("/v1/articles/a-1", {**described, "state": "premoderated"})

    known, unknown = check(api, article={"id": "a-1"}), check(api, article={"id": "a-2"})

    assert values(known)["relevance"] > 0.5  # type: ignore[operator]
    assert known.json is not None
    assert known.json["advice"] == [ours("en")[A_PERSON_READS]]
    assert abstained(unknown)["relevance"] == "no article text or title"


def test_a_described_article_does_without_being_stored(api: Caller) -> None:
    article = {"title": "Ferry to run all winter", "text": "The last boat of the day will wait for the train."}

    on_topic, off_topic = (
        check(api, article=article),
        check(api, "My cat has eaten the goldfish again.", article=article),
    )

    assert values(on_topic)["relevance"] > values(off_topic)["relevance"]  # type: ignore[operator]


def test_a_closed_article_takes_no_checks(api: Caller) -> None:
    api.put("/v1/articles/a-1", {"title": "Ferry", "state": "closed"})

    assert check(api, article={"id": "a-1"}).status_code == 409


def test_an_author_is_judged_only_if_one_is_named(api: Caller, database: Database, site: NewSite) -> None:
    api.post("/v1/comments", a_body(id="c-1"))
    settle(database, site.site.id, "c-1")

    named, stranger, nobody = (check(api, author={"id": "reader-1"}), check(api, author={"id": "new"}), check(api))

    assert values(named)["author.published"] == 1
    assert values(stranger)["author.published"] == 0
    assert values(nobody)["author.published"] is None
    assert abstained(nobody)["author.published"] == "no author given"


def test_a_repeated_text_is_counted_against_what_is_stored(api: Caller, database: Database, site: NewSite) -> None:
    text = "Buy the best watches of the whole town at our shop this week"
    api.post("/v1/comments", a_body(text, id="c-1"))
    settle(database, site.site.id, "c-1")

    assert values(check(api, text))["repeat"] == 1
    assert values(check(api, CIVIL))["repeat"] == 0


def test_a_reply_is_compared_with_its_parent(api: Caller) -> None:
    api.post("/v1/comments", a_body("The last boat should wait for the train.", id="c-1"))

    by_id = check(api, parent_id="c-1", article={"id": "a-1"})
    by_text = check(api, parent_text="The last boat should wait for the train.")

    assert values(by_id)["relevance"] == values(by_text)["relevance"] is not None
    assert problem_fields(check(api, parent_id="c-2").json) == ["parent_id"]
    assert problem_fields(check(api, parent_id="c-1", article={"id": "a-2"}).json) == ["parent_id"]
    assert check(api, parent_id="c-1", parent_text="Both").status_code == 422


def test_sentences_and_words_come_when_they_are_asked_for(api: Caller) -> None:
    text = f"{CIVIL} {INSULT}"

    plain, cut = check(api, text), check(api, text, sentences=True)
    unmarked, marked = check(api, INSULT), check(api, INSULT, explain=True)

    assert plain.json is not None and cut.json is not None and marked.json is not None
    assert plain.json["sentences"] == []
    places = [(one["start"], one["end"]) for one in cut.json["sentences"]]
    assert [text[start:end] for start, end in places] == [CIVIL, INSULT]
    mild, harsh = (one["values"]["toxicity"] for one in cut.json["sentences"])
    assert mild < 0.5 < harsh
    assert "fool" in words(marked) and words(marked) == reason_words(marked)
    assert words(unmarked) == []


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"text": ""}, "text"),
        ({"text": "x" * (MAX_CHARS + 1)}, "text"),
        ({"text": "bell \a"}, "text"),
        ({"text": None}, "text"),
        ({"deadline_ms": LEAST_DEADLINE_MS - 1}, "deadline_ms"),
        ({"deadline_ms": LONGEST_DEADLINE_MS + 1}, "deadline_ms"),
        ({"deadline_ms": "800"}, "deadline_ms"),
        ({"language": "english"}, "language"),
        ({"article": {"text": "x" * (MAX_ARTICLE_CHARS + 1)}}, "article.text"),
        ({"article": {"titel": "x"}}, "article.titel"),
        ({"author": {}}, "author.id"),
        ({"parent_text": " "}, "parent_text"),
        ({"explain": "yes"}, "explain"),
    ],
)
def test_a_wrong_field_is_named(api: Caller, fields: dict[str, Any], named: str) -> None:
    response = check(api, **fields)

    assert response.status_code == 422
    assert problem_fields(response.json) == [named]


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "x"},
        {"text": "So it is. " * (MAX_CHARS // 10)},
        {"article": {"text": "x" * MAX_ARTICLE_CHARS}},
        {"article": {}},
    ],
    ids=["one sign", "the longest text", "the longest article", "no article"],
)
def test_the_edges_of_what_is_allowed_are_answered(api: Caller, fields: dict[str, Any]) -> None:
    response = check(api, **fields)

    assert response.status_code == 200 or response.json["type"].endswith(("scoring-busy", "scoring-late"))  # type: ignore[index]


def test_a_deadline_too_short_for_the_text_is_refused_at_once(api: Caller) -> None:
    check(api)
    response = check(api, "So it is. " * (MAX_CHARS // 10), deadline_ms=LEAST_DEADLINE_MS)

    assert response.status_code == 503
    assert response.json is not None
    assert response.json["type"] in ("urn:gavel:problem:scoring-busy", "urn:gavel:problem:scoring-late")
    assert int(response.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda settings: replace(settings, scoring_url=f"http://127.0.0.1:{free_port()}"), "does not answer"),
        (lambda settings: replace(settings, scoring_token="another-token-altogether"), "does not know this service"),
    ],
    ids=["away", "another token"],
)
def test_without_a_scoring_process_the_answer_is_a_clear_503(
    settings: Settings, database: Database, queues: Any, api_key: str, change: Any, said: str
) -> None:
    caller = Caller(create_app(change(settings), database=database, queues=queues).test_client(), api_key)

    response = check(caller)

    assert response.status_code == 503
    assert response.json is not None
    assert response.json["type"] == "urn:gavel:problem:scoring-away"
    assert said in response.json["detail"]
    assert caller.post("/v1/comments", a_body()).status_code == 202


def test_a_key_for_scores_in_a_page_of_the_site_is_answered(
    api: Caller, client: FlaskClient, database: Database, site: NewSite
) -> None:
    api.put("/v1/site/origins", {"origins": [PAGE]})
    page = a_key(client, database, site, Scope.SCORE)

    own = page.post("/v1/check", {"text": INSULT, **LONG_WAIT}, headers={"Origin": PAGE})
    strange = page.post("/v1/check", {"text": INSULT, **LONG_WAIT}, headers={"Origin": "https://evil.example"})

    assert own.status_code == 200
    assert own.headers["Access-Control-Allow-Origin"] == PAGE
    assert "Gavel-Model-Version" in own.headers["Access-Control-Expose-Headers"]
    assert strange.status_code == 403
    assert "Access-Control-Allow-Origin" not in strange.headers


def test_a_browser_that_asks_first_is_let_in(api: Caller, client: FlaskClient) -> None:
    api.put("/v1/site/origins", {"origins": [PAGE]})
    asks = {"Origin": PAGE, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}

    assert client.options("/v1/check", headers=asks).status_code == 204
    assert client.options("/v1/check", headers={**asks, "Origin": "https://evil.example"}).status_code == 401


def test_a_key_that_may_not_read_learns_nothing_of_authors_limits_and_unpublished_comments(
    api: Caller, client: FlaskClient, database: Database, site: NewSite
) -> None:
    api.post("/v1/comments", a_body("The last boat should wait for the train.", id="c-1"))
    page = a_key(client, database, site, Scope.SCORE, Scope.PUBLIC)

    unpublished = check(page, parent_id="c-1")
    settle(database, site.site.id, "c-1")
    published, insult = check(page, parent_id="c-1"), check(page, INSULT)

    assert check(page, author={"id": "reader-1"}).status_code == 403
    assert problem_fields(unpublished.json) == ["parent_id"]
    assert published.status_code == 200
    assert insult.json is not None
    assert [(r["limit"], r["bound"], r["label"]) for r in insult.json["reasons"]] == [(None, None, "")] * len(
        insult.json["reasons"]
    )
    assert insult.json["advice"] == check(api, INSULT).json["advice"]  # type: ignore[index]


def test_the_limits_of_a_rule_on_several_signals_stay_hidden_too(
    api: Caller, client: FlaskClient, database: Database, site: NewSite
) -> None:
    policy: dict[str, Any] = api.get("/v1/policy").json  # type: ignore[assignment]
    conditions = [{"signal": "insult", "at_least": 0.31}, {"signal": "toxicity", "at_least": 0.32}]
    rule = {"all": conditions, "action": "flag", "label": "Rude twice"}
    assert api.put("/v1/policy", {**policy, "rules": [rule], "required": []}).status_code == 200

    known, hidden = check(api, INSULT), check(a_key(client, database, site, Scope.SCORE), INSULT)

    assert "0.31" in known.text and "0.32" in known.text and "Rude twice" in known.text
    assert not any(told in hidden.text for told in (":0.31,", ":0.32,", "Rude twice"))
    assert hidden.json is not None and known.json is not None
    assert hidden.json["advice"] == known.json["advice"] != []


def test_another_sites_articles_and_comments_are_unknown(api: Caller, other_api: Caller) -> None:
    api.put("/v1/articles/a-1", {"title": "Ferry to run all winter"})
    api.post("/v1/comments", a_body(id="c-1"))

    assert abstained(check(other_api, article={"id": "a-1"}))["relevance"] == "no article text or title"
    assert problem_fields(check(other_api, parent_id="c-1").json) == ["parent_id"]
