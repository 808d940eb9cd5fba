"""Saving a policy that is worse by the rule book takes a lead's word, with a real scoring process and without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from moderation.ground.environment.settings import Settings
from moderation.ground.values.statuses import Action
from moderation.insight.learning.shadows import switching as shadows
from moderation.insight.trials import policies as trials
from moderation.sites import rows as sites
from moderation.sites.rows import PolicyRow
from service.app import create_app
from tests.builders import OPERATOR
from tests.clock import Clock
from tests.conftest import free_port
from tests.scoring_processes import Answering, answering
from tests.service.desk.browsing import Browser, Page
from tests.service.desk.cast import Cast

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

HELD = ("You are a stupid, pathetic idiot.", "Shut up, you worthless moron.", "What a disgusting, filthy liar you are.")
PASS = ("The tram will need a second track.", "I disagree with the mayor on the budget.", "Thank you for this report.")


@pytest.fixture(scope="module")
def scoring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answering]:
    with answering(tmp_path_factory.mktemp("answering"), free_port()) as process:
        yield process


@pytest.fixture
def ben_with_scores(cast: Cast, clock: Clock, scoring: Answering) -> Browser:
    settings = scoring.named_in(Settings(demo=True))
    app: Flask = create_app(settings, database=cast.database, queues=cast.queues, clock=clock)
    return Browser(app.test_client()).log_in_as(cast, "Ben")


def current(cast: Cast) -> PolicyRow:
    with cast.database.read() as conn:
        return sites.current_policy(conn, cast.herald.id)


def write_book(cast: Cast, ben: Browser) -> None:
    page = ben.get("/desk/rules", site=cast.herald.id)
    page = page.press("Add the rule", name="No insults", sentence="Be kind.", reason="Insult or abuse")
    for must, texts in (("held", HELD), ("pass", PASS)):
        for text in texts:
            page = page.press("Add the case", text=text, must=must)


def save(cast: Cast, ben: Browser, limit: str, **fields: str) -> Page:
    """With other limits for toxicity and insult."""
    page = ben.get("/desk/policy", site=cast.herald.id)
    named = {
        str(page.html.find("input", attrs={"aria-label": title})["name"]): limit  # type: ignore[index]
        for title in ("Toxicity: flag from", "Insult: flag from")
    }
    return page.press("Save as version", **named, **fields)


def test_a_change_that_is_worse_by_the_cases_waits_for_a_leads_word(cast: Cast, ben_with_scores: Browser) -> None:
    write_book(cast, ben_with_scores)

    page = save(cast, ben_with_scores, "1", note="Too many are held")

    assert (page.status, page.heading()) == (409, "Worse by the rule book")
    assert "By the rule book, this change is worse: No insults" in page.text
    assert "of 6 right, now 6" in page.text
    assert current(cast).version == 1
    saved = page.press("Save it all the same")
    assert saved.status == 200
    assert (current(cast).version, current(cast).note) == (2, "Too many are held · Although worse: No insults")


def test_a_change_that_is_not_worse_is_saved_at_once(cast: Cast, ben_with_scores: Browser) -> None:
    write_book(cast, ben_with_scores)

    page = save(cast, ben_with_scores, "0.79")

    assert page.status == 200
    assert (current(cast).version, current(cast).note) == (2, None)


def test_a_word_for_another_objection_does_not_count(cast: Cast, ben_with_scores: Browser) -> None:
    write_book(cast, ben_with_scores)

    page = save(cast, ben_with_scores, "1", although="spam")

    assert page.status == 409
    assert current(cast).version == 1


def test_cases_that_cannot_be_scored_are_not_passed_over(cast: Cast, ben: Browser) -> None:
    write_book(cast, ben)

    page = save(cast, ben, "0.79")

    assert (page.status, page.heading()) == (409, "Not tried on the rule book")
    assert "The cases could not be tried" in page.text
    assert "worse" not in page.text
    assert page.press("Save it all the same").status == 200
    assert "Although worse" in (current(cast).note or "")


def test_a_site_without_a_rule_that_is_ready_saves_as_before(cast: Cast, ben: Browser) -> None:
    ben.get("/desk/rules", site=cast.herald.id).press("Add the rule", name="No insults", sentence="Be kind.")

    assert save(cast, ben, "1").status == 200
    assert current(cast).version == 2


def test_decisions_count_beside_the_cases(cast: Cast, ben_with_scores: Browser) -> None:
    write_book(cast, ben_with_scores)
    for number in range(6):
        comment = cast.flagged(f"A remark of its own kind, {number}", scores={"toxicity": 0.85, "insult": 0.1})
        ben_with_scores.get(f"/desk/review/{comment.id}").press("Reject")

    page = save(cast, ben_with_scores, "0.9")

    assert trials.DECISIONS == 1_000
    assert page.status == 409
    assert "of 12 right, now 12" in page.text


def restored(cast: Cast, ben: Browser) -> Page:
    return ben.get("/desk/policy/versions/1", site=cast.herald.id).press("Restore as version 3")


def with_limits_of_a_section(cast: Cast, ben: Browser) -> Page:
    fields = {"kind": "sections", "name": "Sport", "mode-toxicity": "own", "limit-toxicity": "0.3"}
    return ben.get("/desk/policy/override", site=cast.herald.id).press("Save as version 3", **fields)


def switched_on(cast: Cast, ben: Browser) -> Page:
    document = shadows.with_rule(current(cast).document, "toxicity", 0.5, Action.FLAG)
    row = shadows.start(cast.database, cast.herald.id, "Stricter", document, by=OPERATOR, now=cast.now)
    return ben.get(f"/desk/learning/shadow/{row.id}").press("Switch on as policy 3", note="Since Monday")


@pytest.mark.parametrize("save_another_way", [restored, with_limits_of_a_section, switched_on])
def test_each_other_way_to_save_waits_for_the_word_too(
    cast: Cast, ben: Browser, save_another_way: Callable[[Cast, Browser], Page]
) -> None:
    save(cast, ben, "0.79")
    write_book(cast, ben)

    page = save_another_way(cast, ben)

    assert page.status == 409
    assert "The cases could not be tried" in page.text
    assert current(cast).version == 2
    assert page.press("Save it all the same").status == 200
    assert (current(cast).version, "Although worse" in str(current(cast).note)) == (3, True)


def test_the_question_can_be_left_and_is_asked_in_the_readers_language(cast: Cast, ben: Browser) -> None:
    write_book(cast, ben)
    ben.get("/desk/account").press("Save", language="de", time_zone="UTC")

    page = ben.post("/desk/policy/versions/1/restore", {"site": cast.herald.id})

    assert (page.status, page.heading()) == (409, "Nicht an den Hausregeln erprobt")
    assert page.link("Nichts ändern")["href"] == f"/desk/policy?site={cast.herald.id}"
