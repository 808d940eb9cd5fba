"""Hints take one line over the queue, and each is dismissed for a shift, by one person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from moderation.ground.values.comments import Comment
from moderation.moderators.queue.desk import dismissal_rows, questions
from moderation.moderators.queue.desk.question_rows import Question
from moderation.sites.people.roles import Role
from service.desk.queue import growth, hints
from service.desk.queue.growth import Growing
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import SAME_ORIGIN, Browser, Page
from tests.service.desk.cast import Cast

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def eli(cast: Cast, browser: Callable[[], Browser]) -> Browser:
    """The people who moderate the Herald, and the one whom Ana asks."""
    cast._moderator("Eli", {cast.herald.id: Role.MODERATOR})
    return browser().log_in_as(cast, "Eli")


def ask(cast: Cast, comment: Comment, text: str) -> Question:
    ana = cast.moderator("Ana")
    return questions.ask(cast.database, ana, comment.id, colleague_id=cast.ids["Eli"], text=text, now=cast.now)


def line(page: Page) -> str:
    found = page.html.select("#hints-list > summary")
    return found[0].get_text() if found else ""


def listed(page: Page, within: str = "#hints-list > .drop > ul") -> list[str]:
    return [" ".join(tag.get_text(" ").split()) for tag in page.html.select(f"{within} > li > div")]


DISMISSED = "#hints-dismissed > .drop > ul"


@ON_BOTH
def test_a_dismissed_hint_is_gone_for_its_moderator_and_can_be_brought_back(cast: Cast, eli: Browser) -> None:
    ask(cast, cast.flagged("A hard one."), "Is this a quote?")
    ask(cast, cast.flagged("Another."), "And this?")
    page = eli.get("/desk/review")
    assert (line(page), listed(page)) == ("2 hints", ["Ana asks you: Is this a quote?", "Ana asks you: And this?"])
    assert not page.html.select("#hints-list[open]")

    page = page.press("Dismiss for this shift")

    assert page.path.startswith("/desk/review/")
    assert (line(page), listed(page)) == ("1 hint", ["Ana asks you: And this?"])
    assert listed(page, DISMISSED) == ["Ana asks you: Is this a quote?"]
    page = page.press("Bring back")
    assert (line(page), listed(page, DISMISSED)) == ("2 hints", [])


@ON_SQLITE
def test_a_hint_comes_back_with_the_next_shift_and_when_it_changes(cast: Cast, eli: Browser) -> None:
    comment = cast.flagged("A hard one.")
    question = ask(cast, comment, "Is this a quote?")
    key, me = f"question:{question.id}", cast.ids["Eli"]
    with cast.database.write() as conn:
        dismissal_rows.dismiss(conn, me, key, now=cast.now)
    page = eli.get("/desk/review")
    assert (line(page), len(listed(page, DISMISSED))) == ("", 1)

    with cast.database.write() as conn:
        dismissal_rows.dismiss(conn, me, key, now=cast.now - hints.SHIFT - timedelta(minutes=1))
    assert line(eli.get("/desk/review")) == "1 hint"

    with cast.database.write() as conn:
        dismissal_rows.dismiss(conn, me, key, now=cast.now)
    ask(cast, cast.flagged("Another."), "And this?")
    assert line(eli.get("/desk/review")) == "1 hint"


@ON_SQLITE
def test_a_campaign_that_grows_on_is_hinted_again_when_it_has_doubled(
    cast: Cast, ana: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.flagged()

    def keys_at(count: int) -> set[str]:
        one = Growing("00000000-0000-7000-8000-000000000000", str(count), count)
        monkeypatch.setattr(growth, "growing", lambda *_args, **_named: [one])
        page = ana.get("/desk/review")
        return {str(button["value"]) for button in page.html.select("#hints button[name=dismiss]")}

    assert keys_at(10) == keys_at(15) != keys_at(20)


@ON_SQLITE
def test_an_open_page_learns_that_its_hints_have_changed_and_fetches_them(cast: Cast, eli: Browser) -> None:
    comment = cast.flagged("A hard one.")
    (place,) = eli.get("/desk/review").html.select("#hints")
    changes = "/desk/queue-changes"
    assert eli.client.get(changes).get_json()["hints"] == place["data-seen"]

    ask(cast, comment, "Is this a quote?")

    assert eli.client.get(changes).get_json()["hints"] != place["data-seen"]
    assert listed(eli.get(str(place["data-fetch"]))) == ["Ana asks you: Is this a quote?"]


@ON_SQLITE
def test_a_script_gets_the_hints_alone(cast: Cast, eli: Browser) -> None:
    ask(cast, cast.flagged("A hard one."), "Is this a quote?")
    (button,) = eli.get("/desk/review").html.select("#hints button[name=dismiss]")

    form = {"dismiss": str(button["value"]), "view": ""}
    answer = eli.client.post("/desk/hints", data=form, headers={**SAME_ORIGIN, "HX-Request": "true"})

    assert answer.status_code == 200
    assert answer.get_data(as_text=True).lstrip().startswith('<div id="hints"')
    refused = eli.client.post("/desk/hints", data={"dismiss": "<b>"}, headers=SAME_ORIGIN)
    assert refused.status_code == 422
