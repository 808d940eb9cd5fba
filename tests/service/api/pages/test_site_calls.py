"""Calls of a site's pages beside an article: the newest comments, counts, and the words of the box."""

from __future__ import annotations

import json

import pytest

from moderation.ground.values.statuses import Action
from moderation.ground.wording import sentences
from moderation.sites.own_text_problems import KEPT
from service import errors
from tests.own_databases import ON_BOTH
from tests.service.api.pages.conftest import Reading
from tests.service.bodies import problem_fields, settle
from tests.service.conftest import Caller

LANGUAGES = ("de", "en", "es", "fr", "it", "nl", "pl", "pt")


def test_the_newest_of_the_site_come_first_with_their_articles(reading: Reading) -> None:
    for number in range(3):
        reading.publish(f"c-{number}", article={"id": f"a-{number}", "title": f"Title {number}"})
    reading.wait("c-9")

    found = reading.get("newest?limit=2").json["comments"]

    assert [(one["id"], one["article"]["title"]) for one in found] == [("c-2", "Title 2"), ("c-1", "Title 1")]


@ON_BOTH
def test_counts_are_of_what_readers_see(reading: Reading) -> None:
    reading.publish("c-1")
    reading.publish("r-1", "c-1")
    reading.wait("c-2")
    settle(reading.database, reading.site_id, "c-2", Action.FLAG)
    reading.publish("d-1", article={"id": "a-2"})

    answer = reading.get("counts?article=a-1&article=a-2&article=a-3")

    assert answer.json == {"counts": {"a-1": 2, "a-2": 1, "a-3": 0}}


def test_at_most_a_hundred_articles_are_counted_at_once(reading: Reading) -> None:
    many = "&".join(f"article=a-{number}" for number in range(100))

    assert len(reading.get(f"counts?{many}").json["counts"]) == 100
    assert problem_fields(reading.get(f"counts?{many}&article=b").json) == ["article"]
    assert problem_fields(reading.get("counts").json) == ["article"]


NOT_OF_READERS = {
    *(
        "name-taken",
        "stale-policy",
        "worse-by-rule-book",
        "stale-rule",
        "figures-changed",
        "selection-changed",
        "cursor-ahead",
        "measure-followed",
    ),
    *("model-unavailable", "scoring-busy", "scoring-away", "scoring-late", "scoring-unavailable", "settings"),
    # The box leads to the page of a statement, which has its own words about appeals
    *("decision-over", "appeal-too-late", "already-appealed", "appeal-decided", "too-many-appeals"),
    *("storage-away", "storage-not-ready"),  # "away" says it
}
OF_HTTP = ("bad-request", "request-entity-too-large")


def test_every_problem_that_a_readers_call_can_answer_has_a_text() -> None:
    """A new kind of problem belongs to one side or the other."""
    names = {kind.name for kind in (*errors.KINDS.values(), errors.UNEXPECTED, errors.STORAGE_AWAY)} - NOT_OF_READERS

    for name in (*names, *OF_HTTP):
        assert f"problem_{name.replace('-', '_')}" in sentences.ours("en"), name


@pytest.mark.parametrize(("asked", "given"), [("de", "de"), ("de-AT", "de"), ("PT-br", "pt"), ("sv", "en")])
def test_texts_come_in_the_nearest_language(reading: Reading, asked: str, given: str) -> None:
    answer = reading.get(f"texts?language={asked}").json

    assert answer == {"language": given, "texts": sentences.of_box(given)}


@pytest.mark.parametrize("language", sentences.LANGUAGES)
def test_texts_come_in_two_parts_that_are_the_whole(reading: Reading, language: str) -> None:
    first, later = (reading.get(f"texts?language={language}&part={part}").json["texts"] for part in ("first", "later"))

    assert first.keys() & later.keys() == set()
    assert first | later == sentences.of_box(language)
    assert {"away", "post", "report"} <= first.keys()
    assert {"problem_unexpected", "report_spam", "notice_why"} <= later.keys()


def test_a_part_of_the_texts_that_is_none_is_refused(reading: Reading) -> None:
    assert reading.get("texts?part=last").status_code == 422


def test_a_site_words_texts_itself(reading: Reading, api: Caller, other_api: Caller) -> None:
    before = reading.get("texts?language=de").headers["ETag"]
    put = api.put("/v1/site/texts", {"language": "de", "texts": {"write_first": "Und was sagen Sie?"}})

    assert put.status_code == 200
    assert (put.json or {})["texts"] == {"write_first": "Und was sagen Sie?"}
    assert set((put.json or {})["kept"]) == KEPT
    found = reading.get("texts?language=de", headers={"If-None-Match": before}).json["texts"]
    assert (found["write_first"], found["reply"]) == ("Und was sagen Sie?", "Antworten")
    assert reading.get("texts?language=en").json["texts"] == sentences.of_box("en")
    assert (other_api.get("/v1/site/texts?language=de").json or {})["texts"] == {}
    api.put("/v1/site/texts", {"language": "de", "texts": {}})
    assert reading.get("texts?language=de").json["texts"] == sentences.of_box("de")


WRONG = [
    ({"language": "sv", "texts": {}}, "language"),
    ({"language": "de", "texts": {"nope": "x"}}, "texts.nope"),
    ({"language": "de", "texts": {"reply": ""}}, "texts.reply"),
    ({"language": "de", "texts": {"reply": "x" * 501}}, "texts.reply"),
    ({"language": "de", "texts": {"reply": "a\u0007"}}, "texts.reply"),
    ({"language": "de", "texts": {"too_long": "{most} Zeichen"}}, "texts.too_long"),
    ({"language": "de", "texts": {"measure_suspend": "Eine Pause."}}, "texts.measure_suspend"),
    ({"language": "de", "texts": {"reply": 3}}, "texts.reply"),
    ({"language": "de", "texts": {"rule_spam": "Keine Werbung."}}, "texts.rule_spam"),
    ({"language": "de", "texts": {"statement_law": "§ {provision}"}}, "texts.statement_law"),
]


@pytest.mark.parametrize(("body", "field"), WRONG, ids=[json.dumps(body)[:40] for body, _ in WRONG])
def test_a_text_that_the_box_cannot_show_is_named(api: Caller, body: object, field: str) -> None:
    answer = api.put("/v1/site/texts", body)

    assert answer.status_code == 422
    assert problem_fields(answer.json) == [field]


def test_a_text_of_the_longest_kind_is_taken(api: Caller) -> None:
    assert api.put("/v1/site/texts", {"language": "de", "texts": {"reply": "x" * 500}}).status_code == 200
