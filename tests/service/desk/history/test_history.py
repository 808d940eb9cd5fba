"""The history: sentences, and the filters of the queue beside person, outcome and day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from moderation.judging.policy.ready import READY
from moderation.moderators.finding import history_page_rows as history_listing
from moderation.sites import rows as sites
from moderation.sites.rows import PolicyRow
from moderation.spine.comments.tables import comments
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import Browser, Page
from tests.service.desk.cast import Cast, newsroom_policy
from tests.statements import Asked

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def told(page: Page) -> list[str]:
    """The sentences of the lines."""
    cells = [row.find_all("td")[1].get_text(" ") for row in page.html.select(".list tbody tr")]
    return [" ".join(cell.split()).replace(" .", ".") for cell in cells]


def decide(browser: Browser, comment_id: str, button: str) -> None:
    browser.get(f"/desk/review/{comment_id}").press(button)


@ON_BOTH
def test_the_history_says_in_sentences_who_did_what(cast: Cast, browser: Callable[[], Browser]) -> None:
    ana, ben = (browser().log_in_as(cast, name) for name in ("Ana", "Ben"))
    decide(ana, cast.flagged("One fool.").id, "5 Spam or advertising")
    asked = cast.flagged("Two fools.")
    decide(ana, asked.id, "Escalate")
    decide(ana, asked.id, "Take it back")
    decide(ben, cast.published().id, "Reject")

    assert told(ana.get("/desk/history")) == [
        "Ben took this comment down as insult or abuse.",
        "Ana took this comment back from the leads.",
        "Ana asked a lead to decide this comment.",
        "Ana rejected this comment as spam or advertising.",
    ]


@ON_BOTH
def test_the_history_is_narrowed_by_person_outcome_and_what_the_queue_knows(
    cast: Cast, browser: Callable[[], Browser]
) -> None:
    ana, ben = (browser().log_in_as(cast, name) for name in ("Ana", "Ben"))
    first, second = cast.flagged("One fool.", author="Tom"), cast.flagged("Two fools.", author="Una")
    decide(ana, first.id, "Approve")
    decide(ben, second.id, "Reject")

    def found(**query: str) -> int:
        return len(told(ben.get("/desk/history", **query)))

    assert found() == 2
    assert told(ben.get("/desk/history", by=cast.ids["Ana"])) == ["Ana approved this comment."]
    assert told(ben.get("/desk/history", mine="1")) == ["Ben rejected this comment as insult or abuse."]
    assert told(ben.get("/desk/history", outcome="rejected")) == ["Ben rejected this comment as insult or abuse."]
    assert (found(author=first.author_id), found(article=first.article_id)) == (1, 2)
    assert (found(section="Nowhere"), found(language="fr"), found(language="EN-gb")) == (0, 0, 2)
    assert (found(section="economy"), found(section="ECONOMY", language="en")) == (2, 2)
    assert (found(site=cast.herald.id), found(site=cast.courier.id)) == (2, 0)
    today, yesterday = (f"{cast.now - timedelta(days=n):%Y-%m-%d}" for n in (0, 1))
    assert (found(**{"from": today}), found(to=yesterday)) == (2, 0)
    assert ben.get("/desk/history", **{"from": today, "to": yesterday}).status == 422


@ON_BOTH
def test_sections_and_languages_are_choices_by_name(cast: Cast, browser: Callable[[], Browser]) -> None:
    ana = browser().log_in_as(cast, "Ana")
    decide(ana, cast.flagged("One fool.", found_in="de", article={"section": "Österreich"}).id, "Approve")
    lower: dict[str, Any] = {"article_id": "a-2", "article": {"section": "österreich"}}
    decide(ana, cast.flagged("Two fools.", found_in="fr", **lower).id, "Reject")
    cast.flagged("Elsewhere.", site=cast.courier, article={"section": "Travel"}, found_in="es")

    def offered(label: str) -> dict[str, str]:
        page = ana.get("/desk/history")
        return {str(o["value"]): o.get_text() for o in page.field(label).find_all("option")}

    assert offered("Section") == {"": "All sections", "Österreich": "Österreich"}
    assert offered("Language") == {"": "All languages", "fr": "French", "de": "German"}
    assert len(told(ana.get("/desk/history", section="ÖSTERREICH"))) == 2
    assert told(ana.get("/desk/history", language="de")) == ["Ana approved this comment."]
    decided = ana.get("/desk/decided", status="published", language="DE", section="österreich")
    assert "One fool." in decided.text and "Two fools." not in decided.text
    assert decided.field_named("language") == "de"


@ON_BOTH
def test_what_was_decided_before_the_language_was_noted_is_found_by_its_scoring(
    cast: Cast, browser: Callable[[], Browser]
) -> None:
    ana = browser().log_in_as(cast, "Ana")
    decide(ana, cast.flagged("One fool.", language="en", found_in="de").id, "Approve")
    with cast.database.write() as conn:
        conn.execute(comments.update().values(judged_in=None))

    assert len(told(ana.get("/desk/history", language="de"))) == 1
    assert told(ana.get("/desk/history", language="en")) == []
    assert "One fool." in ana.get("/desk/decided", status="published", language="de").text


@ON_SQLITE
def test_a_filter_of_comments_shows_those_of_a_batch_one_by_one(cast: Cast, ana: Browser) -> None:
    tom = cast.flagged("One fool.", author="Tom")
    cast.flagged("Two fools.", author="Una")
    ana.get("/desk/bulk").press("Reject 2")

    assert told(ana.get("/desk/history")) == ["Ana rejected 2 comments as insult or abuse. a batch of 2"]
    narrowed = ana.get("/desk/history", author=tom.author_id)
    assert told(narrowed) == ["Ana rejected this comment as insult or abuse. a batch of 2"]
    assert "Tom" in narrowed.html.select(".narrowed")[0].get_text()


@ON_BOTH
def test_the_history_is_narrowed_by_the_reason_that_held_the_comment(
    cast: Cast, browser: Callable[[], Browser]
) -> None:
    ana = browser().log_in_as(cast, "Ana")
    toxic, off_topic = cast.flagged("One fool."), cast.settled("The weather.", scores={"relevance": 0.0})
    decide(ana, toxic.id, "Approve")
    decide(ana, toxic.id, "Reject")  # what was published is taken down: the hold was for the same reason
    decide(ana, off_topic.id, "Escalate")
    decide(ana, off_topic.id, "Take it back")
    decide(ana, cast.published().id, "Reject")

    page = ana.get("/desk/history", signal="toxicity")

    assert told(page) == ["Ana took this comment down as insult or abuse.", "Ana approved this comment."]
    assert page.field_named("signal") == "toxicity"
    assert [option.get_text() for option in page.field("Flagged for").find_all("option")] == [
        "Anything", "Relevance", "Toxicity",
    ]  # fmt: skip
    assert len(told(ana.get("/desk/history", signal="relevance"))) == 2
    assert told(ana.get("/desk/history", signal="spam")) == []
    assert len(told(ana.get("/desk/history"))) == 5


@ON_BOTH
def test_a_rule_on_several_signals_is_chosen_by_its_words(cast: Cast, browser: Callable[[], Browser]) -> None:
    document = newsroom_policy()
    document["rules"] = [READY["newcomers-links"], {**READY["newcomers-contacts"], "label": ""}]
    with cast.database.write() as conn:
        sites.insert_policy(conn, cast.herald.id, PolicyRow(2, document, None, "test", cast.now))
    ana = browser().log_in_as(cast, "Ana")
    for text, signal in (("See https://example.org/a", "links"), ("Call 0171 555", "contacts")):
        decide(ana, cast.settled(text, scores={signal: 1.0, "author.published": 0.0}).id, "Approve")

    page = ana.get("/desk/history", signal="A newcomer's link")
    ana.get("/desk/account").press("Save", language="fr", time_zone="UTC")
    french = ana.get("/desk/history")

    assert page.field_named("signal") == "A newcomer's link"
    assert len(told(page)) == 1
    assert len(told(ana.get("/desk/history", signal="combined"))) == 2
    assert [option.get_text() for option in french.html.select("[name=signal] option")][1:] == [
        "Lien d’un nouvel auteur", "Plusieurs signaux à la fois",
    ]  # fmt: skip


@ON_SQLITE
def test_the_reason_that_held_a_comment_is_found_by_indexes(cast: Cast, ana: Browser) -> None:
    decide(ana, cast.flagged("One fool.").id, "Approve")
    asked = Asked(cast.database)

    with asked.listening():
        assert len(told(ana.get("/desk/history", signal="toxicity"))) == 1

    assert any("AS held" in statement for statement, _parameters in asked.statements)
    assert asked.scans() == []


@ON_SQLITE
def test_a_search_that_finds_nothing_yet_leads_on_through_all_decisions(
    cast: Cast, ana: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_listing, "LOOKED_AT", 2)
    decide(ana, cast.flagged("The oldest fool.").id, "Approve")
    for number in range(3):
        decide(ana, cast.flagged(f"Fool {number}.").id, "Reject")

    page = ana.get("/desk/history", outcome="approved")

    assert told(page) == []
    assert "None of the decisions searched so far." in page.text
    assert told(page.follow("Older")) == ["Ana approved this comment."]


@ON_SQLITE
@pytest.mark.parametrize(
    "query", ["by={ana}", "outcome=undone", "author={ana}&from=2026-01-01", "by={ana}&section=x", "language=de"]
)
def test_no_filter_of_the_history_walks_a_table(cast: Cast, ana: Browser, query: str) -> None:
    decide(ana, cast.flagged().id, "Approve")
    asked = Asked(cast.database)

    with asked.listening():
        assert ana.get(f"/desk/history?{query.format(ana=cast.ids['Ana'])}").status == 200

    assert asked.scans() == []
