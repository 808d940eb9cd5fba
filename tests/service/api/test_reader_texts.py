"""The sentence for the reader in each refusal of a comment, in the reader's language."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from moderation.ground.wording import sentences
from tests.own_databases import ON_BOTH
from tests.service.bodies import a_body
from tests.service.conftest import Caller

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}


def said(answer: TestResponse) -> Any:
    assert answer.json is not None
    return answer.json["reader_text"]


def send(api: Caller, language: str = "de", **overrides: Any) -> TestResponse:
    return api.post("/v1/comments", json=a_body(**overrides), headers={"Accept-Language": language})


@pytest.mark.parametrize("language", sentences.LANGUAGES)
def test_a_text_that_is_too_long_is_refused_in_each_language_of_the_box(api: Caller, language: str) -> None:
    answer = send(api, language, text="a" * 20_001)

    begun = sentences.ours(language)["too_long"].partition("{longest}")[0]
    assert answer.status_code == 422
    assert said(answer).startswith(begun) and "{" not in said(answer)
    assert "000" in said(answer)
    assert "text: must have at most 20,000 characters" in answer.text


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("da, fr;q=0.8", "fr"),
        ("da", "en"),
        ("", "en"),
        ("*", None),
        ("\x00;q=x", "en"),
    ],
)
def test_the_language_is_the_one_that_the_reader_prefers_of_the_boxs(
    api: Caller, asked: str, spoken: str | None
) -> None:
    answer = api.post("/v1/comments", json=a_body(text=" "), headers={"Accept-Language": asked})

    known = {
        sentences.ours(language)["problem_invalid_input"] for language in ([spoken] if spoken else sentences.LANGUAGES)
    }
    assert said(answer) in known


def take(api: Caller, **measure: Any) -> None:
    assert api.post("/v1/authors/reader-1/measures", json=measure).status_code == 201


def test_a_reader_who_may_not_comment_learns_it_in_their_language(api: Caller) -> None:
    send(api, text="First of all.", id="c-1")
    take(api, measure="suspend", reason="Insults", days=7, language="en")
    english, german = (send(api, language, text="Once more.", id="c-2") for language in ("en", "de"))
    take(api, measure="ban", reason="Insults")
    banned = send(api, "pl", text="Once more.", id="c-2")

    assert english.status_code == german.status_code == banned.status_code == 403
    assert said(english) == (english.json or {})["author"]["message"]["text"]
    until, before = said(german), sentences.ours("de")["suspended_until"].partition("{until}")
    assert until.startswith(before[0]) and "UTC" in until and "{" not in until
    assert until.endswith(said(english))
    assert said(banned).startswith(sentences.ours("pl")["banned"])


@ON_BOTH
def test_a_closed_article_and_a_slow_mode_say_so(api: Caller) -> None:
    send(api, text="First of all.", id="c-1")
    article = a_body()["article"]["id"]
    mode = {"mode": "slow", "minutes": 5, "hours": 1, "article": article}
    assert api.post("/v1/site/modes", json=mode).status_code == 201
    first, slow = send(api, text="Once more.", id="c-2"), send(api, text="And again.", id="c-3")
    api.put(f"/v1/articles/{article}", json={"title": "Ferry", "state": "closed"})
    closed = send(api, text="Once more.", id="c-4", author={"id": "reader-9"})

    assert (first.status_code, slow.status_code, closed.status_code) == (202, 429, 409)
    assert said(slow) == sentences.ours("de")["slow_mode"]
    assert said(closed) == sentences.ours("de")["closed"]


@ON_BOTH
def test_the_sites_own_words_come_before_ours(api: Caller) -> None:
    api.put("/v1/site/texts", json={"language": "de", "texts": {"problem_invalid_input": "Das geht leider nicht."}})

    answer = send(api, text=" ")

    assert said(answer) == "Das geht leider nicht."


def test_the_sites_own_mistakes_are_not_told_to_the_reader(api: Caller, client: Any) -> None:
    unknown = send(api, titel="Ferry")
    nobody = client.post("/v1/comments", json=a_body(), headers={"Authorization": "Bearer gvl_no", **GERMAN})
    garbled = api.post("/v1/comments", data="{", content_type="application/json", headers=GERMAN)

    assert (unknown.status_code, nobody.status_code, garbled.status_code) == (422, 401, 400)
    assert {said(answer) for answer in (unknown, nobody, garbled)} == {sentences.ours("de")["away"]}


def test_a_body_that_is_too_large_and_a_parent_that_is_gone_are_told(api: Caller) -> None:
    large = send(api, text="a" * 300_000)
    orphan = send(api, parent_id="gone")

    assert (large.status_code, orphan.status_code) == (413, 422)
    assert said(large) == sentences.ours("de")["problem_request_entity_too_large"]
    assert said(orphan) == sentences.ours("de")["problem_not_found"]


def test_an_edit_is_refused_in_the_readers_language_too(api: Caller) -> None:
    send(api, text="First of all.", id="c-1")
    api.delete("/v1/comments/c-1")

    answer = api.patch("/v1/comments/c-1", json={"text": "Changed."}, headers=GERMAN)

    assert said(answer) == sentences.ours("de")["problem_move_not_allowed"]
