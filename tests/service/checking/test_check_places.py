"""Checks beside many long ones, by every dialect: a short check of another site finds a place and an answer."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from werkzeug.test import TestResponse

from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.pipeline.drafts.messages import ScoringAnswer, Text
from moderation.sites import keys, sites
from moderation.sites.keys import Scope
from service.context import utc_now
from service.web.places import EXTENSION, Places
from tests.builders import OPERATOR
from tests.paces import without_pace
from tests.service.compat.scored import FakeScoring, take_place
from tests.waiting import eventually

LONG, SHORT = "This is prose about the ferry, and it goes on. " * 420, "Will the last boat wait?"
SCORED_LATE = 1_000  # characters
Call = Callable[[FlaskClient, str, str], TestResponse]


class Slow(FakeScoring):
    """Has long texts wait until ``go``."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def score(self, texts: Sequence[Text], *, deadline_s: float, caller: str) -> ScoringAnswer:
        if sum(len(text.text) for text in texts) > SCORED_LATE:
            self.go.wait(60)
        return super().score(texts, deadline_s=deadline_s, caller=caller)


def by_check(client: FlaskClient, key: str, text: str) -> TestResponse:
    return client.post("/v1/check", json={"text": text}, headers={"Authorization": f"Bearer {key}"})


def by_openai(client: FlaskClient, key: str, text: str) -> TestResponse:
    return client.post("/v1/moderations", json={"input": text}, headers={"Authorization": f"Bearer {key}"})


def by_perspective(client: FlaskClient, key: str, text: str) -> TestResponse:
    body = {"comment": {"text": text}, "languages": ["en"], "requestedAttributes": {"TOXICITY": {}}}
    return client.post(f"/v1alpha1/comments:analyze?key={key}", json=body)


def by_akismet(client: FlaskClient, key: str, text: str) -> TestResponse:
    said = {"api_key": key, "blog": "https://news.example", "user_ip": "192.0.2.7", "comment_content": text}
    return client.post("/1.1/comment-check", data=said)


CALLS: dict[str, Call] = {
    "check": by_check,
    "openai": by_openai,
    "perspective": by_perspective,
    "akismet": by_akismet,
}


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Nothing here depends on which database it is."""
    return sqlite_database


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(gavel_home=tmp_path, web_threads=16, scoring_url="http://127.0.0.1:9")


@pytest.fixture
def scoring(app: OpenAPI) -> Iterator[Slow]:
    slow = Slow()
    take_place(app, slow)
    yield slow
    slow.go.set()


@pytest.fixture
def new_key(database: Database) -> Callable[[str], str]:
    """A key that stands in the pages of a new site."""

    def make(name: str) -> str:
        made = without_pace(database, sites.create_site(database, name, by=OPERATOR, now=utc_now()))
        return page_key(database, made.site.id)

    return make


def page_key(database: Database, site_id: str) -> str:
    return keys.create_key(database, site_id, name="page", scopes=[Scope.SCORE], by=OPERATOR, now=utc_now()).token


@contextmanager
def flood(app: OpenAPI, scoring: Slow, tokens: Sequence[str], call: Call, *, count: int) -> Iterator[list[Any]]:
    """``count`` long checks at once, while those that found a place wait."""
    with ThreadPoolExecutor(count) as senders:
        sent: list[Future[TestResponse]] = [
            senders.submit(call, app.test_client(), tokens[n % len(tokens)], LONG) for n in range(count)
        ]
        held: Places = app.extensions[EXTENSION]
        eventually(lambda: held.taken + sum(one.done() for one in sent) == count, within_s=120)
        try:
            yield sent
        finally:
            scoring.go.set()


@pytest.mark.parametrize("dialect", CALLS)
@pytest.mark.parametrize(("count", "flooded"), [(8, 1), (80, 1), (80, 10)])
def test_a_short_check_of_another_site_is_answered_beside_many_long_ones(
    app: OpenAPI, scoring: Slow, new_key: Callable[[str], str], dialect: str, count: int, flooded: int
) -> None:
    tokens, other = [new_key(f"Site {number}") for number in range(flooded)], new_key("Another")

    with flood(app, scoring, tokens, CALLS[dialect], count=count) as sent:
        answers = [call(app.test_client(), other, SHORT) for call in CALLS.values() for _ in range(5)]
        refused = sum(one.done() for one in sent)

    assert {answer.status_code for answer in answers} == {200}
    assert refused >= count - 4, "half of the eight places are for what is soon over"


def test_other_keys_of_the_flooding_site_are_answered_too(
    app: OpenAPI, scoring: Slow, database: Database, new_key: Callable[[str], str]
) -> None:
    made = without_pace(database, sites.create_site(database, "The Herald", by=OPERATOR, now=utc_now()))
    flooding, other = (page_key(database, made.site.id) for _ in range(2))

    with flood(app, scoring, [flooding], by_check, count=40):
        answers = [by_check(app.test_client(), key, SHORT) for key in (other, flooding)]

    assert [answer.status_code for answer in answers] == [200, 200]


def test_a_long_check_without_a_place_is_refused_in_the_words_of_its_dialect(
    app: OpenAPI, scoring: Slow, new_key: Callable[[str], str]
) -> None:
    one = new_key("Flooding")
    with flood(app, scoring, [one], by_check, count=12):
        refused = {name: call(app.test_client(), one, LONG) for name, call in CALLS.items()}

    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in refused.values())
    assert refused["check"].status_code == 503
    assert refused["check"].mimetype == "application/problem+json"
    assert json.loads(refused["check"].data)["type"] == "urn:gavel:problem:scoring-busy"
    assert json.loads(refused["openai"].data)["error"]["message"]
    assert json.loads(refused["perspective"].data)["error"]["code"] == refused["perspective"].status_code == 503
    assert refused["akismet"].data not in (b"true", b"false")


def test_a_refused_check_reads_no_row_and_no_text(
    app: OpenAPI, scoring: Slow, new_key: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from moderation.pipeline.drafts import context

    one, looked = new_key("Flooding"), Counter[str]()
    load = context.load

    def counted(*args: Any, **kwargs: Any) -> Any:
        looked["up"] += 1
        return load(*args, **kwargs)

    monkeypatch.setattr(context, "load", counted)
    with flood(app, scoring, [one], by_check, count=40):
        pass

    assert looked["up"] <= 4


def test_the_scoring_process_learns_the_key_and_a_digest_of_the_reader(
    app: OpenAPI, scoring: Slow, new_key: Callable[[str], str]
) -> None:
    one, other = new_key("One"), new_key("Other")
    client = app.test_client()
    for key, address in ((one, "192.0.2.1"), (one, "192.0.2.2"), (other, "192.0.2.1"), (one, "192.0.2.1")):
        headers = {"Authorization": f"Bearer {key}"}
        client.post("/v1/check", json={"text": SHORT}, headers=headers, environ_base={"REMOTE_ADDR": address})

    first, second, third, again = scoring.callers
    assert first == again
    assert len({first, second, third}) == 3
    assert first.split(" ")[0] == second.split(" ")[0] != third.split(" ")[0]
    assert "192.0.2.1" not in "".join(scoring.callers)
