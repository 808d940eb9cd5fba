"""A page of an article's comments, as a browser asks for it without a key."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from moderation.ground.database.engine import new_id
from moderation.ground.values.statuses import Action
from moderation.sites.sites import NewSite
from service.api.pages.admission import EXTENSION
from tests.service.api.pages.conftest import ORIGIN, Reading
from tests.service.bodies import problem_fields, settle
from tests.service.conftest import Caller


def test_roots_come_newest_first_with_their_first_replies(reading: Reading) -> None:
    for id in ("c-1", "c-2"):
        reading.publish(id, author={"id": "dana", "name": "Dana"})
    for number in range(4):
        reading.publish(f"r-{number}", "c-1" if number < 3 else "r-0", author={"id": "eli", "name": "Eli"})

    page = reading.page("replies=2")

    second, first = page["comments"]
    assert (second["id"], first["id"]) == ("c-2", "c-1")
    assert (second["replies"], second["first_replies"], second["more_replies"]) == (0, [], None)
    assert first["author"] == {"name": "Dana", "staff": False}
    assert [reply["id"] for reply in first["first_replies"]] == ["r-0", "r-1"]
    assert first["first_replies"][0]["parent_name"] == "Dana"
    assert first["replies"] == 4
    assert first["more_replies"] is not None
    counts = {name: page["article"][name] for name in ("comments", "roots", "picks")}
    assert counts == {"comments": 6, "roots": 2, "picks": 0}


@pytest.mark.parametrize("order", ["newest", "oldest", "most_replied"])
@pytest.mark.parametrize("most", [0, 1, 2, 3])
def test_every_thread_comes_with_its_own_oldest_replies(reading: Reading, order: str, most: int) -> None:
    for number in range(3):
        reading.publish(f"c-{number}")
    for number, parent in enumerate(("c-2", "c-0", "c-2", "r-0")):
        reading.publish(f"r-{number}", parent)

    shown = {
        comment["id"]: [reply["id"] for reply in comment["first_replies"]]
        for comment in reading.page(f"order={order}&replies={most}")["comments"]
    }

    assert shown == {"c-0": ["r-1"][:most], "c-1": [], "c-2": ["r-0", "r-2", "r-3"][:most]}


def test_only_published_comments_are_shown(reading: Reading) -> None:
    reading.publish("c-1")
    reading.wait("c-2")
    reading.wait("c-3")
    settle(reading.database, reading.site_id, "c-3", Action.FLAG)

    assert reading.ids() == ["c-1"]
    assert reading.page()["article"]["comments"] == 1


def test_an_article_that_gavel_does_not_know_is_empty_and_open(reading: Reading) -> None:
    page = reading.page(article="never-seen")

    assert (page["comments"], page["next"]) == ([], None)
    article = page["article"]
    assert (article["id"], article["title"], article["state"], article["open"]) == ("never-seen", None, "open", True)


@pytest.mark.parametrize(
    ("where", "name", "is_open"),
    [({"article": "a-1"}, "closed", False), ({"section": "City"}, "slow", True), ({}, "everything_waits", True)],
)
def test_an_article_in_a_mode_for_breaking_news_says_so_until_it_ends(
    reading: Reading, api: Caller, where: dict[str, str], name: str, is_open: bool
) -> None:
    api.put("/v1/articles/a-1", {"title": "Ferry", "section": "City"})
    api.put("/v1/articles/a-2", {"title": "Cup final", "section": "Sport"})
    made = api.post("/v1/site/modes", {"mode": name, "hours": 1, **where}).json
    assert made is not None

    during, version = reading.page()["article"], reading.page()["version"]
    elsewhere = reading.page(article="a-2")["article"]["mode"]
    api.delete(f"/v1/site/modes/{made['id']}")
    reading.client.application.extensions[EXTENSION]._known.clear()  # else remembered for seconds
    after = reading.page()

    assert (during["mode"], during["open"]) == ({"name": name, "until": made["until"]}, is_open)
    assert during["state"] == ("open" if is_open else "closed")
    assert elsewhere == (None if where else during["mode"])
    assert (after["article"]["mode"], after["article"]["open"]) == (None, True)
    assert after["version"] != version


def test_a_closed_article_says_so(reading: Reading, api: Caller) -> None:
    api.put("/v1/articles/a-1", {"title": "Ferry", "state": "closed"})

    article = reading.page()["article"]

    assert (article["state"], article["open"], article["title"]) == ("closed", False, "Ferry")


@pytest.mark.parametrize("order", ["newest", "oldest", "most_replied"])
def test_pages_of_every_order_follow_each_other(reading: Reading, order: str) -> None:
    for number in range(5):
        reading.publish(f"c-{number}")
    for number, parent in enumerate(("c-1", "c-1", "c-3")):
        reading.publish(f"r-{number}", parent)
    whole = reading.ids(f"order={order}")

    found, after = [], ""
    while True:
        page = reading.page(f"order={order}&limit=2{after}")
        found += [comment["id"] for comment in page["comments"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"

    assert found == whole
    assert sorted(found) == [f"c-{number}" for number in range(5)]


def test_most_replied_counts_the_whole_thread(reading: Reading) -> None:
    for id in ("c-1", "c-2", "c-3"):
        reading.publish(id)
    reading.publish("r-1", "c-2")
    reading.publish("r-2", "c-1")
    reading.publish("r-3", "r-1")

    assert reading.ids("order=most_replied") == ["c-2", "c-1", "c-3"]


def test_a_thread_stays_when_its_first_comment_goes(reading: Reading, api: Caller) -> None:
    reading.publish("c-1", author={"id": "dana", "name": "Dana"}, text="My address is 12 Mill Lane.")
    reading.publish("r-1", "c-1")

    api.delete("/v1/comments/c-1")

    (root,) = reading.page()["comments"]
    assert (root["gone"], root["text"], root["author"]["name"]) == (True, "", None)
    assert [(reply["id"], reply["parent_name"]) for reply in root["first_replies"]] == [("r-1", None)]
    assert reading.page()["article"]["comments"] == 1
    api.delete("/v1/comments/r-1")
    assert reading.page()["comments"] == []
    assert reading.page()["article"]["roots"] == 0


def test_a_site_without_origins_has_no_pages(client: FlaskClient, other_site: NewSite) -> None:
    for name in (other_site.site.id, new_id(), "no-uuid"):
        answer = client.get(f"/v1/pages/{name}/articles/a-1")

        assert answer.status_code == 404
        assert (answer.json or {})["type"].endswith("not-found")
        assert answer.headers["Cache-Control"] == "no-store"


def test_pages_of_the_sites_origins_may_read_and_others_not(reading: Reading) -> None:
    ours = reading.get(headers={"Origin": ORIGIN})
    other = reading.get(headers={"Origin": "https://elsewhere.example"})

    assert ours.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Access-Control-Allow-Origin" not in other.headers
    assert "Origin" in ours.headers["Vary"]
    assert "Origin" in other.headers["Vary"]


@pytest.mark.parametrize(
    "name", ["limit=0", "limit=51", "replies=-1", "replies=11", "order=best", "after=1.2", "nope=1"]
)
def test_a_parameter_that_is_wrong_is_named(reading: Reading, name: str) -> None:
    reading.publish("c-1")

    answer = reading.get(f"articles/a-1?{name}")

    assert answer.status_code == 422
    assert problem_fields(answer.json) == [name.partition("=")[0]]


@pytest.mark.parametrize("name", ["limit=1", "limit=50", "replies=0", "replies=10"])
def test_parameters_at_their_limits_are_taken(reading: Reading, name: str) -> None:
    assert reading.get(f"articles/a-1?{name}").status_code == 200
