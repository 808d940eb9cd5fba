"""The example news site against the real service."""

from __future__ import annotations

import json
import re
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient

from examples.newsroom.gavel import Gavel
from examples.newsroom.site import create_app
from moderation.moderators.review import featuring
from moderation.moderators.review.featuring import Pick
from moderation.sites import rows as sites
from moderation.sites.tables import moderators
from moderation.spine.articles import rows as articles_store
from moderation.spine.comments.tables import comments
from tests.conftest import free_port
from tests.examples.conftest import Running
from tests.waiting import eventually

CIVIL = "The article explains well why a licence to export rare earths can stop a car factory. Thank you."


@pytest.fixture
def articles(tmp_path: Path, running: Running) -> dict[str, Any]:
    """Two articles of the sample under ids of their own, so that each test starts without comments."""
    open_one, premoderated = (
        {**article, "id": f"{article['id']}-{uuid.uuid4().hex[:8]}"} for article in running.sample.articles[:2]
    )
    for article in (open_one, premoderated):
        running.gavel.call(
            "PUT", f"/v1/articles/{article['id']}", json={k: article[k] for k in ("title", "text", "state", "section")}
        )
    path = tmp_path / "articles.json"
    path.write_text(json.dumps([open_one, premoderated]))
    return {"file": path, "open": open_one, "premoderated": premoderated}


@pytest.fixture
def reader(running: Running, articles: dict[str, Any]) -> FlaskClient:
    return create_app(running.gavel, articles["file"]).test_client()


@pytest.fixture
def other_reader(running: Running, articles: dict[str, Any]) -> FlaskClient:
    return create_app(running.gavel, articles["file"]).test_client()


def look(reader: FlaskClient, article: dict[str, Any], query: str = "") -> BeautifulSoup:
    answer = reader.get(f"/{article['id']}{query}")
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def fill_in(page: BeautifulSoup, **fields: str) -> dict[str, str]:
    """The form as a browser would send it."""
    form = page.find("form")
    assert form is not None
    filled = {str(i["name"]): str(i.get("value", "")) for i in form.find_all("input")}
    return {**filled, "text": "", **fields}


def write(reader: FlaskClient, article: dict[str, Any], query: str = "", **fields: str) -> BeautifulSoup:
    form = fill_in(look(reader, article, query), **{"name": "Dana", **fields})
    sent = reader.post(f"/{article['id']}", data=form)
    assert sent.status_code == 303
    gavel: Gavel = reader.application.extensions["gavel"]
    eventually(lambda: gavel.comment(form["id"])["status"] != "waiting", within_s=60)  # the page itself waits 3 s
    answer = reader.get(sent.location)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def words(page: Tag) -> str:
    return " ".join(page.get_text(" ").split())


def decide(running: Running, article: dict[str, Any], action: str) -> None:
    flagged = running.gavel.call("GET", f"/v1/articles/{article['id']}/comments?status=flagged")["comments"]
    assert len(flagged) == 1
    body = {"action": action, "version": flagged[0]["version"]}
    running.gavel.call("POST", f"/v1/comments/{flagged[0]['id']}/decisions", json=body)


def feature(running: Running, article: dict[str, Any]) -> None:
    """The article's only published comment, as a moderator does it at the desk."""
    with running.database.read() as conn:
        id = conn.execute(sa.select(moderators.c.id)).scalar_one()
        moderator = sites.find_moderator(conn, id=id)
        assert moderator is not None
        (site_id,) = moderator.roles
        found = articles_store.get_article(conn, site_id, article["id"])
        row = conn.execute(sa.select(comments).where(comments.c.article_id == found.id)).one()
    featuring.pick(running.database, moderator, Pick(row.id, row.version, True), now=datetime.now(UTC), hold_s=0)


def test_an_article_asks_its_question_and_invites_the_first_comment(
    reader: FlaskClient, articles: dict[str, Any]
) -> None:
    page = look(reader, articles["open"])

    assert articles["open"]["title"] in words(page)
    assert articles["open"]["question"] in words(page)
    assert "Leave the first comment" in words(page)


def test_a_civil_comment_is_published_while_its_reader_waits(
    reader: FlaskClient, other_reader: FlaskClient, articles: dict[str, Any]
) -> None:
    page = write(reader, articles["open"], text=CIVIL)

    assert "Thank you. Your comment is published" in words(page)
    seen_by_others = words(look(other_reader, articles["open"]))
    assert CIVIL in seen_by_others
    assert "Leave the first comment" not in seen_by_others


def test_an_editors_pick_is_marked_and_shown_above_the_others(
    running: Running, reader: FlaskClient, articles: dict[str, Any]
) -> None:
    text = "I fill in such forms at the customs office. The one for magnets has eleven pages."
    write(reader, articles["open"], text=text)
    assert not look(reader, articles["open"]).select(".picks")

    feature(running, articles["open"])

    page = look(reader, articles["open"])
    assert text in words(page.select_one(".picks"))  # type: ignore[arg-type]
    assert "Editor’s pick" in words(page.select_one("article.comment"))  # type: ignore[arg-type]


def test_a_comment_that_a_person_must_see_is_shown_to_its_writer_alone(
    reader: FlaskClient, other_reader: FlaskClient, articles: dict[str, Any]
) -> None:
    page = write(reader, articles["premoderated"], text="Will the 27 go on running?")

    assert "Your comment is being looked at" in words(page)
    assert "Will the 27 go on running?" in words(page)
    assert "Will the 27 go on running?" not in words(look(other_reader, articles["premoderated"]))


def test_a_comment_appears_once_a_moderator_approves_it(
    running: Running, reader: FlaskClient, other_reader: FlaskClient, articles: dict[str, Any]
) -> None:
    write(reader, articles["premoderated"], text="Will the 27 go on running?")

    decide(running, articles["premoderated"], "publish")

    assert "Will the 27 go on running?" in words(look(other_reader, articles["premoderated"]))
    assert "being looked at" not in words(look(reader, articles["premoderated"]))


def test_a_reader_learns_kindly_that_a_comment_was_rejected(
    running: Running, reader: FlaskClient, other_reader: FlaskClient, articles: dict[str, Any]
) -> None:
    write(reader, articles["premoderated"], text="Buy my scooter.")

    decide(running, articles["premoderated"], "reject")

    assert "Your comment was not published" in words(look(reader, articles["premoderated"]))
    assert "Buy my scooter." not in words(look(other_reader, articles["premoderated"]))


def test_a_reply_is_below_the_comment_it_answers(
    reader: FlaskClient, other_reader: FlaskClient, articles: dict[str, Any]
) -> None:
    page = write(
        reader, articles["open"], text="My brother’s car plant waited five weeks for the licence in the article."
    )
    link = page.find("a", class_="reply")
    assert link is not None
    query = re.sub(r"^[^?]*|#.*$", "", str(link["href"]))

    text = "I agree. The licence is the bottleneck here."
    page = write(other_reader, articles["open"], query, name="Imogen", text=text)

    replies = page.find(class_="replies")
    assert replies is not None
    assert "Imogen to Dana" in words(replies)


def test_sending_the_form_twice_makes_one_comment(
    running: Running, reader: FlaskClient, articles: dict[str, Any]
) -> None:
    form = fill_in(look(reader, articles["premoderated"]), name="Dana", text="Will the 27 go on running?")

    for _ in range(2):
        assert reader.post(f"/{articles['premoderated']['id']}", data=form).status_code == 303

    path = f"/v1/articles/{articles['premoderated']['id']}/comments?status=flagged"
    eventually(lambda: len(running.gavel.call("GET", path)["comments"]) == 1, within_s=30)


def test_a_name_is_remembered_for_the_next_comment(reader: FlaskClient, articles: dict[str, Any]) -> None:
    write(reader, articles["premoderated"], name="Zoë", text="Will the 27 go on running?")

    assert fill_in(look(reader, articles["open"]))["name"] == "Zoë"


def test_markup_in_a_comment_is_shown_as_it_was_typed(reader: FlaskClient, articles: dict[str, Any]) -> None:
    answer = write(reader, articles["premoderated"], text="Is <b>this</b> the new tram map?")

    assert "Is <b>this</b> the new tram map?" in words(answer)
    assert answer.find("b") is None


@pytest.mark.parametrize(("name", "text"), [("", "A comment without a name."), ("Dana", ""), ("Dana", "   ")])
def test_an_empty_field_is_asked_for_and_nothing_is_lost(
    reader: FlaskClient, articles: dict[str, Any], name: str, text: str
) -> None:
    form = fill_in(look(reader, articles["open"]), name=name, text=text)

    answer = reader.post(f"/{articles['open']['id']}", data=form)

    assert answer.status_code == 422
    assert "Please write a comment and the name to show with it." in answer.text
    assert text.strip() in answer.text
    assert name in answer.text


def test_a_refused_comment_is_explained_and_kept(reader: FlaskClient, articles: dict[str, Any]) -> None:
    text = "x" * 20_001

    form = fill_in(look(reader, articles["open"]), name="Dana", text=text)
    answer = reader.post(f"/{articles['open']['id']}", data=form)

    assert answer.status_code == 422
    assert "At most 20,000 characters, please." in answer.text
    assert text in answer.text


def test_a_closed_article_says_so(running: Running, reader: FlaskClient, articles: dict[str, Any]) -> None:
    article = articles["open"]
    body = {"title": article["title"], "state": "closed"}
    running.gavel.call("PUT", f"/v1/articles/{article['id']}", json=body)

    answer = reader.post(f"/{article['id']}", data=fill_in(look(reader, article), name="Dana", text=CIVIL))

    assert answer.status_code == 422
    assert "This article no longer takes comments." in answer.text


def test_a_site_without_gavel_still_shows_its_articles(articles: dict[str, Any]) -> None:
    away = create_app(Gavel(f"http://127.0.0.1:{free_port()}", "gvl_x"), articles["file"]).test_client()

    page = look(away, articles["open"])

    assert articles["open"]["title"] in words(page)
    assert "The comments cannot be shown just now" in words(page)


def test_a_site_without_gavel_keeps_its_readers_text(articles: dict[str, Any]) -> None:
    away = create_app(Gavel(f"http://127.0.0.1:{free_port()}", "gvl_x"), articles["file"]).test_client()

    answer = away.post(f"/{articles['open']['id']}", data={"name": "Dana", "text": CIVIL, "id": "", "parent_id": ""})

    assert answer.status_code == 503
    assert "Please try again in a minute" in answer.text
    assert CIVIL in answer.text


def test_a_wrong_key_is_not_shown_to_readers(running: Running, articles: dict[str, Any]) -> None:
    wrong = create_app(Gavel(running.gavel.url, "gvl_wrong"), articles["file"]).test_client()

    assert "The comments cannot be shown just now" in words(look(wrong, articles["open"]))


def test_the_page_needs_no_script(reader: FlaskClient, articles: dict[str, Any]) -> None:
    assert look(reader, articles["open"]).find("script") is None


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_article_that_nobody_wrote_is_not_found(reader: FlaskClient, method: str) -> None:
    assert getattr(reader, method)("/no-such-article").status_code == 404


def test_the_comment_box_closes_to_a_suspended_reader_with_the_message_and_opens_again(
    running: Running, reader: FlaskClient, other_reader: FlaskClient, articles: dict[str, Any]
) -> None:
    write(reader, articles["open"], text=CIVIL)
    form = fill_in(look(reader, articles["open"]), name="Dana", text="Another one.")
    cookie = reader.get_cookie("reader")
    assert cookie is not None
    wish = {"measure": "suspend", "days": 7, "reason": "You insulted the editor."}
    taken = running.gavel.call("POST", f"/v1/authors/{cookie.value}/measures", json=wish)

    sent = reader.post(f"/{articles['open']['id']}", data=form)

    assert sent.status_code == 403
    for page in (BeautifulSoup(sent.text, "html.parser"), look(reader, articles["open"])):
        assert "You cannot comment until" in words(page)
        assert "You insulted the editor." in words(page)
        assert page.find("form") is None
    assert look(other_reader, articles["open"]).find("form") is not None
    running.gavel.call("POST", f"/v1/author-measures/{taken['measure']['id']}/undo")
    assert look(reader, articles["open"]).find("form") is not None
